"""Can you beat the model? Guess, then see what it says and what is true."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from dfwidgets import background, markup
from dfwidgets.background import in_turn
from dfwidgets.detectors import read_record
from dfwidgets.game import Deal, Game
from dfwidgets.panels.game import words
from dfwidgets.panels.game.card import CardPicture
from dfwidgets.panels.game.opponent import Opponent
from dfwidgets.panels.game.reveal import Reveal
from dfwidgets.panels.parts import button, row, see
from dfwidgets.panels.widgets.board import Board
from dfwidgets.report import verdict as verdict_markup
from dfwidgets.session import Session

# Where the focus goes when another screen is seen.
_FOCUS = {"table": ".dfw-board button", "reveal": ".dfw-step, .dfw-next"}


class GamePanel(ipw.VBox):
    """Shows the pictures of a round, takes a guess at each, and then reveals step by step what is known of it.

    Args:
        game: the rounds and the score.
        session: where the model is asked; one of the game's own, or other panels would show its
            answers.
    """

    def __init__(self, game: Game, session: Session) -> None:
        self.game, self.session = game, session
        self._one_by_one = False
        self._all = True  # whether all pictures are seen, not the open one alone
        self._dealing, self._error = False, ""
        self._playable = bool(game.samples.reals and game.samples.fakes)
        self._place: tuple[Any, ...] = ()  # where the focus was last taken to
        self._noted: tuple[str, ...] = ()  # notices that were read out

        self.board, self.picture = Board(in_turn(self._on_pick)), CardPicture()
        self.message, self.here, self.hint = ipw.HTML(), ipw.HTML(), ipw.HTML()
        self.way = ipw.RadioButtons(
            options=[("All of them, to pick from", False), ("One after the other", True)],
            description="Show the faces",
        )
        self.start = button("Start", "dfw-go")
        self.begin = ipw.VBox([self.way, row(self.start)])
        self.real, self.fake = button("Real", "dfw-real"), button("Fake", "dfw-fake")
        self.back = button("Back to the pictures")
        self.guesses = ipw.VBox(
            [row(self.real, self.fake).add_class("dfw-pair"), self.hint, row(self.back)]
        )
        self.reveal = Reveal(game, Opponent(game, session), self.picture, self._show)
        self.card = ipw.Box([self.picture, ipw.VBox([self.guesses, self.reveal])])
        self.card.add_class("dfw-columns")
        sets = markup.details("More pictures to play with", words.SETS)
        title, more = (
            ipw.HTML(markup.heading("Can you beat the model?")),
            ipw.HTML(markup.block(sets)),
        )
        self.often = ipw.HTML()
        super().__init__(
            [title, self.message, self.here, self.begin, self.board, self.card, self.often, more]
        )
        self.add_class("dfw-panel")

        self.start.on_click(in_turn(self._on_start))
        self.real.on_click(in_turn(lambda _: self._on_guess("real")))
        self.fake.on_click(in_turn(lambda _: self._on_guess("fake")))
        self.back.on_click(in_turn(self._on_back))
        self.reveal.next.on_click(in_turn(self._on_next))
        game.observe(in_turn(self._on_cards), "cards")
        game.observe(
            in_turn(self._show), ["cards", "chosen", "guessed", "trials", "notices", "over"]
        )
        session.observe(in_turn(self._show), ["prediction", "explanation", "pending", "error"])
        session.observe(in_turn(self._on_detector), "detector")
        self._on_detector()
        self._show()

    @property
    def screen(self) -> str:
        """What is seen: "start", "dealing", "table" with all pictures, "guess", "reveal", or "end"."""
        if self._dealing:
            return "dealing"
        if not self.game.cards:
            return "start"
        if self._all or self.game.chosen < 0:
            return "end" if self.game.over else "table"
        return "reveal" if self.game.guessed else "guess"

    def _on_detector(self, _: Any = None) -> None:
        self.often.value = markup.block(
            verdict_markup.often_wrong(read_record(self.session.detector).likely_fake_begins())
        )

    def _on_start(self, _: Any) -> None:
        if self.screen not in ("start", "end"):
            return
        self._dealing, self._error, self._one_by_one = True, "", self.way.value
        self._show()
        background.submit(self.game.deal, self._on_dealt)
        self.session.load()  # it gets ready while the first picture is looked at

    def _on_dealt(self, deal: Deal | None, error: Exception | None) -> None:
        if deal is not None:
            self._playable = bool(deal.cards)
            self.game.begin(deal)
            self._go_on()
        elif error is not None:
            self._error = f"The pictures can't be got ready: {error}"
        self._dealing = False
        self._show()

    def _go_on(self) -> None:
        self._all = not self._one_by_one or self.game.over
        if not self._all:
            self.game.next()

    def _on_cards(self, _: Any) -> None:
        # The open one was taken out of play.
        if not self._dealing and self.game.cards and self.game.chosen < 0:
            self._go_on()

    def _on_pick(self, index: int) -> None:
        if self.screen == "table":
            self.game.choose(index)
            self._all = self.game.chosen != index
            self._show()

    def _on_back(self, _: Any) -> None:
        if self.screen == "guess":
            self._all = True
            self.game.close()

    def _on_guess(self, label: str) -> None:
        if self.screen == "guess":
            self.game.guess(label)

    def _on_next(self, _: Any) -> None:
        if self.screen == "reveal" and self.reveal.done:
            self._go_on()
            self._show()

    def _show(self, _: Any = None) -> None:
        screen, game = self.screen, self.game
        card = game.cards[game.chosen] if screen in ("guess", "reveal") else None
        self.picture.show_card(card, f"Picture {game.chosen + 1} of {len(game.cards)}")
        self.board.show(
            [each.shown for each in game.cards],
            words.items(game) if screen in ("table", "end") else [],
        )
        if screen == "reveal":
            said = self.reveal.show()
        else:
            self.reveal.clear()
            said = ""
        self._show_words(screen)
        see(self.begin, screen in ("start", "end") and self._playable)
        see(self.card, card is not None)
        see(self.guesses, screen == "guess")
        see(self.reveal, screen == "reveal")
        see(self.back, not self._one_by_one)
        self._tell(said, (screen, card, self.reveal.done))

    def _show_words(self, screen: str) -> None:
        game = self.game
        notices = [markup.quiet(notice) for notice in game.notices]
        if self._error:
            notices.append(markup.error(self._error))
        elif screen == "start" and self._playable:
            notices.insert(0, markup.paragraphs(words.ABOUT))
        self.message.value = markup.block(*notices)
        self.here.value = markup.block(words.here(screen, game))
        self.hint.value = markup.block(markup.quiet(words.GUESS_KEYS))
        self.start.description = "Play again" if game.cards else "Start"
        on = "Next picture" if self._one_by_one else "Back to the pictures"
        self.reveal.next.description = "See how it went" if game.over else on

    def _tell(self, said: str, place: tuple[Any, ...]) -> None:
        """Have new words read out; on another screen take the focus along, or it would be lost with
        its button."""
        new = [notice for notice in self.game.notices if notice not in self._noted]
        said, moved = " ".join(filter(None, (*new, said))), place != self._place
        self._noted, self._place = self.game.notices, place
        if said or moved:
            self.board.said = said
        if moved:
            self.board.go_to(_FOCUS.get(place[0], ".dfw-here"))

"""Can you beat the model? Guess, then see what it says and what is true."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from dfwidgets import markup
from dfwidgets.background import BESIDE, Latest, in_turn
from dfwidgets.detectors import read_record
from dfwidgets.game import Deal, Game
from dfwidgets.panels.game import words
from dfwidgets.panels.game.card import CardPicture
from dfwidgets.panels.game.opponent import Opponent
from dfwidgets.panels.game.reveal import Reveal
from dfwidgets.panels.game.screen import Screen
from dfwidgets.panels.panel import Panel
from dfwidgets.panels.parts import Html, button, columns, row, set_visible
from dfwidgets.panels.widgets.board import Board
from dfwidgets.panels.widgets.keyboard import Keyboard
from dfwidgets.report import verdict as verdict_markup
from dfwidgets.session import Session


class GamePanel(Panel):
    """Shows the pictures of a round, takes a guess at each, and reveals what is known of it.

    Args:
        game: the rounds and the score.
        session: where the model is asked; one of the game's own, or other panels would show its
            answers.
    """

    def __init__(self, game: Game, session: Session) -> None:
        self.game = game
        self.session = session
        self._one_by_one = False
        self._all = True  # whether all pictures are seen, not the open one alone
        self._deal = Latest()
        self._dealing = False  # until the round that was dealt is there
        self._error = ""
        self._playable = bool(game.samples.reals and game.samples.fakes)
        self._place: tuple[Any, ...] = ()  # where the focus was last taken to
        self._noted: tuple[str, ...] = ()  # notices that were read out

        # Before a round.
        self.message = Html()
        self.here = Html()
        self.way = ipw.RadioButtons(
            options=[("All of them, to pick from", False), ("One after the other", True)],
            description="Show the faces",
        )
        self.start = button("Start", "dfw-go")
        self.begin = ipw.VBox([self.way, row(self.start)])

        # All its pictures, or one of them: first to guess at, then with what is known.
        self.board = Board(in_turn(self._on_pick))
        self.keyboard = Keyboard()
        self.picture = CardPicture()
        self.real = button("Real", "dfw-real")
        self.fake = button("Fake", "dfw-fake")
        self.back = button("Back to the pictures")
        pair = row(self.real, self.fake).add_class("dfw-pair")
        keys = Html(markup.quiet(words.GUESS_KEYS))
        self.guesses = ipw.VBox([pair, keys, row(self.back)])
        self.reveal = Reveal(game, Opponent(game, session), self.picture, self._show)
        self.card = columns(self.picture, ipw.VBox([self.guesses, self.reveal]))

        self.often = Html()
        more = Html(markup.details("More pictures to play with", words.SETS))
        screens = [self.message, self.here, self.begin, self.board, self.card]
        below = [self.often, more, self.keyboard]
        super().__init__("Can you beat the model?", *screens, *below)

        self.on(self.start, self._on_start)
        self.on(self.real, lambda _: self._on_guess("real"))
        self.on(self.fake, lambda _: self._on_guess("fake"))
        self.on(self.back, self._on_back)
        self.on(self.reveal.next, self._on_next)
        self.on(game, self._on_cards, "cards")
        self.on(game, self._show, "cards", "chosen", "guessed", "trials", "notices", "over")
        self.on(session, self._show, "prediction", "explanation", "pending", "error")
        self.on(session, self._on_detector, "detector")
        self._on_detector()
        self._show()

    @property
    def screen(self) -> Screen:
        """Which screen is seen."""
        if self._dealing:
            return Screen.DEALING
        if not self.game.cards:
            return Screen.START
        if self._all or self.game.chosen < 0:
            return Screen.END if self.game.over else Screen.TABLE
        return Screen.REVEAL if self.game.guessed else Screen.GUESS

    def _on_detector(self, _: Any = None) -> None:
        record = read_record(self.session.detector)
        self.often.show(verdict_markup.often_wrong(record.likely_fake_begins()))

    def _on_start(self, _: Any) -> None:
        if not self.screen.can_begin:
            return
        self._error = ""
        self._one_by_one = self.way.value
        self._dealing = True
        self._show()
        self._deal.ask(self.game.deal, self._on_deal, self._on_no_deal, worker=BESIDE)
        self.session.load()  # it gets ready while the first picture is looked at

    def _on_deal(self, deal: Deal) -> None:
        self._playable = bool(deal.cards)
        self.game.begin(deal)
        self._go_on()
        self._dealing = False
        self._show()

    def _on_no_deal(self, error: Exception) -> None:
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
        if self.screen == Screen.TABLE:
            self.game.choose(index)
            self._all = self.game.chosen != index
            self._show()

    def _on_back(self, _: Any) -> None:
        if self.screen == Screen.GUESS:
            self._all = True
            self.game.close()

    def _on_guess(self, label: str) -> None:
        if self.screen == Screen.GUESS:
            self.game.guess(label)

    def _on_next(self, _: Any) -> None:
        if self.screen == Screen.REVEAL and self.reveal.done:
            self._go_on()
            self._show()

    def _show(self, _: Any = None) -> None:
        screen = self.screen
        game = self.game
        card = game.cards[game.chosen] if screen.shows_card else None
        self.picture.show_card(card, f"Picture {game.chosen + 1} of {len(game.cards)}")
        items = words.items(game) if screen.shows_cards else []
        self.board.show([each.shown for each in game.cards], items)

        # On any other screen nothing of a reveal is left that a browser could be asked for.
        new = ""
        if screen == Screen.REVEAL:
            new = self.reveal.show()
        else:
            self.reveal.clear()

        self._show_words(screen)
        set_visible(self.begin, screen.can_begin and self._playable)
        set_visible(self.card, screen.shows_card)
        set_visible(self.guesses, screen == Screen.GUESS)
        set_visible(self.reveal, screen == Screen.REVEAL)
        set_visible(self.back, not self._one_by_one)
        self._announce(new, (screen, card, self.reveal.done))

    def _show_words(self, screen: Screen) -> None:
        game = self.game
        self.here.show(words.here(screen, game))
        self.start.description = words.start_label(game)
        self.reveal.next.description = words.next_label(game, self._one_by_one)
        self.message.show(*words.messages(screen, game, self._error, self._playable))

    def _announce(self, new: str, place: tuple[Any, ...]) -> None:
        """Have new words read out, and on another screen take the focus along: it would be lost
        with the button that had it."""
        notices = [notice for notice in self.game.notices if notice not in self._noted]
        self._noted = self.game.notices
        moved = place != self._place
        self._place = place
        if notices or new or moved:
            self.board.announcement = " ".join([*notices, new]).strip()
        if moved:
            self.keyboard.go_to(place[0].focus)

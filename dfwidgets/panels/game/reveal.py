"""What comes to light after a guess, step by step, and on request where the model looked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from dfwidgets import markup
from dfwidgets.game import Game
from dfwidgets.panels.game import reveal_words, words
from dfwidgets.panels.game.card import CardPicture
from dfwidgets.panels.game.opponent import Opponent
from dfwidgets.panels.panel import Part
from dfwidgets.panels.parts import Html, button, row, set_visible
from dfwidgets.session_state import Pending
from dfwidgets.wording import CAVEAT

_TRUTH = 2  # the place of the line that all wait for
_ALL = 99  # more lines than there ever are


class Reveal(Part):
    """Says one line more each time it is asked to; with the last one the picture shows why.

    Args:
        game: its open card is told of.
        opponent: what the model said of it.
        picture: shows it.
        on_change: called when the person wants to see more.
    """

    def __init__(
        self, game: Game, opponent: Opponent, picture: CardPicture, on_change: Callable[[], None]
    ) -> None:
        self.game = game
        self.opponent = opponent
        self.picture = picture
        self._on_change = on_change
        self._steps = 1  # lines that were asked for
        self._lines: list[str] = []  # lines that are seen
        self._looked = False  # whether the map was asked for

        self.text = Html()
        self.step = button("Next step", "dfw-go", "dfw-step")
        self.every = button("Show all")
        self.next = button("Next picture", "dfw-go", "dfw-next")
        self.look = button("Where did the model look?")
        self.heat = Html()
        super().__init__([self.text, row(self.step, self.every, self.next, self.look), self.heat])

        self.on(self.step, self._on_step)
        self.on(self.every, self._on_every)
        self.on(self.look, self._on_look)

    @property
    def done(self) -> bool:
        """Whether all is told of the open card."""
        return bool(self._lines) and self._is_last(self._lines)

    def clear(self) -> None:
        """Forget what was told: another card follows, or none."""
        self._steps = 1
        self._lines = []
        self._looked = False
        self.text.show()
        self.heat.show()

    def show(self) -> str:
        """Draw what was asked for; gives the words that are new."""
        before = self._lines
        self._lines = self._all_lines()[: self._steps]
        done = self.done
        self._show_lines(done)
        set_visible(self.step, not done)
        set_visible(self.every, not done)
        set_visible(self.next, done)

        # Only with the last line: an outline would tell the truth before the words do.
        if done and self.opponent.image is not None:
            self.picture.show_changed(self.opponent.image)
        new = [line for line in self._lines if line not in before]
        return " ".join([*new, self._show_heat(done)]).strip()

    def _is_last(self, lines: list[str]) -> bool:
        return lines == self._all_lines() and lines[-1] != reveal_words.LOOKING

    def _all_lines(self) -> list[str]:
        """What can be told of the open card by now; nothing before the guess."""
        game = self.game
        opponent = self.opponent
        if not game.guessed:
            return []
        outlined = opponent.image is not None and self.picture.changed(opponent.image) is not None
        return reveal_words.lines(
            game.cards[game.chosen],
            game.guessed,
            game.answered(game.chosen),
            opponent.prediction,
            opponent.reason,
            outlined,
        )

    def _show_lines(self, done: bool) -> None:
        lines = [markup.paragraphs(line) for line in self._lines]
        if len(lines) > _TRUTH:
            truth, rest = self._lines[_TRUTH].split(". ", 1)
            first = Markup('<strong class="dfw-truth">{}.</strong> {}').format(truth, rest)
            lines[_TRUTH] = markup.paragraphs(first)

        if done:
            lines.append(markup.paragraphs(words.score(self.game.score())))
        else:
            lines.append(markup.quiet(reveal_words.STEP_KEYS))
        self.text.show(*lines)

    def _show_heat(self, done: bool) -> str:
        """Draw the map, if it was asked for; gives the words that are new."""
        session = self.opponent.session
        # Another model chosen meanwhile would draw its own map under this one's verdict.
        same = session.image is self.opponent.image and session.detector is self.opponent.detector
        mine = done and same and session.prediction is not None
        missing = session.explanation is None and session.pending != Pending.EXPLAIN
        set_visible(self.look, mine and (not self._looked or missing))
        if not (mine and self._looked):
            return ""

        before = self.heat.value
        sentence = reveal_words.heat(session, self.picture.show_looked(session.heatmap))
        self.heat.show(markup.paragraphs(sentence), markup.quiet(CAVEAT))
        return sentence if self.heat.value != before else ""

    def _on_step(self, _: Any) -> None:
        # While the model looks there is nothing more to tell.
        if self._lines[-1:] != [reveal_words.LOOKING]:
            self._steps = len(self._lines) + 1
            self._on_change()

    def _on_every(self, _: Any) -> None:
        self._steps = _ALL
        self._on_change()

    def _on_look(self, _: Any) -> None:
        prediction = self.opponent.session.prediction
        if self.done and prediction is not None:
            self._looked = True
            self.opponent.session.explain(prediction.leaning)

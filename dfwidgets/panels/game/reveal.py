"""What comes to light after a guess, step by step, and on request where the model looked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as ipw
from markupsafe import Markup

from dfwidgets import markup
from dfwidgets.background import in_turn
from dfwidgets.game import Game
from dfwidgets.panels.game import words
from dfwidgets.panels.game.card import CardPicture
from dfwidgets.panels.game.opponent import Opponent
from dfwidgets.panels.parts import button, row, see
from dfwidgets.session_state import Pending
from dfwidgets.wording import CAVEAT

_TRUTH = 2  # the place of the line that all wait for
_ALL = 99


class Reveal(ipw.VBox):
    """Says one line more each time it is asked to; with the last one comes what is laid over the picture.

    Args:
        game: its open card is told of.
        opponent: what the model said of it.
        picture: shows it.
        on_change: called when the person wants to see more.
    """

    def __init__(
        self, game: Game, opponent: Opponent, picture: CardPicture, on_change: Callable[[], None]
    ) -> None:
        self.game, self.opponent, self.picture = game, opponent, picture
        self._on_change = on_change
        self._steps = 1  # lines that were asked for
        self._told: list[str] = []  # lines that are seen
        self._looked = False  # the map was asked for
        self.text, self.heat = ipw.HTML(), ipw.HTML()
        self.step = button("Next step", "dfw-go", "dfw-step")
        self.every = button("Show all")
        self.next = button("Next picture", "dfw-go", "dfw-next")
        self.look = button("Where did the model look?")
        super().__init__([self.text, row(self.step, self.every, self.next, self.look), self.heat])
        self.step.on_click(in_turn(self._on_step))
        self.every.on_click(in_turn(self._on_every))
        self.look.on_click(in_turn(self._on_look))

    @property
    def done(self) -> bool:
        """Whether all is told of the open card."""
        return bool(self._told) and self._told == self._lines() and self._told[-1] != words.LOOKING

    def clear(self) -> None:
        """Forget what was told: another card follows, or none."""
        self._steps, self._told, self._looked = 1, [], False
        self.text.value = self.heat.value = ""

    def show(self) -> str:
        """Draw what was asked for; gives the words that are new."""
        before, self._told = self._told, self._lines()[: self._steps]
        done = self.done
        lines = [markup.paragraphs(line) for line in self._told]
        if len(lines) > _TRUTH:
            truth, rest = self._told[_TRUTH].split(". ", 1)
            lines[_TRUTH] = Markup('<p><strong class="dfw-truth">{}.</strong> {}</p>').format(
                truth, rest
            )
        lines.append(
            markup.paragraphs(words.score(self.game.score()))
            if done
            else markup.quiet(words.STEP_KEYS)
        )
        self.text.value = markup.block(*lines)
        for widget, seen in ((self.step, not done), (self.every, not done), (self.next, done)):
            see(widget, seen)
        if done and self.opponent.image is not None:
            self.picture.show_changed(self.opponent.image)
        return " ".join(
            [*(line for line in self._told if line not in before), self._show_heat(done)]
        ).strip()

    def _lines(self) -> list[str]:
        game, opponent = self.game, self.opponent
        if not game.guessed:
            return []
        trial = game.answered(game.chosen)
        outlined = opponent.image is not None and self.picture.changed(opponent.image) is not None
        card = game.cards[game.chosen]
        return words.lines(
            card, game.guessed, trial, opponent.prediction, opponent.reason, outlined
        )

    def _show_heat(self, done: bool) -> str:
        """Draw the map, if it was asked for; gives the words that are new."""
        session = self.opponent.session
        # Another model chosen meanwhile would draw its own map under this one's verdict.
        same = session.image is self.opponent.image and session.detector is self.opponent.detector
        mine = done and same and session.prediction is not None
        waits = session.explanation is None and session.pending != Pending.EXPLAIN
        see(self.look, mine and (not self._looked or waits))
        if not (mine and self._looked):
            return ""
        said = words.heat(session, self.picture.show_looked(session.heatmap))
        before, self.heat.value = (
            self.heat.value,
            markup.block(markup.paragraphs(said), markup.quiet(CAVEAT)),
        )
        return said if self.heat.value != before else ""

    def _on_step(self, _: Any) -> None:
        if self._told[-1:] != [words.LOOKING]:
            self._steps = len(self._told) + 1
            self._on_change()

    def _on_every(self, _: Any) -> None:
        self._steps = _ALL
        self._on_change()

    def _on_look(self, _: Any) -> None:
        prediction = self.opponent.session.prediction
        if self.done and prediction is not None:
            self._looked = True
            self.opponent.session.explain(prediction.leaning)

"""How little it takes to fool the detector: its picture changed a little, on request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ipywidgets as ipw

from dfwidgets import background, markup
from dfwidgets.answers import checked_prediction
from dfwidgets.answers import sentence as error_sentence
from dfwidgets.background import in_turn
from dfwidgets.detector import Prediction
from dfwidgets.panels.parts import button, row, see
from dfwidgets.panels.widgets.picture import Picture
from dfwidgets.panels.widgets.slider import Slider
from dfwidgets.pictures import crop_window
from dfwidgets.report import verdict as verdict_markup
from dfwidgets.robustness import STRONGEST, Attack, attack_sentence, find_attack
from dfwidgets.session import Session

_ABOUT = (
    "Some changes are made to fool the model. This one moves each pixel by the same small step, up or down, whichever "
    "leads away from the answer (the fast gradient sign method). People hardly see it."
)
_SLOW = "Working out the way of each pixel... The first time this loads TensorFlow, which takes some seconds."


class Fool(ipw.VBox):
    """Changes the judged part of the session's picture against its verdict, and asks again.

    Args:
        session: the picture and the verdict; neither is changed.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._attack: Attack | None = None
        self._before: Prediction | None = None  # what was said of the picture as it is
        self.start = button("Try to fool it")
        self.message, self.answer = ipw.HTML(), ipw.HTML()
        self.strength = Slider(
            label="How much each pixel may change", most=0.0, step=1.0, places=0, unit=" of 255"
        )
        self.picture = Picture()
        self.columns = ipw.Box([self.picture, self.answer])
        self.columns.add_class("dfw-columns")
        about = ipw.HTML(
            markup.block(
                markup.subheading("How little does it take to fool it?"), markup.quiet(_ABOUT)
            )
        )
        super().__init__([about, row(self.start), self.message, self.strength, self.columns])
        self.start.on_click(in_turn(self._on_start))
        self.strength.observe(in_turn(self._on_levels), "value")
        self.clear()

    def clear(self) -> None:
        """Another picture follows, or none."""
        self._attack = self._before = None
        self.strength.most = self.strength.value = 0.0
        self.strength.said = self.message.value = self.answer.value = ""
        self.picture.show(None)
        see(self.columns, False)

    def _on_start(self, _: Any) -> None:
        session = self.session
        image, before, detector = session.image, session.prediction, session.detector
        if before is None or self._before is not None:
            return

        def done(attack: Attack | None, error: Exception | None) -> None:
            if self._before is not before:
                return
            if attack is None:
                self._before = None
                self.message.value = markup.block(
                    markup.error(error_sentence(error or ValueError("no answer")))
                )
                return
            self._attack, self.message.value, self.strength.most = attack, "", STRONGEST
            see(self.columns, True)
            self._show(before)

        self._before, self.message.value = before, markup.block(markup.quiet(_SLOW))
        background.submit(lambda: find_attack(detector, image, before), done)

    def _on_levels(self, _: Any = None) -> None:
        attack, detector, levels = self._attack, self.session.detector, int(self.strength.value)
        if attack is None or self._before is None:
            return
        face = self._before.face

        def done(after: Prediction | None, error: Exception | None) -> None:
            if self._attack is not attack or int(self.strength.value) != levels:
                return  # the slider was moved on, or another picture came
            self.message.value = markup.block(markup.error(error_sentence(error))) if error else ""
            if after is not None:
                self._show(after)

        background.submit(
            lambda: checked_prediction(detector.predict(attack.at(levels), face)), done
        )

    def _show(self, after: Prediction) -> None:
        attack, before, levels = self._attack, self._before, int(self.strength.value)
        if attack is None or before is None:
            return
        left, top, right, bottom = crop_window(attack.image, before.face)
        changed = f"changed by {levels} of 255 grey levels" if levels else "unchanged"
        self.picture.show(attack.at(levels)[top:bottom, left:right], f"What was judged, {changed}")
        # The edges that somebody chose, and what makes the answer doubtful, count for the changed
        # picture too.
        after = replace(after, band=before.band)
        said = attack_sentence(before, after, levels)
        word = verdict_markup.score(replace(after, reason=before.reason or after.reason))
        self.answer.value = markup.block(word, markup.paragraphs(said))
        self.strength.said = said

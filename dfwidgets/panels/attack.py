"""How little it takes to fool the detector: its picture changed a little, on request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dfwidgets import markup
from dfwidgets.answers import checked_prediction, sentence
from dfwidgets.background import Latest
from dfwidgets.detector import Prediction
from dfwidgets.panels.panel import Part
from dfwidgets.panels.parts import Html, button, columns, row, set_visible
from dfwidgets.panels.widgets.picture import Picture
from dfwidgets.panels.widgets.slider import Slider
from dfwidgets.pictures import crop_window
from dfwidgets.report import verdict as verdict_markup
from dfwidgets.robustness import STRONGEST, Attack, attack_sentence, find_attack
from dfwidgets.session import Session
from dfwidgets.session_state import OF_VERDICTS

_ABOUT = (
    "Some changes are made to fool the model. This one moves each pixel by the same small step, "
    "up or down, whichever leads away from the answer (the fast gradient sign method). People "
    "hardly see it."
)
_SLOW = (
    "Working out the way of each pixel... "
    "The first time this loads TensorFlow, which takes some seconds."
)


class AttackPart(Part):
    """Changes the judged part of the session's picture against its verdict, and asks again.

    Args:
        session: the picture and the verdict; neither is changed.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._attack: Attack | None = None
        self._before: Prediction | None = None  # the verdict that the attack was worked out against
        self._finding = Latest()
        self._judging = Latest()

        self.start = button("Try to fool it")
        self.message = Html()
        self.strength = Slider(
            label="How much each pixel may change", max=0.0, step=1.0, digits=0, unit=" of 255"
        )
        self.picture = Picture()
        self.answer = Html()
        self.columns = columns(self.picture, self.answer)
        about = Html(markup.subheading("How little does it take to fool it?"), markup.quiet(_ABOUT))
        super().__init__([about, row(self.start), self.message, self.strength, self.columns])

        self.on(self.start, self._on_start)
        self.on(self.strength, self._on_strength, "value")
        self.on(session, self._on_pending, "pending")
        self.clear()

    def clear(self) -> None:
        """Another picture follows, or none."""
        self._finding.forget()
        self._judging.forget()
        self._attack = None
        self._before = None

        self.message.show()
        self.answer.show()
        self.picture.show(None)
        set_visible(self.columns, False)
        self.strength.announcement = ""
        # With both ends on one place the slider hides.
        self.strength.max = 0.0
        self.strength.value = 0.0

    def _on_pending(self, _: Any) -> None:
        # Whoever asks for another verdict does not wait for what would fool this one.
        waiting = self._finding.pending or self._judging.pending
        if self.session.pending in OF_VERDICTS and waiting:
            self._finding.forget()
            self._judging.forget()
            self.message.show()

    def _on_start(self, _: Any) -> None:
        session = self.session
        image = session.image
        before = session.prediction
        detector = session.adapted
        # One gradient serves the whole slider, so it is worked out once a verdict.
        if before is None or self._attack is not None or self._finding.pending:
            return

        def found(attack: Attack) -> None:
            self._attack = attack
            self._before = before
            self.message.show()
            self.strength.max = STRONGEST
            set_visible(self.columns, True)
            self._show(before, 0)

        self.message.show(markup.quiet(_SLOW))
        self._finding.ask(
            lambda: find_attack(detector, image, before),
            found,
            self._show_error,
            worker=detector.worker("slope"),
        )

    def _on_strength(self, _: Any) -> None:
        attack = self._attack
        before = self._before
        detector = self.session.adapted
        levels = int(self.strength.value)
        if attack is None or before is None:
            return

        def judged(after: Prediction) -> None:
            self.message.show()
            self._show(after, levels)

        # Where the slider has moved on meanwhile, the answer at its older place never arrives.
        self._judging.ask(
            lambda: checked_prediction(detector.predict(attack.at(levels), before.face)),
            judged,
            self._show_error,
            worker=detector.worker("predict"),
        )

    def _show(self, after: Prediction, levels: int) -> None:
        attack = self._attack
        before = self._before
        if attack is None or before is None:
            return

        left, top, right, bottom = crop_window(attack.image, before.face)
        changed = f"changed by {levels} of 255 grey levels" if levels else "unchanged"
        self.picture.show(attack.at(levels)[top:bottom, left:right], f"What was judged, {changed}")

        # The edges that somebody chose, and what makes the answer doubtful, count for the changed
        # picture too.
        after = replace(after, band=before.band)
        result = attack_sentence(before, after, levels)
        score = verdict_markup.score(replace(after, reason=before.reason or after.reason))
        self.answer.show(score, markup.paragraphs(result))
        self.strength.announcement = result

    def _show_error(self, error: Exception) -> None:
        self.message.show(markup.error(sentence(error)))

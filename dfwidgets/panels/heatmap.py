"""The same picture: where did the detector look?"""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw
import numpy as np

from dfwidgets import markup, wording
from dfwidgets.background import in_turn
from dfwidgets.explain import UNSIGNED, first_map, sentences
from dfwidgets.panels.parts import button, row, see
from dfwidgets.panels.widgets.picture import Picture
from dfwidgets.pictures import crop_window
from dfwidgets.session import Session
from dfwidgets.session_state import OF_MAPS, Pending
from dfwidgets.wording import CAVEAT, YELLOW

_SLOW = ("Grad-CAM++", "SmoothGrad")


class HeatmapPanel(ipw.VBox):
    """Shows what in the picture pulled the verdict toward fake or toward real.

    Args:
        session: the picture and the detector's answers; share it with the panel that opens
            pictures.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.picture = Picture()
        self.toward = ipw.RadioButtons(
            options=[("toward fake", "fake"), ("toward real", "real")],
            description="What pulled the answer",
        )
        self.method = ipw.RadioButtons(description="Method")
        self.cancel = ipw.Button(description="Cancel")
        self.message = ipw.HTML()
        self.trust = ipw.HTML()
        self.shuffle = button("Does it depend on what the model learned?")
        self.about = ipw.HTML()
        parts = [
            self.toward,
            self.method,
            self.message,
            self.trust,
            row(self.shuffle, self.cancel),
            self.about,
        ]
        self.controls = ipw.VBox(parts)
        self.columns = ipw.Box([self.picture, self.controls])
        self.columns.add_class("dfw-columns")
        self.empty = ipw.HTML(
            markup.block(markup.quiet("Once a picture is judged, its map appears here."))
        )
        super().__init__([ipw.HTML(markup.heading("Where did it look?")), self.empty, self.columns])
        self.add_class("dfw-panel")

        self._show_methods()
        self._on_choice = in_turn(self._ask)
        self.toward.observe(self._on_choice, "value")
        self.method.observe(self._on_choice, "value")
        self.cancel.on_click(in_turn(self._on_cancel))
        self.shuffle.on_click(in_turn(lambda _: session.measure_sanity()))
        session.observe(self._show_methods, "detector")
        session.observe(self._on_prediction, "prediction")
        session.observe(self._show_heatmap, "heatmap")
        shown = ["explanation", "pending", "progress", "error"]
        session.observe(self._show_message, shown)
        session.observe(self._show_trust, shown)
        session.observe(self._on_explanation, "explanation")
        self._on_prediction()
        self._show_trust()

    def _ask(self, _: Any = None) -> None:
        self.session.explain(self.toward.value, self.method.value)

    def _show_methods(self, _: Any = None) -> None:
        # At this time no verdict is there yet, so that the choice that comes with new options asks
        # for nothing.
        self.method.options = methods = self.session.adapted.methods
        several = len(methods) > 1
        self.method.layout.display = None if several else "none"
        lines = [CAVEAT, YELLOW]
        slow = [method for method in methods if method in _SLOW]
        if slow:
            load = "loads" if len(slow) == 1 else "load"
            lines.append(
                f"{' and '.join(slow)} {load} TensorFlow the first time, which takes some seconds."
            )
        self.about.value = markup.block(markup.quiet(*lines))

    def _on_prediction(self, change: Any = None) -> None:
        prediction = self.session.prediction
        if change is not None and self.session.explanation is not None:
            return  # only the word has changed: a verdict that is new comes without a map
        self.columns.layout.display = None if prediction else "none"
        self.empty.layout.display = "none" if prediction else None
        if prediction is None:
            self.picture.show(None)
            return
        self.picture.show(
            self._judged(self.session.image), "What was judged of your picture, under the map"
        )
        # Show first what speaks for the side that the score leans to; the slow maps wait to be
        # asked for.
        for choice in (self.toward, self.method):
            choice.unobserve(self._on_choice, "value")
        self.method.value, self.toward.value = first_map(self.session.adapted, prediction)
        for choice in (self.toward, self.method):
            choice.observe(self._on_choice, "value")
        self._ask()

    def _on_cancel(self, _: Any) -> None:
        drawing = self.session.pending == Pending.EXPLAIN
        self.session.cancel()
        if drawing:
            self.method.value = self.method.options[0]

    def _on_explanation(self, _: Any = None) -> None:
        # A map is put to the test while the person looks, and whatever is asked next ends that.
        explanation = self.session.explanation
        if explanation is None or explanation.empty or explanation.sanity is not None:
            return
        if explanation.deletion is None:
            self.session.measure_deletion()
        elif self._quick:
            self.session.measure_sanity()

    @property
    def _quick(self) -> bool:
        """Whether the map that is shown is put to both tests without being asked."""
        explanation = self.session.explanation
        return explanation is not None and explanation.method in self.session.adapted.quick

    def _judged(self, values: np.ndarray) -> np.ndarray:
        """The part of a picture or of a map that was judged: beside a small face the rest would
        only take room."""
        prediction = self.session.prediction
        left, top, right, bottom = crop_window(
            self.session.image, prediction.face if prediction else None
        )
        return values[top:bottom, left:right]

    def _show_heatmap(self, _: Any = None) -> None:
        heatmap = self.session.heatmap
        if heatmap is None or not heatmap.any():
            self.picture.show_heat(None)
        else:
            judged = self._judged(heatmap)
            self.picture.show_heat(
                judged, f"Heat where the model looked, {sentences.hottest_place(judged)}"
            )

    def _show_message(self, _: Any = None) -> None:
        session = self.session
        explanation = session.explanation
        drawing = session.pending == Pending.EXPLAIN
        self.toward.disabled = self.method.value in UNSIGNED
        slow = drawing and self.method.value != self.method.options[0]
        see(self.cancel, slow or (session.pending == Pending.SANITY and not self._quick))

        if session.failed == Pending.EXPLAIN:
            shown = markup.error(session.error)
        elif drawing:
            fraction = f" {session.progress:.0%}" if session.progress else ""
            shown = markup.quiet(f"Drawing the map...{fraction}")
        elif explanation is not None:
            place = ""
            if not explanation.empty:
                place = sentences.hottest_place(self._judged(explanation.values))
            shown = markup.paragraphs(sentences.pull_sentence(explanation, place))
        else:
            shown = markup.NOTHING
        self.message.value = markup.block(shown)

    def _show_trust(self, _: Any = None) -> None:
        session = self.session
        lines = []
        explanation = session.explanation
        if session.pending == Pending.EXPLAIN or (explanation is not None and explanation.empty):
            explanation = None

        can_ask = False
        if explanation is not None:
            lines += [markup.quiet(line) for line in sentences.worth_sentences(explanation)]
            measured = explanation.deletion is not None and session.pending not in OF_MAPS
            unasked = self._quick and session.failed != Pending.SANITY
            can_ask = measured and not unasked and explanation.sanity is None
        see(self.shuffle, can_ask and session.adapted.shuffled is not None)

        tests = (Pending.DELETION, Pending.SANITY)
        if session.failed in tests:
            lines.append(markup.error(session.error))
        elif session.pending in tests:
            words = wording.CHECKING[session.pending]
            lines.append(markup.quiet(f"{words} {session.progress:.0%}"))
        self.trust.value = markup.block(*lines)

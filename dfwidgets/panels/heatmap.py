"""The same picture: where did the detector look?"""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw
import numpy as np

from dfwidgets import markup, wording
from dfwidgets.explain import UNSIGNED, first_map, sentences
from dfwidgets.panels.panel import Panel
from dfwidgets.panels.parts import Html, button, columns, row, set_visible
from dfwidgets.panels.widgets.picture import Picture
from dfwidgets.pictures import crop_window
from dfwidgets.session import Session
from dfwidgets.session_state import OF_MAPS, Pending
from dfwidgets.wording import CAVEAT, YELLOW

_SLOW = ("Grad-CAM++", "SmoothGrad")  # they load TensorFlow
_TESTS = (Pending.DELETION, Pending.SANITY)


class HeatmapPanel(Panel):
    """Shows what in the picture pulled the verdict toward fake or toward real.

    Args:
        session: the picture and the detector's answers; share it with the panel that opens
            pictures.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.picture = Picture(tells_sight=True)
        self.toward = ipw.RadioButtons(
            options=[("toward fake", "fake"), ("toward real", "real")],
            description="What pulled the answer",
        )
        self.method = ipw.RadioButtons(description="Method")
        self.message = Html()
        self.faithfulness = Html()
        self.shuffle = button("Does it depend on what the model learned?")
        self.cancel = button("Cancel")
        self.about = Html()

        choices = [self.toward, self.method, self.message]
        tests = [self.faithfulness, row(self.shuffle, self.cancel)]
        self.controls = ipw.VBox([*choices, *tests, self.about])
        self.columns = columns(self.picture, self.controls)
        super().__init__(
            "Where did it look?",
            self.columns,
            until="Once a picture is judged, its map appears here.",
        )

        self._show_methods()
        self.on(self.toward, self._ask, "value")
        self.on(self.method, self._ask, "value")
        self.on(self.cancel, self._on_cancel)
        self.on(self.shuffle, lambda _: session.measure_sanity())
        self.on(session, self._show_methods, "detector")
        self.on(session, self._on_prediction, "prediction")
        self.on(session, self._show_heatmap, "heatmap")
        shown = ("explanation", "pending", "progress", "error")
        self.on(session, self._show_message, *shown)
        self.on(session, self._show_faithfulness, *shown)
        self.on(session, self._measure, "explanation")
        self.on(self.picture, self._on_sight, "seen_in")
        self._on_prediction()
        self._show_faithfulness()

    def _ask(self, _: Any = None) -> None:
        self.session.explain(self.toward.value, self.method.value)

    def _show_methods(self, _: Any = None) -> None:
        methods = self.session.adapted.methods
        # New options come with a choice of their own, which nobody made.
        with self.silently():
            self.method.options = methods
        set_visible(self.method, len(methods) > 1)

        lines = [CAVEAT, YELLOW]
        slow = [method for method in methods if method in _SLOW]
        if slow:
            load = "loads" if len(slow) == 1 else "load"
            lines.append(
                f"{' and '.join(slow)} {load} TensorFlow the first time, which takes some seconds."
            )
        self.about.show(markup.quiet(*lines))

    def _on_prediction(self, change: Any = None) -> None:
        prediction = self.session.prediction
        if change is not None and self.session.explanation is not None:
            return  # only the word has changed: a verdict that is new comes without a map
        self.set_empty(prediction is None)
        if prediction is None:
            self.picture.show(None)
            return

        self.picture.show(
            self._judged(self.session.image), "What was judged of your picture, under the map"
        )
        # The slow maps wait to be asked for.
        with self.silently():
            self.method.value, self.toward.value = first_map(self.session.adapted, prediction)
        self._ask()

    def _on_cancel(self, _: Any) -> None:
        drawing = self.session.pending == Pending.EXPLAIN
        self.session.cancel()
        if drawing:
            # Back to the map that takes only a moment.
            self.method.value = self.method.options[0]

    def _on_sight(self, _: Any) -> None:
        # What is under way is not begun again, and what failed waits for another map.
        if self.session.pending not in OF_MAPS and self.session.failed not in OF_MAPS:
            self._measure()

    def _measure(self, _: Any = None) -> None:
        # A map is put to the test while the person looks, and whatever is asked next ends that.
        explanation = self.session.explanation
        if explanation is None or explanation.empty or explanation.sanity is not None:
            return
        if not self.picture.in_sight:
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
        """What was judged of a picture or of a map: beside a small face the rest takes only room.

        Args:
            values: (height, width, 3) or (height, width), as large as the picture.
        """
        prediction = self.session.prediction
        face = prediction.face if prediction else None
        left, top, right, bottom = crop_window(self.session.image, face)
        return values[top:bottom, left:right]

    def _show_heatmap(self, _: Any = None) -> None:
        heatmap = self.session.heatmap
        if heatmap is None or not heatmap.any():
            self.picture.show_heat(None)  # in words the message says that it is empty
            return
        judged = self._judged(heatmap)
        place = sentences.hottest_place(judged)
        self.picture.show_heat(judged, f"Heat where the model looked, {place}")

    def _show_message(self, _: Any = None) -> None:
        session = self.session
        explanation = session.explanation
        drawing = session.pending == Pending.EXPLAIN
        slow = drawing and self.method.value != self.method.options[0]
        asked_for = session.pending == Pending.SANITY and not self._quick
        set_visible(self.cancel, slow or asked_for)
        # Such a map does not tell one way from the other.
        self.toward.disabled = self.method.value in UNSIGNED

        if session.failed == Pending.EXPLAIN:
            self.message.show(markup.error(session.error))
        elif drawing:
            fraction = f" {session.progress:.0%}" if session.progress else ""
            self.message.show(markup.quiet(f"Drawing the map...{fraction}"))
        elif explanation is None:
            self.message.show()
        else:
            place = ""
            if not explanation.empty:
                place = sentences.hottest_place(self._judged(explanation.values))
            self.message.show(markup.paragraphs(sentences.pull_sentence(explanation, place)))

    def _show_faithfulness(self, _: Any = None) -> None:
        session = self.session
        explanation = session.explanation
        # Nothing is said of a map that is empty, or about to be replaced.
        if session.pending == Pending.EXPLAIN or (explanation is not None and explanation.empty):
            explanation = None

        measured = []
        can_ask = False
        if explanation is not None:
            measured = sentences.worth_sentences(explanation)
            waits = explanation.deletion is None or session.pending in OF_MAPS
            comes_anyway = self._quick and session.failed != Pending.SANITY
            can_ask = not waits and not comes_anyway and explanation.sanity is None
        set_visible(self.shuffle, can_ask and session.adapted.shuffled is not None)

        parts = [markup.quiet(*measured)]
        if session.failed in _TESTS:
            parts.append(markup.error(session.error))
        elif session.pending in _TESTS:
            checking = wording.CHECKING[session.pending]
            parts.append(markup.quiet(f"{checking} {session.progress:.0%}"))
        self.faithfulness.show(*parts)

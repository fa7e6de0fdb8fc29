"""The same picture: where did the detector look?"""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw
import numpy as np

from dfwidgets import markup, wording
from dfwidgets.background import in_turn
from dfwidgets.explain import sentences
from dfwidgets.panels.parts import button, row, see
from dfwidgets.panels.widgets.picture import Picture
from dfwidgets.pictures import crop_window
from dfwidgets.session import OF_MAPS, Session
from dfwidgets.wording import CAVEAT, EMPTY_MAP, PULLED, PULLED_EITHER_WAY, YELLOW

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
        self.shuffle.on_click(in_turn(lambda _: session.shuffle()))
        session.observe(self._show_methods, "detector")
        session.observe(self._on_prediction, "prediction")
        session.observe(self._show_heatmap, "heatmap")
        session.observe(self._show_message, ["heatmap", "doing", "progress", "error"])
        session.observe(
            self._show_trust, ["heatmap", "deletion", "sanity", "doing", "progress", "error"]
        )
        session.observe(self._on_heatmap, "heatmap")
        session.observe(self._on_deletion, "deletion")
        self._on_prediction()
        self._show_trust()

    def _ask(self, _: Any = None) -> None:
        self.session.explain(self.toward.value, self.method.value)

    def _show_methods(self, _: Any = None) -> None:
        # At this time no verdict is there yet, so that the choice that comes with new options asks
        # for nothing.
        self.method.options = methods = getattr(self.session.detector, "methods", ("Grad-CAM",))
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
        if change is not None and self.session.heatmap is not None:
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
        self.toward.value = "fake" if prediction.p_fake >= 0.5 else "real"
        self.method.value = self.method.options[0]
        for choice in (self.toward, self.method):
            choice.observe(self._on_choice, "value")
        self._ask()

    def _on_cancel(self, _: Any) -> None:
        drawing = self.session.doing == "explain"
        self.session.cancel()
        if drawing:
            self.method.value = self.method.options[0]

    def _on_heatmap(self, _: Any = None) -> None:
        # It runs while the person looks, and whatever is asked next ends it.
        self.session.check()

    def _on_deletion(self, _: Any = None) -> None:
        if self.session.deletion is not None and self._quick:
            self.session.shuffle()

    @property
    def _quick(self) -> bool:
        """Whether the map that is shown is put to both tests without being asked."""
        return self.session.method in getattr(self.session.detector, "quick", ())

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
        drawing = session.doing == "explain"
        either_way = session.method == "SmoothGrad"  # it has no sign
        self.toward.disabled = self.method.value == "SmoothGrad"
        slow = drawing and self.method.value != self.method.options[0]
        see(self.cancel, slow or (session.doing == "shuffle" and not self._quick))
        if session.failed == "explain":
            said = markup.error(session.error)
        elif drawing:
            part = f" {session.progress:.0%}" if session.progress else ""
            said = markup.quiet(f"Drawing the map...{part}")
        elif session.heatmap is not None and not session.heatmap.any():
            said = markup.paragraphs(EMPTY_MAP.format(toward=session.toward))
        elif session.heatmap is not None:
            most = sentences.hottest_place(self._judged(session.heatmap))
            pulled = PULLED_EITHER_WAY if either_way else PULLED
            said = markup.paragraphs(pulled.format(toward=session.toward, place=most))
        else:
            said = markup.NOTHING
        self.message.value = markup.block(said)

    def _show_trust(self, _: Any = None) -> None:
        session = self.session
        here = session.heatmap is not None and session.heatmap.any() and session.doing != "explain"
        ready = here and session.deletion is not None and session.doing not in OF_MAPS
        asked = self._quick and session.failed != "shuffle"  # without being told to
        see(
            self.shuffle,
            ready
            and not asked
            and session.sanity is None
            and hasattr(session.detector, "shuffled"),
        )
        lines = []
        if here and session.deletion is not None:
            away = "" if session.method == "SmoothGrad" else f"away from {session.toward}"
            lines.append(markup.quiet(sentences.deletion_sentence(session.deletion, away)))
        if here and session.sanity is not None:
            lines.append(markup.quiet(sentences.sanity_sentence(session.sanity)))
        if session.failed in ("check", "shuffle"):
            lines.append(markup.error(session.error))
        elif session.doing in ("check", "shuffle"):
            lines.append(markup.quiet(f"{wording.CHECKING[session.doing]} {session.progress:.0%}"))
        self.trust.value = markup.block(*lines)

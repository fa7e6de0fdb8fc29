"""All that was said of a picture, as one file to keep."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ipywidgets as ipw
from markupsafe import Markup

from dfwidgets import background, markup
from dfwidgets.answers import sentence
from dfwidgets.background import in_turn
from dfwidgets.detector import Cancelled, Prediction
from dfwidgets.panels.parts import button, row, see
from dfwidgets.panels.widgets.download import Download
from dfwidgets.report import Evidence, complete, now, sheet, with_first_map
from dfwidgets.session import Session

_ABOUT = (
    "One file to print or to keep: the picture, the verdict and how often it is wrong, the map, the changed copies, "
    "what the file says, and which model was asked in which way. It is made on the computer that runs this page and "
    "not stored there: your browser saves it. It contains the picture, so pass it on only where you may pass that on."
)
_CHANGED = "The verdict changed meanwhile. Make the sheet again."


class EvidencePanel(ipw.VBox):
    """Makes an evidence sheet of the picture and its verdict, which the browser saves.

    What other panels have found out already is taken over, what is missing is asked for.

    Args:
        session: the picture and the detector's answers; share it with the panel that opens
            pictures.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._asked: Prediction | None = None  # the verdict whose sheet is being made
        self.make = button("Make an evidence sheet", "dfw-go")
        self.message = ipw.HTML()
        self.download = Download()
        about = ipw.HTML(markup.block(markup.quiet(_ABOUT)))
        self.tools = ipw.VBox([about, row(self.make), self.message])
        self.empty = ipw.HTML(
            markup.block(markup.quiet("Once a picture is judged, a sheet can be made of it here."))
        )
        heading = ipw.HTML(markup.heading("Keep what was said"))
        # Always on the page: a line to read out has to be there before its words change.
        super().__init__([heading, self.empty, self.tools, self.download])
        self.add_class("dfw-panel")

        self.make.on_click(in_turn(self._on_make))
        session.observe(self._on_prediction, "prediction")
        self._on_prediction()

    def _on_prediction(self, _: Any = None) -> None:
        judged = self.session.prediction is not None
        see(self.tools, judged)
        see(self.empty, not judged)
        changed = self._asked is not None
        self._asked = None
        self._say(
            markup.error(_CHANGED) if changed else markup.NOTHING, _CHANGED if changed else ""
        )

    def _on_make(self, _: Any) -> None:
        session = self.session
        prediction, detector = session.prediction, session.detector
        if prediction is None or self._asked is not None:
            return
        known = _known(session, prediction)
        to_loop = background.on_loop()

        def progress(words: str) -> None:
            if self._asked is not prediction:
                raise Cancelled
            to_loop(lambda: self._say_progress(prediction, words))

        def work() -> tuple[Evidence, bytes]:
            evidence = complete(detector, known, progress=progress)
            return evidence, sheet(evidence, now()).encode()

        def done(made: tuple[Evidence, bytes] | None, error: Exception | None) -> None:
            if self._asked is not prediction:
                return  # another picture, face, detector or edge came meanwhile
            self._asked = None
            if made is None:
                said = sentence(error or ValueError("no answer"))
                self._say(markup.error(said), said)
                return
            evidence, page = made
            if (
                evidence.prediction is not prediction
            ):  # everyday changes turn it: the page says so, too
                session.withhold(prediction, evidence.prediction.reason)
            self.download.hand_over(evidence.file_name, "text/html", page)
            said = f"The sheet is made: {evidence.file_name}, {len(page) / 1000:.0f} KB. Your browser saves it."
            self._say(markup.quiet(said), said)

        self._asked = prediction
        self._say(markup.NOTHING, "")
        background.submit(work, done)

    def _say_progress(self, prediction: Prediction, words: str) -> None:
        if self._asked is prediction:
            self._say(markup.quiet(words), words)

    def _say(self, inner: Markup, said: str) -> None:
        self.make.disabled = self._asked is not None
        self.message.value = markup.block(inner)
        self.download.said = said


def _known(session: Session, prediction: Prediction) -> Evidence:
    """What a session knows already."""
    known = Evidence(
        session.image,
        prediction,
        session.face,
        facts=session.facts,
        by_hand=session.band is not None,
    )
    explanation = session.explanation
    if explanation is None:
        return with_first_map(session.detector, known)
    method, toward = explanation.method, explanation.toward
    return replace(known, method=method, toward=toward, explanation=explanation)

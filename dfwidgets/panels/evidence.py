"""All that was said of a picture, as one file to keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets as ipw

from dfwidgets import markup
from dfwidgets.answers import sentence
from dfwidgets.background import Latest
from dfwidgets.detector import Prediction
from dfwidgets.panels.panel import Panel
from dfwidgets.panels.parts import Html, button, row
from dfwidgets.panels.widgets.download import Download
from dfwidgets.report import Evidence, complete, now, sheet, with_first_map
from dfwidgets.session import Session
from dfwidgets.session_state import OF_VERDICTS

_ABOUT = (
    "One file to print or to keep: the picture, the verdict and how often it is wrong, the map, "
    "the changed copies, what the file says, and which model was asked in which way. It is made on "
    "the computer that runs this page and not stored there: your browser saves it. It contains the "
    "picture, so pass it on only where you may pass that on."
)
_GAVE_WAY = "Something else was asked for meanwhile. Make the sheet again."
_CHANGED = "The verdict changed meanwhile. Make the sheet again."
_MADE = "The sheet is made: {name}, {kilobytes:.0f} KB. Your browser saves it."


class EvidencePanel(Panel):
    """Makes an evidence sheet of the picture and its verdict, which the browser saves.

    What other panels have found out already is taken over, what is missing is asked for.

    Args:
        session: the picture and the detector's answers; share it with the panel that opens
            pictures.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._making = Latest()
        self._gave_way = False  # whether the last sheet was called off for another question

        about = Html(markup.quiet(_ABOUT))
        self.make = button("Make an evidence sheet", "dfw-go")
        self.message = Html()
        self.tools = ipw.VBox([about, row(self.make), self.message])
        super().__init__(
            "Keep what was said",
            self.tools,
            until="Once a picture is judged, a sheet can be made of it here.",
        )
        # Always on the page: a line to read out has to be there before its words change.
        self.download = Download()
        self.add(self.download)

        self.on(self.make, self._on_make)
        self.on(session, self._on_prediction, "prediction")
        self.on(session, self._on_pending, "pending")
        self._on_prediction()

    def _on_pending(self, _: Any) -> None:
        # Whoever asks for another verdict does not wait for this one's sheet.
        if self.session.pending in OF_VERDICTS and self._making.pending:
            self._making.forget()
            self._gave_way = True
            self._show_error(_GAVE_WAY)

    def _on_prediction(self, _: Any = None) -> None:
        self.set_empty(self.session.prediction is None)
        # A sheet that is under way would be of a verdict that no longer stands.
        changed = self._making.pending or self._gave_way
        self._making.forget()
        self._gave_way = False
        if changed:
            self._show_error(_CHANGED)
        else:
            self._show("")

    def _on_make(self, _: Any) -> None:
        session = self.session
        prediction = session.prediction
        detector = session.adapted
        if prediction is None or self._making.pending:
            return
        known = _known(session, prediction)

        def work(progress: Callable[[str], None]) -> tuple[Evidence, bytes]:
            evidence = complete(detector, known, progress=progress)
            return evidence, sheet(evidence, now()).encode()

        def done(made: tuple[Evidence, bytes]) -> None:
            evidence, page = made
            # Where everyday changes turn the verdict the page says so, too.
            if evidence.prediction is not prediction:
                session.withhold(prediction, evidence.prediction.reason)
            self.download.hand_over(evidence.file_name, "text/html", page)
            self._show(_MADE.format(name=evidence.file_name, kilobytes=len(page) / 1000))

        self._show("")
        self.make.disabled = True
        self._making.ask_slowly(
            work,
            done,
            lambda error: self._show_error(sentence(error)),
            self._show_progress,
            worker=detector.worker("predict"),
        )

    def _show_progress(self, words: str) -> None:
        self._show(words)
        self.make.disabled = True

    def _show(self, words: str) -> None:
        self.make.disabled = False
        self.message.show(markup.quiet(words))
        self.download.announcement = words

    def _show_error(self, words: str) -> None:
        self.make.disabled = False
        self.message.show(markup.error(words))
        self.download.announcement = words


def _known(session: Session, prediction: Prediction) -> Evidence:
    """What a session knows already."""
    known = Evidence(
        session.image,
        prediction,
        session.face,
        facts=session.facts,
        by_hand=session.band is not None,
    )

    # The sheet shows the map that the person has seen, not a fresh one.
    explanation = session.explanation
    if explanation is None:
        return with_first_map(session.detector, known)
    return replace(
        known,
        method=explanation.method,
        toward=explanation.toward,
        explanation=explanation,
    )

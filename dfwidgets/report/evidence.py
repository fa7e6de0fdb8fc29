"""One picture and all that is said of it, brought together so that it can be kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from dfwidgets.answers import checked_map, sentence
from dfwidgets.detector import Detector, Prediction, Toward
from dfwidgets.explain import Deletion, deletion, sanity_check
from dfwidgets.explain.occlusion import occlusion
from dfwidgets.facts import FileFacts
from dfwidgets.pictures import Face
from dfwidgets.report.model_record import Asked, who_was_asked
from dfwidgets.robustness import Strip, send_again

T = TypeVar("T")
Words = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of one picture and of what a detector says of it; `complete` asks for what is missing.

    Attributes:
        image: the whole picture, uint8 (height, width, 3).
        prediction: the verdict, at the edges that count.
        face: the face that was asked about; None for the whole picture.
        name: the file's name as somebody gave it; empty where nobody did.
        facts: what the file says; None where the picture came as an array.
        by_hand: whether somebody chose the edges of "can't tell".
        heatmap: float32 (height, width), 0..1, made by `method` and toward `toward`; None until it
            is drawn.
        deletion: what blurring its brightest places does; None until that was tried.
        sanity: how much it stays the same with shuffled weights; None where nobody asked.
        strip: the verdicts on changed copies; None until they were asked for.
        asked: which model it was; None until `complete` has looked.
        failed: sentences of what could not be had: the "map", its "check" and "shuffle", or the
            "copies".
    """

    image: np.ndarray
    prediction: Prediction
    face: Face | None = None
    name: str = ""
    facts: FileFacts | None = None
    by_hand: bool = False
    heatmap: np.ndarray | None = None
    toward: Toward = "fake"
    method: str = "Grad-CAM"
    deletion: Deletion | None = None
    sanity: float | None = None
    strip: Strip | None = None
    asked: Asked | None = None
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        """A name for the sheet, made of the picture's sha256 alone: "evidence-0123456789ab.html"."""
        pixels = np.ascontiguousarray(self.image)
        sha256 = self.facts.sha256 if self.facts else hashlib.sha256(pixels.tobytes()).hexdigest()
        return f"evidence-{sha256[:12]}.html"


def of_first_map(detector: Detector, known: Evidence) -> Evidence:
    """Choose the map that is shown where nobody chose: the first method, toward the side that the
    score leans to."""
    method = (
        getattr(detector, "methods", ("Grad-CAM",))[0]
        if hasattr(detector, "explain")
        else "Occlusion"
    )
    return replace(
        known, toward="fake" if known.prediction.p_fake >= 0.5 else "real", method=method
    )


def complete(
    detector: Detector,
    known: Evidence,
    *,
    sanity: bool | None = None,
    progress: Words = lambda words: None,
) -> Evidence:
    """Ask a detector for whatever is not known yet; what fails is written down as a sentence.

    A verdict that everyday changes of the picture turn becomes "can't tell", as on the page.

    Args:
        detector: the one whose verdict is known.
        known: at least a picture and its verdict.
        sanity: ask whether the map hangs on what the model learned, too; if not given, where that
            takes only a moment.
        progress: called with what is done next, in words; what it raises ends the work.
    """
    image, face, said, failed = known.image, known.face, known.prediction, dict(known.failed)

    def ask(what: str, words: str, question: Callable[[], T]) -> T | None:
        progress(words)
        try:
            return question()
        except Exception as error:
            failed[what] = sentence(error)
            return None

    how: Any = {"toward": known.toward, "method": known.method}
    either: Any = "either" if known.method == "SmoothGrad" else known.toward  # that map has no sign
    heatmap, checked, correlation, strip = known.heatmap, known.deletion, known.sanity, known.strip
    if heatmap is None:
        heatmap = ask("map", "Drawing the map...", lambda: _draw(detector, known))
    drawn = heatmap if heatmap is not None and heatmap.any() else None
    if drawn is not None and checked is None:
        words = "Checking the map against random ones..."
        checked = ask(
            "check", words, lambda: deletion(detector.predict, image, drawn, face, toward=either)
        )
    if sanity is None:
        sanity = known.method in getattr(detector, "quick", ())
    if sanity and drawn is not None and correlation is None and hasattr(detector, "shuffled"):
        words = "Drawing the map with shuffled weights..."
        correlation = ask("shuffle", words, lambda: sanity_check(detector, image, face, **how))
    if strip is None:
        band = said.band if known.by_hand else None
        words = "Sending the picture again, changed..."
        strip = ask("copies", words, lambda: send_again(detector, image, face, band=band))
    if strip is not None and strip.flips and not said.reason:
        said = replace(said, reason=strip.sentence)

    progress("Writing the sheet...")
    answers: dict[str, Any] = {
        "heatmap": heatmap,
        "deletion": checked,
        "sanity": correlation,
        "strip": strip,
    }
    asked = who_was_asked(detector, said.band)
    return replace(known, prediction=said, failed=failed, asked=asked, **answers)


def _draw(detector: Detector, known: Evidence) -> np.ndarray:
    """A map; by occlusion where the detector only predicts."""
    image, face = known.image, known.face
    if not hasattr(detector, "explain"):
        return occlusion(detector.predict, image, face, toward=known.toward)
    return checked_map(
        detector.explain(image, face, toward=known.toward, method=known.method), image
    )

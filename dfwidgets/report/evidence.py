"""One picture and all that is said of it, brought together so that it can be kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from dfwidgets.answers import sentence
from dfwidgets.detector import Adapted, Cancelled, Detector, Prediction, Toward, adapt
from dfwidgets.explain import (
    Explanation,
    Progress,
    explain,
    first_map,
    with_deletion,
    with_sanity,
)
from dfwidgets.facts import FileFacts
from dfwidgets.pictures import Face
from dfwidgets.report.model_record import ModelRecord, model_record
from dfwidgets.robustness import Strip, send_again

T = TypeVar("T")
Words = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of one picture and of what a detector says of it; `complete` asks for the rest.

    Attributes:
        image: the whole picture, uint8 (height, width, 3).
        prediction: the verdict, at the edges that count.
        face: the face that was asked about; None for the whole picture.
        name: the file's name as somebody gave it; empty where nobody did.
        facts: what the file says; None where the picture came as an array.
        by_hand: whether somebody chose the edges of "can't tell".
        method: how the map is made.
        toward: which way the things pulled that the map shows.
        explanation: that map and what was measured of it; None until it is drawn.
        strip: the verdicts on changed copies; None until they were asked for.
        record: which model it was; None until `complete` has looked.
        failed: sentences of what could not be had: the "map", its "deletion" and "sanity", or the
            "copies".
    """

    image: np.ndarray
    prediction: Prediction
    face: Face | None = None
    name: str = ""
    facts: FileFacts | None = None
    by_hand: bool = False
    method: str = "Grad-CAM"
    toward: Toward = "fake"
    explanation: Explanation | None = None
    strip: Strip | None = None
    record: ModelRecord | None = None
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        """A name for the sheet, of the picture's sha256 alone: "evidence-0123456789ab.html"."""
        pixels = np.ascontiguousarray(self.image)
        sha256 = self.facts.sha256 if self.facts else hashlib.sha256(pixels.tobytes()).hexdigest()
        return f"evidence-{sha256[:12]}.html"


def with_first_map(detector: Detector | Adapted, known: Evidence) -> Evidence:
    """Choose the map that is shown where nobody chose."""
    method, toward = first_map(adapt(detector), known.prediction)
    return replace(known, method=method, toward=toward)


def complete(
    detector: Detector | Adapted,
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
        progress: called before each step with what is done, in words; what it raises ends the
            work.
    """
    detector = adapt(detector)
    image = known.image
    face = known.face
    failed = dict(known.failed)

    def ask(what: str, words: str, question: Callable[[Progress], T], otherwise: T) -> T:
        # Said again at each step, so that it can end there.
        def step(_: float) -> None:
            progress(words)

        step(0)
        try:
            return question(step)
        except Cancelled:
            raise
        except Exception as error:
            failed[what] = sentence(error)
            return otherwise

    # The map, as people were shown it where they saw one, and what it is worth.
    drawn = known.explanation
    if drawn is None:
        drawn = ask(
            "map",
            "Drawing the map...",
            lambda step: explain(detector, image, face, known.method, known.toward, step),
            None,
        )
    if drawn is not None and not drawn.empty and drawn.deletion is None:
        words = "Checking the map against random ones..."
        unchecked = drawn
        drawn = ask(
            "deletion",
            words,
            lambda step: with_deletion(unchecked, detector, image, face, step),
            unchecked,
        )
    if sanity is None:
        sanity = known.method in detector.quick
    wanted = sanity and detector.shuffled is not None
    if wanted and drawn is not None and not drawn.empty and drawn.sanity is None:
        words = "Drawing the map with shuffled weights..."
        unshuffled = drawn
        drawn = ask(
            "sanity",
            words,
            lambda step: with_sanity(unshuffled, detector, image, face, step),
            unshuffled,
        )

    # The same picture as others may get it.
    strip = known.strip
    if strip is None:
        band = known.prediction.band if known.by_hand else None
        words = "Sending the picture again, changed..."
        strip = ask(
            "copies",
            words,
            lambda step: send_again(detector, image, face, band=band, progress=step),
            None,
        )
    prediction = known.prediction
    if strip is not None and strip.flips and not prediction.reason:
        prediction = replace(prediction, reason=strip.sentence)

    progress("Writing the sheet...")
    return replace(
        known,
        prediction=prediction,
        explanation=drawn,
        strip=strip,
        failed=failed,
        record=model_record(detector, prediction.band),
    )

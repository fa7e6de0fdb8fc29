"""Why one verdict: a map is drawn, then put to the test, by the same few steps everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from dfwidgets.answers import checked_map
from dfwidgets.detector import Adapted, Prediction, Toward
from dfwidgets.explain.faithfulness import Deletion, deletion, sanity_check
from dfwidgets.explain.few_looks import deletion_of_part
from dfwidgets.explain.occlusion import occlusion
from dfwidgets.pictures import Face, shrink

UNSIGNED = ("SmoothGrad",)
"""Methods whose maps say what would move the answer, but not which way."""

Progress = Callable[[float], None]

_LONGEST = 448
"""Pixels of a judged part that is changed again and again: twice what the shipped network sees."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """Where a detector looked, how that was found out, and what the map is worth.

    Attributes:
        values: float32 (height, width), 0 to 1 at the hottest place; all 0 where nothing pulled.
        method: how it was made, like "Grad-CAM".
        toward: which way the things that it shows pulled, "fake" or "real".
        signed: whether it tells what pulled toward "fake" from what pulled toward "real".
        deletion: what blurring its brightest places does; None until that was measured.
        sanity: how much it stays the same when the model's last weights are shuffled, -1 to 1; None
            until that was measured.
    """

    values: np.ndarray
    method: str = "Grad-CAM"
    toward: Toward = "fake"
    signed: bool = True
    deletion: Deletion | None = None
    sanity: float | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing in the picture pulled that way."""
        return not self.values.any()

    @property
    def pull(self) -> Literal["fake", "real", "either"]:
        """Which way the places of the map would move the answer."""
        return self.toward if self.signed else "either"


def first_map(detector: Adapted, prediction: Prediction) -> tuple[str, Toward]:
    """Which map is shown where nobody chose: the first method, toward where the score leans."""
    return detector.methods[0], prediction.leaning


def explain(
    detector: Adapted,
    image: np.ndarray,
    face: Face | None,
    method: str,
    toward: Toward,
    progress: Progress = lambda fraction: None,
) -> Explanation:
    """Ask a detector where it looked; one that only predicts gets a map by occlusion.

    Args:
        detector: what `adapt` gives.
        image, face, method, toward, progress: as in `Detector.explain`.

    Raises:
        ValueError: the detector gave no map of the picture's shape, or one outside of 0 to 1.
    """
    if detector.explain is None:
        heatmap = occlusion(detector.predict, image, face, toward=toward, progress=progress)
        return Explanation(heatmap, "Occlusion", toward)
    heatmap = detector.explain(image, face, toward=toward, method=method, progress=progress)
    return Explanation(checked_map(heatmap, image), method, toward, signed=method not in UNSIGNED)


def with_deletion(
    explanation: Explanation,
    detector: Adapted,
    image: np.ndarray,
    face: Face | None,
    progress: Progress = lambda fraction: None,
) -> Explanation:
    """The same explanation, and whether its brightest places move the answer.

    Of an empty map there is nothing to measure.

    Args:
        explanation: what `explain` gave of this picture and face.
        detector, image, face, progress: as there.
    """
    if explanation.empty:
        return explanation
    if detector.logit is not None and detector.judged_part is not None:
        left, top, right, bottom = detector.judged_part(image, face)
        measured = deletion_of_part(
            detector.logit,
            shrink(image[top:bottom, left:right], _LONGEST),
            explanation.values[top:bottom, left:right],
            toward=explanation.pull,
            progress=progress,
        )
        return replace(explanation, deletion=measured)
    measured = deletion(
        detector.predict,
        image,
        explanation.values,
        face,
        toward=explanation.pull,
        progress=progress,
    )
    return replace(explanation, deletion=measured)


def with_sanity(
    explanation: Explanation,
    detector: Adapted,
    image: np.ndarray,
    face: Face | None,
    progress: Progress = lambda fraction: None,
) -> Explanation:
    """The same explanation, and whether its map hangs on what the model learned.

    An empty map, and a detector whose weights can't be shuffled, have nothing to measure.

    Args:
        explanation: what `explain` gave of this picture and face.
        detector, image, face, progress: as there.
    """
    if explanation.empty or detector.shuffled is None:
        return explanation
    # The rest of a large picture would only take time.
    if detector.judged_part is not None:
        left, top, right, bottom = detector.judged_part(image, face)
        image = shrink(image[top:bottom, left:right], _LONGEST)
        face = None
    correlation = sanity_check(
        detector.detector,
        image,
        face,
        toward=explanation.toward,
        method=explanation.method,
        progress=progress,
    )
    return replace(explanation, sanity=correlation)

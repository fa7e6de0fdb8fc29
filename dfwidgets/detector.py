"""What every detector answers: how likely a face is fake, and where it looked."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np

from dfwidgets.background import ANSWERS, TENSORFLOW
from dfwidgets.background import Cancelled as Cancelled
from dfwidgets.pictures import Face, WhichFace

LIKELY_REAL, CANT_TELL, LIKELY_FAKE = "likely real", "can't tell", "likely fake"

Toward = Literal["fake", "real"]


class ModelError(ValueError):
    """A model can't be loaded; its text says which file is wrong, why, and what to do."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a detector says of one face.

    Only `p_fake` has to be given, so that a detector of one's own stays short:
    `Prediction(p_fake=0.93).verdict` is "likely fake".

    Attributes:
        p_fake: probability that the face is fake, 0 to 1.
        logit: the network's own answer before calibration, above 0 toward fake; where it is not
            given, the log odds of `p_fake`.
        band: the two values of `p_fake` between which the answer is "can't tell".
        frequency: what the score means in counted test pictures, and which those were; empty where
            the detector was never measured.
        reason: why the answer is "can't tell" whatever the score; empty where there is no such
            reason.
        face: the face that was judged; None for the whole picture.

    Raises:
        ValueError: `p_fake` is no number from 0 to 1 (a NaN never becomes a verdict).
    """

    p_fake: float
    logit: float = math.nan
    band: tuple[float, float] = (0.3, 0.7)
    frequency: str = ""
    reason: str = ""
    face: Face | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.p_fake <= 1:
            raise ValueError(f"expected p_fake from 0 to 1, got {self.p_fake}")
        if math.isnan(self.logit):
            p = min(max(float(self.p_fake), 1e-12), 1 - 1e-12)
            object.__setattr__(self, "logit", math.log(p / (1 - p)))

    @property
    def leaning(self) -> Toward:
        """The side that the score leans to, whatever the verdict: "fake" from 0.5 on."""
        return "fake" if self.p_fake >= 0.5 else "real"

    @property
    def verdict(self) -> str:
        """ "likely real", "can't tell" or "likely fake"."""
        low, high = self.band
        if self.reason or low < self.p_fake < high:
            return CANT_TELL
        return LIKELY_FAKE if self.p_fake >= high else LIKELY_REAL


Predict = Callable[[np.ndarray, WhichFace], Prediction]
"""A detector's method of that name, or a function that answers as it does."""


JudgedPart = Callable[[np.ndarray, Face | None], tuple[int, int, int, int]]


def check_band(band: tuple[float, float]) -> None:
    """Raise a ValueError where the edges of "can't tell" are not two numbers from 0 to 1, the lower
    first."""
    if not 0 <= band[0] <= band[1] <= 1:
        raise ValueError(f"expected two edges from 0 to 1, the lower first, got {band}")


def check_map(methods: tuple[str, ...], method: str, toward: str) -> None:
    """Raise a ValueError where a map is asked for that a detector with these methods can't draw."""
    if method not in methods or toward not in ("fake", "real"):
        raise ValueError(
            f"expected one of {methods} toward “fake” or “real”, got {method!r} toward {toward!r}"
        )


@runtime_checkable
class Detector(Protocol):
    """Anything with these methods plays in every panel.

    `predict` alone is enough: the map is then drawn by hiding one place after the other. A detector
    may also have `name`; `methods`, the names of the maps that it can draw; `load()`, which gets it
    ready before the first picture; `quick`, the names of the maps whose sanity check takes only a
    moment; `shuffled(seed)`, the same detector with the weights of its last layer shuffled;
    `judged_part(image, face)`, the only pixels that its answer hangs on; `logit(part)`, its answer
    about such pixels alone, changed in any way; `slope(image, face)`, how the logit changes with
    each pixel; `on_one_thread()`, the same detector to be asked by a thread of its own while
    others ask theirs; and `on_tensorflow`, the names of its methods and maps that TensorFlow
    answers: these are asked on a thread of their own, so that nothing else waits for them.
    """

    def predict(self, image: np.ndarray, face: WhichFace = "largest") -> Prediction:
        """Say how likely the face is fake.

        Args:
            image: the whole picture, uint8 (height, width, 3).
            face: which face to judge; "largest" finds it, None judges the whole picture.
        """
        ...

    def explain(
        self,
        image: np.ndarray,
        face: WhichFace = "largest",
        *,
        toward: Toward = "fake",
        method: str = "Grad-CAM",
        progress: Callable[[float], None] = lambda part: None,
    ) -> np.ndarray:
        """Say where the detector looked.

        Args:
            image: the whole picture, uint8 (height, width, 3).
            face: as in `predict`.
            toward: what pulled the answer toward "fake", or toward "real".
            method: one of the detector's `methods`.
            progress: called with the part done, 0 to 1; what it raises ends the computation.

        Returns:
            float32 (height, width), 0 to 1 at the hottest place; all 0 where nothing pulled that
            way.
        """
        ...


class Adapted:
    """A detector beside which nobody has to ask what it can do; `adapt` makes it.

    Each ability beyond `predict` is the detector's own where it has one, else a plain default:

    Attributes:
        detector: as it was given.
        folder: where its model lies; None for a detector that names no folder.
        name: what it is called without reading a file: its `name`, its folder's, or its class's.
        explain: draws its maps; None for a detector that only predicts.
        quick: names of the maps whose sanity check takes only a moment; none by default.
        shuffled: gives the same detector with the weights of its last layer shuffled by a seed, for
            a sanity check of its maps; None where it can't.
        judged_part: gives (left, top, right, bottom), the only pixels that the answer hangs on;
            None where nobody knows.
        logit: gives the logit of a part that is judged as it is, without looking for a face in it
            or for a reason to doubt; None where only whole pictures can be asked about.
        slope: gives how the logit changes with each pixel; None where it has no gradient.
        on_one_thread: gives the same detector to be asked by a thread of its own while others ask
            theirs; None where it has to be asked one question at a time.
        on_tensorflow: names of its methods and maps that TensorFlow answers; none by default.
    """

    def __init__(self, detector: Any) -> None:
        self.detector = detector

        folder = getattr(detector, "folder", None)
        self.folder: Path | None = folder if isinstance(folder, Path) else None
        called = self.folder.name if self.folder else type(detector).__name__
        own_name = getattr(detector, "name", None)
        self.name: str = own_name if isinstance(own_name, str) else called

        self.explain: Callable[..., np.ndarray] | None = getattr(detector, "explain", None)
        self.quick: tuple[str, ...] = getattr(detector, "quick", ())
        self.shuffled: Callable[[int], Detector] | None = getattr(detector, "shuffled", None)
        self.on_tensorflow: tuple[str, ...] = getattr(detector, "on_tensorflow", ())
        self.judged_part: JudgedPart | None = getattr(detector, "judged_part", None)
        self.slope: Callable[..., np.ndarray] | None = getattr(detector, "slope", None)

        # Of its own class: what only passes questions on to such a detector (by `__getattr__`) may
        # change the answers, and these would answer without it.
        self.on_one_thread: Callable[[], Detector] | None = None
        if hasattr(type(detector), "on_one_thread"):
            self.on_one_thread = detector.on_one_thread
        self.logit: Callable[[np.ndarray], float] | None = None
        if hasattr(type(detector), "logit") and self.judged_part is not None:
            self.logit = detector.logit

    def predict(self, image: np.ndarray, face: WhichFace = "largest") -> Prediction:
        """See `Detector.predict`."""
        return self.detector.predict(image, face)

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the maps that it can draw; Occlusion needs no more than `predict`."""
        default = ("Grad-CAM",) if self.explain else ("Occlusion",)
        return getattr(self.detector, "methods", default)

    def worker(self, what: str) -> Executor:
        """Where it is asked for what a method or a map of that name gives.

        One worker asks it all that hangs together, so that it never has two questions at once.
        """
        return TENSORFLOW if what in self.on_tensorflow else ANSWERS

    def load(self) -> None:
        """Get the model ready, so that the first picture need not wait; by default nothing."""
        getattr(self.detector, "load", lambda: None)()


def adapt(detector: Detector | Adapted) -> Adapted:
    """Take anything with `predict` where it comes in, so that no later line asks what it can do."""
    return detector if isinstance(detector, Adapted) else Adapted(detector)

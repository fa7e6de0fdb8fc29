"""One picture and what a detector says of it; panels call its methods and redraw from its traits."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import traitlets as t

from dfwidgets import background
from dfwidgets.detector import Cancelled, Detector, ModelError, Prediction, Toward
from dfwidgets.faces import Face, find_faces
from dfwidgets.images import ImageError, open_image

_LOG = logging.getLogger(__name__)


class Session(t.HasTraits):
    """Holds one picture, the face in it that is judged, and the detector's answers.

    Read its traits or observe them; change them by its methods. Slow work runs on a worker, and an
    answer to a question that is no longer asked is dropped.
    """

    image = t.Any(None, read_only=True)
    """The picture, uint8 (height, width, 3), or None before the first."""

    faces = t.Tuple(read_only=True)
    """The faces found in it, largest first."""

    face = t.Instance(Face, allow_none=True, read_only=True)
    """The face that is judged; None for the whole picture."""

    prediction = t.Instance(Prediction, allow_none=True, read_only=True)
    """What the detector says; None until it has answered."""

    heatmap = t.Any(None, read_only=True)
    """Where it looked, float32 (height, width), 0..1; None until `explain` has answered."""

    toward = t.Unicode("fake", read_only=True)
    """Which way the things shown by `heatmap` pulled: "fake" or "real"."""

    method = t.Unicode("Grad-CAM", read_only=True)
    """How `heatmap` was made."""

    busy = t.Int(0, read_only=True)
    """How many questions wait for an answer."""

    progress = t.Float(0.0, read_only=True)
    """The part of a slow map that is done, 0 to 1."""

    doing = t.Unicode("", read_only=True)
    """What is waited for: "load", "open", "judge", "explain", or nothing."""

    error = t.Unicode("", read_only=True)
    """What went wrong with the last thing asked for, as a sentence; empty where nothing did."""

    failed = t.Unicode("", read_only=True)
    """Which of them went wrong, in the words of `doing`."""

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self.detector = detector
        # The last turn of each question: an older answer, or one nobody waits for, is dropped.
        self._asked: dict[str, int] = {}
        self._turns = itertools.count(1)

    def load(self) -> None:
        """Get the model ready, so that the first picture need not wait for it."""
        load = getattr(self.detector, "load", None)
        if load is not None:
            self._ask("load", load, lambda _: None)

    def open(self, source: bytes | str | Path | np.ndarray) -> None:
        """Open a picture, find its faces and judge the largest; the picture before it is replaced.

        Where no face is found nothing is judged until `judge(None)` is called. A picture that can't
        be read leaves the one before it in place and sets `error`.
        """

        def work() -> tuple[np.ndarray, tuple[Face, ...]]:
            image = source if isinstance(source, np.ndarray) else open_image(source)
            if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
                raise ImageError(f"expected a picture as uint8 (height, width, 3), got {image.dtype} {image.shape}")
            return image, find_faces(image)

        def done(answer: tuple[np.ndarray, tuple[Face, ...]]) -> None:
            image, faces = answer
            self._asked.pop("judge", None)
            self.cancel()
            self._set(image=image, faces=faces, face=None, prediction=None, heatmap=None)
            if faces:
                self.judge(faces[0])

        self.cancel()  # a slow map would keep the new picture waiting
        self._ask("open", work, done)

    def judge(self, face: Face | None) -> None:
        """Judge one face of the picture, or the whole picture with None."""
        image = self.image
        if image is None:
            return

        def work() -> Prediction:
            prediction = self.detector.predict(image, face)
            if not isinstance(prediction, Prediction):
                raise TypeError(f"predict has to return a Prediction, it returned {type(prediction).__name__}")
            return prediction

        def done(prediction: Prediction) -> None:
            self.cancel()
            self._set(face=face, prediction=prediction, heatmap=None)

        self.cancel()
        self._ask("judge", work, done)

    def explain(self, toward: Toward = "fake", method: str = "Grad-CAM") -> None:
        """Ask where the detector looked; the answer comes as `heatmap`."""
        image, face = self.image, self.face
        if self.prediction is None:
            return
        self._set(progress=0.0)
        to_loop = background.on_loop()
        turn = next(self._turns)

        def progress(part: float) -> None:
            if self._asked.get("explain") != turn:
                raise Cancelled
            to_loop(lambda: self._set(progress=part))

        def work() -> np.ndarray:
            progress(0.0)
            heatmap = self.detector.explain(image, face, toward=toward, method=method, progress=progress)
            return _checked(heatmap, image)

        def done(heatmap: np.ndarray) -> None:
            self._set(heatmap=heatmap, toward=toward, method=method)

        self._ask("explain", work, done, turn)

    def cancel(self) -> None:
        """Stop waiting for a map; the verdict stays."""
        self._asked.pop("explain", None)

    def fail(self, message: str) -> None:
        """Say what went wrong, as a sentence for the person; picture and verdict stay."""
        self._set(error=message, failed="open")

    def _ask(self, what: str, work: Callable[[], Any], done: Callable[[Any], None], turn: int | None = None) -> None:
        turn = turn or next(self._turns)
        self._asked[what] = turn
        self._set(busy=self.busy + 1, doing=what, error="", failed="")

        def answered(answer: Any, error: Exception | None) -> None:
            if self._asked.get(what) == turn:
                del self._asked[what]
                if error is None:
                    done(answer)
                else:
                    self._set(error=_sentence(error), failed=what)
            self._set(busy=self.busy - 1, doing=self.doing if self.busy > 1 else "")

        background.submit(work, answered)

    def _set(self, **values: Any) -> None:
        with self.hold_trait_notifications():
            for name, value in values.items():
                self.set_trait(name, value)


def _checked(heatmap: Any, image: np.ndarray) -> np.ndarray:
    """A detector's map, or a ValueError that says to its author what is wrong with it."""
    heatmap = np.asarray(heatmap, np.float32)
    if heatmap.shape != image.shape[:2]:
        raise ValueError(f"explain has to return a map of shape {image.shape[:2]}, it returned {heatmap.shape}")
    if not (np.isfinite(heatmap).all() and heatmap.min() >= 0 and heatmap.max() <= 1):
        raise ValueError("explain has to return numbers from 0 to 1")
    return heatmap


def _sentence(error: Exception) -> str:
    if isinstance(error, (ImageError, ModelError)):
        return str(error)
    if isinstance(error, OSError):
        return f"The file can't be read: {error.strerror or error}. Check its path."
    # Somebody's own detector, most likely: its author finds the traceback in the debug log.
    _LOG.debug("a detector failed", exc_info=error)
    return f"The detector failed on this picture: {type(error).__name__}: {error}"

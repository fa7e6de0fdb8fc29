"""One picture and what a detector says of it; panels call its methods and redraw from its traits."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import traitlets as t

from dfwidgets import background
from dfwidgets.answers import checked_map, checked_prediction, sentence
from dfwidgets.detector import Cancelled, Detector, Prediction, Toward, check_band
from dfwidgets.detectors import at_edges
from dfwidgets.explain import Deletion, deletion, sanity_check
from dfwidgets.explain.occlusion import occlusion
from dfwidgets.facts import FileFacts, read_facts
from dfwidgets.pictures import Face, check_pixels, find_faces, open_image

Progress = Callable[[float], None]

OF_MAPS = ("explain", "check", "shuffle")
"""What is waited for where it concerns the map alone."""

_NO_MAP = {"heatmap": None, "deletion": None, "sanity": None}


class Session(t.HasTraits):
    """Holds one picture, the face in it that is judged, and the answers of one detector.

    Read its traits or observe them; change them by its methods. Slow work runs on a worker, and an
    answer to a question that is no longer asked is dropped.
    """

    detector = t.Any(None, read_only=True)
    """The detector that is asked; `use` chooses another."""

    image = t.Any(None, read_only=True)
    """The picture, uint8 (height, width, 3), or None before the first."""

    facts = t.Instance(FileFacts, allow_none=True, read_only=True)
    """What the file of the picture says; None where the picture came as an array."""

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

    deletion = t.Any(None, read_only=True)
    """What blurring the brightest places of `heatmap` does, a `Deletion`; None until `check` has
    answered."""

    sanity = t.Float(None, allow_none=True, read_only=True)
    """How much `heatmap` stays the same when the model's last weights are shuffled, -1 to 1; None as long as
    `shuffle` has not answered."""

    band = t.Any(None, read_only=True)
    """The edges of "can't tell" that somebody chose by `decide`, (low, high); None for those of the
    detector."""

    busy = t.Int(0, read_only=True)
    """How many questions wait for an answer."""

    progress = t.Float(0.0, read_only=True)
    """The part of a slow map that is done, 0 to 1."""

    doing = t.Unicode("", read_only=True)
    """What is waited for: "load", "open", "judge", "explain", "check", "shuffle", or nothing."""

    error = t.Unicode("", read_only=True)
    """What went wrong with the last thing asked for, as a sentence; empty where nothing did."""

    failed = t.Unicode("", read_only=True)
    """Which of them went wrong, in the words of `doing`."""

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self.set_trait("detector", detector)
        self._own: Prediction | None = None  # the verdict as the detector gave it
        # The face that was last asked about (none or one of them), for the next detector to judge.
        self._wanted: tuple[Face | None, ...] = ()
        # The last turn of each question: an older answer, or one nobody waits for, is dropped.
        self._asked: dict[str, int] = {}
        self._turns = itertools.count(1)

    def load(self) -> None:
        """Get the model ready, so that the first picture need not wait for it."""

        def done(_: Any) -> None:
            # Another detector is ready, and the picture that is there waits for its verdict.
            if self.prediction is None and "judge" not in self._asked:
                for face in self._wanted:
                    self.judge(face)

        self._ask("load", getattr(self.detector, "load", lambda: None), done)

    def use(self, detector: Detector) -> None:
        """Ask another detector from now on: the picture and its faces stay and are judged anew."""
        self.cancel()
        self._asked.pop("judge", None)  # a late answer would stand under the other detector's name
        self._set(detector=detector, prediction=None, band=None, **_NO_MAP)
        self.load()

    def open(self, source: bytes | str | Path | np.ndarray) -> None:
        """Open a picture, find its faces and judge the largest; the picture before it is replaced.

        Where no face is found nothing is judged until `judge(None)` is called. A picture that can't
        be read leaves the one before it in place and sets `error`.
        """

        def work() -> tuple[np.ndarray, FileFacts | None, tuple[Face, ...]]:
            image = check_pixels(source) if isinstance(source, np.ndarray) else open_image(source)
            facts = None if isinstance(source, np.ndarray) else read_facts(source)
            return image, facts, find_faces(image)

        def done(answer: tuple[np.ndarray, FileFacts | None, tuple[Face, ...]]) -> None:
            image, facts, faces = answer
            self._asked.pop("judge", None)
            self._wanted = ()
            self.cancel()
            self._set(image=image, facts=facts, faces=faces, face=None, prediction=None, **_NO_MAP)
            if faces:
                self.judge(faces[0])

        self.cancel()  # a slow map would keep the new picture waiting
        self._ask("open", work, done)

    def judge(self, face: Face | None) -> None:
        """Judge one face of the picture, or the whole picture with None."""
        image, detector = self.image, self.detector
        if image is None:
            return

        def work() -> Prediction:
            return checked_prediction(detector.predict(image, face))

        def done(prediction: Prediction) -> None:
            self.cancel()
            self._own = prediction
            if self.band is not None:
                prediction = at_edges(detector, prediction, self.band)
            self._set(face=face, prediction=prediction, **_NO_MAP)

        self.cancel()
        self._wanted = (face,)
        self._ask("judge", work, done)

    def explain(self, toward: Toward = "fake", method: str = "Grad-CAM") -> None:
        """Ask where the detector looked; the answer comes as `heatmap`.

        A detector without `explain` gets a map by occlusion, which needs no more than `predict`.
        """
        image, face, detector = self.image, self.face, self.detector
        if self.prediction is None:
            return
        if not hasattr(detector, "explain"):
            method = "Occlusion"

        def work(progress: Progress) -> np.ndarray:
            if not hasattr(detector, "explain"):
                return occlusion(detector.predict, image, face, toward=toward, progress=progress)
            heatmap = detector.explain(image, face, toward=toward, method=method, progress=progress)
            return checked_map(heatmap, image)

        def done(heatmap: np.ndarray) -> None:
            self._set(heatmap=heatmap, toward=toward, method=method, deletion=None, sanity=None)

        self.cancel()
        self._ask_slowly("explain", work, done)

    def check(self) -> None:
        """Measure whether the brightest places of `heatmap` move the answer more than random ones:
        `deletion`."""
        image, face, heatmap, ask = self.image, self.face, self.heatmap, self.detector.predict
        if heatmap is None or not heatmap.any():
            return
        toward: Any = (
            "either" if self.method == "SmoothGrad" else self.toward
        )  # that map has no sign

        def work(progress: Progress) -> Deletion:
            return deletion(ask, image, heatmap, face, toward=toward, progress=progress)

        self._ask_slowly("check", work, lambda answer: self._set(deletion=answer))

    def shuffle(self) -> None:
        """Measure whether `heatmap` hangs on what the model learned, where the detector has
        `shuffled`: `sanity`."""
        image, face, detector = self.image, self.face, self.detector
        how: Any = {"toward": self.toward, "method": self.method}
        if self.heatmap is None or not hasattr(detector, "shuffled"):
            return

        def work(progress: Progress) -> float:
            return sanity_check(detector, image, face, **how, progress=progress)

        self._ask_slowly("shuffle", work, lambda answer: self._set(sanity=answer))

    def decide(self, band: tuple[float, float] | None) -> None:
        """Move the edges of "can't tell", for the verdict that stands and for those to come; None moves them back.

        What made the verdict doubtful at other edges no longer counts.

        Raises:
            ValueError: they are not two numbers from 0 to 1, the lower first.
        """
        if band is not None:
            check_band(band)
        if band == self.band:
            return
        changed: dict[str, Any] = {"band": band}
        if self.prediction is not None and self._own is not None:
            changed["prediction"] = at_edges(self.detector, self._own, band) if band else self._own
        self._set(**changed)

    def doubt(self, prediction: Prediction, reason: str) -> None:
        """Turn a verdict into "can't tell" and say why; one that no longer stands is left alone."""
        if prediction is self.prediction and not prediction.reason:
            self._set(prediction=replace(prediction, reason=reason))

    def cancel(self) -> None:
        """Stop waiting for a map, or for what is measured of one; the verdict stays."""
        for what in ("explain", "check", "shuffle"):
            self._asked.pop(what, None)

    def fail(self, message: str) -> None:
        """Say what went wrong, as a sentence for the person; picture and verdict stay."""
        self._set(error=message, failed="open")

    def _ask_slowly(
        self, what: str, work: Callable[[Progress], Any], done: Callable[[Any], None]
    ) -> None:
        """Ask what says how far it is, and ends when nobody waits for it any more."""
        self._set(progress=0.0)
        to_loop = background.on_loop()
        turn = next(self._turns)

        def progress(part: float) -> None:
            if self._asked.get(what) != turn:
                raise Cancelled
            to_loop(lambda: self._set(progress=part))

        def begin() -> Any:
            progress(0.0)
            return work(progress)

        self._ask(what, begin, done, turn)

    def _ask(
        self,
        what: str,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        turn: int | None = None,
    ) -> None:
        turn = turn or next(self._turns)
        self._asked[what] = turn

        def answered(answer: Any, error: Exception | None) -> None:
            try:
                if self._asked.get(what) == turn:
                    del self._asked[what]
                    if error is None:
                        done(answer)
                    else:
                        self._set(error=sentence(error), failed=what)
            finally:
                self._set(busy=self.busy - 1, doing=self.doing if self.busy > 1 else "")

        try:
            # What is only measured of a map leaves a sentence about something else in place.
            stays = what in ("check", "shuffle") and self.failed not in ("check", "shuffle")
            self._set(
                busy=self.busy + 1, doing=what, **({} if stays else {"error": "", "failed": ""})
            )
        finally:  # whoever observes may fail: what is counted here is asked and counted down again all the same
            background.submit(work, answered)

    def _set(self, **values: Any) -> None:
        with self.hold_trait_notifications():
            for name, value in values.items():
                self.set_trait(name, value)

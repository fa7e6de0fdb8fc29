"""One picture and what a detector says of it; panels call its methods, its traits redraw them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from dfwidgets import background
from dfwidgets.answers import checked_prediction, sentence
from dfwidgets.detector import Detector, Prediction, Toward, check_band
from dfwidgets.detectors import read_record
from dfwidgets.explain import Explanation, Progress, explain, with_deletion, with_sanity
from dfwidgets.facts import FileFacts, read_facts
from dfwidgets.pictures import Face, check_pixels, find_faces, open_image
from dfwidgets.session_state import OF_MAPS, Pending, SessionState

T = TypeVar("T")


class Session(SessionState):
    """Holds one picture, the face in it that is judged, and the answers of one detector.

    Read its traits or observe them; change them by its methods. Slow work runs on workers, and an
    answer to a question that is no longer asked is dropped.
    """

    def __init__(self, detector: Detector) -> None:
        super().__init__()
        self.set_trait("detector", detector)
        self._own: Prediction | None = None  # the verdict as the detector gave it
        # The face that was last asked about (none or one of them), for the next detector to judge.
        self._wanted: tuple[Face | None, ...] = ()
        # One for each question: an older answer, or one that nobody waits for, is dropped.
        self._questions = {what: background.Latest() for what in Pending}

    def load(self) -> None:
        """Get the model ready, so that the first picture need not wait for it."""

        def done(_: Any) -> None:
            # Another detector is ready, and the picture that is there waits for its verdict.
            if self.prediction is None and not self._questions[Pending.JUDGE].pending:
                for face in self._wanted:
                    self.judge(face)

        self._ask(Pending.LOAD, self.adapted.load, done, self.adapted.worker("load"))

    def use_detector(self, detector: Detector) -> None:
        """Ask another detector from now on: picture and faces stay and are judged anew."""
        self.cancel()
        # A late answer would stand under the other detector's name.
        self._questions[Pending.JUDGE].forget()
        # The edges go, too: they were chosen by what they cost with the other model.
        self._set(detector=detector, prediction=None, explanation=None, band=None)
        self.load()

    def open(self, source: bytes | str | Path | np.ndarray) -> None:
        """Open a picture, find its faces and judge the largest; the picture before it is replaced.

        Where no face is found nothing is judged until `judge(None)` is called. A picture that can't
        be read leaves the one before it in place and sets `error`.
        """

        def work() -> tuple[np.ndarray, FileFacts | None, tuple[Face, ...]]:
            if isinstance(source, np.ndarray):
                image = check_pixels(source)
                return image, None, find_faces(image)
            image = open_image(source)
            return image, read_facts(source), find_faces(image)

        def done(answer: tuple[np.ndarray, FileFacts | None, tuple[Face, ...]]) -> None:
            image, facts, faces = answer
            self._questions[Pending.JUDGE].forget()
            self._wanted = ()
            self.cancel()
            self._set(
                image=image, facts=facts, faces=faces, face=None, prediction=None, explanation=None
            )
            # Without a face nobody has said yet what is to be judged.
            if faces:
                self.judge(faces[0])

        self.cancel()  # a slow map would keep the new picture waiting
        self._ask(Pending.OPEN, work, done, background.ANSWERS)

    def judge(self, face: Face | None) -> None:
        """Judge one face of the picture, or the whole picture with None."""
        image = self.image
        detector = self.detector
        if image is None:
            return

        def work() -> Prediction:
            return checked_prediction(detector.predict(image, face))

        def done(prediction: Prediction) -> None:
            self.cancel()
            self._own = prediction
            if self.band is not None:
                prediction = read_record(detector).at_band(prediction, self.band)
            self._set(face=face, prediction=prediction, explanation=None)

        # A map that is still drawn is of the verdict before.
        self.cancel()
        self._wanted = (face,)
        self._ask(Pending.JUDGE, work, done, self.adapted.worker("predict"))

    def explain(self, toward: Toward = "fake", method: str = "Grad-CAM") -> None:
        """Ask where the detector looked; the answer comes as `explanation`."""
        image = self.image
        face = self.face
        detector = self.adapted
        if self.prediction is None:
            return

        def work(progress: Progress) -> Explanation:
            return explain(detector, image, face, method, toward, progress)

        self.cancel()
        self._ask_slowly(Pending.EXPLAIN, work, detector.worker(method))

    def measure_deletion(self) -> None:
        """Measure whether the map's brightest places move the answer more than random ones do."""
        self._measure(Pending.DELETION, with_deletion, "predict")

    def measure_sanity(self) -> None:
        """Measure whether the map hangs on what was learned, if weights can be shuffled."""
        if self.adapted.shuffled is not None and self.explanation is not None:
            self._measure(Pending.SANITY, with_sanity, self.explanation.method)

    def set_band(self, band: tuple[float, float] | None) -> None:
        """Move the edges of "can't tell", for the verdict that stands and for those to come.

        What made the verdict doubtful at other edges no longer counts.

        Args:
            band: (low, high), in `p_fake`; None for the detector's own.

        Raises:
            ValueError: they are not two numbers from 0 to 1, the lower first.
        """
        if band is not None:
            check_band(band)
        if band == self.band:
            return
        # From the verdict as it came, so that moving the edges there and back changes nothing.
        changed: dict[str, Any] = {"band": band}
        if self.prediction is not None and self._own is not None:
            record = read_record(self.detector)
            changed["prediction"] = record.at_band(self._own, band) if band else self._own
        self._set(**changed)

    def withhold(self, prediction: Prediction, reason: str) -> None:
        """Turn a verdict into "can't tell" and say why; one that no longer stands is left alone."""
        if prediction is self.prediction and not prediction.reason:
            self._set(prediction=replace(prediction, reason=reason))

    def cancel(self) -> None:
        """Stop waiting for a map, or for what is measured of one; the verdict stays."""
        for what in OF_MAPS:
            self._questions[what].forget()

    def fail(self, message: str) -> None:
        """Say what went wrong, as a sentence; picture and verdict stay."""
        self._set(error=message, failed=Pending.OPEN)

    # The names of version 0.1, as they were.
    use = use_detector
    decide = set_band
    doubt = withhold
    check = measure_deletion
    shuffle = measure_sanity

    def _measure(self, what: Pending, test: Callable[..., Explanation], asked_for: str) -> None:
        explanation = self.explanation
        judged = (self.adapted, self.image, self.face)
        if explanation is None or explanation.empty:
            return

        def work(progress: Progress) -> Explanation:
            return test(explanation, *judged, progress)

        self._ask_slowly(what, work, self.adapted.worker(asked_for))

    def _ask_slowly(
        self, what: Pending, work: Callable[[Progress], Explanation], worker: Executor
    ) -> None:
        """Ask what says how far it is, and ends when nobody waits for it any more."""

        def done(answer: Explanation) -> None:
            known = self.explanation
            if known is not None and what is not Pending.EXPLAIN:
                if known.values is not answer.values:
                    return  # of the map before this one
                # Both tests may run at once: each adds its own to what is known by then.
                answer = replace(known, **{what.value: getattr(answer, what.value)})
            self._set(explanation=answer)

        def show(fraction: float) -> None:
            self._set(progress=fraction)

        show(0.0)
        question = self._questions[what]
        claim = question.claim()
        ask = partial(question.ask_slowly, work, done, progress=show, claimed=claim, worker=worker)
        self._begin(what, ask)

    def _ask(
        self, what: Pending, work: Callable[[], T], done: Callable[[T], None], worker: Executor
    ) -> None:
        question = self._questions[what]
        claim = question.claim()
        self._begin(what, partial(question.ask, work, done, claimed=claim, worker=worker))

    def _begin(self, what: Pending, ask: Callable[..., None]) -> None:
        """Count what is asked, and count it down when it has ended, answered or dropped."""

        def failed(error: Exception) -> None:
            self._set(error=sentence(error), failed=what)

        def ended() -> None:
            pending = self.pending if self.busy > 1 else Pending.NOTHING
            self._set(busy=self.busy - 1, pending=pending)

        # What is only measured of a map leaves a sentence about something else in place.
        measured = (Pending.DELETION, Pending.SANITY)
        changed: dict[str, Any] = {"busy": self.busy + 1, "pending": what}
        if what not in measured or self.failed in measured:
            changed |= {"error": "", "failed": Pending.NOTHING}
        try:
            self._set(**changed)
        finally:
            # Whoever observes may fail: what is counted is asked and counted down all the same.
            ask(failed=failed, ended=ended)

    def _set(self, **values: Any) -> None:
        if "explanation" in values:
            explanation = values["explanation"]
            heatmap = None if explanation is None else explanation.values
            # Not where it is the same: traitlets takes an array for changed each time it is set.
            if heatmap is not self.heatmap:
                values["heatmap"] = heatmap
        with self.hold_trait_notifications():
            for name, value in values.items():
                self.set_trait(name, value)

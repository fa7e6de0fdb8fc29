"""The same picture sent again, changed as pictures are changed every day: does the verdict hold?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dfwidgets.answers import checked_prediction
from dfwidgets.detector import CANT_TELL, Adapted, Detector, Prediction, adapt
from dfwidgets.pictures import Face, WhichFace, choose_face, crop_window, shrink
from dfwidgets.robustness.variants import AS_IT_IS, VARIANTS, Variant, change
from dfwidgets.wording import (
    NO_VERDICT,
    PUSHED,
    REST_LEANS,
    REST_UNSURE,
    SLIPS,
    STAYS,
    STILL_WRONG,
    TIPS_OVER,
    listed,
    probability,
)

THUMBNAIL = 128
"""Longer side of the copies that are kept, in pixels."""

_NAMED = 3  # changes that a sentence names


@dataclass(frozen=True, eq=False)
class Copy:
    """A changed copy of a picture and what the detector answered about it.

    Attributes:
        variant: how it was changed.
        prediction: the answer.
        image: the part that was judged, made small: uint8 (height, width, 3).
    """

    variant: Variant
    prediction: Prediction
    image: np.ndarray


@dataclass(frozen=True, eq=False)
class Strip:
    """What became of a verdict in the changed copies of its picture.

    The verdict flips where one copy has a word ("likely real" or "likely fake") and another lies
    beyond the middle of the "can't tell" band, toward the other word; the picture as it was sent
    counts as a copy like the others, for it has a history, too. The band's edge would cry wolf, the
    other word would never warn: of 100 verdicts of the shipped detector on test pictures 64 lose
    their word in some copy, 5 go beyond the middle (14 of the wrong ones), and none comes out as
    the other word (`python -m models.training.judging.flip_rates` prints all three).

    Attributes:
        original: the picture as it is.
        copies: one a variant, in their order.
    """

    original: Copy
    copies: tuple[Copy, ...]

    @property
    def flips(self) -> bool:
        """Whether everyday changes move the score from a verdict to the other side."""
        return flips([copy.prediction for copy in self._all])

    @property
    def against(self) -> tuple[Copy, ...]:
        """The copies on the other side of the picture's own verdict, the furthest first.

        None where it has no verdict.
        """
        original = self.original.prediction
        if _word(original) == CANT_TELL:
            return ()
        middle = _middle(original)
        sign = 1 if original.p_fake > middle else -1
        over = [copy for copy in self.copies if sign * (copy.prediction.p_fake - middle) < 0]
        return tuple(sorted(over, key=lambda copy: sign * copy.prediction.p_fake))

    @property
    def sentence(self) -> str:
        """What a person reads of it."""
        if self.original.prediction.reason:
            return f"{self.original.prediction.reason} {NO_VERDICT}"
        if not self.flips:
            return self._it_holds()
        if self.against:
            return self._it_tips_over()

        # It had no verdict of its own; one copy has, and another lies on the other side.
        low, *_, high = sorted(self._all, key=lambda copy: copy.prediction.p_fake)
        return PUSHED.format(
            low=_score(low),
            low_change=low.variant.how,
            high=_score(high),
            high_change=high.variant.how,
        )

    @property
    def _all(self) -> tuple[Copy, ...]:
        return self.original, *self.copies

    def _it_tips_over(self) -> str:
        """Which changes turn the verdict, the strongest first."""
        changes = [f"{copy.variant.how} ({_score(copy)})" for copy in self.against[:_NAMED]]
        more = len(self.against) - _NAMED
        if more > 0:
            changes.append(f"changed in {more} other way{'s' if more > 1 else ''}")
        return TIPS_OVER.format(changes=listed(changes, "or"))

    def _it_holds(self) -> str:
        """In how many copies the verdict stays, and what the score does in the others."""
        word = _word(self.original.prediction)
        count = len(self.copies)
        same = sum(_word(copy.prediction) == word for copy in self.copies)
        # "It stays likely fake in 4 of 12" would call that a verdict that holds.
        if word != CANT_TELL and same < count / 2:
            return f"{SLIPS.format(copies=f'{count - same} of {count}')} {STILL_WRONG}"

        sentences = []
        if same == count:
            sentences.append(STAYS.format(verdict=word, copies=f"all {count}"))
        else:
            sentences.append(STAYS.format(verdict=word, copies=f"{same} of {count}"))
            others = "In the other one" if same == count - 1 else "In the others"
            rest = REST_LEANS if word == CANT_TELL else REST_UNSURE
            sentences.append(rest.format(rest=others))
        if word != CANT_TELL:
            sentences.append(STILL_WRONG)
        return " ".join(sentences)


def flips(predictions: Sequence[Prediction]) -> bool:
    """Whether of several copies one has a verdict and another lies beyond the middle from it.

    Args:
        predictions: what was answered about a picture and its copies, in any order; at least one.
    """
    low, high = predictions[0].band
    middle = _middle(predictions[0])
    scores = [prediction.p_fake for prediction in predictions]
    fake_turns = max(scores) >= high and min(scores) < middle
    real_turns = min(scores) <= low and max(scores) > middle
    return fake_turns or real_turns


def send_again(
    detector: Detector | Adapted,
    image: np.ndarray,
    face: WhichFace = "largest",
    variants: Sequence[Variant] = VARIANTS,
    *,
    band: tuple[float, float] | None = None,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Strip:
    """Ask a detector about a picture and about changed copies of it.

    The face is looked for once and carried through each change, so that it is the same face that
    is judged in every copy.

    Args:
        detector: anything with `predict`.
        image: uint8 (height, width, 3).
        face: as in `Detector.predict`.
        variants: the changes.
        band: the edges of "can't tell" that somebody chose; those of the detector if not given.
        progress: called before each copy with the fraction done, 0 to 1; what it raises ends the
            work.

    Raises:
        TypeError: `predict` gave no `Prediction`.
    """
    adapted = adapt(detector)
    chosen = choose_face(image, face)
    copies: list[Copy] = []
    for variant in (AS_IT_IS, *variants):
        progress(len(copies) / (len(variants) + 1))
        copies.append(judge_copy(adapted, image, chosen, variant))
    if band is not None:
        copies = [replace(copy, prediction=replace(copy.prediction, band=band)) for copy in copies]
    original, *changed = copies
    return Strip(original, tuple(changed))


def judge_copy(detector: Adapted, image: np.ndarray, face: Face | None, variant: Variant) -> Copy:
    """Change a picture and ask a detector about the same face in it."""
    part = detector.judged_part
    # The picture as it is goes the way of every picture, so that its score is the one that was
    # shown.
    if variant is AS_IT_IS:
        part = None
    changed, carried = change(image, face, variant, part)
    prediction = checked_prediction(detector.predict(changed, carried))

    # A copy of its own: a part that is only looked at would keep the whole changed picture in
    # memory.
    left, top, right, bottom = crop_window(changed, prediction.face)
    return Copy(variant, prediction, shrink(changed[top:bottom, left:right], THUMBNAIL).copy())


def _middle(prediction: Prediction) -> float:
    return sum(prediction.band) / 2


def _word(prediction: Prediction) -> str:
    """The verdict that the score alone gives."""
    return Prediction(prediction.p_fake, band=prediction.band).verdict


def _score(copy: Copy) -> str:
    return probability(copy.prediction.p_fake)

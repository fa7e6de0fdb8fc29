"""The same picture sent again, changed as pictures are changed every day: does the verdict hold?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from dfwidgets.answers import checked_prediction
from dfwidgets.detector import CANT_TELL, Prediction
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


class Predicts(Protocol):
    """Anything that says how likely a face is fake: all that is needed here of a `Detector`.

    It may also have `judged_part(image, face)`, which gives as (left, top, right, bottom) the only
    pixels that its answer hangs on; then nothing else is changed, which is much faster.
    """

    def predict(self, image: np.ndarray, face: WhichFace = "largest") -> Prediction:
        """See `Detector.predict`."""
        ...


@dataclass(frozen=True, eq=False)
class Copy:
    """A changed copy and what the detector says of it; `image` is the part it judged, uint8 (h, w,
    3), made small."""

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
        """The copies on the other side of the picture's own verdict, the furthest first; none where
        it has none."""
        word, middle = _word(self.original.prediction), _middle(self.original.prediction)
        if word == CANT_TELL:
            return ()
        sign = 1 if self.original.prediction.p_fake > middle else -1
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
            named = [f"{copy.variant.how} ({_score(copy)})" for copy in self.against[:_NAMED]]
            more = len(self.against) - len(named)
            named += [f"changed in {more} other way{'s' if more > 1 else ''}"] if more else []
            return TIPS_OVER.format(changes=listed(named, "or"))
        low, *_, high = sorted(self._all, key=lambda copy: copy.prediction.p_fake)
        changes = {"low_change": low.variant.how, "high_change": high.variant.how}
        return PUSHED.format(low=_score(low), high=_score(high), **changes)

    @property
    def _all(self) -> tuple[Copy, ...]:
        return self.original, *self.copies

    def _it_holds(self) -> str:
        word, count = _word(self.original.prediction), len(self.copies)
        same = sum(_word(copy.prediction) == word for copy in self.copies)
        if word != CANT_TELL and same < count / 2:
            return f"{SLIPS.format(copies=f'{count - same} of {count}')} {STILL_WRONG}"
        stays = STAYS.format(
            verdict=word, copies=f"all {count}" if same == count else f"{same} of {count}"
        )
        others = "In the other one" if same == count - 1 else "In the others"
        rest = (
            (REST_LEANS if word == CANT_TELL else REST_UNSURE).format(rest=others)
            if same < count
            else ""
        )
        return " ".join(filter(None, (stays, rest, STILL_WRONG if word != CANT_TELL else "")))


def flips(predictions: Sequence[Prediction]) -> bool:
    """Whether of several copies of a picture one has a verdict and another lies beyond the middle from it.

    Args:
        predictions: what was said of the picture and of its copies, in any order; at least one.
    """
    (low, high), middle = predictions[0].band, _middle(predictions[0])
    scores = [said.p_fake for said in predictions]
    least, most = min(scores), max(scores)
    return (most >= high and least < middle) or (least <= low and most > middle)


def send_again(
    detector: Predicts,
    image: np.ndarray,
    face: WhichFace = "largest",
    variants: Sequence[Variant] = VARIANTS,
    *,
    band: tuple[float, float] | None = None,
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

    Raises:
        TypeError: `predict` gave no `Prediction`.
    """
    chosen = choose_face(image, face)
    asked = [ask(detector, image, chosen, variant) for variant in (AS_IT_IS, *variants)]
    if band is not None:
        asked = [replace(copy, prediction=replace(copy.prediction, band=band)) for copy in asked]
    return Strip(asked[0], tuple(asked[1:]))


def ask(detector: Predicts, image: np.ndarray, face: Face | None, variant: Variant) -> Copy:
    """Change a picture and ask a detector about the same face in it."""
    # The picture as it is goes the way of every picture, so that its score is the one that was
    # shown.
    part = None if variant is AS_IT_IS else getattr(detector, "judged_part", None)
    changed, carried = change(image, face, variant, part)
    prediction = checked_prediction(detector.predict(changed, carried))
    left, top, right, bottom = crop_window(changed, prediction.face)
    # A copy of its own: a part that is only looked at would keep the whole changed picture in
    # memory.
    return Copy(variant, prediction, shrink(changed[top:bottom, left:right], THUMBNAIL).copy())


def _middle(prediction: Prediction) -> float:
    return sum(prediction.band) / 2


def _word(prediction: Prediction) -> str:
    """The verdict that the score alone gives."""
    return Prediction(prediction.p_fake, band=prediction.band).verdict


def _score(copy: Copy) -> str:
    return probability(copy.prediction.p_fake)

"""Two detectors on the same pictures: which tells them apart better, and is that more than luck?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dfwidgets.measure import measures
from dfwidgets.measure.predictions import Predictions
from dfwidgets.measure.tables import plain

_SIGNIFICANT = 0.05  # p-values below it: luck alone does so in fewer than one of twenty comparisons


@dataclass(frozen=True)
class Difference:
    """The paired test on one set (DeLong, by group): is the second detector better than the first?

    Attributes:
        set: which test set.
        reals, fakes: how many of each.
        first, second: AUC of each detector.
        difference: AUC of the second less that of the first; low and high are its 95 % interval.
        p: the two-sided p-value.
    """

    set: str
    reals: int
    fakes: int
    first: float
    second: float
    difference: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Comparison:
    """How two detectors do on the pictures that both were asked about; a table in Jupyter.

    Attributes:
        first, second: what people call the detectors.
        sets: what was found, set by set.
    """

    first: str
    second: str
    sets: tuple[Difference, ...]

    @classmethod
    def of(cls, first: Predictions, second: Predictions) -> Comparison:
        """Pair the rows of two scorecards by set and id of picture; see `Scorecard.compare`."""
        paired, logits = _paired(first, second)
        sets = []
        for name, here in paired.by_set():
            theirs = np.array([logits[key] for key in _keys(here)])
            area = measures.auc(here.labels, here.logits)
            difference, low, high, p = measures.compare_auc(
                here.labels, here.logits, theirs, here.groups
            )

            fakes = int(here.labels.sum())
            row = Difference(
                set=name,
                reals=len(here) - fakes,
                fakes=fakes,
                first=area,
                second=area + difference,
                difference=difference,
                low=low,
                high=high,
                p=p,
            )
            sets.append(row)
        return cls(first.name, second.name, tuple(sets))

    def _repr_markdown_(self) -> str:
        head = (
            f"| set | real / fake | AUC of {plain(self.first)} | AUC of {plain(self.second)} "
            "| difference (95 % interval) | p | |"
        )
        return "\n".join([head, "|---" * 7 + "|", *map(_line, self.sets)])


def _paired(
    first: Predictions, second: Predictions
) -> tuple[Predictions, dict[tuple[str, str], float]]:
    """The first's rows of those pictures that both have, and the second's logit of each by its key.

    Raises:
        ValueError: they have no picture in common, or disagree on what one of them is.
    """
    # By key and not by place: one may have been measured on more pictures, or in another order.
    places = {key: place for place, key in enumerate(_keys(second))}
    common = [place for place, key in enumerate(_keys(first)) if key in places]
    if not common:
        raise ValueError(
            f"“{first.name}” and “{second.name}” were asked about different pictures. "
            "Measure both on the same ones."
        )
    mine = first.where(common)
    theirs = second.where([places[key] for key in _keys(mine)])
    if (mine.labels != theirs.labels).any():
        raise ValueError(f"“{first.name}” and “{second.name}” disagree on which pictures are fake.")
    return mine, dict(zip(_keys(theirs), theirs.logits.tolist(), strict=True))


def _line(found: Difference) -> str:
    start = f"| {plain(found.set)} | {found.reals} / {found.fakes} "
    if math.isnan(found.difference):
        return f"{start}| - | - | - | - | needs two pictures of each class |"
    areas = f"{start}| {found.first:.3f} | {found.second:.3f} | {found.difference:+.3f}"
    if math.isnan(found.p):
        return f"{areas} | - | too few to test |"
    verdict = "tells them apart" if found.p < _SIGNIFICANT else "can be luck"
    return f"{areas} ({found.low:+.3f} to {found.high:+.3f}) | {found.p:.2g} | {verdict} |"


def _keys(scorecard: Predictions) -> list[tuple[str, str]]:
    """What tells pictures apart: an id alone may come twice, in two sets."""
    return list(zip(scorecard.sets.tolist(), scorecard.ids.tolist(), strict=True))

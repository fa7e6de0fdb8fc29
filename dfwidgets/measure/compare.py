"""Two detectors on the same pictures: which tells them apart better, and is that more than luck?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dfwidgets.measure import measures
from dfwidgets.measure.predictions import Predictions
from dfwidgets.measure.tables import plain


@dataclass(frozen=True)
class Difference:
    """The paired test on one set: AUC of both, second less first with its 95 % interval, and the
    p-value (DeLong)."""

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
    """How two detectors do on the pictures that both were asked about, set by set; shown by Jupyter
    as a table."""

    first: str
    second: str
    sets: tuple[Difference, ...]

    @classmethod
    def of(cls, first: Predictions, second: Predictions) -> Comparison:
        """Pair the rows of two scorecards by set and id of their picture; see `Scorecard.compare`."""
        places = {key: i for i, key in enumerate(_keys(second))}
        common = [i for i, key in enumerate(_keys(first)) if key in places]
        if not common:
            raise ValueError(
                f"“{first.name}” and “{second.name}” were asked about different pictures. "
                "Measure both on the same ones."
            )
        one = first.where(common)
        other = second.where([places[key] for key in _keys(one)])
        if (one.labels != other.labels).any():
            raise ValueError(
                f"“{first.name}” and “{second.name}” disagree on which pictures are fake."
            )
        scores = dict(zip(_keys(other), other.logits.tolist(), strict=True))
        sets = []
        for name, here in one.by_set():
            theirs = np.array([scores[key] for key in _keys(here)])
            difference, low, high, p = measures.compare_auc(here.labels, here.logits, theirs)
            mine = measures.auc(here.labels, here.logits)
            fakes = int(here.labels.sum())
            sets.append(
                Difference(
                    name,
                    len(here) - fakes,
                    fakes,
                    mine,
                    mine + difference,
                    difference,
                    low,
                    high,
                    p,
                )
            )
        return cls(first.name, second.name, tuple(sets))

    def _repr_markdown_(self) -> str:
        lines = [
            f"| set | real / fake | AUC of {plain(self.first)} | AUC of {plain(self.second)} "
            "| difference (95 % interval) | p | |",
            "|---" * 7 + "|",
        ]
        for s in self.sets:
            start = f"| {plain(s.set)} | {s.reals} / {s.fakes} "
            if math.isnan(s.difference):
                lines.append(f"{start}| - | - | - | - | needs two pictures of each class |")
            elif math.isnan(s.p):
                lines.append(
                    f"{start}| {s.first:.3f} | {s.second:.3f} | {s.difference:+.3f} | - | too few to test |"
                )
            else:
                told = "tells them apart" if s.p < 0.05 else "can be luck"
                lines.append(
                    f"{start}| {s.first:.3f} | {s.second:.3f} "
                    f"| {s.difference:+.3f} ({s.low:+.3f} to {s.high:+.3f}) | {s.p:.2g} | {told} |"
                )
        return "\n".join(lines)


def _keys(card: Predictions) -> list[tuple[str, str]]:
    return list(zip(card.sets.tolist(), card.ids.tolist(), strict=True))

"""The rows that every figure is made of: what a detector answered about pictures of known truth."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from dfwidgets.measure import measures

COLUMNS = ("id", "set", "generator", "label", "degradation", "logit", "p_fake", "group")


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a detector answered about labelled pictures: one row a picture and degradation.

    Attributes:
        name: what people call the detector.
        ids, sets, generators, degradations: str (N,).
        labels: bool (N,), True for fake.
        groups: str (N,), the same for pictures that are no strangers, as a fake and its photograph.
        logits: float (N,), above 0 toward fake, before calibration.
        p_fake: float (N,), 0 to 1.
        band: the two values of `p_fake` between which the answer is "can't tell".
        reals_for: for a set without real pictures, the sets whose reals stand against its fakes; a
            set that is not named borrows those of all sets.
        about: what a set holds, in plain words, where somebody wrote it down.
        unread: a sentence for each picture that could not be opened.
    """

    name: str
    ids: np.ndarray
    sets: np.ndarray
    generators: np.ndarray
    labels: np.ndarray
    degradations: np.ndarray
    logits: np.ndarray
    p_fake: np.ndarray
    groups: np.ndarray
    band: tuple[float, float] = (0.3, 0.7)
    reals_for: Mapping[str, Sequence[str]] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def where(self, chosen: np.ndarray | list[int]) -> Self:
        """Only some rows: `chosen` is bool or int (M,)."""
        columns = ("ids", "sets", "generators", "labels", "degradations", "logits", "p_fake")
        kept = {name: getattr(self, name)[chosen] for name in (*columns, "groups")}
        return replace(self, **kept)

    def degraded(self, name: str = "none") -> Self:
        """Only the rows of one degradation; "none" for the untouched pictures."""
        return self.where(self.degradations == name)

    def by_set(self) -> Iterator[tuple[str, Self]]:
        """Each set with its rows, and with the reals it borrows where it has none of its own."""
        for name, here in measures.sets_with_reals(self.sets, self.labels, self.reals_for):
            yield name, self.where(here)

    @property
    def weights(self) -> np.ndarray:
        """Weights with which each class counts one half and, in it, every set the same: float (N,).

        Else a figure over all sets would mostly speak of the largest.
        """
        keys = list(zip(self.labels.tolist(), self.sets.tolist(), strict=True))
        pictures = Counter(keys)
        sets = Counter(label for label, _ in pictures)
        return np.array([0.5 / sets[key[0]] / pictures[key] for key in keys])

    @property
    def verdicts(self) -> np.ndarray:
        """-1 for "likely real", 0 for "can't tell", 1 for "likely fake": int (N,)."""
        low, high = self.band
        # The edges belong to the verdicts, and where both are one edge it is "likely fake", as in
        # `Prediction.verdict`.
        return np.where(self.p_fake >= high, 1, np.where(self.p_fake <= low, -1, 0))

    @classmethod
    def from_rows(cls, name: str, rows: Sequence[Sequence[str | float]]) -> Self:
        """Columns of rows in the order of `COLUMNS`; without groups each picture stands by itself.

        Raises:
            ValueError: there is no row, a number is none, or a label is unknown.
        """
        columns = (np.array(column) for column in zip(*rows, strict=True))
        ids, sets, generators, labels, degradations, logits, p_fake, *more = columns
        groups = more[0] if more else ids

        unknown = set(labels.tolist()) - {"real", "fake"}
        if unknown:
            raise ValueError(f"a label is neither real nor fake: {unknown}")
        # They may come as words out of a CSV.
        logits = logits.astype(float)
        p_fake = p_fake.astype(float)
        # Turned round (p_fake < 0 or > 1) a NaN would slip through.
        if not (np.isfinite(logits).all() and (p_fake >= 0).all() and (p_fake <= 1).all()):
            raise ValueError("a logit is no number, or a p_fake is not from 0 to 1")
        fakes = labels == "fake"
        return cls(name, ids, sets, generators, fakes, degradations, logits, p_fake, groups)


def picture_id(path: str) -> str:
    """How a picture is named in predictions.csv: a hash of its path, which stays private."""
    return f"{zlib.crc32(path.encode()):08x}"

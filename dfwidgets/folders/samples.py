"""Labelled pictures of a folder: what is in Real/ and Fake/, and how the fakes were made."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, overload

from dfwidgets.folders.paths import short

Label = Literal["real", "fake"]
CLASSES: tuple[Label, Label] = ("real", "fake")

LEVELS = ("easy", "medium", "hard")


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture of which the truth is known, and what is told of it after the guess."""

    path: Path
    label: Label
    made_from: str = ""
    """Name of the real picture that a fake was made from: with or without its folder and ending."""
    how: str = ""
    """How the fake was made, or something about the real picture, as a sentence."""
    level: str = ""
    """How hard the fake is to see, one of `LEVELS`; empty where nobody said."""
    mask: Path | None = None
    """A grey picture of the same size, white where the fake was changed."""


class Samples(Sequence[Sample]):
    """The labelled pictures of a folder, sorted by name.

    `notices` are sentences about what is missing in it or was skipped.
    """

    def __init__(
        self, folder: str | Path, samples: Iterable[Sample], notices: Iterable[str] = ()
    ) -> None:
        self.folder = Path(folder)
        self.notices = tuple(notices)
        self._all = tuple(samples)
        self.reals = tuple(sample for sample in self._all if sample.label == "real")
        self.fakes = tuple(sample for sample in self._all if sample.label == "fake")

    def name(self, sample: Sample) -> str:
        """Say where a picture lies in the folder, like "Real/anna.jpg"."""
        return short(os.fspath(sample.path), self.folder)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> Samples: ...
    def __getitem__(self, index: int | slice) -> Sample | Samples:
        if isinstance(index, slice):
            return Samples(self.folder, self._all[index], self.notices)
        return self._all[index]

    def __len__(self) -> int:
        return len(self._all)

    def __repr__(self) -> str:
        return (
            f"<{len(self.reals)} real and {len(self.fakes)} fake pictures in {str(self.folder)!r}>"
        )

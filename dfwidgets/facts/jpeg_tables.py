"""A guess from a JPEG's quantisation tables: how strongly it was compressed, by whose tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

# ITU-T T.81 (1992), tables K.1 and K.2, row by row: what the IJG's libjpeg and most programs after
# it scale by a quality.
_LUMINANCE = (
    "16 11 10 16 24 40 51 61    12 12 14 19 26 58 60 55 "
    "14 13 16 24 40 57 69 56    14 17 22 29 51 87 80 62 "
    "18 22 37 56 68 109 103 77  24 35 55 64 81 104 113 92 "
    "49 64 78 87 103 121 120 101  72 92 95 98 112 100 103 99"
)
_CHROMINANCE = (
    "17 18 24 47 99 99 99 99  18 21 26 66 99 99 99 99 "
    "24 26 56 99 99 99 99 99  47 66 99 99 99 99 99 99 " + "99 " * 32
)


@dataclass(frozen=True)
class JpegTables:
    """What a JPEG's tables tell of the program that saved it last.

    Attributes:
        quality: 1 to 100; where the tables are not the standard ones, the quality that comes
            closest.
        standard: the tables are exactly those that the IJG's libjpeg makes of that quality.
    """

    quality: int
    standard: bool


def guess_tables(tables: Mapping[int, Sequence[int]]) -> JpegTables | None:
    """Compare a JPEG's tables with the standard ones.

    Args:
        tables: 64 numbers each, row by row, as Pillow's `quantization` gives them: the first is
            that of the brightness, those after it are of the colours.

    Returns:
        the guess; None where there are no tables, or of another size.
    """
    found = [np.asarray(tables[key], np.int64) for key in sorted(tables)]
    if not found or any(table.shape != (64,) for table in found):
        return None
    luminance = _scaled(_LUMINANCE)
    chrominance = _scaled(_CHROMINANCE)

    # By ratio: a step of 2 instead of 1 matters, one of 100 instead of 99 does not.
    distance = np.abs(np.log(luminance) - np.log(np.clip(found[0], 1, None))).sum(axis=1)
    nearest = int(distance.argmin())

    standard = [luminance[nearest]] + [chrominance[nearest]] * (len(found) - 1)
    return JpegTables(quality=nearest + 1, standard=np.array_equal(found, standard))


def _scaled(table: str) -> np.ndarray:
    """A table at each quality from 1 to 100, int (100, 64), as libjpeg's jpeg_set_quality does."""
    quality = np.arange(1, 101)
    scale = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    return np.clip((np.array(table.split(), np.int64) * scale[:, None] + 50) // 100, 1, 255)

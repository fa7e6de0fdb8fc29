"""The everyday changes that a picture is sent through, and where its face is after each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dfwidgets.pictures import Face, degrade

Window = tuple[int, int, int, int]

_MARGIN = 8  # pixels around the judged part from which a blur or a filter reaches into it
_GRID = 16  # JPEG works in blocks of so many pixels: a part that begins at one is saved as the whole would be
_MIRRORED = (1, 0, 2, 3, 5, 4)  # landmarks come in pairs, the one on the picture's left first


@dataclass(frozen=True)
class Variant:
    """One everyday change of a picture.

    Attributes:
        name: a word or two: "JPEG 30".
        how: what was done, to end a sentence: "saved as JPEG of quality 30".
        change: takes and gives a picture, uint8 (height, width, 3); what it gives shows the same
            part.
        part: first the middle part, 0 to 1, of width and height is kept.
        mirrored: whether `change` mirrors left and right.
    """

    name: str
    how: str
    change: Callable[[np.ndarray], np.ndarray] = field(repr=False)
    part: float = 1.0
    mirrored: bool = False


def _jpeg(quality: int) -> Variant:
    return Variant(
        f"JPEG {quality}",
        f"saved as JPEG of quality {quality}",
        lambda image: degrade.jpeg(image, quality),
    )


AS_IT_IS = Variant("as it is", "left as it is", lambda image: image)

VARIANTS: tuple[Variant, ...] = (
    *map(_jpeg, (95, 75, 50, 30)),
    Variant("3/4 size", "made 3/4 as wide and high", lambda image: degrade.resize(image, 3 / 4)),
    Variant("half size", "made half as wide and high", degrade.DEGRADATIONS["half size"]),
    Variant("blur", "blurred a little", degrade.DEGRADATIONS["blur"]),
    Variant("noise", "given some noise", degrade.DEGRADATIONS["noise"]),
    Variant("crop", "cropped at its edges", lambda image: image, part=0.85),
    Variant("flip", "mirrored", degrade.flip, mirrored=True),
    Variant("grey", "made grey", degrade.grey),
    Variant("screenshot", "taken as a screenshot", degrade.screenshot, part=0.96),
)
"""The twelve changes that a picture goes through on phones, in messengers and on web pages."""


def change(
    image: np.ndarray,
    face: Face | None,
    variant: Variant,
    judged_part: Callable[..., Window] | None = None,
) -> tuple[np.ndarray, Face | None]:
    """Make one changed copy of a picture, and say where in it the face is.

    Args:
        image: uint8 (height, width, 3).
        face: the face in it; None for the whole picture.
        variant: the change.
        judged_part: a detector's, where it has one: then only that part and its surroundings are
            changed and given. JPEG's blocks stay where they were, so that the judged pixels are
            those of the whole picture's copy.
    """
    kept = degrade.middle(image, variant.part)
    image, face = _part(image, kept), _moved(face, kept)
    if judged_part is not None:
        around = _around(judged_part(image, face), face, image)
        image, face = _part(image, around), _moved(face, around)
    changed = variant.change(image)
    return changed, _carried(face, image, changed, variant.mirrored)


def _around(part: Window, face: Face | None, image: np.ndarray) -> Window:
    """A judged part and its face with what reaches into them, from block to block of JPEG, inside
    the picture."""
    height, width = image.shape[:2]
    left, top, right, bottom = map(float, part)
    if (
        face is not None
    ):  # in a narrow picture it is longer than the part; cut off, it would lie elsewhere
        left, top = min(left, face.left), min(top, face.top)
        right, bottom = max(right, face.right), max(bottom, face.bottom)
    low = (int((edge - _MARGIN) // _GRID) * _GRID for edge in (left, top))
    high = (-int(-(edge + _MARGIN) // _GRID) * _GRID for edge in (right, bottom))
    return max(next(low), 0), max(next(low), 0), min(next(high), width), min(next(high), height)


def _part(image: np.ndarray, window: Window) -> np.ndarray:
    left, top, right, bottom = window
    return image[top:bottom, left:right]


def _moved(face: Face | None, window: Window) -> Face | None:
    """The face as seen from a part of the picture, its box cut at that part's edges."""
    if face is None:
        return None
    left, top, right, bottom = window
    return Face(
        min(max(face.left, left), right) - left,
        min(max(face.top, top), bottom) - top,
        min(max(face.right, left), right) - left,
        min(max(face.bottom, top), bottom) - top,
        face.score,
        tuple((x - left, y - top) for x, y in face.landmarks),
    )


def _carried(
    face: Face | None, before: np.ndarray, after: np.ndarray, mirrored: bool
) -> Face | None:
    """The face in a picture that was scaled, and maybe mirrored."""
    if face is None or (before.shape == after.shape and not mirrored):
        return face
    (height, width), (old_height, old_width) = after.shape[:2], before.shape[:2]

    # Multiplied first: a box that ends at the edge then ends there to the last digit, and not
    # beyond it.
    def across(x: float) -> float:
        return x * width / old_width

    def down(y: float) -> float:
        return y * height / old_height

    sides: Any = across(face.left), across(face.right)
    points = tuple((across(x), down(y)) for x, y in face.landmarks)
    if mirrored:
        sides = width - sides[1], width - sides[0]
        points = tuple((width - points[i][0], points[i][1]) for i in _MIRRORED[: len(points)])
    return Face(sides[0], down(face.top), sides[1], down(face.bottom), face.score, points)

"""The everyday changes that a picture is sent through, and where its face is after each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from dfwidgets.pictures import Face, degrade

Window = tuple[int, int, int, int]

_MARGIN = 8  # pixels around the judged part from which a blur or a filter reaches into it
_GRID = 16  # JPEG's blocks: a part that begins at one is saved as it would be in the whole picture
_MIRRORED = (1, 0, 2, 3, 5, 4)  # landmarks come in pairs, the one on the picture's left first


@dataclass(frozen=True)
class Variant:
    """One everyday change of a picture.

    Attributes:
        name: a word or two: "JPEG 30".
        how: what was done, to end a sentence: "saved as JPEG of quality 30".
        change: takes and gives a picture, uint8 (height, width, 3); what it gives shows the same
            part.
        kept: the middle fraction of width and height, 0 to 1, that is cut out first.
        mirrored: whether `change` mirrors left and right.
    """

    name: str
    how: str
    change: Callable[[np.ndarray], np.ndarray] = field(repr=False)
    kept: float = 1.0
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
    Variant("crop", "cropped at its edges", lambda image: image, kept=0.85),
    Variant("flip", "mirrored", degrade.flip, mirrored=True),
    Variant("grey", "made grey", degrade.grey),
    Variant("screenshot", "taken as a screenshot", degrade.screenshot, kept=0.96),
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
    image, face = _cut_out(image, face, degrade.middle(image, variant.kept))
    # A blur or a JPEG of a large photograph takes long, and the detector sees only the face.
    if judged_part is not None:
        needed = _surroundings(judged_part(image, face), face, image)
        image, face = _cut_out(image, face, needed)
    changed = variant.change(image)
    return changed, _carried(face, image, changed, variant.mirrored)


def _surroundings(part: Window, face: Face | None, image: np.ndarray) -> Window:
    """A judged part, its face and what reaches into them, from block to block of JPEG."""
    left, top, right, bottom = map(float, part)
    # In a narrow picture the face is longer than the part; cut off, it would lie elsewhere.
    if face is not None:
        left = min(left, face.left)
        top = min(top, face.top)
        right = max(right, face.right)
        bottom = max(bottom, face.bottom)
    height, width = image.shape[:2]
    return (
        max(_block_before(left), 0),
        max(_block_before(top), 0),
        min(_block_after(right), width),
        min(_block_after(bottom), height),
    )


def _block_before(edge: float) -> int:
    """Where the JPEG block begins in which the margin before an edge lies."""
    return math.floor((edge - _MARGIN) / _GRID) * _GRID


def _block_after(edge: float) -> int:
    """Where the JPEG block ends in which the margin behind an edge lies."""
    return math.ceil((edge + _MARGIN) / _GRID) * _GRID


def _cut_out(
    image: np.ndarray, face: Face | None, window: Window
) -> tuple[np.ndarray, Face | None]:
    """A part of a picture, and the face as seen from there, its box cut at that part's edges."""
    left, top, right, bottom = window
    part = image[top:bottom, left:right]
    if face is None:
        return part, None
    moved = Face(
        left=min(max(face.left, left), right) - left,
        top=min(max(face.top, top), bottom) - top,
        right=min(max(face.right, left), right) - left,
        bottom=min(max(face.bottom, top), bottom) - top,
        score=face.score,
        landmarks=tuple((x - left, y - top) for x, y in face.landmarks),
    )
    return part, moved


def _carried(
    face: Face | None, before: np.ndarray, after: np.ndarray, mirrored: bool
) -> Face | None:
    """The face in a picture that was scaled, and maybe mirrored."""
    if face is None or (before.shape == after.shape and not mirrored):
        return face
    height, width = after.shape[:2]
    old_height, old_width = before.shape[:2]

    # Multiplied first: a box that ends at the edge then ends there to the last digit, and not
    # beyond it.
    def across(x: float) -> float:
        return x * width / old_width

    def down(y: float) -> float:
        return y * height / old_height

    sides = [across(face.left), across(face.right)]
    points = [(across(x), down(y)) for x, y in face.landmarks]
    # What was the left side is the right one in a mirror, and so are eyes and ears.
    if mirrored:
        sides = [width - x for x in reversed(sides)]
        points = [(width - points[i][0], points[i][1]) for i in _MIRRORED[: len(points)]]
    return Face(
        left=sides[0],
        top=down(face.top),
        right=sides[1],
        bottom=down(face.bottom),
        score=face.score,
        landmarks=tuple(points),
    )

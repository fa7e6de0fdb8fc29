"""A face in a picture, and which of several boxes show the same one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

_SAME_FACE = 0.4  # of the smaller box, from which on two boxes show the same face


@dataclass(frozen=True)
class Face:
    """A face in a picture: its box in pixels, how sure the finder is, and six landmarks.

    `landmarks` holds (x, y) in pixels of the two eyes (the one on the picture's left first), nose
    tip, mouth, and the points before the two ears.
    """

    left: float
    top: float
    right: float
    bottom: float
    score: float
    landmarks: tuple[tuple[float, float], ...] = ()

    @property
    def size(self) -> float:
        """The longer side of the box, in pixels."""
        return max(self.right - self.left, self.bottom - self.top)


WhichFace = Face | Literal["largest"] | None


def surest_of_each(faces: Iterable[Face]) -> list[Face]:
    """Of boxes that show the same face keep the surest (non-maximum suppression)."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: face.score, reverse=True):
        if all(_overlap(face, other) < _SAME_FACE for other in kept):
            kept.append(face)
    return kept


def _overlap(a: Face, b: Face) -> float:
    """Shared area as a fraction of the smaller box, so that a box within a box is the same."""
    width = min(a.right, b.right) - max(a.left, b.left)
    height = min(a.bottom, b.bottom) - max(a.top, b.top)
    smaller = min(_area(a), _area(b))
    if smaller <= 0:
        return 0.0
    return max(width, 0) * max(height, 0) / smaller


def _area(face: Face) -> float:
    return (face.right - face.left) * (face.bottom - face.top)


def scale_into(face: Face, right: float, down: float, width: int, height: int) -> Face:
    """A face for the picture at another size: `right` and `down` times as far from the corner.

    Its box is cut at the edges of that picture, `width` and `height` pixels.
    """
    return Face(
        left=min(max(face.left * right, 0.0), width),
        top=min(max(face.top * down, 0.0), height),
        right=min(max(face.right * right, 0.0), width),
        bottom=min(max(face.bottom * down, 0.0), height),
        score=face.score,
        landmarks=tuple((x * right, y * down) for x, y in face.landmarks),
    )

"""Where the features of a face are, and by what all of it is measured."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from dfwidgets.pictures.face import Face
from dfwidgets.pictures.faces import find_faces


class Shape(NamedTuple):
    """Where the features of a face are: x and y in pixels, float (2,) each."""

    left_eye: np.ndarray
    right_eye: np.ndarray
    nose: np.ndarray
    mouth: np.ndarray

    @property
    def unit(self) -> float:
        """The distance between the eyes, by which all else is measured.

        In a face turned aside they seem closer; then it is guessed from the mouth's distance.
        """
        down = _length(self.mouth - self.middle)
        between = _length(self.right_eye - self.left_eye)
        return max(between, 0.9 * down, 1.0)

    @property
    def middle(self) -> np.ndarray:
        """The point between the eyes."""
        return (self.left_eye + self.right_eye) / 2

    @property
    def along(self) -> np.ndarray:
        """The direction from the eyes down to the mouth."""
        down = self.mouth - self.middle
        return np.asarray(down / max(_length(down), 1e-6))

    @property
    def aside(self) -> np.ndarray:
        """The direction across the face."""
        x, y = self.along
        return np.array([y, -x])


def shape_of(image: np.ndarray, face: Face | None = None) -> Shape:
    """Where eyes, nose and mouth of a face are; None finds the largest face.

    Raises:
        ValueError: there is no face.
    """
    # A face that somebody gave may be a box alone.
    if face is None or not face.landmarks:
        face = _found(image, near=face)
    return Shape(*(np.array(point, float) for point in face.landmarks[:4]))


def _found(image: np.ndarray, near: Face | None) -> Face:
    """The largest face, or the one closest to a box."""
    found = find_faces(image)
    if not found:
        raise ValueError(
            "No face was found in this picture. Choose one that shows a face from the front."
        )
    if near is None:
        return found[0]
    return min(found, key=lambda face: _distance(face, near))


def _length(vector: np.ndarray) -> float:
    return float(np.hypot(*vector))


def _distance(a: Face, b: Face) -> float:
    """How far apart the middles of two boxes are, times two."""
    return math.hypot(a.left + a.right - b.left - b.right, a.top + a.bottom - b.top - b.bottom)

"""Find the faces in a picture, and cut one out as training, tests and users all do."""

from __future__ import annotations

import numpy as np
from PIL import Image

from dfwidgets.pictures.blazeface import search
from dfwidgets.pictures.face import Face, WhichFace, scale_into, surest_of_each

MARGIN = 1.15
"""Side of the square that is cut out, in widths (or heights, if more) of the face box."""

_MIN_SIZE = 8  # pixels of the picture; what is smaller is no face that anyone could judge

# Pictures from this size on are scaled down once, not in each look; no look sees finer than that.
_LARGE = 640
_SCALED = (384, 384)

# The short-range network expects a face with air around it: in the second look a tight crop gets
# some. Both are widths of the window, in sides of the picture.
_ZOOMS = (1.0, 1.7)

# In sides of the picture: beside a face as large small ones are not searched for, ...
_PORTRAIT = 1 / 3
# ... and beside one as large the closer looks may be fewer, since they take most of the time.
_MIDDLING = 1 / 5


def find_faces(image: np.ndarray) -> tuple[Face, ...]:
    """Find the faces in a picture, largest first.

    Args:
        image: uint8 (height, width, 3), RGB.

    Returns:
        a tuple of Face, empty where there is none; boxes lie inside the picture.
    """
    height, width = image.shape[:2]
    picture = Image.fromarray(image)
    large = max(height, width) >= _LARGE
    if large:
        picture.thumbnail(_SCALED, Image.Resampling.BILINEAR, reducing_gap=1)
    w, h = picture.size
    side = max(w, h)

    # Square windows with the picture in their middle.
    found: list[Face] = []
    for zoom in _ZOOMS:
        left = w / 2 - side * zoom / 2
        top = h / 2 - side * zoom / 2
        found += search(picture, "short_range", left, top, side * zoom)
    # The other network finds smaller faces, and takes longer than both looks.
    if not any(face.size > _PORTRAIT * side for face in found):
        found += search(picture, "full_range", w / 2 - side / 2, h / 2 - side / 2, side)
    if not found or large:
        steps = 2 if any(face.size > _MIDDLING * side for face in found) else 3
        found += _look_closer(picture, steps)

    faces = [
        scale_into(face, width / w, height / h, width, height) for face in surest_of_each(found)
    ]
    faces = [face for face in faces if face.size >= _MIN_SIZE]
    return tuple(sorted(faces, key=lambda face: face.size, reverse=True))


def _look_closer(picture: Image.Image, steps: int) -> list[Face]:
    """Search overlapping windows of half the size, `steps` across and `steps` down.

    A face a twentieth of the picture wide is too small for the network otherwise.
    """
    width, height = picture.size
    side = max(width, height) / 2
    found: list[Face] = []
    for left in _starts(width, side, steps):
        for top in _starts(height, side, steps):
            found += search(picture, "full_range", left, top, side)
    return found


def _starts(length: int, side: float, steps: int) -> list[float]:
    """Where windows begin that cover a length from end to end; only one where that is enough."""
    return sorted({max(0.0, (length - side) * step / (steps - 1)) for step in range(steps)})


def choose_face(image: np.ndarray, face: WhichFace) -> Face | None:
    """Settle which face is judged.

    Args:
        image: uint8 (height, width, 3).
        face: a face, None for the whole picture, or "largest" to look for it.

    Returns:
        the face; None for the whole picture, and where none was found.
    """
    if face == "largest":
        return next(iter(find_faces(image)), None)
    return face


def crop_window(image: np.ndarray, face: Face | None) -> tuple[int, int, int, int]:
    """Say which part of the picture is judged: (left, top, right, bottom) in pixels.

    For a face it is a square of `MARGIN` times its size that always lies inside the picture,
    because anything painted beyond the edges would tell tight portraits from wide ones. Without a
    face it is the whole picture.
    """
    height, width = image.shape[:2]
    if face is None:
        return 0, 0, width, height
    side = max(1, min(height, width, round(face.size * MARGIN)))
    left = min(max(round((face.left + face.right) / 2 - side / 2), 0), width - side)
    top = min(max(round((face.top + face.bottom) / 2 - side / 2), 0), height - side)
    return left, top, left + side, top + side


def crop_face(image: np.ndarray, face: Face | None, size: int) -> np.ndarray:
    """Cut out what is judged and scale it: uint8 (size, size, 3)."""
    left, top, right, bottom = crop_window(image, face)
    crop = Image.fromarray(image[top:bottom, left:right])
    return np.asarray(crop.resize((size, size), Image.Resampling.BILINEAR))


def place_map(small: np.ndarray, image: np.ndarray, face: Face | None) -> np.ndarray:
    """Lay a detector's small map over the window of the picture that was judged.

    Args:
        small: float (rows, columns), any range.
        image: the whole picture, uint8 (height, width, 3).
        face: the face that was judged; None for the whole picture.

    Returns:
        float32 (height, width): bilinear inside the judged window, 0 outside.
    """
    left, top, right, bottom = crop_window(image, face)
    window_size = (right - left, bottom - top)
    enlarged = Image.fromarray(small.astype(np.float32)).resize(
        window_size, Image.Resampling.BILINEAR
    )

    placed = np.zeros(image.shape[:2], np.float32)
    placed[top:bottom, left:right] = np.asarray(enlarged)
    return placed

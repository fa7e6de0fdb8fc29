"""Self-blended faces: fakes made of one photograph alone, whose changed place is known.

The face is blended with a warped, recoloured, re-scaled copy of itself (Shiohara and Yamasaki,
"Detecting Deepfakes with Self-Blended Images", CVPR 2022), so nobody's face is put on anyone else.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from dfwidgets.pictures.faces import Face, find_faces

_CELLS = 16  # of the mesh that warps, across and down


class Blend(NamedTuple):
    """A blended picture, uint8 (height, width, 3), and its mask, float32 (height, width): 1 where
    it was replaced."""

    image: np.ndarray
    mask: np.ndarray


class Shape(NamedTuple):
    """Where the parts of a face are: x and y in pixels, float (2,) each; `eye` to `eye` is the unit
    of length."""

    left_eye: np.ndarray
    right_eye: np.ndarray
    nose: np.ndarray
    mouth: np.ndarray

    @property
    def unit(self) -> float:
        """The distance between the eyes, or, in a face turned aside, what it would be from the
        front."""
        down = float(np.hypot(*(self.mouth - self.middle)))
        return max(float(np.hypot(*(self.right_eye - self.left_eye))), 0.9 * down, 1.0)

    @property
    def middle(self) -> np.ndarray:
        """The point between the eyes."""
        return (self.left_eye + self.right_eye) / 2

    @property
    def along(self) -> np.ndarray:
        """The direction from the eyes down to the mouth."""
        down = self.mouth - self.middle
        return np.asarray(down / max(float(np.hypot(*down)), 1e-6))

    @property
    def aside(self) -> np.ndarray:
        """The direction across the face."""
        x, y = self.along
        return np.array([y, -x])


def self_blend(
    image: np.ndarray,
    face: Face | None = None,
    *,
    warp: float = 0.5,
    colour: float = 0.5,
    detail: float = 0.5,
    mask: float = 0.5,
    seed: int = 0,
) -> Blend:
    """Blend a face with a changed copy of itself; with warp, colour and detail 0 nothing changes.

    Args:
        image: uint8 (height, width, 3).
        face: the face to change; None finds the largest.
        warp: how far the copy is bent, moved and scaled, 0 to 1.
        colour: how far its colours are shifted, 0 to 1.
        detail: how much detail the copy loses, 0 to 1.
        mask: how much of the face it covers, from eyes to mouth (0) to brow and chin (1).
        seed: which way all this goes; the same seed gives the same picture.

    Returns:
        the blended picture, and the mask of what was replaced.

    Raises:
        ValueError: a strength is outside 0 to 1, or there is no face.
    """
    for name, strength in (("warp", warp), ("colour", colour), ("detail", detail), ("mask", mask)):
        if not 0 <= strength <= 1:
            raise ValueError(f"expected {name} from 0 to 1, got {strength}")
    rng = np.random.default_rng(seed)
    shape = shape_of(image, face)
    bent = warped(image, _bend(image, shape, warp, rng))
    copy = coarse(_recoloured(bent, colour, rng), 1 + 2 * detail)
    return blended(image, copy, face_mask(image, shape, mask, rng))


def shape_of(image: np.ndarray, face: Face | None = None) -> Shape:
    """Where eyes, nose and mouth of a face are; None finds the largest face.

    Raises:
        ValueError: there is no face.
    """
    if face is None or not face.landmarks:
        found = find_faces(image)
        if not found:
            raise ValueError(
                "No face was found in this picture. Choose one that shows a face from the front."
            )
        box = face
        face = found[0] if box is None else min(found, key=lambda other: _distance(other, box))
    return Shape(*(np.array(point, float) for point in face.landmarks[:4]))


def blended(image: np.ndarray, copy: np.ndarray, mask: np.ndarray) -> Blend:
    """Lay `copy` over `image` where the mask, float (height, width) 0..1, is above 0."""
    mask = mask.astype(np.float32)
    mixed = image + (copy.astype(np.float32) - image) * mask[..., None]
    return Blend(np.clip(mixed, 0, 255).round().astype(np.uint8), mask)


def face_mask(image: np.ndarray, shape: Shape, size: float, rng: np.random.Generator) -> np.ndarray:
    """A soft mask over a face with an uneven edge, float (height, width), as in self-blended
    images."""
    along, aside = shape.along, shape.aside
    down = (shape.mouth - shape.middle) @ along
    centre = shape.middle + along * down * (0.5 + 0.08 * size)
    high, wide = down * (0.95 + 0.45 * size), shape.unit * (0.85 + 0.3 * size)
    y, x = np.mgrid[: image.shape[0], : image.shape[1]].astype(np.float32)
    right, below = ((x - centre[0]) * v[0] + (y - centre[1]) * v[1] for v in (aside, along))
    angle = np.arctan2(below / high, right / wide)
    edge = 1.0
    for wave in (2, 3, 4, 5):
        edge = edge + rng.uniform(0, 0.05) * np.cos(wave * angle + rng.uniform(0, 2 * math.pi))
    return soften(np.hypot(right / wide, below / high) < edge, shape.unit * rng.uniform(0.08, 0.2))


def soften(mask: np.ndarray, pixels: float) -> np.ndarray:
    """A mask with a soft edge, float32 (height, width) 0..1."""
    grey = Image.fromarray((np.clip(mask, 0, 1) * 255).astype(np.uint8))
    return np.asarray(grey.filter(ImageFilter.GaussianBlur(pixels)), np.float32) / 255


def warped(image: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Bend a picture: each place shows what lay `offset` pixels from it, float (rows, columns, 2), x and y.

    The rows and columns of `offset` are points spread evenly over the picture; see `grid`.
    """
    rows, columns = offset.shape[:2]
    height, width = image.shape[:2]
    xs, ys = grid(image, rows, columns)
    source = np.clip(np.dstack(np.meshgrid(xs, ys)) + offset, 0, (width, height))
    cells = []
    for r in range(rows - 1):
        for c in range(columns - 1):
            corners = source[r, c], source[r + 1, c], source[r + 1, c + 1], source[r, c + 1]
            box = int(xs[c]), int(ys[r]), int(xs[c + 1]), int(ys[r + 1])
            cells.append((box, tuple(float(value) for corner in corners for value in corner)))
    picture = Image.fromarray(image)
    return np.asarray(
        picture.transform(picture.size, Image.Transform.MESH, cells, Image.Resampling.BICUBIC)
    )


def grid(
    image: np.ndarray, rows: int = _CELLS + 1, columns: int = _CELLS + 1
) -> tuple[np.ndarray, np.ndarray]:
    """The x and the y of the points of a mesh over the picture, in pixels."""
    height, width = image.shape[:2]
    return np.linspace(0, width, columns).round(), np.linspace(0, height, rows).round()


def _bend(image: np.ndarray, shape: Shape, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Offsets that move, scale and bend a little, as a misplaced face is: float (rows, columns, 2)
    in pixels."""
    xs, ys = grid(image)
    away = np.dstack(np.meshgrid(xs, ys)) - shape.nose
    waves = [_smooth(rng.uniform(-1, 1, (6, 6))) for _ in range(2)]
    move = rng.uniform(-1, 1, 2)
    scale = rng.choice([-1, 1]) * rng.uniform(0.5, 1)
    unit = shape.unit
    return strength * (0.08 * unit * np.dstack(waves) + 0.06 * unit * move + 0.06 * scale * away)


def _smooth(values: np.ndarray) -> np.ndarray:
    size = (_CELLS + 1, _CELLS + 1)
    return np.asarray(
        Image.fromarray(values.astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
    )


def _recoloured(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    shift = rng.choice([-1, 1], 3) * rng.uniform(0.3, 1, 3) * 24 * strength
    picture = Image.fromarray(np.clip(image + shift, 0, 255).round().astype(np.uint8))
    for enhance in (ImageEnhance.Contrast, ImageEnhance.Color):
        picture = enhance(picture).enhance(
            1 + rng.choice([-1, 1]) * rng.uniform(0.3, 1) * 0.25 * strength
        )
    return np.asarray(picture)


def coarse(
    image: np.ndarray, factor: float, resample: Image.Resampling = Image.Resampling.BILINEAR
) -> np.ndarray:
    """Take detail away: made `factor` times smaller, and as large as before again."""
    picture = Image.fromarray(image)
    width, height = (max(1, round(side / factor)) for side in picture.size)
    small = picture.resize((width, height), resample)
    return np.asarray(small.resize(picture.size, Image.Resampling.BICUBIC))


def _distance(a: Face, b: Face) -> float:
    return math.hypot(a.left + a.right - b.left - b.right, a.top + a.bottom - b.top - b.bottom)

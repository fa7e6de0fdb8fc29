"""Self-blended faces: fakes made of one photograph alone, whose changed place is known.

The face is blended with a warped, recoloured, re-scaled copy of itself (Shiohara and Yamasaki,
"Detecting Deepfakes with Self-Blended Images", CVPR 2022), so nobody's face is put on anyone else.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from dfwidgets.pictures.face import Face
from dfwidgets.pictures.shape import Shape, shape_of

_CELLS = 16  # of the mesh that warps, across and down


class Blend(NamedTuple):
    """A blended picture and where it was changed."""

    image: np.ndarray
    """uint8 (height, width, 3)."""
    mask: np.ndarray
    """float32 (height, width), 0 to 1: 1 where it was replaced."""


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

    copy = warped(image, _bend(image, shape, warp, rng))
    copy = _recoloured(copy, colour, rng)
    copy = coarse(copy, 1 + 2 * detail)
    return blended(image, copy, face_mask(image, shape, mask, rng))


def blended(image: np.ndarray, copy: np.ndarray, mask: np.ndarray) -> Blend:
    """Lay `copy` over `image` where the mask, float (height, width) 0..1, is above 0."""
    mask = mask.astype(np.float32)
    mixed = image + (copy.astype(np.float32) - image) * mask[..., None]
    return Blend(np.clip(mixed, 0, 255).round().astype(np.uint8), mask)


def face_mask(image: np.ndarray, shape: Shape, size: float, rng: np.random.Generator) -> np.ndarray:
    """A soft mask over a face, with an uneven edge: float32 (height, width), 0 to 1.

    Args:
        image: uint8 (height, width, 3).
        shape: where the face is.
        size: how much it covers, from eyes to mouth (0) to brow and chin (1).
        rng: how its edge runs.
    """
    # An ellipse around a point between eyes and mouth, ...
    along = shape.along
    down = (shape.mouth - shape.middle) @ along
    centre = shape.middle + along * down * (0.5 + 0.08 * size)
    half_height = down * (0.95 + 0.45 * size)
    half_width = shape.unit * (0.85 + 0.3 * size)

    # ... turned as the face is: how far each pixel is from there, in halves of its axes.
    y, x = np.mgrid[: image.shape[0], : image.shape[1]].astype(np.float32)
    right = _project(x - centre[0], y - centre[1], shape.aside) / half_width
    below = _project(x - centre[0], y - centre[1], along) / half_height

    # A few waves around it, as no two faces are cut out alike.
    angle = np.arctan2(below, right)
    edge = 1.0
    for wave in (2, 3, 4, 5):
        height = rng.uniform(0, 0.05)
        edge = edge + height * np.cos(wave * angle + rng.uniform(0, 2 * math.pi))
    return soften(np.hypot(right, below) < edge, shape.unit * rng.uniform(0.08, 0.2))


def _project(x: np.ndarray, y: np.ndarray, direction: np.ndarray) -> np.ndarray:
    return np.asarray(x * direction[0] + y * direction[1])


def soften(mask: np.ndarray, pixels: float) -> np.ndarray:
    """A mask with a soft edge, float32 (height, width) 0..1."""
    grey = Image.fromarray((np.clip(mask, 0, 1) * 255).astype(np.uint8))
    return np.asarray(grey.filter(ImageFilter.GaussianBlur(pixels)), np.float32) / 255


def warped(image: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Bend a picture: each place shows what lay `offset` pixels from it.

    Args:
        image: uint8 (height, width, 3).
        offset: float (rows, columns, 2), x and y in pixels, for the points of `grid`; between them
            it changes evenly.
    """
    rows, columns = offset.shape[:2]
    height, width = image.shape[:2]
    xs, ys = grid(image, rows, columns)
    source = np.clip(np.dstack(np.meshgrid(xs, ys)) + offset, 0, (width, height))

    # Pillow wants each cell as a box and the four corners of what is drawn in it, from the upper
    # left one down and round.
    cells = []
    for r in range(rows - 1):
        for c in range(columns - 1):
            box = int(xs[c]), int(ys[r]), int(xs[c + 1]), int(ys[r + 1])
            corners = [source[r, c], source[r + 1, c], source[r + 1, c + 1], source[r, c + 1]]
            cells.append((box, tuple(np.concatenate(corners).tolist())))

    picture = Image.fromarray(image)
    bent = picture.transform(picture.size, Image.Transform.MESH, cells, Image.Resampling.BICUBIC)
    return np.asarray(bent)


def grid(
    image: np.ndarray, rows: int = _CELLS + 1, columns: int = _CELLS + 1
) -> tuple[np.ndarray, np.ndarray]:
    """The x and the y of the points of a mesh over the picture, in pixels."""
    height, width = image.shape[:2]
    return np.linspace(0, width, columns).round(), np.linspace(0, height, rows).round()


def _bend(image: np.ndarray, shape: Shape, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Offsets for `warped` that move, scale and bend a little, as a misplaced face is."""
    xs, ys = grid(image)
    from_nose = np.dstack(np.meshgrid(xs, ys)) - shape.nose

    waves = np.dstack([_smooth(rng.uniform(-1, 1, (6, 6))) for _ in range(2)])
    move = rng.uniform(-1, 1, 2)
    scale = rng.choice([-1, 1]) * rng.uniform(0.5, 1)
    unit = shape.unit
    return strength * (0.08 * unit * waves + 0.06 * unit * move + 0.06 * scale * from_nose)


def _smooth(values: np.ndarray) -> np.ndarray:
    """A few values as one for each point of `grid`, without steps between them."""
    picture = Image.fromarray(values.astype(np.float32))
    return np.asarray(picture.resize((_CELLS + 1, _CELLS + 1), Image.Resampling.BICUBIC))


def _recoloured(image: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Another light: each colour shifted, contrast and colourfulness a little up or down."""
    # Never nearly nothing, or many copies would hardly differ.
    shift = rng.choice([-1, 1], 3) * rng.uniform(0.3, 1, 3) * 24 * strength
    picture = Image.fromarray(np.clip(image + shift, 0, 255).round().astype(np.uint8))
    for enhance in (ImageEnhance.Contrast, ImageEnhance.Color):
        change = rng.choice([-1, 1]) * rng.uniform(0.3, 1) * 0.25 * strength
        picture = enhance(picture).enhance(1 + change)
    return np.asarray(picture)


def coarse(
    image: np.ndarray, factor: float, resample: Image.Resampling = Image.Resampling.BILINEAR
) -> np.ndarray:
    """Take detail away: made `factor` times smaller, and as large as before again."""
    picture = Image.fromarray(image)
    width, height = (max(1, round(side / factor)) for side in picture.size)
    small = picture.resize((width, height), resample)
    return np.asarray(small.resize(picture.size, Image.Resampling.BICUBIC))

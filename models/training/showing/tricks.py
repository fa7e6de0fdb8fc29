"""The tricks that the sample fakes are made with: each changes a photograph with its own pixels.

Every trick takes a picture, uint8 (height, width, 3), and the `Shape` of its face, and returns a
`Blend`, which holds where it was changed. Nobody is shown as someone else.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from dfwidgets.pictures.blend import Blend, Shape, blended, coarse, face_mask, grid, soften, warped

_ROWS = 65  # of the mesh that bends, and as many columns


def grow(image: np.ndarray, shape: Shape, part: str, amount: float) -> Blend:
    """Make a part of the face larger (amount above 0) or smaller, by that fraction.

    `part` is "eyes", "left eye", "right eye", "nose" or "mouth".
    """
    offset = np.zeros((_ROWS, _ROWS, 2))
    for centre, radius in _places(shape, part):
        near, away = _near(image, centre, radius)
        offset -= amount * near[..., None] * away
    return _where_moved(image, shape, offset)


def lift(image: np.ndarray, shape: Shape, part: str, amount: float) -> Blend:
    """Move a part up by `amount` distances between the eyes.

    Of the mouth, the corners only: that makes a smile.
    """
    offset = np.zeros((_ROWS, _ROWS, 2))
    for centre, radius in _places(shape, part):
        near, away = _near(image, centre, radius)
        # Its middle stays, the corners go up.
        if part == "mouth":
            near = near * np.minimum(((away @ shape.aside) / (0.45 * radius)) ** 2, 1)
        offset += amount * shape.unit * near[..., None] * shape.along
    return _where_moved(image, shape, offset)


def narrow(image: np.ndarray, shape: Shape, part: str, amount: float) -> Blend:
    """Make a part narrower (amount above 0) or wider, by that fraction of its width."""
    offset = np.zeros((_ROWS, _ROWS, 2))
    # Along the line of the eyes, which a tilted head tilts.
    across = shape.right_eye - shape.left_eye
    across = across / max(float(np.hypot(*across)), 1e-6)
    for centre, radius in _places(shape, part):
        near, away = _near(image, centre, radius)
        offset += amount * (near * (away @ across))[..., None] * across
    return _where_moved(image, shape, offset)


def rescale(image: np.ndarray, shape: Shape, part: str, factor: float) -> Blend:
    """Take a part, or the "face", from a copy made `factor` times smaller and larger again."""
    copy = coarse(image, factor, Image.Resampling.BOX)
    return blended(image, copy, _part_mask(image, shape, part))


def resynthesise(image: np.ndarray, shape: Shape, smooth: float, grain: float, seed: int) -> Blend:
    """Paint the skin anew: smoothed, with noise of `grain` grey levels.

    `smooth` is how far it is smoothed, in distances between the eyes.
    """
    size = max(3, int(smooth * shape.unit) // 2 * 2 + 1)  # a median filter takes odd sizes
    picture = Image.fromarray(image).filter(ImageFilter.MedianFilter(size))
    copy = np.asarray(picture.filter(ImageFilter.GaussianBlur(1)))
    rng = np.random.default_rng(seed)
    copy = copy + grain * rng.standard_normal(image.shape[:2])[..., None]

    # Eyes and mouth stay as they were.
    mask = face_mask(image, shape, 0.6, rng)
    for part in ("eyes", "mouth"):
        mask = mask * (1 - _part_mask(image, shape, part))
    return blended(image, copy, mask)


def mirror_eye(image: np.ndarray, shape: Shape, side: str) -> Blend:
    """Put the other eye, mirrored, in place of the "left" or the "right" one as we see them."""
    to = shape.left_eye
    source = shape.right_eye
    if side == "right":
        to, source = source, to
    # Each pixel takes what lies as far on the other side of the other eye.
    xs, ys = np.meshgrid(np.arange(image.shape[1]), np.arange(image.shape[0]))
    x = np.clip((source[0] - (xs - to[0])).round().astype(int), 0, image.shape[1] - 1)
    y = np.clip((source[1] + (ys - to[1])).round().astype(int), 0, image.shape[0] - 1)
    return blended(image, image[y, x], _part_mask(image, shape, f"{side} eye"))


def _places(shape: Shape, part: str) -> list[tuple[np.ndarray, float]]:
    """Where a part is: centres in pixels, and how far it reaches."""
    unit = shape.unit
    eye = 0.42 * unit
    return {
        "left eye": [(shape.left_eye, eye)],
        "right eye": [(shape.right_eye, eye)],
        "eyes": [(shape.left_eye, eye), (shape.right_eye, eye)],
        "nose": [(shape.nose, 0.5 * unit)],
        "mouth": [(shape.mouth, 0.62 * unit)],
    }[part]


def _near(image: np.ndarray, centre: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """How near each point of the mesh is to a centre, and the way from it.

    Near is 1 at the centre and 0 from `radius` on.
    """
    xs, ys = grid(image, _ROWS, _ROWS)
    away = np.dstack(np.meshgrid(xs, ys)) - centre
    near = np.clip(1 - (away**2).sum(2) / radius**2, 0, 1) ** 2
    return near, away


def _where_moved(image: np.ndarray, shape: Shape, offset: np.ndarray) -> Blend:
    """Bend the picture; the mask is where something moved.

    As moved counts more than a hundredth of the distance between the eyes.
    """
    far = np.hypot(offset[..., 0], offset[..., 1]) > 0.01 * shape.unit
    grey = Image.fromarray((far * 255).astype(np.uint8))
    mask = np.asarray(grey.resize(image.shape[1::-1], Image.Resampling.BILINEAR))
    soft = soften(mask > 64, 0.04 * shape.unit)
    return Blend(blended(image, warped(image, offset), soft).image, mask / np.float32(255))


def _part_mask(image: np.ndarray, shape: Shape, part: str) -> np.ndarray:
    """A soft mask over a part of the face, or over all of it."""
    if part == "face":
        return face_mask(image, shape, 0.5, np.random.default_rng(0))
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    inside = np.zeros(image.shape[:2], bool)
    for (across, down), radius in _places(shape, part):
        # Eyes and mouths are wider than high.
        flat = 0.62 if "eye" in part or part == "mouth" else 1.0
        inside |= np.hypot((x - across) / (0.95 * radius), (y - down) / (0.95 * radius * flat)) < 1
    return soften(inside, 0.07 * shape.unit)

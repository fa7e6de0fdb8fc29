"""What a picture goes through before the network learns from it, alike for real and fake."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageEnhance

from dfwidgets.pictures import degrade
from dfwidgets.pictures.blend import blended, self_blend
from dfwidgets.pictures.faces import Face, crop_window

FILTERS = (
    Image.Resampling.NEAREST,
    Image.Resampling.BILINEAR,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
    Image.Resampling.BOX,
)


def blend_of(image: np.ndarray, face: Face, rng: np.random.Generator) -> np.ndarray:
    """A self-blended fake of random strength: uint8, of the picture's size."""
    warp, colour, detail, mask = rng.uniform(0, 1, 4) ** (1, 1.5, 1.5, 1)
    seed = int(rng.integers(2**31))
    blend = self_blend(image, face, warp=warp, colour=colour, detail=detail, mask=mask, seed=seed)
    if (
        rng.random() < 0.3
    ):  # the other way round: a face with all its detail in changed surroundings
        around = degrade.blur(_recolour(image, rng), rng.uniform(0.3, 1.5))
        return blended(around, image, blend.mask).image
    share = rng.choice([0.5, 0.75, 1, 1, 1])
    return blended(image, blend.image, np.minimum(blend.mask * 1.5, 1) * share).image


def cut(image: np.ndarray, face: Face | None, rng: np.random.Generator) -> np.ndarray:
    """Cut the face out a little off its place and size, always within the picture."""
    left, top, right, bottom = crop_window(image, face)
    width, height = right - left, bottom - top
    scale = min(rng.uniform(0.85, 1.1), image.shape[1] / width, image.shape[0] / height)
    wide, high = max(1, round(width * scale)), max(1, round(height * scale))
    across = (left + right - wide) / 2 + rng.uniform(-0.06, 0.06) * width
    down = (top + bottom - high) / 2 + rng.uniform(-0.06, 0.06) * height
    left, top = (
        int(np.clip(across, 0, image.shape[1] - wide)),
        int(np.clip(down, 0, image.shape[0] - high)),
    )
    return image[top : top + high, left : left + wide]


def degraded(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Send a face through a random chain of what happens to pictures: camera size, filter, JPEG, blur, noise, colour.

    The chain is the same for both classes and all sets, so that it says nothing of the label.
    """
    if rng.random() < 0.3:
        x = _recolour(x, rng)
    if rng.random() < 0.15:
        x = degrade.grey(x)
    if rng.random() < 0.15:
        x = degrade.blur(x, rng.uniform(0.3, 1.8))
    if rng.random() < 0.5:
        target = np.exp(rng.uniform(np.log(72), np.log(360)))
        x = degrade.resize(x, target / max(x.shape[:2]), FILTERS[rng.integers(len(FILTERS))])
    if rng.random() < 0.1:
        x = degrade.noise(x, rng.uniform(1, 10), int(rng.integers(2**31)))
    if rng.random() < 0.5:
        x = degrade.jpeg(x, int(rng.integers(30, 96)))
        if rng.random() < 0.3:
            x = degrade.resize(x, rng.uniform(0.6, 1.2), FILTERS[rng.integers(len(FILTERS))])
            x = degrade.jpeg(x, int(rng.integers(40, 96)))
    return x


def _recolour(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    picture = Image.fromarray(image)
    for enhance in (
        ImageEnhance.Brightness,
        ImageEnhance.Contrast,
        ImageEnhance.Color,
        ImageEnhance.Sharpness,
    ):
        picture = enhance(picture).enhance(rng.uniform(0.7, 1.35))
    return np.asarray(picture)

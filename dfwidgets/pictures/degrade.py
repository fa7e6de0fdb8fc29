"""What happens to pictures on their way, as training, the strip of copies and the scorecard do it.

Every function takes a picture, uint8 (height, width, 3), and returns a new one of that kind.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageFilter

BILINEAR = Image.Resampling.BILINEAR


def jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    """Save as JPEG with a quality from 1 to 95 and open again."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def resize(image: np.ndarray, factor: float, resample: Image.Resampling = BILINEAR) -> np.ndarray:
    """Make the picture `factor` times as wide and high."""
    height, width = image.shape[:2]
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(Image.fromarray(image).resize(size, resample))


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Blur with a Gaussian of `sigma` pixels."""
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(sigma)))


def noise(image: np.ndarray, sigma: float, seed: int = 0) -> np.ndarray:
    """Add Gaussian noise of `sigma` grey levels (of 255); the same seed gives the same noise."""
    grain = np.random.default_rng(seed).standard_normal(image.shape, dtype=np.float32)
    return np.clip(image + sigma * grain, 0, 255).round().astype(np.uint8)


def crop(image: np.ndarray, fraction: float) -> np.ndarray:
    """Keep the middle `fraction` (0 to 1) of the width and of the height."""
    left, top, right, bottom = middle(image, fraction)
    return image[top:bottom, left:right].copy()


def middle(image: np.ndarray, fraction: float) -> tuple[int, int, int, int]:
    """Say which pixels `crop` keeps: (left, top, right, bottom)."""
    height, width = image.shape[:2]
    kept_height = max(1, round(height * fraction))
    kept_width = max(1, round(width * fraction))
    top = (height - kept_height) // 2
    left = (width - kept_width) // 2
    return left, top, left + kept_width, top + kept_height


def flip(image: np.ndarray) -> np.ndarray:
    """Mirror left and right."""
    return image[:, ::-1].copy()


def grey(image: np.ndarray) -> np.ndarray:
    """Take the colour away (ITU-R BT.601 luma)."""
    return np.asarray(Image.fromarray(image).convert("L").convert("RGB"))


def screenshot(image: np.ndarray) -> np.ndarray:
    """Do what a screenshot does: 1.25 times as large, midtones lighter, JPEG 90."""
    large = resize(image, 1.25, Image.Resampling.BICUBIC)
    # Gamma 1.1: what grey level becomes of each, 0 to 255.
    lighter = np.round(255 * (np.arange(256) / 255) ** (1 / 1.1)).astype(np.uint8)
    return jpeg(lighter[large], 90)


DEGRADATIONS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = MappingProxyType(
    {
        "none": lambda image: image,
        "JPEG 75": lambda image: jpeg(image, 75),
        "JPEG 50": lambda image: jpeg(image, 50),
        "JPEG 30": lambda image: jpeg(image, 30),
        "half size": lambda image: resize(image, 1 / 2),
        "third size": lambda image: resize(image, 1 / 3),
        "blur": lambda image: blur(image, 1.5),
        "noise": lambda image: noise(image, 8),
        "grey": grey,
        "crop": lambda image: crop(image, 0.85),
        "flip": flip,
    }
)
"""The named, repeatable ones that figures are given for; "none" leaves the picture as it is."""

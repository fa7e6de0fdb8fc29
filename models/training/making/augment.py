"""What a picture goes through before the network learns from it, alike for real and fake."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from dfwidgets.pictures import degrade
from dfwidgets.pictures.blend import blended, coarse, self_blend
from dfwidgets.pictures.faces import Face, crop_window

FILTERS = (
    Image.Resampling.NEAREST,
    Image.Resampling.BILINEAR,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
    Image.Resampling.BOX,
)
WIDE = 1.25  # side of `wide_cut`, in sides of what is judged: room for `cut` to move and grow
MIN_SIDE = 64
MAX_SIDE = 448  # twice the network's input: beyond it a picture is only slower


def wide_cut(image: np.ndarray, face: Face | None) -> tuple[np.ndarray, Face | None]:
    """Cut a face out with room around it, and say where it lies there.

    Always inside the picture, as `crop_window` is; without a face, all of the picture.
    """
    if face is None:
        return image, None
    left, top, right, bottom = crop_window(image, face)

    # Larger than the window that is judged, and moved back to where the picture ends.
    height, width = image.shape[:2]
    side = min(round((right - left) * WIDE), height, width)
    x = int(np.clip((left + right - side) // 2, 0, width - side))
    y = int(np.clip((top + bottom - side) // 2, 0, height - side))
    return image[y : y + side, x : x + side].copy(), moved_face(face, -x, -y)


def moved_face(face: Face, right: float, down: float) -> Face:
    """The same face so many pixels farther right and down."""
    return Face(
        face.left + right,
        face.top + down,
        face.right + right,
        face.bottom + down,
        face.score,
        tuple((x + right, y + down) for x, y in face.landmarks),
    )


def scaled_face(face: Face | None, factor: float) -> Face | None:
    """The same face in a picture made `factor` times as large."""
    if face is None:
        return None
    return Face(
        face.left * factor,
        face.top * factor,
        face.right * factor,
        face.bottom * factor,
        face.score,
        tuple((x * factor, y * factor) for x, y in face.landmarks),
    )


def brought_to(
    image: np.ndarray, face: Face | None, side: int, resample: Image.Resampling
) -> tuple[np.ndarray, Face | None]:
    """The picture with its shorter side at `side` pixels, and its face there."""
    factor = side / min(image.shape[:2])
    return degrade.resize(image, factor, resample), scaled_face(face, factor)


def blend_of(image: np.ndarray, face: Face, rng: np.random.Generator) -> np.ndarray:
    """A self-blended fake of random strength: uint8, of the picture's size."""
    warp, colour, detail, mask = rng.uniform(0, 1, 4) ** (1, 1.5, 1.5, 1)
    seed = int(rng.integers(2**31))
    blend = self_blend(image, face, warp=warp, colour=colour, detail=detail, mask=mask, seed=seed)

    # The other way round: a face with all its detail in changed surroundings.
    if rng.random() < 0.3:
        around = degrade.blur(_recolour(image, rng), rng.uniform(0.3, 1.5))
        return blended(around, image, blend.mask).image

    share = rng.choice([0.5, 0.75, 1, 1, 1])
    return blended(image, blend.image, np.minimum(blend.mask * 1.5, 1) * share).image


def softened(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A photograph out of focus, or made smaller and larger again: soft, and real all the same."""
    # How far out of focus is measured in faces, not in pixels.
    if rng.random() < 0.5:
        return degrade.blur(image, rng.uniform(0.004, 0.012) * min(image.shape[:2]))
    return coarse(image, rng.uniform(1.3, 3.0), FILTERS[rng.integers(1, len(FILTERS))])


def cut(image: np.ndarray, face: Face | None, rng: np.random.Generator) -> np.ndarray:
    """Cut the face out a little off its place and size, always within the picture."""
    left, top, right, bottom = crop_window(image, face)
    width = right - left
    height = bottom - top
    # Larger only as far as the picture goes.
    scale = min(rng.uniform(0.85, 1.1), image.shape[1] / width, image.shape[0] / height)
    wide = max(1, round(width * scale))
    high = max(1, round(height * scale))

    # No two face finders agree to the pixel, so neither do two cuts.
    across = (left + right - wide) / 2 + rng.uniform(-0.06, 0.06) * width
    down = (top + bottom - high) / 2 + rng.uniform(-0.06, 0.06) * height
    left = int(np.clip(across, 0, image.shape[1] - wide))
    top = int(np.clip(down, 0, image.shape[0] - high))
    return image[top : top + high, left : left + wide]


def degraded(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Send a face through a random chain of what happens to pictures on their way.

    The chain is the same for both classes and all sets, so that it says nothing of the label; a
    picture and its pair that come with the same state of `rng` go through the very same one.
    """
    # In the camera, or in a program that edits pictures.
    if rng.random() < 0.3:
        x = _recolour(x, rng)
    if rng.random() < 0.12:
        x = degrade.grey(x)
    if rng.random() < 0.12:
        x = degrade.blur(x, rng.uniform(0.3, 1.8))
    if rng.random() < 0.08:
        x = _denoised(x, rng)
    if rng.random() < 0.08:
        x = degrade.noise(x, rng.uniform(1, 10), int(rng.integers(2**31)))

    # Sent and saved, up to three times; every fourth stays without a codec's grain.
    for _ in range(rng.choice(4, p=[0.25, 0.4, 0.25, 0.1])):
        if rng.random() < 0.5:
            x = _resized(x, rng)
        if rng.random() < 0.1:
            x = _sharpened(x, rng)
        x = _saved(x, rng)

    # Shown on a screen.
    if rng.random() < 0.5:
        x = _resized(x, rng)
    if rng.random() < 0.04 and max(x.shape[:2]) <= MAX_SIDE:
        x = degrade.screenshot(x)
    return x


def grained(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same picture as a smaller file with the grain of a JPEG."""
    target = min(rng.uniform(0.35, 0.9) * max(x.shape[:2]), 256)
    smaller = degrade.resize(x, target / max(x.shape[:2]), FILTERS[rng.integers(1, len(FILTERS))])
    # Some stay clean: fewer pixels alone must not matter, either.
    if rng.random() < 0.2:
        return smaller
    return degrade.jpeg(smaller, int(rng.integers(55, 93)))


def _resized(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    # By the logarithm: from 64 to 128 pixels is as far as from 128 to 256.
    target = np.exp(rng.uniform(np.log(MIN_SIDE), np.log(MAX_SIDE)))
    target = min(target, 1.5 * max(x.shape[:2]))
    return degrade.resize(x, target / max(x.shape[:2]), FILTERS[rng.integers(len(FILTERS))])


def _saved(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Saved with loss and opened again: mostly as JPEG, by one of two ways to bring colour back."""
    # All is drawn first, so that the chain goes on alike whichever way this turns out.
    webp = rng.random() < 0.12
    quality = int(rng.integers(30, 99))
    subsampling = int(rng.choice([0, 2, 2]))
    plain = rng.random() < 0.3

    buffer = io.BytesIO()
    if webp:
        Image.fromarray(x).save(buffer, "WEBP", quality=quality, method=0)
        return np.asarray(Image.open(buffer).convert("RGB"))
    Image.fromarray(x).save(buffer, "JPEG", quality=quality, subsampling=subsampling)
    decoded = np.asarray(Image.open(buffer))
    return _blocky_colour(decoded) if plain and subsampling else decoded


def _blocky_colour(x: np.ndarray) -> np.ndarray:
    """What a decoder shows that repeats the thinned-out colour instead of smoothing it."""
    # Light stays, colour is kept once for every four pixels.
    light, *colours = Image.fromarray(x).convert("YCbCr").split()
    half = max(1, light.width // 2), max(1, light.height // 2)
    repeated = [
        colour.resize(half, Image.Resampling.BOX).resize(light.size, Image.Resampling.NEAREST)
        for colour in colours
    ]
    return np.asarray(Image.merge("YCbCr", [light, *repeated]).convert("RGB"))


def _sharpened(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    sharpen = ImageFilter.UnsharpMask(rng.uniform(0.5, 2), int(rng.integers(30, 150)), 2)
    return np.asarray(Image.fromarray(x).filter(sharpen))


def _denoised(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Smoothed and sharpened, as a phone does with the noise of a small lens."""
    smooth: Callable[..., Image.Image] = Image.fromarray(x).filter
    return _sharpened(np.asarray(smooth(ImageFilter.MedianFilter(3))), rng)


def _recolour(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    picture = Image.fromarray(image)
    changes = (
        ImageEnhance.Brightness,
        ImageEnhance.Contrast,
        ImageEnhance.Color,
        ImageEnhance.Sharpness,
    )
    for enhance in changes:
        picture = enhance(picture).enhance(rng.uniform(0.7, 1.35))
    return np.asarray(picture)

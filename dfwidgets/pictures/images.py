"""Bytes or a path to an upright RGB picture, and a picture to bytes."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import ExifTags, Image, ImageCms

from dfwidgets.pictures.limits import (
    FORMATS,
    MAX_BYTES,
    MAX_PIXELS,
    too_many_bytes,
    too_many_pixels,
)
from dfwidgets.pictures.unreadable import SEND_ANOTHER, why_unreadable
from dfwidgets.quiet import QUIET_WARNINGS

pillow_heif.register_heif_opener()

# How to turn a picture upright, by what its camera noted (EXIF 2.3, tag Orientation).
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class ImageError(ValueError):
    """The bytes are no picture that can be read; its text is a sentence for whoever sent them."""


def open_image(source: str | Path | bytes) -> np.ndarray:
    """Open a picture the way a person sees it: upright, in sRGB, transparency over white.

    Reads JPEG, PNG, WebP, BMP, AVIF, HEIC and the first frame of a GIF.

    Args:
        source: a file's path, or its bytes.

    Returns:
        uint8 array (height, width, 3), RGB.

    Raises:
        ImageError: the bytes are not such a picture, are damaged, or hold more than 25 MB or
            40 million pixels; the text says what is wrong and what to do.
        FileNotFoundError: there is no file at that path.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
    else:
        data = _read_file(Path(source))
    if not data:
        raise ImageError(f"This file is empty: it has no bytes. {SEND_ANOTHER}")
    if len(data) > MAX_BYTES:
        raise ImageError(too_many_bytes(len(data)))

    # Decoders raise whatever they like on damaged bytes (SyntaxError, struct.error, MemoryError,
    # ...), and warn of things that harm nobody, so one boundary turns all of it into a sentence.
    with QUIET_WARNINGS:
        try:
            return _decode(data)
        except ImageError:
            raise
        except Image.DecompressionBombError as error:
            raise ImageError(too_many_pixels()) from error
        except Exception as error:
            raise ImageError(why_unreadable(data)) from error


def _read_file(path: Path) -> bytes:
    if path.is_dir():
        raise ImageError("This is a folder, not a picture. Choose a file in it.")
    # Before it is read, which would take as much memory.
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ImageError(too_many_bytes(size))
    return path.read_bytes()


def to_png(image: np.ndarray) -> bytes:
    """Encode a picture, uint8 (height, width, 3), as PNG bytes without any metadata."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def to_jpeg(image: np.ndarray, quality: int = 90) -> bytes:
    """Encode a picture, uint8 (height, width, 3), as JPEG bytes without any metadata."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def check_pixels(image: np.ndarray) -> np.ndarray:
    """Give back a picture that came as numbers.

    Raises:
        ImageError: it is not uint8 (height, width, 3).
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ImageError(
            f"expected a picture as uint8 (height, width, 3), got {image.dtype} {image.shape}"
        )
    return image


def shrink(image: np.ndarray, longest: int) -> np.ndarray:
    """Make a picture at most `longest` pixels wide and high; a smaller one is returned as it is."""
    height, width = image.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.LANCZOS, reducing_gap=3))


def _decode(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        # Going by the header, before memory is taken for the pixels.
        if picture.width * picture.height > MAX_PIXELS:
            raise ImageError(too_many_pixels(picture.width, picture.height))
        picture.load()

        upright = _upright(picture)
        if upright.mode.startswith("I"):
            return _from_deep_grey(upright)
        colours = _in_srgb(upright)
        if upright.has_transparency_data:
            colours = _over_white(colours, upright.convert("RGBA").getchannel("A"))
        return np.array(colours)


def _upright(picture: Image.Image) -> Image.Image:
    # ImageOps.exif_transpose also writes the camera data anew, which fails where a part of it is
    # damaged, and the picture would stay on its side.
    with suppress(Exception):  # damaged camera data is no reason to refuse the picture
        turn = _UPRIGHT.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
        return picture if turn is None else picture.transpose(turn)
    return picture


def _in_srgb(picture: Image.Image) -> Image.Image:
    """The colours alone, without transparency, as RGB."""
    # A profile counts for the kind of colours that the file has: grey, print colours, or the rest.
    if picture.mode in ("1", "L", "LA"):
        plain = picture.convert("L")
    elif picture.mode == "CMYK":
        plain = picture
    else:
        plain = picture.convert("RGB")

    # No profile, or a damaged or unfitting one: the colours are taken as they are.
    with suppress(Exception):
        source = ImageCms.ImageCmsProfile(io.BytesIO(picture.info["icc_profile"]))
        if plain.mode == "L" and source.profile.xcolor_space == "RGB ":
            plain = plain.convert("RGB")
        target = ImageCms.createProfile("sRGB")
        plain = ImageCms.profileToProfile(plain, source, target, outputMode="RGB") or plain
    return plain.convert("RGB")


def _over_white(colours: Image.Image, alpha: Image.Image) -> Image.Image:
    colours.putalpha(alpha)
    white = Image.new("RGBA", colours.size, "white")
    return Image.alpha_composite(white, colours).convert("RGB")


def _from_deep_grey(picture: Image.Image) -> np.ndarray:
    # Pillow clips 16-bit grey to white when it converts; scale it instead.
    grey = (np.asarray(picture, dtype=np.float32) / 257).round().astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)

"""Bytes or a path to an upright RGB picture; a picture to PNG; heat laid over a picture."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import ExifTags, Image, ImageCms

from dfwidgets.quiet import QUIET_WARNINGS

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF", "HEIF")
MAX_PIXELS = 40_000_000
MAX_BYTES = 25 * 1024 * 1024

pillow_heif.register_heif_opener()

_SEND = "Send a JPEG or PNG."

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

# What people rename to .jpg, by the bytes such files begin with.
_LOOKS_LIKE = (
    (b"%!PS", "a PostScript drawing"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"8BPS", "a Photoshop file"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"RIFF", "a sound or a video"),
    (b"ID3", "a sound"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)

# Viridis (Smith and van der Walt, 2015; CC0) at 33 even steps. Between them straight lines stay
# within 2/255 of the full table, so that no plotting library has to be loaded for it.
_STEPS = (
    "440154 470d60 48186a 482374 472d7b 453681 424086 3f4989 3b528b 375a8d 33638d "
    "2f6a8e 2c728e 297a8e 26818e 23898e 21908c 1f988b 1f9f88 21a685 28ae80 31b57b "
    "3ebc74 4cc26c 5dc963 6ece58 82d34c 96d83f abdc32 c0df24 d5e21a eae51a fde725"
)
_VIRIDIS = np.frombuffer(bytes.fromhex(_STEPS), np.uint8).reshape(-1, 3).astype(np.float32)


class ImageError(ValueError):
    """The bytes are no picture that can be read; its text is a sentence for the person who sent it."""


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
        path = Path(source)
        if path.is_dir():
            raise ImageError("This is a folder, not a picture. Choose a file in it.")
        if path.stat().st_size > MAX_BYTES:
            raise ImageError(too_many_bytes(path.stat().st_size))
        data = path.read_bytes()
    if not data:
        raise ImageError(f"This file is empty: it has no bytes. {_SEND}")
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
            raise ImageError(_too_many_pixels()) from error
        except Exception as error:
            raise ImageError(_unreadable(data)) from error


def too_many_bytes(size: int) -> str:
    """Say that a file of `size` bytes is over the limit, and what to do."""
    return (
        f"This file has {-(-size // 1024**2)} MB; the limit is {MAX_BYTES // 1024**2} MB. "
        "Save a smaller copy and send that."
    )


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


def viridis(values: np.ndarray) -> np.ndarray:
    """Colour numbers from 0 (dark blue) to 1 (yellow): float (...) to uint8 (..., 3)."""
    place = np.clip(values, 0, 1) * (len(_VIRIDIS) - 1)
    low = np.minimum(place.astype(int), len(_VIRIDIS) - 2)
    part = (place - low)[..., None]
    return np.round(_VIRIDIS[low] * (1 - part) + _VIRIDIS[low + 1] * part).astype(np.uint8)


def overlay(image: np.ndarray, heatmap: np.ndarray, opacity: float = 0.5) -> np.ndarray:
    """Lay a heatmap over a picture, in viridis; where the heat is 0 the picture stays as it is.

    Args:
        image: uint8 (height, width, 3).
        heatmap: float (height, width), 0 to 1.
        opacity: 0 shows the picture alone, 1 the hottest place in full colour.

    Returns:
        uint8 (height, width, 3).

    Raises:
        ValueError: the two differ in height or width, or opacity is outside 0 to 1.
    """
    if heatmap.shape != image.shape[:2]:
        raise ValueError(
            f"expected a heatmap of shape {image.shape[:2]}, like the picture; got {heatmap.shape}"
        )
    if not 0 <= opacity <= 1:
        raise ValueError(f"expected an opacity from 0 to 1, got {opacity}")
    weight = (opacity * np.clip(heatmap, 0, 1)).astype(np.float32)[..., None]
    return np.round(image * (1 - weight) + viridis(heatmap) * weight).astype(np.uint8)


def _decode(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise ImageError(_too_many_pixels(picture.width, picture.height))
        picture.load()
        upright = _upright(picture)
        if upright.mode.startswith("I"):
            return _from_deep_grey(upright)
        colours = _in_srgb(upright)
        if upright.has_transparency_data:
            colours.putalpha(upright.convert("RGBA").getchannel("A"))
            white = Image.new("RGBA", colours.size, "white")
            colours = Image.alpha_composite(white, colours).convert("RGB")
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
    plain = picture.convert(
        {"1": "L", "L": "L", "LA": "L", "CMYK": "CMYK"}.get(picture.mode, "RGB")
    )
    with suppress(
        Exception
    ):  # no profile, or a damaged or unfitting one: take the colours as they are
        source = ImageCms.ImageCmsProfile(io.BytesIO(picture.info["icc_profile"]))
        if plain.mode == "L" and source.profile.xcolor_space == "RGB ":
            plain = plain.convert("RGB")
        target = ImageCms.createProfile("sRGB")
        plain = ImageCms.profileToProfile(plain, source, target, outputMode="RGB") or plain
    return plain.convert("RGB")


def _from_deep_grey(picture: Image.Image) -> np.ndarray:
    # Pillow clips 16-bit grey to white when it converts; scale it instead.
    grey = (np.asarray(picture, dtype=np.float32) / 257).round().astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def _too_many_pixels(width: int | None = None, height: int | None = None) -> str:
    size = f"{width:,} x {height:,} pixels" if width else "far too many pixels"
    return f"This picture has {size}; the limit is {MAX_PIXELS // 1_000_000} million. Save a smaller copy and send that."


def _unreadable(data: bytes) -> str:
    if _begins_well(data):
        return (
            "This picture is damaged or cut short and can't be read to its end. "
            "Download or save it again, then send the new copy."
        )
    kind = _kind(data)
    return f"This is not a picture we can read{f': it looks like {kind}' if kind else ''}. {_SEND}"


def _begins_well(data: bytes) -> bool:
    return (
        data.startswith((b"\xff\xd8", b"\x89PNG", b"GIF8"))
        or (data[:2] == b"BM" and data[6:10] == bytes(4))
        or data[8:12] == b"WEBP"
        or (
            data[4:8] == b"ftyp"
            and data[8:12] in (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")
        )
    )


def _kind(data: bytes) -> str | None:
    head = data[:512]
    for start, name in _LOOKS_LIKE:
        if head.startswith(start):
            return name
    if head[4:8] == b"ftyp":
        return "a video"
    try:
        text = (
            head.decode("utf-8-sig", errors="strict" if len(data) <= 512 else "ignore")
            .lstrip()
            .lower()
        )
    except UnicodeDecodeError:
        return None
    if "<svg" in text:
        return "an SVG drawing"
    if text.startswith(("<!doctype html", "<html")):
        return "a web page"
    if all(letter.isprintable() or letter in "\r\n\t" for letter in text):
        return "a text file"
    return None

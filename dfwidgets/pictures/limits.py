"""What files are opened, and how large they may be."""

from __future__ import annotations

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF", "HEIF")
MAX_PIXELS = 40_000_000
MAX_BYTES = 25 * 1024 * 1024

_MB = 1024**2


def too_many_bytes(size: int) -> str:
    """Say that a file of `size` bytes is over the limit, and what to do."""
    size_in_mb = -(-size // _MB)  # rounded up: one byte too many is not within the limit
    return (
        f"This file has {size_in_mb} MB; the limit is {MAX_BYTES // _MB} MB. "
        "Save a smaller copy and send that."
    )


def too_many_pixels(width: int | None = None, height: int | None = None) -> str:
    """Say that a picture is over the limit, and what to do; its size may be unknown."""
    size = f"{width:,} x {height:,} pixels" if width else "far too many pixels"
    return (
        f"This picture has {size}; the limit is {MAX_PIXELS // 1_000_000} million. "
        "Save a smaller copy and send that."
    )

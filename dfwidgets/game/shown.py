"""What the browser gets of a picture before the guess: one size, encoder and length for all."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from dfwidgets.pictures import Face

SIDE = 480
"""Width and height of every picture as it is shown, in pixels."""


def square_around(image: np.ndarray, face: Face | None) -> tuple[int, int, int, int]:
    """Say which part is shown: the largest square around a face, or in the middle without one.

    Args:
        image: the whole picture, uint8 (height, width, 3).
        face: the face that should be in its middle; None for the picture's own middle.

    Returns:
        (left, top, right, bottom) in pixels, always inside the picture.
    """
    height, width = image.shape[:2]
    side = min(height, width)

    x = width / 2
    y = height / 2
    if face:
        x = (face.left + face.right) / 2
        y = (face.top + face.bottom) / 2

    left = min(max(round(x - side / 2), 0), width - side)
    top = min(max(round(y - side / 2), 0), height - side)
    return left, top, left + side, top + side


def to_shown(image: np.ndarray, window: tuple[int, int, int, int]) -> bytes:
    """Cut a square out of a picture and encode it: the JPEG bytes of `SIDE` x `SIDE` pixels."""
    picture = Image.fromarray(image).resize(
        (SIDE, SIDE), Image.Resampling.LANCZOS, box=window, reducing_gap=3
    )
    buffer = io.BytesIO()
    # Colour at full size: halved, it would smooth away what some fakes are told by.
    picture.save(buffer, "JPEG", quality=92, subsampling="4:4:4")
    return buffer.getvalue()


def pad_alike(files: Sequence[bytes]) -> list[bytes]:
    """Make files equally long by zeros behind their end, where decoders stop reading.

    Without it the smoother class would be the shorter one, and whoever watches the network could
    tell the two apart.
    """
    longest = max(map(len, files), default=0)
    return [file.ljust(longest, b"\0") for file in files]

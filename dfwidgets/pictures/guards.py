"""Pictures far from what face models are trained on: a few measured rules, each with its sentence.

Every limit below was chosen on validation pictures. How often each rule fires on the test pictures,
as they are and changed, is printed by `python -m models.training.judging.guard_rates`.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from dfwidgets.pictures.face import Face
from dfwidgets.pictures.faces import crop_window
from dfwidgets.wording import BLANK, BLURRED, DRAWN, NO_FACE, TOO_SMALL, pixels

MIN_FACE = 32
"""Width of a face under which it is too small, in pixels of the picture.

Below it the AUC falls under 0.85.
"""

MIN_CONTRAST = 4.0
"""Standard deviation of the window's brightness, 0 to 255, under which it is almost blank."""

MIN_SHARPNESS = 0.055
"""`sharpness` under which a face is blurred beyond use.

That is hardly any picture as it is, and nearly all that were blurred with a Gaussian of 4 % of the
face's width, where the shipped detector's AUC is that of chance.
"""

MIN_SHADING = 0.11
"""`shading` under which a face looks drawn.

That is hardly any photograph or fake, but nearly all drawings made of even areas. A photograph
turned into few colours is told only as long as it was not strongly compressed afterwards.
"""

# Sides of the grids on which the brightness is measured.
_COARSE = 48
_FINE = 112


def reason_not_to_tell(image: np.ndarray, face: Face | None) -> str:
    """Say why a model of faces can't tell anything here; empty where nothing speaks against it.

    Args:
        image: the whole picture, uint8 (height, width, 3).
        face: the face that is judged; None for the whole picture.

    Returns:
        one sentence or two for the person: what is seen, and what to do. Of several reasons the
        first of: no face, too small, almost blank, too blurred, drawn.
    """
    if face is None:
        return NO_FACE
    # A box may reach beyond the picture; what is outside shows no face.
    size = round(min(face.size, *image.shape[:2]))
    if size < MIN_FACE:
        return TOO_SMALL.format(width=pixels(size))

    left, top, right, bottom = crop_window(image, face)
    window = Image.fromarray(image[top:bottom, left:right]).convert("L")
    # On a coarse grid grain and JPEG blocks average out, and what a blur takes away still shows.
    coarse = _on_grid(window, _COARSE)
    if coarse.std() < MIN_CONTRAST:
        return BLANK
    if sharpness(coarse) < MIN_SHARPNESS:
        return BLURRED
    if shading(_on_grid(window, _FINE)) < MIN_SHADING:
        return DRAWN
    return ""


def _on_grid(window: Image.Image, side: int) -> np.ndarray:
    """Brightness on a grid of one size, so that pictures of any size compare."""
    return np.asarray(window.resize((side, side), Image.Resampling.BILINEAR), np.float32)


def sharpness(grey: np.ndarray) -> float:
    """How much of the differences in brightness is fine detail.

    The standard deviation of the Laplacian, which measures focus (Pech-Pacheco et al., ICPR 2000),
    by that of the brightness, so that dim pictures are not taken for blurred ones.

    Args:
        grey: brightness, float (height, width), 0 to 255.
    """
    around = (grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]) / 4
    return float((grey[1:-1, 1:-1] - around).std() / (grey.std() + 1))


def shading(grey: np.ndarray) -> float:
    """How even the steps from pixel to pixel are: their median by their root mean square.

    In a photograph light changes nearly everywhere. A drawing has even areas with edges between
    them, so that its median is near 0. Our own measure.

    Args:
        grey: brightness, float (height, width), 0 to 255.
    """
    steps = np.hypot(grey[:-1, 1:] - grey[:-1, :-1], grey[1:, :-1] - grey[:-1, :-1])
    return float(np.median(steps) / (np.sqrt((steps**2).mean()) + 0.1))

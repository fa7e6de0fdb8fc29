"""Occlusion sensitivity: hide one place after the other and see how the answer moves; the model is
a function."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dfwidgets.detector import Predict, Toward
from dfwidgets.pictures import WhichFace, crop_window, degrade, place_map

CELLS = 7
"""Places that are hidden, across and down; each square is two of these wide, so that neighbours
overlap."""
EMPTY = 1e-3
"""A map whose strongest place moves the answer by less, in logits, says nothing."""


def occlusion(
    predict: Predict,
    image: np.ndarray,
    face: WhichFace = "largest",
    *,
    toward: Toward = "fake",
    progress: Callable[[float], None] = lambda part: None,
) -> np.ndarray:
    """Say which places the answer hangs on, of any detector that has `predict` (Zeiler and Fergus, ECCV 2014).

    A blurred square slides over the judged part of the picture (grey, as in the paper, would add
    edges that no photograph has); where the answer moves most the map is brightest.

    Args:
        predict: a detector's method of that name.
        image: the whole picture, uint8 (height, width, 3).
        face: as in `Detector.predict`.
        toward: what pulled the answer toward "fake", or toward "real".
        progress: called with the part done, 0 to 1; what it raises ends the computation.

    Returns:
        float32 (height, width), 0 to 1 at the brightest place; all 0 where nothing pulled that way.
    """
    said = predict(image, face)
    which = said.face if face == "largest" else face
    left, top, right, bottom = crop_window(image, said.face)
    hidden = blurred(image[top:bottom, left:right])
    rows, columns = (np.linspace(0, side, CELLS + 1) for side in hidden.shape[:2])
    pull = np.zeros((CELLS, CELLS), np.float32)
    for place in range(CELLS * CELLS):
        progress(place / (CELLS * CELLS))
        row, column = divmod(place, CELLS)
        (up, down), (west, east) = _around(rows, row), _around(columns, column)
        changed = image.copy()
        changed[top + up : top + down, left + west : left + east] = hidden[up:down, west:east]
        pull[row, column] = said.logit - predict(changed, which).logit
    progress(1.0)
    pull = np.maximum(pull if toward == "fake" else -pull, 0)
    if not pull.max() >= EMPTY:
        return np.zeros(image.shape[:2], np.float32)
    placed = np.maximum(place_map(pull, image, said.face), 0)
    return placed / placed.max()


def blurred(part: np.ndarray) -> np.ndarray:
    """The judged part of a picture with nothing left but its broad colours, uint8 (height, width,
    3)."""
    return degrade.blur(part, max(part.shape[:2]) / 16)


def _around(edges: np.ndarray, cell: int) -> tuple[int, int]:
    """From half a cell before a cell to half a cell behind it, in pixels."""
    half = (edges[1] - edges[0]) / 2
    return max(0, round(edges[cell] - half)), round(min(edges[cell + 1] + half, edges[-1]))

"""Occlusion: hide one place after the other and see how the answer moves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dfwidgets.detector import Predict, Toward
from dfwidgets.pictures import WhichFace, crop_window, degrade, place_map

CELLS = 7
"""Places that are hidden, across and down; each square is twice as wide, so neighbours overlap."""
EMPTY = 1e-3
"""A map whose strongest place moves the answer by less, in logits, says nothing."""


def occlusion(
    predict: Predict,
    image: np.ndarray,
    face: WhichFace = "largest",
    *,
    toward: Toward = "fake",
    progress: Callable[[float], None] = lambda fraction: None,
) -> np.ndarray:
    """Say which places the answer of any detector hangs on (Zeiler and Fergus, ECCV 2014).

    A blurred square slides over the judged part of the picture (grey, as in the paper, would add
    edges that no photograph has); where the answer moves most the map is brightest.

    Args:
        predict: a detector's method of that name.
        image: the whole picture, uint8 (height, width, 3).
        face: as in `Detector.predict`.
        toward: what pulled the answer toward "fake", or toward "real".
        progress: called with the fraction done, 0 to 1; what it raises ends the computation.

    Returns:
        float32 (height, width), 0 to 1 at the brightest place; all 0 where nothing pulled that way.
    """
    original = predict(image, face)
    # Looked for anew behind each square the face might be found elsewhere, or another one instead.
    chosen = original.face if face == "largest" else face
    left, top, right, bottom = crop_window(image, original.face)
    hidden = blurred(image[top:bottom, left:right])
    rows = np.linspace(0, hidden.shape[0], CELLS + 1)
    columns = np.linspace(0, hidden.shape[1], CELLS + 1)

    pull = np.zeros((CELLS, CELLS), np.float32)
    for place in range(CELLS * CELLS):
        progress(place / (CELLS * CELLS))
        row, column = divmod(place, CELLS)
        square = _around(rows, row), _around(columns, column)
        changed = image.copy()
        changed[top:bottom, left:right][square] = hidden[square]
        # What was hidden pulled toward "fake" by as much as the answer falls without it.
        pull[row, column] = original.logit - predict(changed, chosen).logit
    progress(1.0)

    if toward == "real":
        pull = -pull
    pull = np.maximum(pull, 0)
    # Turned round it would let a NaN through.
    if not pull.max() >= EMPTY:
        return np.zeros(image.shape[:2], np.float32)
    placed = np.maximum(place_map(pull, image, original.face), 0)
    return placed / placed.max()


def blurred(part: np.ndarray) -> np.ndarray:
    """A part of a picture with nothing left but its broad colours, uint8 (height, width, 3)."""
    return degrade.blur(part, max(part.shape[:2]) / 16)


def _around(edges: np.ndarray, cell: int) -> slice:
    """From half a cell before a cell to half a cell behind it, in pixels."""
    half = (edges[1] - edges[0]) / 2
    start = max(0, round(edges[cell] - half))
    stop = round(min(edges[cell + 1] + half, edges[-1]))
    return slice(start, stop)

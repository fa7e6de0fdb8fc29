"""Whether a heatmap points to the place that was changed, where that is known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dfwidgets.explain.faithfulness import brightest
from dfwidgets.pictures import Face, crop_window


class Pointing(NamedTuple):
    """Whether a map points to the place that was changed, within the judged part of the picture.

    Attributes:
        hit: 1 where the brightest place lies in it, 0 where not (a fraction where several are as
            bright).
        iou: intersection over union of the place and the brightest places of the same area, 0 to 1.
        chance: the `hit` of a map without any knowledge: the fraction of the judged part that was
            changed.
    """

    hit: float
    iou: float
    chance: float


def pointing_game(heatmap: np.ndarray, mask: np.ndarray, face: Face | None = None) -> Pointing:
    """Say whether a map points to the place that was changed.

    (The pointing game, Zhang et al., ECCV 2016.)

    Args:
        heatmap: float (height, width).
        mask: the same shape; above half of its range (0 to 1, or 0 to 255) where the picture was
            changed.
        face: the face that was judged; None for the whole picture.
    """
    left, top, right, bottom = crop_window(mask, face)
    heat = heatmap[top:bottom, left:right]
    # The soft edge of a blend is grey in its mask.
    changed = mask[top:bottom, left:right] > _half(mask)
    chance = float(changed.mean())
    # An empty map points nowhere, though each of its zeros is its largest value.
    if not heat.any() or not changed.any():
        return Pointing(0.0, 0.0, chance)

    hit = float(changed[heat == heat.max()].mean())
    bright = brightest(heat, chance)
    iou = float((bright & changed).sum() / (bright | changed).sum())
    return Pointing(hit, iou, chance)


def _half(mask: np.ndarray) -> float:
    """The middle of a mask's range."""
    if mask.dtype == np.uint8:
        return 127
    return 0.5

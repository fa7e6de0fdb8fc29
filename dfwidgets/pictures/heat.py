"""Numbers as colours, and heat laid over a picture."""

from __future__ import annotations

import numpy as np

# Viridis (Smith and van der Walt, 2015; CC0) at 33 even steps. Between them straight lines stay
# within 2/255 of the full table, so that no plotting library has to be loaded for it.
_STEPS = (
    "440154 470d60 48186a 482374 472d7b 453681 424086 3f4989 3b528b 375a8d 33638d "
    "2f6a8e 2c728e 297a8e 26818e 23898e 21908c 1f988b 1f9f88 21a685 28ae80 31b57b "
    "3ebc74 4cc26c 5dc963 6ece58 82d34c 96d83f abdc32 c0df24 d5e21a eae51a fde725"
)
_VIRIDIS = np.frombuffer(bytes.fromhex(_STEPS), np.uint8).reshape(-1, 3).astype(np.float32)


def viridis(values: np.ndarray) -> np.ndarray:
    """Colour numbers from 0 (dark blue) to 1 (yellow): float (...) to uint8 (..., 3)."""
    step = np.clip(values, 0, 1) * (len(_VIRIDIS) - 1)
    low = np.minimum(step.astype(int), len(_VIRIDIS) - 2)
    fraction = (step - low)[..., None]
    colours = _VIRIDIS[low] * (1 - fraction) + _VIRIDIS[low + 1] * fraction
    return np.round(colours).astype(np.uint8)


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

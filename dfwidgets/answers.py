"""What came back from a detector: checked, and what went wrong as a sentence."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from dfwidgets.detector import ModelError, Prediction
from dfwidgets.pictures import ImageError

_LOG = logging.getLogger(__name__)


def checked_prediction(prediction: Any) -> Prediction:
    """A detector's verdict, or a TypeError that says to its author what is wrong with it."""
    if not isinstance(prediction, Prediction):
        raise TypeError(
            f"predict has to return a Prediction, it returned {type(prediction).__name__}"
        )
    return prediction


def checked_map(heatmap: Any, image: np.ndarray) -> np.ndarray:
    """A detector's map, or a ValueError that says to its author what is wrong with it."""
    heatmap = np.asarray(heatmap, np.float32)
    if heatmap.shape != image.shape[:2]:
        raise ValueError(
            f"explain has to return a map of shape {image.shape[:2]}, it returned {heatmap.shape}"
        )
    if not (np.isfinite(heatmap).all() and heatmap.min() >= 0 and heatmap.max() <= 1):
        raise ValueError("explain has to return numbers from 0 to 1")
    return heatmap


def sentence(error: Exception) -> str:
    """What a person reads of an error."""
    if isinstance(error, (ImageError, ModelError)):
        return str(error)
    if isinstance(error, OSError):
        return f"The file can't be read: {error.strerror or error}. Check its path."
    # Somebody's own detector, most likely: its author finds the traceback in the debug log.
    _LOG.debug("a detector failed", exc_info=error)
    return f"The detector failed on this picture: {type(error).__name__}: {error}"

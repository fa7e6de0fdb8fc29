"""From a model's folder to a detector."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dfwidgets.keras_detector import KerasDetector
    from dfwidgets.lite_detector import LiteDetector


def load_detector(folder: str | Path) -> LiteDetector | KerasDetector:
    """Make a detector of the model in a folder; its files are read at the first question.

    A folder with a `.tflite` file runs on LiteRT, one with a `.keras` file or the ancestor's pair
    (`NAME.json` and `NAME.h5`, no manifest needed) on TensorFlow. What
    is wrong with the files is said when they are needed, as a ModelError, so that a dashboard opens
    all the same.

    Args:
        folder: holds `manifest.json` and the model files that it vouches for.
    """
    folder = Path(folder)
    endings = {Path(name).suffix for name in _named(folder)}
    if endings & {".keras", ".h5"} and ".tflite" not in endings:
        from dfwidgets.keras_detector import KerasDetector

        return KerasDetector(folder)
    from dfwidgets.lite_detector import LiteDetector

    return LiteDetector(folder)


def _named(folder: Path) -> list[str]:
    """The files that the manifest names, so that a missing one is said rather than another taken for it."""
    try:
        return list(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return [path.name for path in folder.glob("*")]

"""From a model's folder to a detector."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from dfwidgets import shipped
from dfwidgets.detector import Detector, ModelError
from dfwidgets.detectors.manifest import read_manifest

if TYPE_CHECKING:
    from dfwidgets.detectors.keras import KerasDetector
    from dfwidgets.detectors.lite import LiteDetector

_ENDINGS = {".keras", ".tflite", ".h5"}


def load_detector(folder: str | Path | None = None) -> LiteDetector | KerasDetector:
    """Make a detector of the model in a folder; its files are read at the first question.

    A folder with a `.tflite` file runs on LiteRT, one with a `.keras` file or the ancestor's pair
    (`NAME.json` and `NAME.h5`, no manifest needed) on TensorFlow. What is wrong with the files is
    said when they are needed, as a ModelError, so that a dashboard opens all the same.

    Args:
        folder: holds `manifest.json` and the model files that it vouches for; if not given, it is
            the model that comes with dfwidgets.
    """
    folder = Path(shipped.DETECTOR if folder is None else folder)
    endings = _endings(folder)
    if endings & {".keras", ".h5"} and ".tflite" not in endings:
        from dfwidgets.detectors.keras import KerasDetector

        return KerasDetector(folder)
    from dfwidgets.detectors.lite import LiteDetector

    return LiteDetector(folder, _with_gradients)


def _with_gradients(folder: Path, seed: int | None) -> KerasDetector:
    from dfwidgets.detectors.keras import KerasDetector

    return KerasDetector(folder, seed)


def find_detectors(folder: str | Path | None = None) -> dict[str, Detector]:
    """Make a detector of every model below a folder, by the names that people read.

    Nothing is loaded yet.
    Each model has a folder of its own; folders without one are passed over. The shipped one, in
    `detector`, comes first. A name is what the manifest says, or else the folder's.

    Args:
        folder: holds the models' folders, as `models/` does; if not given, it is that of dfwidgets.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    folder = Path(shipped.MODELS if folder is None else folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder “{folder}”. Check the path of the models.")
    # Path.is_dir raises where a link leads to what it may not look at.
    models = [path for path in folder.iterdir() if os.path.isdir(path) and _holds_a_model(path)]
    names = {path: _name(path) for path in models}

    def place(path: Path) -> tuple[bool, str, str]:
        return path.name != "detector", names[path].casefold(), path.name

    detectors: dict[str, Detector] = {}
    for path in sorted(models, key=place):
        # Two models of one name are told apart by their folders.
        name = names[path]
        while name in detectors:
            name = f"{name} ({path.name})"
        detectors[name] = load_detector(path)
    return detectors


def _endings(folder: Path) -> set[str]:
    """The endings of a model's files.

    Those that the manifest names, so that a missing one is said rather than another taken for it.
    """
    try:
        named = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
        return {Path(name).suffix for name in named}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {path.suffix for path in folder.glob("[!.]*")}


def _name(folder: Path) -> str:
    # Not by `read_record`: a pair of the Streamlit page without a manifest is called by its folder.
    try:
        return read_manifest(folder).name.strip() or folder.name
    except ModelError:
        return folder.name


def _holds_a_model(folder: Path) -> bool:
    # A model whose manifest is still to be written is there, too: asked, it says what it lacks.
    try:
        files = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError:  # and so is a folder that can't be looked into
        return True
    return any(path.name == "manifest.json" or path.suffix in _ENDINGS for path in files)

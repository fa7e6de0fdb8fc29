"""Which model was asked, what was counted of it, and which programs were at work."""

from __future__ import annotations

import platform
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dfwidgets.detector import Detector, ModelError
from dfwidgets.detectors import about, manifest_of, sha256_of
from dfwidgets.measure import edge_cost_rows, load_scorecard

_PACKAGES = {
    "dfwidgets": ("dfwidgets",),
    "NumPy": ("numpy",),
    "Pillow": ("pillow",),
    "LiteRT": ("ai-edge-litert",),
    "TensorFlow": ("tensorflow", "tensorflow-cpu"),  # by the kind of machine
}


@dataclass(frozen=True)
class Asked:
    """A model as it has to be named for somebody who wants to ask it again.

    Attributes:
        name: what people call it.
        measured: whether anybody counted how often it is wrong, as a sentence.
        band: its own edges of "can't tell"; None where no manifest says them.
        hashes: its files and the sha256 of each; empty for a detector that names no folder.
        rates: rows under `EDGE_COST_HEADS` of what the edges in use do to known faces; empty
            where nobody counted.
        programs: the programs that are installed and their versions.
        error: what could not be read of it, as a sentence; empty where all could.
    """

    name: str
    measured: str = ""
    band: tuple[float, float] | None = None
    hashes: dict[str, str] = field(default_factory=dict)
    rates: tuple[tuple[str, ...], ...] = ()
    programs: dict[str, str] = field(default_factory=dict)
    error: str = ""


def who_was_asked(detector: Detector, band: tuple[float, float]) -> Asked:
    """Say which model a detector asks; for one without a folder its class is all there is to say.

    Args:
        detector: anything with `predict` and `explain`, after it has answered.
        band: the edges of "can't tell" that its error rates are counted at.
    """
    folder, name, own, error = getattr(detector, "folder", None), type(detector).__name__, None, ""
    hashes: dict[str, str] = {}
    rates: tuple[tuple[str, ...], ...] = ()
    if isinstance(folder, Path):
        try:
            manifest = manifest_of(folder)
            name, own = manifest.name, manifest.band
            hashes = {
                file: sha256 or sha256_of(folder / file) for file, sha256 in manifest.files.items()
            }
            if (folder / "predictions.csv").exists():
                rates = tuple(edge_cost_rows(load_scorecard(folder), band))
        except ModelError as wrong:
            error = str(wrong)
    return Asked(name, about(detector), own, hashes, rates, _programs(), error)


def _programs() -> dict[str, str]:
    # What is installed, not what was loaded: that would hang on what somebody did before.
    found = {"Python": platform.python_version()}
    for name, packages in _PACKAGES.items():
        for package in packages:
            with suppress(PackageNotFoundError):
                found[name] = version(package)
    return found

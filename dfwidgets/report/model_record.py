"""Which model answered, what was counted of it, and which programs were at work."""

from __future__ import annotations

import platform
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

from dfwidgets.detector import Adapted, Detector, ModelError
from dfwidgets.detectors import read_record
from dfwidgets.measure import edge_cost_rows, find_scorecard

_PACKAGES = {
    "dfwidgets": ("dfwidgets",),
    "NumPy": ("numpy",),
    "Pillow": ("pillow",),
    "LiteRT": ("ai-edge-litert",),
    "TensorFlow": ("tensorflow", "tensorflow-cpu"),  # by the kind of machine
}


@dataclass(frozen=True)
class ModelRecord:
    """A model as it has to be named for somebody who wants to ask it again.

    Attributes:
        name: what people call it.
        measured: whether anybody counted how often it is wrong, as a sentence.
        band: its own edges of "can't tell"; None where no manifest says them.
        hashes: its files and the sha256 of each; empty for a detector that names no folder.
        rates: rows under `EDGE_COST_HEADS` of what the edges in use do to known faces; empty where
            nobody counted.
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


def model_record(detector: Detector | Adapted, band: tuple[float, float]) -> ModelRecord:
    """Write down which model a detector asks; for one without a folder its name is all there is.

    Args:
        detector: anything with `predict`, after it has answered.
        band: the edges of "can't tell" that its error rates are counted at.
    """
    record = read_record(detector)
    own = record.manifest.band if record.manifest else None

    # Whoever reads the sheet later wants to know how often such a verdict is wrong.
    rates: tuple[tuple[str, ...], ...] = ()
    hashes: dict[str, str] = {}
    error = record.error
    try:
        hashes = record.hashes
        scorecard = find_scorecard(record)
        if scorecard is not None:
            rates = tuple(edge_cost_rows(scorecard, band))
    except ModelError as unreadable:
        error = str(unreadable)
    return ModelRecord(record.name, record.measured, own, hashes, rates, _programs(), error)


def _programs() -> dict[str, str]:
    # What is installed, not what was loaded: that would hang on what somebody did before.
    found = {"Python": platform.python_version()}
    for name, packages in _PACKAGES.items():
        for package in packages:
            with suppress(PackageNotFoundError):
                found[name] = version(package)
    return found

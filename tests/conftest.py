"""Fixtures that several tests take, the examples that Hypothesis draws, and a word on what was
skipped."""

from __future__ import annotations

import csv
import os
import re
import signal
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

import dfwidgets as df
from tests.helpers import ROOT, SHARED, SHIPPED, Redness

# Each run draws the same examples, so that nobody's change fails on somebody else's bad luck;
# `pytest --hypothesis-profile=random` draws new ones. A slow machine is no fault.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", patient, derandomize=True)
settings.register_profile("random", patient, print_blob=True)
settings.load_profile("same")

# Where the tests run in the background of a shell, whatever they start would be deaf to Ctrl+C.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests did not run because what they need lies beside no clone."""
    missing: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        missing.update(re.findall(r"shared/\w+", str(report.longrepr))[:1])
    for place, count in sorted(missing.items()):
        tests = "1 test" if count == 1 else f"{count} tests"
        terminalreporter.write_line(
            f"{tests} skipped: {place} is not beside this checkout", yellow=True
        )


@pytest.fixture
def redness() -> Redness:
    """A detector whose answers can be told by hand."""
    return Redness()


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A temporary folder that other users may look into, unlike `tmp_path`; what a test locks in it
    is unlocked at the end."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)
        for folder, folders, _ in os.walk(name):
            for inner in folders:
                os.chmod(os.path.join(folder, inner), 0o755)


@pytest.fixture(scope="session")
def portrait() -> bytes:
    """A photograph with one face: the bytes of a JPEG file."""
    return (ROOT / "images" / "Real" / "eileen-collins.jpg").read_bytes()


@pytest.fixture(scope="session")
def two_faces(portrait: bytes) -> np.ndarray:
    """One picture with two faces, the smaller on the left."""
    large = df.open_image(portrait)
    small = large[::2, ::2]
    picture = np.full((512, 768, 3), 128, np.uint8)
    picture[:256, :256] = small
    picture[:, 256:] = large
    return picture


@pytest.fixture(scope="session")
def shipped():
    """The detector that the repository ships."""
    return df.load_detector(SHIPPED)


@pytest.fixture(scope="session")
def shared_faces() -> list[tuple[str, bytes]]:
    """Eight labelled test faces (label, bytes) of the data beside the repository; skips where it is
    missing."""
    if not (SHARED / "manifest.csv").exists():
        pytest.skip("the labelled faces (shared/data) are not beside this checkout")
    with (SHARED / "manifest.csv").open(newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["split"] == "test" and row["set"] == "stylegan2"
        ]
    chosen = [r for r in rows if r["label"] == "real"][:4] + [
        r for r in rows if r["label"] == "fake"
    ][:4]
    return [(r["label"], zipfile.ZipFile(SHARED / r["archive"]).read(r["path"])) for r in chosen]

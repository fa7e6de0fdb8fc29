"""A new picture never waits for what is worked out of the one before, whatever that is."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.helpers import ROOT

pytestmark = pytest.mark.model

# In a process of its own, where TensorFlow is not loaded yet.
STORY = """
import asyncio
import statistics
import sys
import time
from pathlib import Path
import dfwidgets as df
from dfwidgets.background import TENSORFLOW

ROOT = Path(sys.argv[1])
PICTURES = sorted((ROOT / "images" / "Real").glob("p*.jpg"))[:6]

async def until(condition):
    async with asyncio.timeout(120):
        while not condition():
            await asyncio.sleep(0.002)

async def judged(session, path):
    before = session.prediction
    started = time.perf_counter()
    session.open(path)
    await until(lambda: session.prediction not in (None, before))
    return time.perf_counter() - started

async def waited(session, what, begin, begun):
    seconds = []
    for path in PICTURES[1:]:
        await until(lambda: not session.busy)
        begin()
        await until(begun)
        seconds.append(await judged(session, path))
    print(what, statistics.median(seconds), sep=": ")

async def story():
    session = df.Session(df.load_detector(ROOT / "models" / "detector"))
    copies = df.StabilityPanel(session)
    sheet = df.EvidencePanel(session)
    await judged(session, PICTURES[0])

    def slow_map():
        session.explain("fake", "SmoothGrad")

    def measuring():
        if session.explanation is not None and session.pending != "deletion":
            session.measure_deletion()
        return session.pending == "deletion"

    assert "tensorflow" not in sys.modules
    slow_map()
    loaded = TENSORFLOW.submit(lambda: None)
    seconds = await judged(session, PICTURES[1])
    assert not loaded.done(), "it waited until TensorFlow was there"
    print("TensorFlow is loaded", seconds, sep=": ")
    await until(loaded.done)

    await waited(session, "SmoothGrad is drawn", slow_map, lambda: session.progress > 0)
    await waited(session, "it is fooled", copies.attack.start.click, lambda: True)
    await waited(session, "copies are judged", copies.send.click, lambda: True)
    await waited(session, "a sheet is made", sheet.make.click, lambda: True)
    await waited(session, "the map is measured", lambda: session.explain("fake"), measuring)

asyncio.run(story())
"""


def test_a_picture_is_judged_within_half_a_second_whatever_is_worked_out_of_the_one_before():
    """Medians of five pictures; while TensorFlow is loaded, which happens once, of one."""
    ran = subprocess.run(
        [sys.executable, "-c", STORY, ROOT], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    waits = dict(line.split(": ") for line in ran.stdout.splitlines())
    assert len(waits) == 6
    assert {what: wait for what, wait in waits.items() if float(wait) > 0.5} == {}


def test_a_map_that_is_measured_does_not_load_tensorflow():
    story = """
import sys
from pathlib import Path
import dfwidgets as df
session = df.Session(df.load_detector())
panel = df.HeatmapPanel(session)
session.open(Path(sys.argv[1]) / "images" / "Real" / "p01.jpg")
assert session.explanation.deletion is not None and session.explanation.sanity is not None
print(*sorted({"tensorflow", "keras", "matplotlib", "scipy", "pandas"} & set(sys.modules)))
"""
    ran = subprocess.run(
        [sys.executable, "-c", story, ROOT], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, ""), ran.stderr


def test_importing_tensorflow_leaves_the_collector_of_garbage_as_it_was():
    story = """
import gc
from dfwidgets.detectors.keras_import import import_keras
import_keras()
assert gc.isenabled()
frozen = gc.get_freeze_count()
assert frozen > 100_000
import_keras()
assert gc.isenabled() and gc.get_freeze_count() <= frozen, "once is enough"
"""
    ran = subprocess.run(
        [sys.executable, "-c", story], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr

"""What a picture costs in CPU, and how long one waits while something else is worked out.

python benchmarks/answers.py            (--waits leaves out the costs, --costs the waits)
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil

import dfwidgets as df
from dfwidgets.detector import adapt
from dfwidgets.detectors.lite_network import Network
from dfwidgets.explain import deletion, explain, with_deletion, with_sanity
from dfwidgets.pictures import crop_face, find_faces

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "models" / "detector"
PICTURES = sorted((ROOT / "images").glob("*/*.jpg"))
EVERY = 3  # picture that is measured
AGAIN = 5  # pictures opened while something goes on


class Spent:
    """CPU milliseconds of each part of an answer, picture by picture."""

    def __init__(self) -> None:
        self.parts: dict[str, list[float]] = {}

    def on(self, what: str, call: Callable[..., Any], *given: Any) -> Any:
        """Make a call and count what it takes."""
        before = time.process_time()
        answer = call(*given)
        self.parts.setdefault(what, []).append(1000 * (time.process_time() - before))
        return answer

    def mean(self, *parts: str) -> float:
        """What these parts take together, of a picture; the first picture only warmed up."""
        return float(sum(np.mean(self.parts[part][1:]) for part in parts))


def costs() -> None:
    """Print the CPU that each part of an answer takes, beside the bare pass of the same run."""
    detector = adapt(df.load_detector(MODEL))
    detector.load()
    bare = Network(MODEL / "model.tflite", 224, threads=2)
    spent = Spent()
    for path in [PICTURES[0], *PICTURES[::EVERY]]:
        image = spent.on("open", df.open_image, path)
        faces = spent.on("find the face", find_faces, image)
        face = faces[0] if faces else None
        spent.on("the bare pass", bare, crop_face(image, face, 224))

        toward = spent.on("verdict", detector.predict, image, face).leaning
        drawn = spent.on("map", explain, detector, image, face, "Grad-CAM", toward)
        if drawn.empty:
            continue
        spent.on("deletion", with_deletion, drawn, detector, image, face)
        spent.on("sanity check", with_sanity, drawn, detector, image, face)
        plain = partial(deletion, detector.predict, image, drawn.values, face, toward=toward)
        spent.on("deletion with all 63 looks, as it was", plain)

    rows = {what: spent.mean(what) for what in spent.parts}
    verdict = ("verdict", "map")
    measured = ("deletion", "sanity check")
    rows["verdict and map"] = spent.mean(*verdict)
    rows["measured of the map (at most 250)"] = spent.mean(*measured)
    rows["all of it (at most 350)"] = spent.mean("open", "find the face", *verdict, *measured)

    load = psutil.getloadavg()[0]
    print(f"{len(PICTURES[::EVERY])} sample pictures, {os.cpu_count()} cores, load {load:.1f}")
    print(f"{'mean of a picture':40} {'CPU ms':>8} {'bare passes':>12}")
    for what, mean in rows.items():
        print(f"{what:40} {mean:8.1f} {mean / spent.mean('the bare pass'):12.2f}")


async def waits() -> None:
    """Print how long a picture waits for its verdict while something else goes on."""
    detector = df.load_detector(MODEL)
    session = df.Session(detector)
    df.HeatmapPanel(session)  # measures each map
    copies = df.StabilityPanel(session)
    sheet = df.EvidencePanel(session)
    await _verdict(session, PICTURES[1])
    await _until(lambda: not session.busy)

    def slow_map() -> None:
        session.explain("fake", "SmoothGrad")

    def nothing() -> None:
        pass

    print(f"{'seconds to a verdict, of 5 pictures':40} {'median':>8} {'longest':>8}")
    await _row("nothing else", session, nothing, lambda: not session.busy)
    await _row("the map is measured", session, nothing, lambda: session.pending == "deletion")
    await _row("copies are judged", session, copies.send.click)
    await _row("a sheet is made", session, sheet.make.click)

    # Asked for once more at each picture; it goes on through all of them.
    started = time.perf_counter()
    await _row("TensorFlow is loaded", session, slow_map)
    slow_map()
    await _until(lambda: session.progress > 0)
    print(f"{'   (it was there after, or later)':40} {time.perf_counter() - started:8.2f}")
    await _row("SmoothGrad is drawn", session, slow_map, lambda: session.progress > 0)
    await _row("it is worked out how to fool it", session, copies.attack.start.click)
    print("at most 0.5 s each")


async def _row(
    what: str,
    session: df.Session,
    begin: Callable[[], None],
    begun: Callable[[], bool] = lambda: True,
) -> None:
    """Open some pictures, each while something goes on."""
    seconds = []
    for path in PICTURES[2 : 2 + AGAIN]:
        await _until(lambda: session.explanation is not None)
        begin()
        await _until(begun)
        seconds.append(await _verdict(session, path))
    print(f"{what:40} {np.median(seconds):8.2f} {max(seconds):8.2f}")


async def _verdict(session: df.Session, path: Path) -> float:
    """Seconds from opening a picture to its verdict."""
    before = session.prediction
    started = time.perf_counter()
    session.open(path)
    await _until(lambda: session.prediction not in (None, before))
    return time.perf_counter() - started


async def _until(condition: Callable[[], object]) -> None:
    while not condition():
        await asyncio.sleep(0.002)


def main() -> None:
    """Print both tables."""
    if "--waits" not in sys.argv:
        costs()
    if "--costs" not in sys.argv:
        asyncio.run(waits())


if __name__ == "__main__":
    main()

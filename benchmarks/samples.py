"""How long it takes until the first round is there, and how much memory.

python benchmarks/samples.py
"""

from __future__ import annotations

import os
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np

import dfwidgets as df
from dfwidgets.pictures.faces import find_faces

PORTRAIT = Path(__file__).parent.parent / "images" / "Real" / "eileen-collins.jpg"
COUNTS = 100, 10_000


def fill(folder: Path, count: int) -> Path:
    """Make a folder of so many pictures, half of them called fake, and a table of their origins."""
    for name in ("Real", "Fake"):
        (folder / name).mkdir(parents=True)
        first = folder / name / "0.jpg"
        first.write_bytes(PORTRAIT.read_bytes())
        # Names for the same few bytes on the disk, so that making them takes no time; a new file
        # every 500, because file systems limit the names of one.
        for i in range(1, count // 2):
            path = folder / name / f"{i}.jpg"
            if i % 500 == 0:
                path.write_bytes(PORTRAIT.read_bytes())
                first = path
            else:
                os.link(first, path)
    rows = [f"Fake/{i}.jpg,Real/{i}.jpg,The eyes were made larger.,easy" for i in range(count // 2)]
    (folder / "samples.csv").write_text("\n".join(["file,made_from,how,level", *rows]), "utf-8")
    return folder


def median_s(call: Callable[[], object], runs: int = 5) -> float:
    """Median time of a call in seconds, after one to warm up."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return float(np.median(times[1:]))


def peak_mb(call: Callable[[], object]) -> float:
    """The most memory that Python and NumPy held at once during a call, in MB."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1024**2


def bare(folder: Path) -> int:
    """Names and sizes of the files alone: what every listing has to do."""
    total = 0
    for name in ("Real", "Fake"):
        with os.scandir(folder / name) as entries:
            total += sum(entry.stat().st_size for entry in entries)
    return total


def main() -> None:
    """Print the table."""
    find_faces(df.open_image(PORTRAIT))  # the face finder is loaded
    table: dict[str, dict[int, tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as place:
        for count in COUNTS:
            folder = fill(Path(place) / str(count), count)
            samples = df.load_samples(folder)
            assert len(samples) == count and not samples.notices
            rows: dict[str, Callable[[], object]] = {
                "names and sizes alone": lambda folder=folder: bare(folder),
                "load_samples": lambda folder=folder: df.load_samples(folder),
                "Game and its first deal": lambda samples=samples: df.Game(samples, seed=1).deal(),
                "both": lambda folder=folder: df.Game(df.load_samples(folder), seed=1).deal(),
            }
            for name, call in rows.items():
                table.setdefault(name, {})[count] = median_s(call), peak_mb(call)

    few, many = COUNTS
    bare_seconds = table["names and sizes alone"][many][0]
    print(f"{f'{many:,} pictures':26} {'s':>7} {'ratio':>7} {'peak MB':>8} {f'with {few}':>10}")
    for name, row in table.items():
        seconds, mb = row[many]
        print(
            f"{name:26} {seconds:7.3f} {seconds / bare_seconds:7.1f} {mb:8.1f} {row[few][1]:10.1f}"
        )

    seconds, mb = table["both"][many]
    growth = (mb - table["both"][few][1]) * 1024**2 / (many - few)
    print(f"load_samples and first deal: {seconds:.2f} s (at most 2)")
    print(f"memory grows by {growth:.0f} bytes a picture")


if __name__ == "__main__":
    main()

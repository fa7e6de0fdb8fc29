"""How many pictures a second the workers of a Dask cluster judge, against one process on one core;
and whether memory grows with the pictures.

python benchmarks/cluster.py [--pictures 2000] [--rounds 3] [--files 100000]
"""

from __future__ import annotations

import argparse
import csv
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil

import dfwidgets as df
from dfwidgets.cli.cluster import open_cluster

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"


def photographs(count: int) -> Iterator[bytes]:
    """Pictures of faces: the samples, then those of the data beside the repository, and again."""
    samples = sorted(ROOT.glob("images/Real/*.jpg")) + sorted(ROOT.glob("images/Fake/*.jpg"))
    found = [path.read_bytes() for path in samples]
    if (SHARED / "manifest.csv").exists():
        with (SHARED / "manifest.csv").open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["split"] == "test"]
        archives = {name: zipfile.ZipFile(SHARED / name) for name in {r["archive"] for r in rows}}
        step = max(1, len(rows) // count)
        found += [archives[row["archive"]].read(row["path"]) for row in rows[::step][:count]]
    return itertools.islice(itertools.cycle(found), count)


def fill(folder: Path, count: int) -> None:
    """Write so many pictures."""
    for number, data in enumerate(photographs(count)):
        (folder / f"{number:05}.jpg").write_bytes(data)


_ALONE = """
import os, pathlib, sys, time
import dfwidgets as df
os.sched_setaffinity(0, {int(sys.argv[2])})
paths = sorted(pathlib.Path(sys.argv[1]).iterdir())
detector = df.load_detector()
list(df.score_files(detector, paths[:20]))
began = time.perf_counter()
cpu = time.process_time()
rows = list(df.score_files(detector, paths))
print(len(rows) / (time.perf_counter() - began), 1000 * (time.process_time() - cpu) / len(rows))
"""


def alone(folder: Path, *cores: int) -> tuple[float, float]:
    """Pictures a second, and milliseconds of CPU for one, of a process on each of these cores.

    With several each judges all pictures: what the machine could do if handing out cost nothing.
    """
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _ALONE, str(folder), str(core)], stdout=subprocess.PIPE
        )
        for core in cores
    ]
    said = [tuple(map(float, process.communicate()[0].split())) for process in running]
    return sum(speed for speed, _ in said), sum(cpu for _, cpu in said) / len(said)


def by_workers(folder: Path, workers: int) -> tuple[float, float]:
    """The same of so many workers, with scheduler and client, once they have their model."""
    paths = sorted(folder.iterdir())
    detector = df.load_detector()
    with open_cluster(None, workers) as client:
        list(df.score_files(detector, paths[: 20 * workers], client=client))
        began = time.perf_counter()
        cpu = all_cpu()
        rows = list(df.score_files(detector, paths, client=client))
        speed = len(rows) / (time.perf_counter() - began)
        cpu = all_cpu() - cpu
    assert [row.file for row in rows] == [str(path) for path in paths]
    return speed, 1000 * cpu / len(rows)


def all_cpu() -> float:
    """Seconds of CPU that this process and those that it started have taken."""
    me = psutil.Process()
    times = [process.cpu_times() for process in (me, *me.children(recursive=True))]
    return sum(spent.user + spent.system for spent in times)


def most_memory(folder: Path, count: int) -> float:
    """MiB that `dfwidgets score --workers 2` takes itself at its peak, on files that are no
    pictures: each makes a row, and takes next to no time."""
    for number in range(count):
        (folder / f"{number:06}.jpg").write_bytes(b"Dear diary")
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, "-m", "dfwidgets.cli", "score", str(folder), "--workers", "2"]
        process = psutil.Popen(
            [*command, "--csv", f"{place}/out.csv", "--json", f"{place}/out.json"],
            stderr=subprocess.DEVNULL,
        )
        most = 0
        while process.poll() is None:
            most = max(most, process.memory_info().rss)
            time.sleep(0.05)
        with open(f"{place}/out.csv") as table:
            assert sum(1 for _ in table) == count + 1
    return most / 2**20


def compare(pictures: int, count: int) -> None:
    """Print how fast each way is, round by round compared with one process on one core."""
    with tempfile.TemporaryDirectory() as place:
        fill(Path(place), pictures)
        print(f"{pictures} pictures, {os.cpu_count()} cores, {count} rounds")
        ways = {
            "one process, one core": lambda folder: alone(folder, 0),
            "1 worker": lambda folder: by_workers(folder, 1),
            "2 workers": lambda folder: by_workers(folder, 2),
            "two processes, a core each": lambda folder: alone(folder, 0, 1),
        }
        rounds = []
        for _ in range(count):
            rounds.append([way(Path(place)) for way in ways.values()])
        figures = np.array(rounds)  # (rounds, ways, 2): pictures a second, ms of CPU for one

        print(f"{'':28}{'a second':>9}{'ratio':>7}{'(of each round)':>20}{'ms of CPU':>11}")
        ratios = figures[:, :, 0] / figures[:, :1, 0]
        for number, name in enumerate(ways):
            speed, cpu = np.median(figures[:, number], axis=0)
            each = " ".join(f"{ratio:.2f}" for ratio in ratios[:, number])
            ratio = np.median(ratios[:, number])
            print(f"{name:28}{speed:9.1f}{ratio:7.2f}{f'({each})':>20}{cpu:11.1f}")
        alone_cpu, two_cpu = (np.median(figures[:, number, 1]) for number in (0, 2))
        print(f"by CPU alone, two idle cores would give a ratio of {2 * alone_cpu / two_cpu:.2f}")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3, help="0: memory alone")
    parser.add_argument("--files", type=int, default=100_000, help="0: throughput alone")
    options = parser.parse_args()

    if options.rounds:
        compare(options.pictures, options.rounds)
    if options.files:
        for count in (options.files // 10, options.files):
            place = tempfile.mkdtemp()
            print(f"{count} files: {most_memory(Path(place), count):.0f} MiB at the peak")
            shutil.rmtree(place)


if __name__ == "__main__":
    main()

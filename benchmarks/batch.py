"""How fast a folder of 200 pictures is scored, as ratios within one run.

python benchmarks/batch.py
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil

import dfwidgets as df
from dfwidgets.pictures.faces import crop_face, find_faces

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "models" / "detector"
COUNT = 200  # pictures in the folder
BATCH = 10  # of them in one pass, where passes are batched
ROUNDS = 7


def per_second(call: Callable[[], object]) -> float:
    """Pictures a second of one call that does them all."""
    start = time.perf_counter()
    call()
    return COUNT / (time.perf_counter() - start)


def bare_network(size: int) -> Any:
    """The network alone, for so many crops at once."""
    from ai_edge_litert.interpreter import Interpreter

    network = Interpreter(str(MODEL / "model.tflite"), num_threads=2)
    index = network.get_input_details()[0]["index"]
    network.resize_tensor_input(index, [size, 224, 224, 3])
    network.allocate_tensors()
    return network


def ways(folder: Path, photos: list[Path]) -> dict[str, Callable[[], object]]:
    """What is compared, each a call that does all pictures of the folder; the last is ours."""
    paths = sorted(folder.iterdir())
    crops = [
        crop_face(df.open_image(path), find_faces(df.open_image(path))[0], 224) for path in photos
    ]
    batch = np.stack((crops * BATCH)[:BATCH]).astype(np.float32)
    networks = {size: bare_network(size) for size in (1, BATCH)}
    detector = df.load_detector(MODEL)

    def raw(size: int, find: bool) -> None:
        """What cannot be left out: open each picture, and the bare network on ready-made crops."""
        network = networks[size]
        for start in range(0, COUNT, size):
            for path in paths[start : start + size]:
                image = df.open_image(path)
                if find:
                    find_faces(image)
            network.set_tensor(network.get_input_details()[0]["index"], batch[:size])
            network.invoke()

    def by_turns() -> None:
        """The same verdicts without any overlap: open, find the face, judge."""
        for path in paths:
            image = df.open_image(path)
            detector.predict(image, find_faces(image)[0])

    def ours() -> None:
        assert sum(row.p_fake is not None for row in df.score_files(detector, folder)) == COUNT

    return {
        f"decode, bare pass in batches of {BATCH}": lambda: raw(BATCH, False),
        "decode, bare pass one by one": lambda: raw(1, False),
        f"decode, find faces, bare pass in batches of {BATCH}": lambda: raw(BATCH, True),
        "decode, find faces, predict, by turns": by_turns,
        "score_files on the folder": ours,
    }


def main() -> None:
    """Print the ratios."""
    photos = sorted(ROOT.glob("images/Real/*.jpg")) + sorted(ROOT.glob("images/Fake/*.jpg"))
    with tempfile.TemporaryDirectory() as place:
        for number, photo in zip(range(COUNT), itertools.cycle(photos), strict=False):
            shutil.copy(photo, Path(place) / f"{number:03}.jpg")
        calls = ways(Path(place), photos)

        # What the first folder takes for good is no growth.
        calls["score_files on the folder"]()
        before = psutil.Process().memory_info().rss
        # By turns, and compared round by round: what else the machine does hits all of a round
        # alike.
        rounds = [[per_second(call) for call in calls.values()] for _ in range(ROUNDS)]
        grown = psutil.Process().memory_info().rss - before

    speeds = np.array(rounds)
    ratios = speeds[:, -1:] / speeds
    print(f"{COUNT} pictures, {os.cpu_count()} cores, median of {ROUNDS} rounds")
    print(f"{'':50} {'a second':>8}   score_files / this")
    for name, speed, ratio in zip(calls, np.median(speeds, axis=0), ratios.T, strict=True):
        spread = f"({ratio.min():.2f} to {ratio.max():.2f})"
        print(f"{name:50} {speed:8.1f} {np.median(ratio):8.2f} {spread}")
    print(f"memory after {ROUNDS} folders against after one: {grown / 2**20:+.0f} MiB")


if __name__ == "__main__":
    main()

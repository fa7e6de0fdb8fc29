"""Do the maps point to the place that was changed, and does the answer hang on their brightest places?

python -m models.training.pointing                 the fakes of images/, the maps that are drawn at once
python -m models.training.pointing --slow          every kind of map: TensorFlow, and seconds a map
python -m models.training.pointing --data FOLDER   self-blended test faces instead of images/

A map that is bright in the middle of the judged face, whatever the picture, is measured beside them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from dfwidgets import Sample, deletion, load_detector, load_samples, open_image, pointing_game, self_blend
from dfwidgets.faces import Face, find_faces, place_map

QUICK = ("Grad-CAM", "Occlusion")
MIDDLE = "always the middle"
Case = tuple[np.ndarray, np.ndarray]  # a fake, uint8 (height, width, 3), and its mask (height, width)


def sample_fakes(samples: Iterable[Sample]) -> Iterator[Case]:
    """The fakes of a folder whose masks are known."""
    for sample in samples:
        if sample.mask:
            yield open_image(sample.path), open_image(sample.mask)[..., 0]


def blends(folder: Path, count: int, seed: int = 0) -> Iterator[Case]:
    """Self-blended fakes of medium strength, made of test photographs, as many of each set."""
    from models.training.data import read_bytes, read_rows

    rows = [row for row in read_rows(folder) if row.split == "test" and row.label == "real"]
    rng = np.random.default_rng(seed)
    queues = [list(rng.permutation([i for i, row in enumerate(rows) if row.set == name])) for name in _sets(rows)]
    made = 0
    while made < count and any(queues):
        for queue in filter(None, queues):
            image = open_image(read_bytes(folder, rows[queue.pop()]))
            faces = find_faces(image)
            if faces and made < count:
                made += 1
                blend = self_blend(image, faces[0], seed=made)
                yield blend.image, blend.mask


def points(detector: Any, cases: Iterable[Case], methods: tuple[str, ...]) -> dict[str, list[tuple[float, ...]]]:
    """By kind of map, of each fake: hit, IoU, chance, and whether the map toward fake was empty."""
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in (*methods, MIDDLE)}
    for image, mask in cases:
        face = detector.predict(image).face
        for name in found:
            heatmap = middle(image, face) if name == MIDDLE else detector.explain(image, face, method=name)
            found[name].append((*pointing_game(heatmap, mask, face), float(not heatmap.any())))
    return found


def middle(image: np.ndarray, face: Face | None) -> np.ndarray:
    """A map that knows nothing of the picture: bright in the middle of the judged part."""
    away = np.abs(np.linspace(-1, 1, 29))
    placed = place_map(np.clip(1 - np.hypot(away, away[:, None]), 0, 1), image, face)
    return placed / placed.max()


def table(found: dict[str, list[tuple[float, ...]]]) -> str:
    """The pointing game and IoU of each kind of map, with what chance would give, as Markdown."""
    text = [
        "| map toward fake | fakes | empty maps | hits (95 % interval) | by chance | IoU (95 % interval) | by chance |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, lines in found.items():
        hit, iou, chance, empty = np.array(lines).T
        text.append(
            f"| {name} | {len(hit)} | {empty.sum():.0f} | {_with_interval(hit)} | {chance.mean():.2f} "
            f"| {_with_interval(iou)} | {(chance / (2 - chance)).mean():.2f} |"
        )
    return "\n".join(text)


def deletions(detector: Any, samples: Iterable[Sample], methods: tuple[str, ...]) -> str:
    """How many maps, each toward the side that the score leans to, beat random maps when blurred, as Markdown."""
    text = [
        "| map | pictures | empty | beats 19 or 20 of 20 | 11 to 18 | explains nothing | median beaten |",
        "|---|---|---|---|---|---|---|",
    ]
    pictures = [open_image(sample.path) for sample in samples]
    for method in (*methods, MIDDLE):
        said, beaten = [], []
        for image in pictures:
            prediction = detector.predict(image)
            how: Any = {"toward": "fake" if prediction.p_fake >= 0.5 else "real"}
            if method == MIDDLE:
                heatmap = middle(image, prediction.face)
            else:
                heatmap = detector.explain(image, prediction.face, method=method, **how)
            if heatmap.any():
                measured = deletion(detector.predict, image, heatmap, prediction.face, **how)
                said.append(measured.verdict)
                beaten.append(measured.beats)
        counts = " | ".join(str(said.count(word)) for word in ("more", "unsure", "nothing"))
        text.append(
            f"| {method} | {len(pictures)} | {len(pictures) - len(said)} | {counts} | {np.median(beaten):.0f} |"
        )
    return "\n".join(text)


def _with_interval(values: np.ndarray) -> str:
    """Mean and its 95 % bootstrap interval over pictures."""
    drawn = np.random.default_rng(0).choice(values, (2000, len(values))).mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return f"{values.mean():.2f} ({low:.2f} to {high:.2f})"


def _sets(rows: Iterable[Any]) -> list[str]:
    return sorted({row.set for row in rows})


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of labelled pictures")
    parser.add_argument("--slow", action="store_true", help="the maps that need TensorFlow, too")
    parser.add_argument("--count", type=int, default=200, help="self-blended faces, with --data")
    parser.add_argument("--model", type=Path, default=Path("models/detector"))
    options = parser.parse_args()
    detector, samples = load_detector(options.model), load_samples("images")
    methods = detector.methods if options.slow else QUICK
    if options.data:
        print(f"Self-blended test faces:\n\n{table(points(detector, blends(options.data, options.count), methods))}")
        return
    print(f"The fakes of images/:\n\n{table(points(detector, sample_fakes(samples), methods))}", flush=True)
    print(f"\nBlurring what is bright, all pictures of images/:\n\n{deletions(detector, samples, QUICK)}")


if __name__ == "__main__":
    main()

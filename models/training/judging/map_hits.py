"""Do maps point to what was changed, and does the answer hang on their brightest places?

python -m models.training.judging.map_hits --data FOLDER   asks anew into maps.csv: an hour
python -m models.training.judging.map_hits                 the figures again from maps.csv

The fakes are those of images/ and self-blended test faces. A map that is bright in the middle of
the judged face, whatever the picture, is measured beside the detector's own.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dfwidgets import (
    Samples,
    deletion,
    load_detector,
    load_samples,
    open_image,
    pointing_game,
    self_blend,
)
from dfwidgets.measure.predictions import picture_id
from dfwidgets.measure.tables import share
from dfwidgets.pictures.faces import Face, find_faces, place_map
from models.training.lines import read_lines
from models.training.making.dataset import read_image, read_rows

ROOT = Path(__file__).parents[3]
SAMPLES = "pictures of the game"
BLENDS = "self-blended test faces"
MIDDLE = "always the middle"
COLUMNS = ("pictures", "id", "map", "empty", "hit", "iou", "chance", "beats", "explains")


class Case(NamedTuple):
    """A picture, uint8 (height, width, 3), and where it was changed, (height, width).

    The mask of a photograph is None.
    """

    id: str
    image: np.ndarray
    mask: np.ndarray | None


def of_samples(samples: Samples) -> Iterator[Case]:
    """The pictures of the game."""
    for sample in samples:
        mask = open_image(sample.mask)[..., 0] if sample.mask else None
        yield Case(samples.name(sample), open_image(sample.path), mask)


def blends(folder: Path, count: int, seed: int = 0) -> Iterator[Case]:
    """Self-blended fakes of medium strength, made of test photographs, as many of each set."""
    rows = [row for row in read_rows(folder) if row.split == "test" and row.label == "real"]
    rng = np.random.default_rng(seed)
    queues = [
        list(rng.permutation([i for i, row in enumerate(rows) if row.set == name]))
        for name in sorted({row.set for row in rows})
    ]

    # One of each set in turn, until there are enough.
    made = 0
    while made < count and any(queues):
        for queue in filter(None, queues):
            row = rows[queue.pop()]
            image = read_image(folder, row)
            faces = find_faces(image)
            if faces and made < count:
                made += 1
                blend = self_blend(image, faces[0], seed=made)
                yield Case(picture_id(row.path), blend.image, blend.mask)


def look(
    detector: Any, pictures: str, cases: Iterable[Case], *, blur: bool
) -> Iterator[dict[str, Any]]:
    """A line for each picture and kind of map.

    Of a fake: whether its map toward fake is empty, hit, IoU and chance. With `blur`, of every
    picture: how many random maps its map toward the side that the score leans to beats when
    blurred, and what that explains.
    """
    for case in cases:
        prediction = detector.predict(case.image)
        leans: Any = "fake" if prediction.p_fake >= 0.5 else "real"
        for name in (*detector.methods, MIDDLE):
            drawn = cache(partial(draw, detector, case.image, prediction.face, name))
            line = dict.fromkeys(COLUMNS, "") | {"pictures": pictures, "id": case.id, "map": name}

            if case.mask is not None:
                found = pointing_game(drawn("fake"), case.mask, prediction.face)
                line["empty"] = int(not drawn("fake").any())
                line |= {key: round(value, 4) for key, value in found._asdict().items()}

            if blur and drawn(leans).any():
                # SmoothGrad has no sign: it says what matters, not toward which side.
                toward = "either" if name == "SmoothGrad" else leans
                measured = deletion(
                    detector.predict, case.image, drawn(leans), prediction.face, toward=toward
                )
                line |= {"beats": measured.beats, "explains": measured.verdict}
            yield line


def draw(detector: Any, image: np.ndarray, face: Face | None, name: str, toward: Any) -> np.ndarray:
    """A map of this kind, float32 (height, width)."""
    if name == MIDDLE:
        return middle(image, face)
    return detector.explain(image, face, method=name, toward=toward)


def middle(image: np.ndarray, face: Face | None) -> np.ndarray:
    """A map that knows nothing of the picture: bright in the middle of the judged part."""
    # A cone of 29 by 29 cells, as even as a map of the detector's.
    away = np.abs(np.linspace(-1, 1, 29))
    placed = place_map(np.clip(1 - np.hypot(away, away[:, None]), 0, 1), image, face)
    return placed / placed.max()


def figures(lines: list[dict[str, str]]) -> str:
    """Both tables as Markdown: the pointing game and IoU beside chance, and what blurring shows."""
    text = [
        "| fakes | map toward fake | empty | hits (95 %) | by chance | IoU (95 %) | by chance |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind, name, here in _by_map(line for line in lines if line["hit"]):
        keys = ("empty", "hit", "iou", "chance")
        empty, hit, iou, chance = (np.array([float(line[key]) for line in here]) for key in keys)
        by_chance = (chance / (2 - chance)).mean()
        text.append(
            f"| {len(here)} {kind} | {name} | {empty.sum():.0f} "
            f"| {share(hit, 2)} | {chance.mean():.2f} "
            f"| {_with_interval(iou)} | {by_chance:.2f} |"
        )

    text += [
        "",
        "| pictures | map | empty | beats 19 or 20 of 20 random maps | may be chance "
        "| explains nothing |",
        "|---|---|---|---|---|---|",
    ]
    blurred = {line["pictures"] for line in lines if line["explains"]}
    for kind, name, here in _by_map(line for line in lines if line["pictures"] in blurred):
        words = [line["explains"] for line in here]
        counts = " | ".join(str(words.count(word)) for word in ("", "more", "unsure", "nothing"))
        text.append(f"| {len(here)} {kind} | {name} | {counts} |")
    return "\n".join(text)


def _by_map(lines: Iterable[dict[str, str]]) -> Iterator[tuple[str, str, list[dict[str, str]]]]:
    grouped: dict[tuple[str, str], list[dict[str, str]]] = {}
    for line in lines:
        grouped.setdefault((line["pictures"], line["map"]), []).append(line)
    return ((kind, name, here) for (kind, name), here in grouped.items())


def _with_interval(values: np.ndarray) -> str:
    """Mean and its 95 % interval by bootstrap over pictures."""
    # Seeded: the card's figures come out the same each time.
    drawn = np.random.default_rng(0).choice(values, (2000, len(values))).mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return f"{values.mean():.2f} ({low:.2f} to {high:.2f})"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, help="folder of labelled pictures; without it nothing is asked anew"
    )
    parser.add_argument("--count", type=int, default=200, help="self-blended faces")
    parser.add_argument(
        "--model", type=Path, default=ROOT / "models" / "detector", help="its folder keeps maps.csv"
    )
    options = parser.parse_args()

    table = options.model / "maps.csv"
    if options.data:
        detector = load_detector(options.model)
        of_game = of_samples(load_samples(ROOT / "images"))
        of_faces = blends(options.data, options.count)

        # What is there stays until all is asked.
        begun = table.with_suffix(".part")
        with begun.open("w", newline="") as file:
            write = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            write.writeheader()
            write.writerows(look(detector, SAMPLES, of_game, blur=True))
            write.writerows(look(detector, BLENDS, of_faces, blur=False))
        begun.replace(table)
    print(figures(read_lines(table)))


if __name__ == "__main__":
    main()

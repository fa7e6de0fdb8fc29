"""How often everyday changes turn a detector's verdicts.

python -m models.training.judging.flip_rates --data FOLDER

Each test picture is sent again in the twelve ways of `dfwidgets.robustness.variants`; what counts
as a flip stands in `dfwidgets.robustness.stability.Strip`. Beside that rule stand the two that it
was chosen over.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from dfwidgets import load_detector
from dfwidgets.detector import CANT_TELL, LIKELY_FAKE
from dfwidgets.measure.tables import share
from dfwidgets.robustness.stability import Copy, Strip, send_again
from dfwidgets.robustness.variants import VARIANTS
from models.training.making.dataset import Row, find_all_faces, read_image, read_rows

# Scores are kept and pictures are not: they would fill the memory.
_NOTHING = np.zeros((0, 0, 3), np.uint8)

Sent = tuple[Row, Strip]


def send_all(model: Path, folder: Path, rows: Sequence[Row], store: Path) -> list[Sent]:
    """Send every picture again; a strip each. `store` keeps the found faces."""
    faces = find_all_faces(folder, rows, store)
    # The interpreter answers one at a time, so one detector would keep the second core waiting.
    detectors = [load_detector(model) for _ in range(2)]

    def one(job: tuple[int, Row]) -> Sent:
        number, row = job
        image = read_image(folder, row)
        strip = send_again(detectors[number % 2], image, faces[row.path])
        original, *copies = (replace(c, image=_NOTHING) for c in (strip.original, *strip.copies))
        return row, Strip(original, tuple(copies))

    sent: list[Sent] = []
    with ThreadPoolExecutor(2) as pool:
        for count, pair in enumerate(pool.map(one, enumerate(rows)), 1):
            sent.append(pair)
            if count % 500 == 0 or count == len(rows):
                print(f"sent {count} of {len(rows)}", flush=True)
    return sent


def word(strip: Strip) -> str:
    """The verdict on the picture as it is."""
    return strip.original.prediction.verdict


def figures(sent: Sequence[Sent]) -> str:
    """The flip rates as Markdown: by set and label, by variant, and by rule."""
    decided = [(row, strip) for row, strip in sent if word(strip) != CANT_TELL]
    undecided = [strip.flips for _, strip in sent if word(strip) == CANT_TELL]
    return "\n".join(
        [
            *by_set(sent, decided),
            "",
            "Pictures without a verdict that some copies give one, and others contradict: "
            f"{share(undecided)}.",
            "",
            *by_variant([strip for _, strip in decided]),
        ]
    )


def by_set(sent: Sequence[Sent], decided: Sequence[Sent]) -> list[str]:
    """Flips of each set and label, of all, and of verdicts that are right and that are wrong."""
    text = [
        "| test set | label | pictures | with a verdict | verdicts that flip (95 % interval) |",
        "|---|---|---|---|---|",
    ]
    for (name, label), count in sorted(Counter((row.set, row.label) for row, _ in sent).items()):
        flips = _flips(s for row, s in decided if (row.set, row.label) == (name, label))
        text.append(f"| {name} | {label} | {count} | {len(flips)} | {share(flips)} |")
    flips = _flips(strip for _, strip in decided)
    text.append(f"| all | both | {len(sent)} | {len(flips)} | {share(flips)} |")

    # A wrong verdict that flips is a warning; a right one that flips is a false alarm.
    for name, wanted in (("right", True), ("wrong", False)):
        flips = _flips(
            strip
            for row, strip in decided
            if ((word(strip) == LIKELY_FAKE) == (row.label == "fake")) == wanted
        )
        text.append(f"| all | both, {name} | | {len(flips)} | {share(flips)} |")
    return text


def by_variant(strips: Sequence[Strip]) -> list[str]:
    """What each way of sending does to verdicts, by the rule and by the two it was chosen over."""
    text = [
        "| variant | verdicts that it turns | verdicts whose word is lost "
        "| become the other word |",
        "|---|---|---|---|",
    ]
    # One row a strip, one column a variant.
    lost = np.array([[_verdict(copy) != word(s) for copy in s.copies] for s in strips])
    other = np.array(
        [[_verdict(copy) not in (word(s), CANT_TELL) for copy in s.copies] for s in strips]
    )
    for number, variant in enumerate(VARIANTS):
        turned = [any(copy.variant is variant for copy in strip.against) for strip in strips]
        means = f"{lost[:, number].mean():.3f} | {other[:, number].mean():.3f}"
        text.append(f"| {variant.name} | {share(turned)} | {means} |")

    shares = share(lost.any(axis=1)), share(other.any(axis=1))
    text.append(f"| any of them | {share(_flips(strips))} | {shares[0]} | {shares[1]} |")
    return text


def _flips(strips: Iterable[Strip]) -> list[bool]:
    return [strip.flips for strip in strips]


def _verdict(copy: Copy) -> str:
    return copy.prediction.verdict


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled pictures")
    parser.add_argument("--model", type=Path, default=Path("models/detector"))
    parser.add_argument(
        "--faces", type=Path, default=Path("build/faces.csv"), help="where found faces are kept"
    )
    parser.add_argument(
        "--sample", type=int, help="so many pictures, drawn at random; otherwise all"
    )
    options = parser.parse_args()

    rows = [row for row in read_rows(options.data) if row.split == "test"]
    if options.sample:
        chosen = np.random.default_rng(0).permutation(len(rows))[: options.sample]
        rows = [rows[i] for i in sorted(chosen)]
    print(figures(send_all(options.model, options.data, rows, options.faces)))


if __name__ == "__main__":
    main()

"""Print how often everyday changes turn a detector's verdicts: python -m models.training.stability --data FOLDER.

Each test picture is sent again in the twelve ways of `dfwidgets.robustness.variants`; what counts
as a flip is said in `dfwidgets.robustness.stability.Strip`. Beside that rule stand the two that it
was chosen over.
"""

from __future__ import annotations

import argparse
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from dfwidgets import load_detector, open_image
from dfwidgets.detector import CANT_TELL, LIKELY_FAKE
from dfwidgets.measure.tables import share
from dfwidgets.robustness.stability import Strip, send_again
from dfwidgets.robustness.variants import VARIANTS
from models.training.data import Row, find_all_faces, read_bytes, read_rows

_NOTHING = np.zeros(
    (0, 0, 3), np.uint8
)  # scores are kept and pictures are not: they would fill the memory


def send_all(model: Path, folder: Path, rows: list[Row], store: Path) -> list[Strip]:
    """Send every picture again; a strip each. `store` keeps the found faces."""
    faces = find_all_faces(folder, rows, store)
    # The interpreter answers one at a time, so one detector would keep the second core waiting.
    detectors = [load_detector(model) for _ in range(2)]

    def one(job: tuple[int, Row]) -> Strip:
        number, row = job
        image = open_image(read_bytes(folder, row))
        strip = send_again(detectors[number % 2], image, faces[row.path])
        original, *copies = (
            replace(copy, image=_NOTHING) for copy in (strip.original, *strip.copies)
        )
        return Strip(original, tuple(copies))

    strips: list[Strip] = []
    with ThreadPoolExecutor(2) as pool:
        for count, strip in enumerate(pool.map(one, enumerate(rows)), 1):
            strips.append(strip)
            if count % 500 == 0 or count == len(rows):
                print(f"sent {count} of {len(rows)}", flush=True)
    return strips


def word(strip: Strip) -> str:
    """What the score of the picture as it is says."""
    return strip.original.prediction.verdict


def figures(rows: list[Row], strips: list[Strip]) -> str:
    """The flip rates as Markdown: by set and label, by variant, and by rule."""
    text = [
        "| test set | label | pictures | with a verdict | verdicts that flip (95 % interval) |",
        "|---|---|---|---|---|",
    ]
    kinds = Counter((row.set, row.label) for row in rows)
    for (name, label), count in [*sorted(kinds.items()), (("all", "both"), len(rows))]:
        here = [
            strip
            for row, strip in zip(rows, strips, strict=True)
            if word(strip) != CANT_TELL and (name == "all" or (row.set, row.label) == (name, label))
        ]
        text.append(
            f"| {name} | {label} | {count} | {len(here)} | {share([strip.flips for strip in here])} |"
        )
    decided = [
        (row, strip) for row, strip in zip(rows, strips, strict=True) if word(strip) != CANT_TELL
    ]
    for said, right in (("right", True), ("wrong", False)):
        chosen = [
            s.flips
            for row, s in decided
            if ((word(s) == LIKELY_FAKE) == (row.label == "fake")) == right
        ]
        text.append(f"| all | both, {said} | | {len(chosen)} | {share(chosen)} |")
    undecided = [strip.flips for strip in strips if word(strip) == CANT_TELL]
    text += [
        "",
        f"Pictures without a verdict that some copies give one, and others contradict: {share(undecided)}.",
    ]
    text += [
        "",
        "| variant | verdicts that it turns | verdicts whose word is lost | become the other word |",
    ]
    text += ["|---|---|---|---|"]
    for number, variant in enumerate(VARIANTS):
        lost = [strip.copies[number].prediction.verdict != word(strip) for _, strip in decided]
        other = [
            s.copies[number].prediction.verdict not in (word(s), CANT_TELL) for _, s in decided
        ]
        over = [any(copy.variant is variant for copy in strip.against) for _, strip in decided]
        text.append(
            f"| {variant.name} | {share(over)} | {np.mean(lost):.3f} | {np.mean(other):.3f} |"
        )
    lost = [any(copy.prediction.verdict != word(s) for copy in s.copies) for _, s in decided]
    other = [
        any(copy.prediction.verdict not in (word(s), CANT_TELL) for copy in s.copies)
        for _, s in decided
    ]
    text.append(
        f"| any of them | {share([s.flips for _, s in decided])} | {share(lost)} | {share(other)} |"
    )
    return "\n".join(text)


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
    print(figures(rows, send_all(options.model, options.data, rows, options.faces)))


if __name__ == "__main__":
    main()

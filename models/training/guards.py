"""How often each rule of dfwidgets/guards.py fires, and what the detector is worth where it does.

python -m models.training.guards --data FOLDER   on test pictures; --split val: those that the limits were chosen on
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from dfwidgets import load_detector, load_scorecard, open_image
from dfwidgets.detector import Detector
from dfwidgets.measure.measures import auc, sets_with_reals
from dfwidgets.pictures.degrade import DEGRADATIONS, blur, jpeg, resize
from dfwidgets.pictures.faces import MARGIN, Face, crop_window
from dfwidgets.pictures.guards import reason_not_to_tell
from models.training.data import Row, find_all_faces, read_bytes, read_rows

Change = Callable[[np.ndarray], np.ndarray]
RULES = {
    "too small": "small",
    "almost blank": "blank",
    "too blurred": "blurred",
    "a drawing": "drawn",
}
WIDTHS = (16, 20, 24, 32, 40, 48, 64, 96)
SIGMAS = (0.01, 0.02, 0.03, 0.04, 0.06, 0.1)


def shrink(width: int) -> Change:
    """Make the face so many pixels wide, or leave it where it is smaller."""
    return lambda part: resize(part, min(1.0, width * MARGIN / part.shape[1]))


def blur_by(sigma: float, quality: int = 0) -> Change:
    """Blur by so many widths of the face and save as JPEG, where a quality is given."""

    def change(part: np.ndarray) -> np.ndarray:
        soft = blur(part, sigma * part.shape[1] / MARGIN)
        return jpeg(soft, quality) if quality else soft

    return change


def cartoon(colours: int, quality: int = 0) -> Change:
    """Turn a photograph into even areas of few colours: median filters, then a palette without
    dithering."""

    def change(part: np.ndarray) -> np.ndarray:
        picture = Image.fromarray(part)
        for _ in range(3):
            picture = picture.filter(ImageFilter.MedianFilter(5))
        drawn = np.asarray(picture.quantize(colours, dither=Image.Dither.NONE).convert("RGB"))
        return jpeg(drawn, quality) if quality else drawn

    return change


def changes() -> dict[str, Change]:
    """Everything that is done to the pictures, by name."""
    return {
        **DEGRADATIONS,
        **{f"face {width} pixels wide": shrink(width) for width in WIDTHS},
        **{f"blurred by {sigma:.0%} of the face": blur_by(sigma) for sigma in SIGMAS},
        **{f"the same by {sigma:.0%}, then JPEG 50": blur_by(sigma, 50) for sigma in (0.04, 0.1)},
        "faded to 5 % of its contrast": lambda part: (128 + 0.05 * (part - 128.0)).astype(np.uint8),
        **{f"{colours} colours": cartoon(colours) for colours in (4, 6, 12)},
        "6 colours, then JPEG 60": cartoon(6, 60),
    }


def judged(folder: Path, row: Row, face: Face) -> np.ndarray:
    """The part of a picture that is judged: uint8 (side, side, 3)."""
    image = open_image(read_bytes(folder, row))
    left, top, right, bottom = crop_window(image, face)
    return image[top:bottom, left:right]


def face_of(part: np.ndarray) -> Face:
    """The face in a part that was cut out, whatever was done to it since."""
    side = min(part.shape[:2])
    inset = side * (1 - 1 / MARGIN) / 2
    return Face(inset, inset, side - inset, side - inset, 1.0)


def fired(parts: Sequence[np.ndarray], start: str) -> str:
    """A line of the table: the share of pictures of which each rule says something."""
    said = [reason_not_to_tell(part, face_of(part)) for part in parts]
    shares = [np.mean([words in one for one in said]) for words in RULES]
    return f"| {start} | {len(said)} | {' | '.join(f'{share:.1%}' if share else '-' for share in shares)} |"


def worth(
    detector: Detector,
    parts: Sequence[np.ndarray],
    rows: Sequence[Row],
    reals_for: Mapping[str, Sequence[str]],
) -> str:
    """What the scores alone are worth, as if no rule had spoken; every set counts the same."""
    said = [detector.predict(part, face_of(part)) for part in parts]
    p, (low, high) = np.array([one.p_fake for one in said]), said[0].band
    sets, labels = (
        np.array([row.set for row in rows]),
        np.array([row.label == "fake" for row in rows]),
    )
    area = np.mean(
        [auc(labels[here], p[here]) for _, here in sets_with_reals(sets, labels, reals_for)]
    )
    alarms = np.mean(
        [(p >= high)[~labels & (sets == one)].mean() for one in sorted(set(sets[~labels]))]
    )
    misses = np.mean(
        [(p <= low)[labels & (sets == one)].mean() for one in sorted(set(sets[labels]))]
    )
    return f" {area:.3f} | {alarms:.1%} | {misses:.1%} | {((low < p) & (p < high)).mean():.1%} |"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled pictures")
    parser.add_argument(
        "--faces", type=Path, default=Path("build/faces.csv"), help="where found faces are kept"
    )
    parser.add_argument("--split", default="test", choices=("val", "test"))
    parser.add_argument(
        "--most", type=int, default=60, help="pictures of a set and label that are changed"
    )
    options = parser.parse_args()
    rows = [row for row in read_rows(options.data) if row.split == options.split]
    faces = find_all_faces(options.data, rows, options.faces)
    detector, reals_for = (
        load_detector("models/detector"),
        load_scorecard("models/detector").reals_for,
    )
    cut = [(row, judged(options.data, row, face)) for row in rows if (face := faces[row.path])]
    groups = sorted({(row.set, row.label) for row, _ in cut})
    parts = {
        group: [pair for pair in cut if (pair[0].set, pair[0].label) == group] for group in groups
    }
    print(
        f"| {options.split} pictures | faces | {' | '.join(RULES.values())} |\n|---|---|---|---|---|---|"
    )
    for group in groups:
        print(fired([part for _, part in parts[group]], ", ".join(group)), flush=True)
    some = [pair for group in groups for pair in parts[group][: options.most]]
    rows = [row for row, _ in some]
    print(
        f"\n| changed | faces | {' | '.join(RULES.values())} | AUC | false alarms | misses | can't tell |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, change in changes().items():
        changed = [change(part) for _, part in some]
        scored = name == "none" or name.startswith(("face ", "blurred "))
        print(
            fired(changed, name)
            + (worth(detector, changed, rows, reals_for) if scored else " | | | |"),
            flush=True,
        )
    print(
        "\nAUC, false alarms (reals called fake), misses (fakes called real) and “can't tell” are those of the scores"
    )
    print("alone, as if no rule had spoken. In AUC and errors every set counts the same.")


if __name__ == "__main__":
    main()

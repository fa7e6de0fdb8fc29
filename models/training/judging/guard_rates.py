"""How often each rule of dfwidgets/pictures/guards.py fires, and what the detector is worth there.

python -m models.training.judging.guard_rates --data FOLDER   on test pictures

--split val takes those that the limits were chosen on.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from dfwidgets import load_detector, load_scorecard
from dfwidgets.detector import Detector
from dfwidgets.measure.measures import auc, sets_with_reals
from dfwidgets.pictures.degrade import DEGRADATIONS, blur, jpeg, resize
from dfwidgets.pictures.faces import MARGIN, Face, crop_window
from dfwidgets.pictures.guards import reason_not_to_tell
from models.training.making.dataset import Row, find_all_faces, read_image, read_rows

MODEL = Path("models/detector")
Change = Callable[[np.ndarray], np.ndarray]
RULES = {
    "too small": "small",
    "almost blank": "blank",
    "too blurred": "blurred",
    "a drawing": "drawn",
}
WIDTHS = (16, 20, 24, 32, 40, 48, 64, 96)
SIGMAS = (0.01, 0.02, 0.03, 0.04, 0.06, 0.1)
LEGEND = """
AUC, false alarms (reals called fake), misses (fakes called real) and “can't tell” are those of
the scores alone, as if no rule had spoken. In AUC and errors every set counts the same."""


def shrink(width: int) -> Change:
    """Make the face so many pixels wide, or leave it as it is where it is smaller."""
    return lambda part: resize(part, min(1.0, width * MARGIN / part.shape[1]))


def blur_by(sigma: float, quality: int = 0) -> Change:
    """Blur by so many widths of the face, and save as JPEG where a quality is given."""

    def change(part: np.ndarray) -> np.ndarray:
        soft = blur(part, sigma * part.shape[1] / MARGIN)
        return jpeg(soft, quality) if quality else soft

    return change


def cartoon(colours: int, quality: int = 0) -> Change:
    """Turn a photograph into even areas of few colours: median filters, then a palette."""

    def change(part: np.ndarray) -> np.ndarray:
        # Median filters keep edges and flatten what lies between.
        picture = Image.fromarray(part)
        for _ in range(3):
            picture = picture.filter(ImageFilter.MedianFilter(5))
        drawn = np.asarray(picture.quantize(colours, dither=Image.Dither.NONE).convert("RGB"))
        return jpeg(drawn, quality) if quality else drawn

    return change


def fade(part: np.ndarray) -> np.ndarray:
    """Leave a twentieth of the contrast."""
    return (128 + 0.05 * (part - 128.0)).astype(np.uint8)


def changes() -> dict[str, Change]:
    """Everything that is done to the pictures, by name."""
    return {
        **DEGRADATIONS,
        **{f"face {width} pixels wide": shrink(width) for width in WIDTHS},
        **{f"blurred by {sigma:.0%} of the face": blur_by(sigma) for sigma in SIGMAS},
        **{f"the same by {sigma:.0%}, then JPEG 50": blur_by(sigma, 50) for sigma in (0.04, 0.1)},
        "faded to 5 % of its contrast": fade,
        **{f"{colours} colours": cartoon(colours) for colours in (4, 6, 12)},
        "6 colours, then JPEG 60": cartoon(6, 60),
    }


def judged(folder: Path, row: Row, face: Face) -> np.ndarray:
    """The part of a picture that is judged: uint8 (side, side, 3)."""
    image = read_image(folder, row)
    left, top, right, bottom = crop_window(image, face)
    return image[top:bottom, left:right]


def face_of(part: np.ndarray) -> Face:
    """The face in a part that was cut out, whatever was done to it since."""
    # It lies in the middle, with the margin that the crop gave it.
    side = min(part.shape[:2])
    inset = side * (1 - 1 / MARGIN) / 2
    return Face(inset, inset, side - inset, side - inset, 1.0)


def fired(parts: Sequence[np.ndarray], start: str) -> str:
    """A line of the table: the fraction of pictures of which each rule says something."""
    reasons = [reason_not_to_tell(part, face_of(part)) for part in parts]
    fractions = [np.mean([words in reason for reason in reasons]) for words in RULES]
    cells = [f"{fraction:.1%}" if fraction else "-" for fraction in fractions]
    return f"| {start} | {len(reasons)} | {' | '.join(cells)} |"


def worth(
    detector: Detector,
    parts: Sequence[np.ndarray],
    rows: Sequence[Row],
    reals_for: Mapping[str, Sequence[str]],
) -> str:
    """What the scores alone are worth, as if no rule had spoken; every set counts the same."""
    predictions = [detector.predict(part, face_of(part)) for part in parts]
    low, high = predictions[0].band
    p = np.array([prediction.p_fake for prediction in predictions])
    sets = np.array([row.set for row in rows])
    labels = np.array([row.label == "fake" for row in rows])

    pools = sets_with_reals(sets, labels, reals_for)
    area = np.mean([auc(labels[here], p[here]) for _, here in pools if labels[here].any()])
    alarms = _mean_of_sets(p >= high, sets, ~labels)
    misses = _mean_of_sets(p <= low, sets, labels)
    undecided = ((low < p) & (p < high)).mean()
    return f" {area:.3f} | {alarms:.1%} | {misses:.1%} | {undecided:.1%} |"


def _mean_of_sets(hits: np.ndarray, sets: np.ndarray, chosen: np.ndarray) -> float:
    """The mean of the fractions of hits among the chosen of each set."""
    names = sorted(set(sets[chosen].tolist()))
    return float(np.mean([hits[chosen & (sets == name)].mean() for name in names]))


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
        "--max", type=int, default=60, help="pictures of a set and label that are changed"
    )
    options = parser.parse_args()

    rows = [row for row in read_rows(options.data) if row.split == options.split]
    faces = find_all_faces(options.data, rows, options.faces)
    groups: dict[tuple[str, str], list[tuple[Row, np.ndarray]]] = {}
    for row in rows:
        face = faces[row.path]
        if face:
            pair = (row, judged(options.data, row, face))
            groups.setdefault((row.set, row.label), []).append(pair)

    # How often each rule speaks of pictures as they are.
    rules = " | ".join(RULES.values())
    print(f"| {options.split} pictures | faces | {rules} |\n|---|---|---|---|---|---|")
    for group, pairs in sorted(groups.items()):
        print(fired([part for _, part in pairs], ", ".join(group)), flush=True)

    # And of changed ones, beside what the scores are worth there.
    detector = load_detector(MODEL)
    reals_for = load_scorecard(MODEL).reals_for
    some = [pair for _, pairs in sorted(groups.items()) for pair in pairs[: options.max]]
    print(f"\n| changed | faces | {rules} | AUC | false alarms | misses | can't tell |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, change in changes().items():
        changed = [change(part) for _, part in some]
        scores = " | | | |"
        if name == "none" or name.startswith(("face ", "blurred ")):
            scores = worth(detector, changed, [row for row, _ in some], reals_for)
        print(fired(changed, name) + scores, flush=True)
    print(LEGEND)


if __name__ == "__main__":
    main()

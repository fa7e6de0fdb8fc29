"""Whether the size of a file and the grain of JPEG pass for a trace of a fake.

python -m models.training.judging.grain --data FOLDER --sets ffhq1024 ffhq2

The same photographs, large and clean, are shown as they are, smaller, and smaller with grain; and
all photographs of the test split by the size of their faces. A detector that reads faces gives the
same answers.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from dfwidgets import Prediction, load_detector
from dfwidgets.detector import LIKELY_FAKE, Detector
from dfwidgets.measure.tables import share
from dfwidgets.pictures.degrade import jpeg, resize
from dfwidgets.pictures.faces import Face
from models.training.making.augment import scaled_face
from models.training.making.dataset import Row, find_all_faces, read_image, read_rows

SIZES = (96, 160, 224, 320)  # pixels of the face, where one class of sizes ends

View = tuple[np.ndarray, Face]


def smaller(factor: float, quality: int = 0) -> Callable[[np.ndarray, Face], View]:
    """Make a picture so many times as large, and save it as JPEG where a quality is given."""

    def change(image: np.ndarray, face: Face) -> View:
        picture = resize(image, factor)
        if quality:
            picture = jpeg(picture, quality)
        return picture, scaled_face(face, factor)

    return change


# A face of these sets has about 200 pixels; in the 256 px files of others it has 140.
COPIES: Mapping[str, Callable[[np.ndarray, Face], View]] = {
    "as it is": lambda image, face: (image, face),
    "JPEG 75": smaller(1.0, 75),
    "0.7 times as large": smaller(0.7),
    "0.7 times, JPEG 75": smaller(0.7, 75),
    "0.45 times, JPEG 75": smaller(0.45, 75),
}


def by_copy(
    detector: Detector, folder: Path, rows: Sequence[Row], faces: Mapping[str, Face | None]
) -> str:
    """The same photographs in several copies, as Markdown."""
    text = [
        "| the same photographs | pictures | mean logit | called fake (95 %) |",
        "|---|---|---|---|",
    ]
    shown = [(row, face) for row in rows if (face := faces[row.path])]
    means = []
    for name, change in COPIES.items():
        answers = [detector.predict(*change(read_image(folder, row), face)) for row, face in shown]
        means.append(_mean_logit(answers))
        text.append(f"| {name} | {len(shown)} | {means[-1]:+.2f} | {_called_fake(answers)} |")
    text += ["", f"Largest difference of the mean logits: {max(means) - min(means):.2f}."]
    return "\n".join(text)


def by_size(
    detector: Detector, folder: Path, rows: Sequence[Row], faces: Mapping[str, Face | None]
) -> str:
    """Photographs by the size of their faces, as Markdown."""
    grouped: dict[int, list[Prediction]] = {}
    for row in rows:
        face = faces[row.path]
        if face:
            group = int(np.searchsorted(SIZES, face.size, side="right"))
            grouped.setdefault(group, []).append(detector.predict(read_image(folder, row), face))

    text = [
        "| face in pixels | photographs | mean logit | called fake (95 %) |",
        "|---|---|---|---|",
    ]
    bounds = [0, *SIZES]
    for group, answers in sorted(grouped.items()):
        upper = f"to {SIZES[group]}" if group < len(SIZES) else "and more"
        mean = _mean_logit(answers)
        text.append(
            f"| {bounds[group]} {upper} | {len(answers)} | {mean:+.2f} | {_called_fake(answers)} |"
        )
    return "\n".join(text)


def _mean_logit(answers: Sequence[Prediction]) -> float:
    """By the probability, since a detector of one's own need not give a logit."""
    p = np.clip([answer.p_fake for answer in answers], 1e-6, 1 - 1e-6)
    return float(np.mean(np.log(p / (1 - p))))


def _called_fake(answers: Sequence[Prediction]) -> str:
    return share([answer.verdict == LIKELY_FAKE for answer in answers])


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled pictures")
    parser.add_argument("--sets", nargs="+", required=True, help="with large, clean photographs")
    parser.add_argument("--model", type=Path, default=Path("models/detector"))
    parser.add_argument(
        "--faces", type=Path, default=Path("build/faces.csv"), help="where found faces are kept"
    )
    parser.add_argument("--split", default="test", choices=("val", "test"))
    options = parser.parse_args()

    rows = [
        row for row in read_rows(options.data) if row.split == options.split and row.label == "real"
    ]
    faces = find_all_faces(options.data, rows, options.faces)
    detector = load_detector(options.model)
    large = [row for row in rows if row.set in options.sets]
    print(by_copy(detector, options.data, large, faces))
    print()
    print(by_size(detector, options.data, rows, faces))


if __name__ == "__main__":
    main()

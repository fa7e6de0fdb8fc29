"""What each part of the recipe is worth, in small runs.

python -m models.training.judging.ablate --data FOLDER   trains what ablations.csv does not hold yet
python -m models.training.judging.ablate                 the table again from ablations.csv

Each variant of ablations.toml is trained for as many batches as it says there, without any picture
of one generator, and asked about val pictures: of the sets it learnt from, of that generator, and
blends made of val photographs. Lines are written variant by variant: a stopped run goes on.
"""

from __future__ import annotations

import argparse
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dfwidgets.measure.measures import auc, auc_interval, sets_with_reals
from dfwidgets.pictures.faces import crop_face
from models.training.lines import read_lines, write_lines
from models.training.making import SETTINGS
from models.training.making.dataset import find_all_faces, read_image, read_rows

PLAN = Path(__file__).parent / "ablations.toml"
STORE = Path(__file__).parent / "ablations.csv"
COLUMNS = ("variant", "set", "reals", "fakes", "auc", "low", "high")


def with_noise_branch(
    size: int, dropout: float, middle: Sequence[str] = (), top: bool = True
) -> Any:
    """The shipped network with a second branch that begins with a 3 x 3 high pass.

    Such residuals carry the traces of a camera or a generator (Zhou et al., "Learning Rich Features
    for Image Manipulation Detection", CVPR 2018).
    """
    import keras

    from models.training.making import backbone

    features = backbone.lite0(size)
    high_pass = np.array([[-1, 2, -1], [2, -4, 2], [-1, 2, -1]], np.float32) / 4
    residual = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="residual")
    x = residual(features.input)
    residual.set_weights([np.repeat(high_pass[:, :, None, None], 3, axis=2)])

    # Three convolutions see what the high pass leaves.
    for number, channels in enumerate((32, 64, 128)):
        name = f"noise{number}"
        x = keras.layers.Conv2D(channels, 3, 2, "same", use_bias=False, name=f"{name}_conv")(x)
        x = keras.layers.BatchNormalization(name=f"{name}_bn")(x)
        x = keras.layers.ReLU(name=f"{name}_relu")(x)

    # Both branches are averaged and weighed together.
    pools = [
        keras.layers.GlobalAveragePooling2D(name="pool0")(features.output),
        keras.layers.GlobalAveragePooling2D(name="pool1")(x),
    ]
    x = keras.layers.Concatenate(name="pool")(pools)
    x = keras.layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(features.input, keras.layers.Dense(1, name="logit")(x), name="two_branches")


def run(folder: Path, settings: dict[str, Any], out: Path) -> list[dict[str, Any]]:
    """Train one variant and ask it about the val pictures; a line each set."""
    from models.training.making import augment, network, train

    make = with_noise_branch if settings.pop("noise_branch", False) else network.build
    model = train.train(folder, out, settings, make)
    names = {*settings["photographs"], *train.kinds(settings)} | set(settings["reals_for"])

    # The val pictures as they are ...
    rows = [row for row in read_rows(folder) if row.split == "val"]
    rows = [row for row in rows if row.set in names] or rows
    faces = find_all_faces(folder, rows, out.parent / "faces.csv")
    crops = train.face_crops(folder, rows, faces, settings["size"])

    # ... and every second photograph blended.
    rng = np.random.default_rng(settings["seed"])
    blends = []
    for row in [row for row in rows if row.label == "real" and faces[row.path]][::2]:
        blend = augment.blend_of(read_image(folder, row), faces[row.path], rng)
        blends.append(crop_face(blend, faces[row.path], settings["size"]))

    pictures = np.concatenate([crops, np.stack(blends)])
    logits = model.predict(pictures, batch_size=64, verbose=0)[:, 0]
    sets = np.array([row.set for row in rows] + ["blends"] * len(blends))
    labels = np.array([row.label == "fake" for row in rows] + [True] * len(blends))
    return judged(sets, labels, logits, settings["reals_for"])


def judged(
    sets: np.ndarray, labels: np.ndarray, logits: np.ndarray, reals_for: dict[str, list[str]]
) -> list[dict[str, Any]]:
    """AUC with its 95 % interval; a line for each set that has fakes."""
    lines = []
    for name, here in sets_with_reals(sets, labels, reals_for):
        if not labels[here].any():
            continue

        low, high = auc_interval(labels[here], logits[here])
        area = auc(labels[here], logits[here])
        fakes = int(labels[here].sum())
        lines.append(
            {
                "set": name,
                "reals": int(here.sum()) - fakes,
                "fakes": fakes,
                "auc": f"{area:.4f}",
                "low": f"{low:.4f}",
                "high": f"{high:.4f}",
            }
        )
    return lines


def table(lines: list[dict[str, Any]]) -> str:
    """AUC on val pictures with its 95 % interval, a variant a row, as Markdown."""
    sets = list(dict.fromkeys(line["set"] for line in lines))
    text = [f"| variant | {' | '.join(sets)} |", "|---" * (len(sets) + 1) + "|"]
    for name in dict.fromkeys(line["variant"] for line in lines):
        here = {line["set"]: line for line in lines if line["variant"] == name}
        cells = []
        for one in sets:
            area, low, high = (float(here[one][key]) for key in ("auc", "low", "high"))
            cells.append(f"{area:.3f} ({low:.2f} to {high:.2f})")
        text.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(text)


def read() -> list[dict[str, Any]]:
    """Read ablations.csv, no lines where there is none."""
    return read_lines(STORE)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, help="folder of labelled pictures; without it nothing is trained"
    )
    parser.add_argument("--out", type=Path, default=Path("build/ablations"))
    options = parser.parse_args()

    if options.data:
        plan = tomllib.loads(PLAN.read_text())
        base = tomllib.loads(SETTINGS.read_text()) | plan["all"]
        # What has lines already is done.
        for name, change in plan["variants"].items():
            if any(line["variant"] == name for line in read()):
                continue
            place = options.out / re.sub(r"\W+", "-", name)
            lines = run(options.data, base | change, place)
            write_lines(STORE, COLUMNS, read() + [{"variant": name, **line} for line in lines])

    if not STORE.exists():
        parser.error("nothing was trained yet: name the folder of labelled pictures with --data")
    print(table(read()))


if __name__ == "__main__":
    main()

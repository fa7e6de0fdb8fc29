"""What each part of the recipe is worth, in small runs: python -m models.training.ablate --data FOLDER.

Each variant of ablations.toml is trained for as many batches as it says there, without any picture
of one
generator, and asked about val pictures: of the sets it learnt from, of that generator, and blends
    made of
val photographs. Writes ablations.csv beside this file, variant by variant, so that a stopped run
goes on; without --data only the table is printed again from there.
"""

from __future__ import annotations

import argparse
import csv
import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from dfwidgets.measure.measures import auc, auc_interval, sets_with_reals

HERE = Path(__file__).parent
STORE = HERE / "ablations.csv"
COLUMNS = ("variant", "set", "reals", "fakes", "auc", "low", "high")


def with_noise_branch(size: int, dropout: float) -> Any:
    """The shipped network with a second branch that begins with a 3 x 3 high pass.

    Such residuals carry the traces of a camera or a generator (Zhou et al., "Learning Rich Features
    for Image Manipulation Detection", CVPR 2018).
    """
    import keras

    from models.training import backbone

    features = backbone.lite0(size)
    high = np.array([[-1, 2, -1], [2, -4, 2], [-1, 2, -1]], np.float32) / 4
    residual = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="residual")
    x = residual(features.input)
    residual.set_weights([np.repeat(high[:, :, None, None], 3, axis=2)])
    for number, channels in enumerate((32, 64, 128)):
        x = keras.layers.Conv2D(channels, 3, 2, "same", use_bias=False, name=f"noise{number}_conv")(
            x
        )
        x = keras.layers.ReLU(name=f"noise{number}_relu")(keras.layers.BatchNormalization()(x))
    pools = [
        keras.layers.GlobalAveragePooling2D(name=f"pool{i}")(part)
        for i, part in enumerate((features.output, x))
    ]
    x = keras.layers.Dropout(dropout, name="dropout")(keras.layers.Concatenate(name="pool")(pools))
    return keras.Model(features.input, keras.layers.Dense(1, name="logit")(x), name="two_branches")


def run(folder: Path, settings: dict[str, Any], out: Path) -> list[dict[str, Any]]:
    """Train one variant and ask it about the val pictures; a line each set."""
    from models.training import augment, data, train

    make = with_noise_branch if settings.pop("noise_branch", False) else train.build
    model = train.train(folder, out, settings, make)
    rows = [row for row in data.read_rows(folder) if row.split == "val"]
    faces = data.find_all_faces(folder, rows, out.parent / "faces.csv")
    crops = train.face_crops(folder, rows, faces, settings["size"])
    sets, labels = np.array([r.set for r in rows]), np.array([r.label == "fake" for r in rows])
    rng, blends = np.random.default_rng(settings["seed"]), []
    for row in [r for r in rows if r.label == "real" and faces[r.path]][::2]:
        image = train.open_image(data.read_bytes(folder, row))
        blend = augment.blend_of(image, faces[row.path], rng)
        blends.append(train.crop_face(blend, faces[row.path], settings["size"]))
    logits = model.predict(np.concatenate([crops, np.stack(blends)]), batch_size=64, verbose=0)[
        :, 0
    ]
    sets, labels = np.r_[sets, ["blends"] * len(blends)], np.r_[labels, np.ones(len(blends), bool)]
    lines = []
    for name, here in sets_with_reals(sets, labels, settings["reals_for"]):
        low, high = auc_interval(labels[here], logits[here])
        fakes = labels[here].sum()
        area = auc(labels[here], logits[here])
        lines.append(
            {
                "set": name,
                "reals": here.sum() - fakes,
                "fakes": fakes,
                "auc": area,
                "low": low,
                "high": high,
            }
        )
    return [
        {k: f"{v:.4f}" if isinstance(v, float) else v for k, v in line.items()} for line in lines
    ]


def table(lines: list[dict[str, Any]]) -> str:
    """AUC on val pictures with its 95 % interval, a variant a row, as Markdown."""
    sets = list(dict.fromkeys(line["set"] for line in lines))
    text = [f"| variant | {' | '.join(sets)} |", "|---" * (len(sets) + 1) + "|"]
    for name in dict.fromkeys(line["variant"] for line in lines):
        here = {line["set"]: line for line in lines if line["variant"] == name}
        said = (
            f"{float(here[s]['auc']):.3f} ({float(here[s]['low']):.2f} to {float(here[s]['high']):.2f})"
            for s in sets
        )
        text.append(f"| {name} | {' | '.join(said)} |")
    return "\n".join(text)


def read() -> list[dict[str, Any]]:
    """Read ablations.csv, no lines where there is none."""
    if not STORE.exists():
        return []
    with STORE.open(newline="") as file:
        return list(csv.DictReader(file))


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
        shipped = tomllib.loads((HERE / "settings.toml").read_text())
        plan = tomllib.loads((HERE / "ablations.toml").read_text())
        base = shipped | plan["all"]
        base["weights"] = {
            name: w for name, w in shipped["weights"].items() if name != base["left_out"]
        }
        for name, change in plan["variants"].items():
            if any(line["variant"] == name for line in read()):
                continue
            lines = [
                {"variant": name, **line}
                for line in run(
                    options.data, base | change, options.out / re.sub(r"\W+", "-", name)
                )
            ]
            before = read()
            with STORE.open("w", newline="") as file:
                write = csv.DictWriter(file, COLUMNS, lineterminator="\n")
                write.writeheader()
                write.writerows(before + lines)
    if not STORE.exists():
        parser.error("nothing was trained yet: name the folder of labelled pictures with --data")
    print(table(read()))


if __name__ == "__main__":
    main()

"""Join a model with a specialist for one kind of trace.

python -m models.training.making.join FIRST.keras SECOND.keras --data FOLDER --out FILE

The specialist is heard only where it is more alarmed than by most photographs: so it takes little
from what the first knows, and adds what the first never saw (`network.join`).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from models.training.making import dataset, network, train
from models.training.making.calibrate import quantile


def threshold(
    model: keras.Model, folder: Path, rows: Sequence[dataset.Row], faces: Path, quiet: float
) -> float:
    """The logit below which a fraction `quiet` of the val photographs lies, sets alike.

    Args:
        model: the specialist.
        folder: the labelled pictures.
        rows: those of its manifest.
        faces: a CSV where found faces are kept.
        quiet: 0 to 1.
    """
    rows = [row for row in rows if row.split == "val" and row.label == "real"]
    found = dataset.find_all_faces(folder, rows, faces)
    rows = [row for row in rows if found[row.path]]
    crops = train.face_crops(folder, rows, found, model.input_shape[1])
    logits = model.predict(crops, batch_size=64, verbose=0)[:, 0]
    return quantile(np.array([row.set for row in rows]), logits, quiet)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path, help="the specialist")
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled pictures")
    parser.add_argument("--faces", type=Path, default=Path("build/faces.csv"))
    parser.add_argument(
        "--quiet", type=float, default=0.8, help="fraction of photographs that do not alarm it"
    )
    parser.add_argument("--share", type=float, default=1.0, help="how loud its alarm is")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()

    first = keras.saving.load_model(options.first, compile=False)
    second = keras.saving.load_model(options.second, compile=False)
    rows = dataset.read_rows(options.data)
    alarm = threshold(second, options.data, rows, options.faces, options.quiet)
    network.join(first, second, alarm, options.share).save(options.out)
    print(f"the second is heard above a logit of {alarm:.3f}")


if __name__ == "__main__":
    main()

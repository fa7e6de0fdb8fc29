"""Make the shipped files of a trained model: python -m models.training.making.export --data FOLDER.

Writes model.keras, model.tflite (logit and evidence map of one pass) and manifest.json (hashes,
calibration, band) into models/detector.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import keras
import numpy as np

from dfwidgets import load_detector, measure, write_manifest
from models.training.lines import read_lines
from models.training.making.calibrate import band, calibrate, trusted_photographs
from models.training.making.dataset import labelled, progress, read_rows

NAME = "dfwidgets Lite0"


def with_evidence(model: keras.Model) -> keras.Model:
    """The same network with a second output, the evidence map E, float (N, rows, columns, 1).

    The logit is mean(E) + bias.
    """
    kernel, bias = model.get_layer("logit").get_weights()
    features = model.get_layer("pool").input
    weigh = keras.layers.Conv2D(1, 1, use_bias=False, name="evidence")
    cells = weigh(features)
    weigh.set_weights([kernel[None, None]])
    mean = keras.layers.GlobalAveragePooling2D(name="mean")(cells)
    logit = keras.layers.Rescaling(1.0, offset=float(bias[0]), name="plus_bias")(mean)
    return keras.Model(model.input, [logit, cells])


def to_tflite(model: keras.Model) -> bytes:
    """Convert by way of a SavedModel: straight from a Keras 3 model the weights get lost."""
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(model)
        shape = (None, *model.input_shape[1:])
        archive.add_endpoint("serve", model.call, [keras.InputSpec(shape=shape, dtype="float32")])
        archive.write_out(folder, verbose=False)
        return bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())


def save(model: keras.Model, folder: Path) -> None:
    """Write model.keras and model.tflite."""
    model.save(folder / "model.keras")
    (folder / "model.tflite").write_bytes(to_tflite(with_evidence(model)))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=Path("build/training/model.keras"))
    parser.add_argument("--out", type=Path, default=Path("models/detector"))
    parser.add_argument(
        "--left-out", type=Path, help="left_out.csv, for a lower edge that holds for new kinds"
    )
    options = parser.parse_args()
    out = options.out
    out.mkdir(parents=True, exist_ok=True)

    # The files as they are first, for the shipped reader to score the val pictures with.
    trained = keras.saving.load_model(options.model, compile=False)
    trained.trainable = True
    save(trained, out)
    write_manifest(out, name=NAME, speaks_for="fake", overwrite=True)
    rows = [row for row in read_rows(options.data) if row.split == "val"]
    pictures = labelled(options.data, rows)
    card = measure(load_detector(out), pictures, progress=progress(len(rows)))

    # The offset goes into the network's own bias, so that 0 stays the place where real and fake
    # are as likely.
    temperature, offset = calibrate(card.sets, card.labels, card.logits)
    head = trained.get_layer("logit")
    kernel, bias = head.get_weights()
    head.set_weights([kernel, bias + offset])
    save(trained, out)

    p_fake = 1 / (1 + np.exp(-(card.logits + offset) / temperature))
    trusted = 1.0
    if options.left_out:
        trusted = trusted_photographs(read_lines(options.left_out))
        print(f"at most {trusted:.0%} of the photographs may be called likely real")
    low, high = band(card.sets, card.labels, p_fake, trusted)
    write_manifest(
        out,
        name=NAME,
        speaks_for="fake",
        temperature=temperature,
        band=(low, high),
        overwrite=True,
    )
    print(f"temperature {temperature}, offset {offset}, can't tell between {low} and {high}")


if __name__ == "__main__":
    main()

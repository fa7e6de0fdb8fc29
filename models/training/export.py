"""Make the shipped files of a trained model: python -m models.training.export --data FOLDER [--model FILE].

Writes model.keras, model.tflite (logit and evidence map of one pass) and manifest.json (hashes,
calibration, band) into models/detector.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import tempfile
from pathlib import Path

import keras
import numpy as np

from models.training import data, evaluate


def with_evidence(model: keras.Model) -> keras.Model:
    """The same network with a second output: the evidence map E, (N, rows, columns, 1); logit = mean(E) + bias."""
    head = model.get_layer("logit")
    kernel, bias = head.get_weights()
    evidence = keras.layers.Conv2D(1, 1, use_bias=False, name="evidence")
    cells = evidence(model.get_layer("pool").input)
    evidence.set_weights([kernel[None, None]])
    mean = keras.layers.GlobalAveragePooling2D(name="mean")(cells)
    logit = keras.layers.Rescaling(1.0, offset=float(bias[0]), name="plus_bias")(mean)
    return keras.Model(model.input, [logit, cells])


def to_tflite(model: keras.Model) -> bytes:
    """Convert by way of a SavedModel: converting the functions of a Keras 3 model directly loses its weights."""
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(model)
        shape = (None, *model.input_shape[1:])
        archive.add_endpoint("serve", model.call, [keras.InputSpec(shape=shape, dtype="float32")])
        archive.write_out(folder, verbose=False)
        return bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())


def temperature(labels: np.ndarray, logits: np.ndarray, weights: np.ndarray) -> float:
    """The number that logits are divided by so that probabilities fit what happens (Guo et al., ICML 2017).

    Args:
        labels: bool (N,), True for fake.
        logits: float (N,).
        weights: float (N,), what each picture counts.
    """

    def loss(t: float) -> float:
        return float(np.average(np.logaddexp(0, np.where(labels, -logits, logits) / t), weights=weights))

    grid = np.geomspace(0.2, 10, 400)
    return round(float(grid[np.argmin([loss(t) for t in grid])]), 3)


def band(sets: np.ndarray, labels: np.ndarray, p_fake: np.ndarray, wrong: float = 0.05) -> tuple[float, float]:
    """Edges of "can't tell": in no set more than the part `wrong` of reals lie above, or of fakes below.

    Args:
        sets: str (N,), which set a picture is of.
        labels: bool (N,), True for fake.
        p_fake: float (N,), 0 to 1.
    """
    high = max(np.quantile(p_fake[~labels & (sets == name)], 1 - wrong) for name in set(sets[~labels]))
    low = min(np.quantile(p_fake[labels & (sets == name)], wrong) for name in set(sets[labels]))
    return math.floor(min(low, 0.5) * 1000) / 1000, math.ceil(max(high, 0.5) * 1000) / 1000


def write_manifest(folder: Path, **said: object) -> None:
    """Write manifest.json with the hashes of the model files beside it."""
    files = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.glob("model.*"))}
    (folder / "manifest.json").write_text(evaluate.to_json({"files": files, **said}))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=Path("build/training/model.keras"))
    parser.add_argument("--out", type=Path, default=Path("models/detector"))
    options = parser.parse_args()
    out = options.out
    out.mkdir(parents=True, exist_ok=True)

    trained = keras.saving.load_model(options.model, compile=False)
    trained.trainable = True
    trained.save(out / "model.keras")
    (out / "model.tflite").write_bytes(to_tflite(with_evidence(trained)))
    said = {"name": "dfwidgets Lite0", "size": trained.input_shape[1], "speaks_for": "fake"}
    write_manifest(out, **said)

    rows = [row for row in data.read_rows(options.data) if row.split == "val"]
    scored = evaluate.score(out, options.data, rows, ["none"])
    labels = np.array([line["label"] == "fake" for line in scored])
    logits = np.array([line["logit"] for line in scored])
    weights = evaluate.equal_weights(scored)
    t = temperature(labels, logits, weights)
    sets = np.array([line["set"] for line in scored])
    edges = band(sets, labels, 1 / (1 + np.exp(-logits / t)))
    write_manifest(out, **said, temperature=t, band=edges)
    print(f"temperature {t}, can't tell between {edges[0]} and {edges[1]}")


if __name__ == "__main__":
    main()

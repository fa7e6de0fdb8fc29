"""Make the shipped files of a trained model: python -m models.training.export --data FOLDER [--model FILE].

Writes model.keras, model.tflite (logit and evidence map of one pass) and manifest.json (hashes,
calibration, band) into models/detector.
"""

from __future__ import annotations

import argparse
import itertools
import math
import tempfile
from pathlib import Path

import keras
import numpy as np
from scipy.stats import beta

from dfwidgets import load_detector, measure, write_manifest
from dfwidgets.measure.measures import ece
from models.training import data, evaluate

BINS = (8, 10, 12, 15, 18, 20)


def with_evidence(model: keras.Model) -> keras.Model:
    """The same network with a second output: the evidence map E, (N, rows, columns, 1); logit =
    mean(E) + bias."""
    head = model.get_layer("logit")
    kernel, bias = head.get_weights()
    evidence = keras.layers.Conv2D(1, 1, use_bias=False, name="evidence")
    cells = evidence(model.get_layer("pool").input)
    evidence.set_weights([kernel[None, None]])
    mean = keras.layers.GlobalAveragePooling2D(name="mean")(cells)
    logit = keras.layers.Rescaling(1.0, offset=float(bias[0]), name="plus_bias")(mean)
    return keras.Model(model.input, [logit, cells])


def to_tflite(model: keras.Model) -> bytes:
    """Convert by way of a SavedModel: converting the functions of a Keras 3 model directly loses
    its weights."""
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        archive = keras.export.ExportArchive()
        archive.track(model)
        shape = (None, *model.input_shape[1:])
        archive.add_endpoint("serve", model.call, [keras.InputSpec(shape=shape, dtype="float32")])
        archive.write_out(folder, verbose=False)
        return bytes(tf.lite.TFLiteConverter.from_saved_model(folder).convert())


def calibrate(sets: np.ndarray, labels: np.ndarray, logits: np.ndarray) -> tuple[float, float]:
    """Temperature and offset with which probabilities fit what happens: sigmoid((logit + offset) / temperature).

    The scaling is Platt's ("Probabilistic outputs for support vector machines", 1999). A fit of all
    sets together fits none: it is too careful with one and too sure of another. So the pair is
    taken with which the set that fits worst fits best, by its ECE, averaged over several numbers of
    bins as one alone is jumpy.

    Args:
        sets: str (N,), which set a picture is of; sets that hold one class only are passed over.
        labels: bool (N,), True for fake.
        logits: float (N,).
    """
    both = [
        sets == name for name in sorted(set(sets[labels].tolist()) & set(sets[~labels].tolist()))
    ]

    def worst(temperature: float, offset: float) -> float:
        p = 1 / (1 + np.exp(-np.clip((logits + offset) / temperature, -60, 60)))
        return max(
            float(np.mean([ece(labels[one], p[one], bins=bins) for bins in BINS])) for one in both
        )

    tried = itertools.product(np.geomspace(0.5, 5, 100), np.linspace(-2, 2, 81))
    temperature, offset = min(tried, key=lambda pair: worst(*pair))
    return round(float(temperature), 3), round(float(offset), 3)


def band(
    sets: np.ndarray, labels: np.ndarray, p_fake: np.ndarray, wrong: float = 0.05, sure: float = 0.9
) -> tuple[float, float]:
    """Edges of "can't tell": in no set is more than the part `wrong` of fakes below, or of reals above.

    To call a photograph fake does more harm than to miss a fake, and few photographs were there to
    count: so the upper edge lies where that holds with the confidence `sure` (Clopper and Pearson,
        1934).

    Args:
        sets: str (N,), which set a picture is of.
        labels: bool (N,), True for fake.
        p_fake: float (N,), 0 to 1.
    """
    high = max(
        _upper_edge(p_fake[~labels & (sets == name)], wrong, sure) for name in set(sets[~labels])
    )
    low = min(np.quantile(p_fake[labels & (sets == name)], wrong) for name in set(sets[labels]))
    return math.floor(min(low, 0.5) * 1000) / 1000, math.ceil(max(high, 0.5) * 1000) / 1000


def _upper_edge(p_fake: np.ndarray, wrong: float, sure: float) -> float:
    """The lowest score above which, as far as one can be `sure`, no more than the part `wrong` of
    such pictures lie."""
    count = len(p_fake)
    above = np.arange(count)
    fine = above[beta.ppf(sure, above + 1, count - above) <= wrong]
    return float(np.sort(p_fake)[::-1][fine.max() if len(fine) else 0])


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
    options = parser.parse_args()
    out = options.out
    out.mkdir(parents=True, exist_ok=True)

    trained = keras.saving.load_model(options.model, compile=False)
    trained.trainable = True
    save(trained, out)
    write_manifest(out, name="dfwidgets Lite0", speaks_for="fake", overwrite=True)

    rows = [row for row in data.read_rows(options.data) if row.split == "val"]
    card = measure(
        load_detector(out), evaluate.labelled(options.data, rows), progress=evaluate.told(len(rows))
    )
    labels, logits, sets = card.labels, card.logits, card.sets
    temperature, offset = calibrate(sets, labels, logits)
    # The offset goes into the network's own bias, so that 0 stays the place where real and fake are
    # as likely.
    head = trained.get_layer("logit")
    kernel, bias = head.get_weights()
    head.set_weights([kernel, bias + offset])
    save(trained, out)
    edges = band(sets, labels, 1 / (1 + np.exp(-(logits + offset) / temperature)))
    write_manifest(
        out,
        name="dfwidgets Lite0",
        speaks_for="fake",
        temperature=temperature,
        band=edges,
        overwrite=True,
    )
    print(
        f"temperature {temperature}, offset {offset}, can't tell between {edges[0]} and {edges[1]}"
    )


if __name__ == "__main__":
    main()

"""Make the shipped files of a trained model: python -m models.training.making.export --data FOLDER.

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
from models.training.making import network
from models.training.making.dataset import labelled, progress, read_rows

NAME = "dfwidgets Lite0"
BINS = (8, 10, 12, 15, 18, 20)


def with_evidence(model: keras.Model) -> keras.Model:
    """The same network with a second output, the evidence map E, float (N, rows, columns, 1).

    The logit is mean(E) + bias. Where the averages of several layers count, E is the sum of their
    maps, brought to the smallest.
    """
    kernel, bias = model.get_layer("logit").get_weights()
    # The logit's weights are cut up as the averages were put together.
    maps = []
    for pool in network.pools(model):
        features = pool.input
        weights = kernel[: features.shape[-1]]
        kernel = kernel[features.shape[-1] :]
        weigh = keras.layers.Conv2D(1, 1, use_bias=False, name=f"evidence_{pool.name}")
        cells = weigh(features)
        weigh.set_weights([weights[None, None]])

        # A mean of means is the mean: the sum stays the logit.
        if maps and cells.shape[1] != maps[0].shape[1]:
            cells = keras.layers.AveragePooling2D(cells.shape[1] // maps[0].shape[1])(cells)
        maps.append(cells)

    cells = maps[0]
    if len(maps) > 1:
        cells = keras.layers.Add(name="evidence")(maps)
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


def calibrate(sets: np.ndarray, labels: np.ndarray, logits: np.ndarray) -> tuple[float, float]:
    """Temperature and offset with which probabilities fit what happens.

    They are sigmoid((logit + offset) / temperature); the scaling is Platt's ("Probabilistic outputs
    for support vector machines", 1999). A fit of all sets together fits none: it is too careful
    with one and too sure of another. So the pair is taken with which the set that fits worst fits
    best, by its ECE, averaged over several numbers of bins as one alone is jumpy.

    Args:
        sets: str (N,), which set a picture is of; sets that hold one class only are passed over.
        labels: bool (N,), True for fake.
        logits: float (N,).
    """
    # A set with one class only has no rate to fit.
    both = [
        sets == name for name in sorted(set(sets[labels].tolist()) & set(sets[~labels].tolist()))
    ]

    def worst(temperature: float, offset: float) -> float:
        p = 1 / (1 + np.exp(-np.clip((logits + offset) / temperature, -60, 60)))
        errors = [[ece(labels[one], p[one], bins=bins) for bins in BINS] for one in both]
        return max(float(np.mean(of_one)) for of_one in errors)

    # All pairs are tried: the worst set changes on the way, so the slope does, too.
    tried = itertools.product(np.geomspace(0.5, 5, 100), np.linspace(-2, 2, 81))
    temperature, offset = min(tried, key=lambda pair: worst(*pair))
    return round(float(temperature), 3), round(float(offset), 3)


def band(
    sets: np.ndarray, labels: np.ndarray, p_fake: np.ndarray, wrong: float = 0.05, sure: float = 0.9
) -> tuple[float, float]:
    """Edges of "can't tell": in no set more than the fraction `wrong` of fakes lies below.

    Nor of reals above. To call a photograph fake does more harm than to miss a fake, and few
    photographs were there to count: so the upper edge lies where that holds with the confidence
    `sure` (Clopper and Pearson, 1934).

    Args:
        sets: str (N,), which set a picture is of.
        labels: bool (N,), True for fake.
        p_fake: float (N,), 0 to 1.
    """
    reals = [p_fake[~labels & (sets == name)] for name in set(sets[~labels])]
    fakes = [p_fake[labels & (sets == name)] for name in set(sets[labels])]
    high = max(_upper_edge(p, wrong, sure) for p in reals)
    low = min(np.quantile(p, wrong) for p in fakes)
    # Rounded outward, so that the rates hold with the numbers that are written down.
    return math.floor(min(low, 0.5) * 1000) / 1000, math.ceil(max(high, 0.5) * 1000) / 1000


def _upper_edge(p_fake: np.ndarray, wrong: float, sure: float) -> float:
    """The lowest score above which, as one can be `sure`, at most a fraction `wrong` lies."""
    count = len(p_fake)
    # How many may lie above, so that even an unlucky count stands for few.
    above = np.arange(count)
    fine = above[beta.ppf(sure, above + 1, count - above) <= wrong]
    place = fine.max(initial=0)
    return float(np.sort(p_fake)[::-1][place])


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
    low, high = band(card.sets, card.labels, p_fake)
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

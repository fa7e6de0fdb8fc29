"""Train the detector: python -m models.training.train --data FOLDER [--out build/training].

Stopped by hand it goes on from its last checkpoint when started again. Keras runs it on any backend
(KERAS_BACKEND=torch or jax where a GPU is at hand).
"""

from __future__ import annotations

import argparse
import csv
import json
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dfwidgets.measure.measures import auc, sets_with_reals
from dfwidgets.pictures.faces import Face, crop_face
from dfwidgets.pictures.images import open_image
from models.training import backbone, data

HERE = Path(__file__).parent


def build(size: int, dropout: float) -> keras.Model:
    """Lite0, average pooling and one logit: float RGB 0..255 (N, size, size, 3) to the logit of fake (N, 1).

    Averaging commutes with the dense layer, so the same weights laid over every cell give a map
    whose mean plus the bias is the logit (class activation map, Zhou et al., CVPR 2016).
    """
    features = backbone.lite0(size)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(features.output)
    x = keras.layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(features.input, keras.layers.Dense(1, name="logit")(x), name="detector")


def freeze(model: keras.Model, first_block: int | None) -> None:
    """Keep what lies before a block as it is; None, or a block that is not there, keeps all but the
    head."""
    learns = False
    for layer in model.layers:
        learns = learns or layer.name.startswith((f"block{first_block}_", "pool"))
        layer.trainable = learns


def compile_for(model: keras.Model, rate: Any, weight_decay: float) -> None:
    """Ready the model to learn from logits."""
    optimizer = keras.optimizers.AdamW(rate, weight_decay=weight_decay, clipnorm=1.0)
    optimizer.exclude_from_weight_decay(var_names=["bias", "beta", "gamma"])
    model.compile(optimizer, keras.losses.BinaryCrossentropy(from_logits=True))


def face_crops(
    folder: Path, rows: list[data.Row], faces: dict[str, Face | None], size: int
) -> np.ndarray:
    """What the network sees of each picture, untouched: uint8 (N, size, size, 3)."""
    crops = [crop_face(open_image(data.read_bytes(folder, r)), faces[r.path], size) for r in rows]
    return np.stack(crops)


class Watch(keras.callbacks.Callback):
    """After each epoch: AUC of each validation set, a line in the log, a checkpoint, the time left."""

    def __init__(
        self,
        out: Path,
        rows: list[data.Row],
        crops: np.ndarray,
        reals_for: dict[str, list[str]],
        done: int,
        epochs: int,
    ) -> None:
        super().__init__()
        self.out, self.crops, self.reals_for, self.done, self.epochs = (
            out,
            crops,
            reals_for,
            done,
            epochs,
        )
        self.sets = np.array([r.set for r in rows])
        self.labels = np.array([r.label == "fake" for r in rows])

    def on_train_begin(self, logs: Any = None) -> None:
        self.start = time.time()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logits = self.model.predict(self.crops, batch_size=64, verbose=0)[:, 0]
        line = {"epoch": epoch + 1, "loss": round(float(logs["loss"]), 4)}
        for name, here in sets_with_reals(self.sets, self.labels, self.reals_for):
            line[f"auc {name}"] = round(auc(self.labels[here], logits[here]), 4)
        log = self.out / "log.csv"
        fresh = not log.exists()
        self.model.save(self.out / "checkpoint.keras")
        with log.open("a", newline="") as file:
            write = csv.DictWriter(file, line)
            if fresh:
                write.writeheader()
            write.writerow(line)
        left = (time.time() - self.start) / (epoch + 1 - self.done) * (self.epochs - epoch - 1)
        print(
            *(f"{k} {v}" for k, v in line.items()),
            f"{left / 60:.0f} min left",
            sep="  ",
            flush=True,
        )


def train(
    folder: Path,
    out: Path,
    settings: dict[str, Any],
    make: Callable[[int, float], keras.Model] = build,
) -> keras.Model:
    """Train as the settings say, or go on where the last run stopped; returns the trained model.

    Writes log.csv (a line an epoch), checkpoint.keras, and run.json: the settings and the sha256 of
    the data. `make` builds another network than the shipped one.
    """
    out.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(settings["seed"])
    rows = data.read_rows(folder)
    if not any(
        row.set in settings["weights"] for row in rows
    ):  # somebody's own pictures: every set alike
        settings = settings | {"weights": {row.set: 1.0 for row in rows}, "reals_for": {}}
    rows = [row for row in rows if row.set in settings["weights"]]
    run = (
        json.dumps({"settings": settings, "sha256": data.fingerprint(folder, rows)}, indent=2)
        + "\n"
    )
    begun = out / "run.json"
    if begun.exists() and begun.read_text() != run:
        raise SystemExit(
            f"{out} holds a run with other settings or other pictures. Name another --out, or remove it."
        )
    begun.write_text(run)
    faces = data.find_all_faces(folder, rows, out.parent / "faces.csv")
    left_out = settings.get("fakes_left_out", [])
    learn = [
        row
        for row in rows
        if row.split == "train" and not (row.label == "fake" and row.set in left_out)
    ]
    val = [row for row in rows if row.split == "val"]

    def batches(steps: int, seed: int) -> data.Batches:
        names = ("weights", "reals_for", "self_blends", "degradations", "size", "batch")
        return data.Batches(
            folder, learn, faces, **{name: settings[name] for name in names}, steps=steps, seed=seed
        )

    checkpoint, done = out / "checkpoint.keras", 0
    if checkpoint.exists():
        model = keras.saving.load_model(checkpoint)
        done = len((out / "log.csv").read_text().splitlines()) - 1
        print(f"going on after {done} epochs", flush=True)
    else:
        if settings["start"]:
            model = keras.saving.load_model(HERE.parent / settings["start"], compile=False)
        else:
            model = make(settings["size"], settings["dropout"])
            backbone.load_imagenet(model)
            freeze(model, None)
            compile_for(model, settings["head_rate"], settings["weight_decay"])
            model.fit(batches(settings["head_steps"], settings["seed"] + 1), verbose=0)
        freeze(model, settings["first_block"])
        rate, warm = settings["rate"], min(200, settings["steps"] // 5)
        schedule = keras.optimizers.schedules.CosineDecay(
            rate / 20, max(1, settings["steps"] - warm), warmup_target=rate, warmup_steps=warm
        )
        compile_for(model, schedule, settings["weight_decay"])
    epoch = min(settings["epoch"], settings["steps"])
    epochs = settings["steps"] // epoch
    watch = Watch(
        out,
        val,
        face_crops(folder, val, faces, settings["size"]),
        settings["reals_for"],
        done,
        epochs,
    )
    left = batches(settings["steps"], settings["seed"])
    left.start = done * epoch
    model.fit(
        left, steps_per_epoch=epoch, epochs=epochs, initial_epoch=done, callbacks=[watch], verbose=0
    )
    return model


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="manifest.csv and archives, or Real/ and Fake/"
    )
    parser.add_argument("--settings", type=Path, default=HERE / "settings.toml")
    parser.add_argument("--out", type=Path, default=Path("build/training"))
    options = parser.parse_args()
    settings = tomllib.loads(options.settings.read_text())
    train(options.data, options.out, settings).save(options.out / "model.keras")


if __name__ == "__main__":
    main()

"""Train the detector: python -m models.training.making.train --data FOLDER [--out build/training].

Stopped by hand it goes on from its last checkpoint when started again. Keras runs it on any backend
(KERAS_BACKEND=torch or jax where a GPU is at hand).
"""

from __future__ import annotations

import argparse
import json
import time
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dfwidgets.pictures.faces import Face, crop_face
from models.training.lines import read_lines
from models.training.making import SETTINGS, backbone, batches, dataset, network, watch
from models.training.making.learner import KerasLearner, Learner

MODELS = Path(__file__).parents[2]
MAY_CHANGE = ("steps", "cooldown", "epoch")  # while a run goes

Build = Callable[[int, float, Sequence[str], bool], keras.Model]


def train(
    folder: Path,
    out: Path,
    settings: dict[str, Any],
    make: Build = network.build,
    reconstructions: Path | None = None,
) -> keras.Model:
    """Train as the settings say, or go on where the last run stopped.

    Writes into `out`: log.csv (a line an epoch), a checkpoint, average.keras, and run.json (the
    settings, and the sha256 of the data).

    Args:
        folder: the labelled pictures.
        out: folder of this run.
        settings: as in settings.toml.
        make: builds another network than the shipped one.
        reconstructions: folder that `reconstruct` wrote.

    Returns:
        the model whose weights are the running average.
    """
    # --- the pictures
    out.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(settings["seed"])
    rows = dataset.read_rows(folder)
    settings = fitted(settings, rows)
    rows = [row for row in rows if row.set in {*settings["photographs"], *kinds(settings)}]
    faces = dataset.find_all_faces(folder, rows, out.parent / "faces.csv")
    if settings["faces_only"]:
        rows = [row for row in rows if faces[row.path]]

    remember(out / "run.json", settings, dataset.fingerprint(folder, rows))
    learn = [row for row in rows if row.split == "train" and not left_out(row, settings)]
    val = watch.some_of_each([row for row in rows if row.split == "val"])

    # --- the batches: by one seed and number always the same one
    prepared = batches.Batches(folder, learn, faces, batches.Mix.of(settings), reconstructions)

    # --- the network: from the last checkpoint, a trained model, or ImageNet
    model = make(settings["size"], settings["dropout"], settings["middle"], settings["top"])
    learn_by = engine(settings["engine"])
    done = 0
    if (out / learn_by.FILE).exists():
        learner = learn_by(model, settings)
        learner.restore(out)
        done = int(read_lines(out / watch.LOG)[-1]["batches"])
        print(f"going on after {done} batches", flush=True)
    elif settings["start"]:
        start = keras.saving.load_model(MODELS / settings["start"], compile=False)
        network.take_over(model, start)
        learner = learn_by(model, settings)
    else:
        backbone.load_imagenet(model)
        learner = learn_by(model, settings)
        # Other batches than those that come after.
        first = settings["steps"]
        learner.learn_head(batches.ahead(prepared, first, first + settings["head_steps"]))

    # --- learning
    crops = face_crops(folder, val, faces, settings["size"])
    watcher = watch.Watch(out, val, crops, settings["reals_for"])
    losses: list[float] = []
    began = time.time()
    for step, batch in enumerate(batches.ahead(prepared, done, settings["steps"]), done):
        losses.append(learner.learn(batch, rate(step, settings)))
        learner.follow(kept(step, settings))

        # --- now and then: how good it is, and where to go on from
        count = step + 1
        if count % settings["epoch"] == 0 or count == settings["steps"]:
            average = learner.average()
            watcher.look(count, float(np.mean(losses)), average)
            average.save(out / "average.keras")
            learner.save(out)
            left = (time.time() - began) / (count - done) * (settings["steps"] - count)
            print(f"{left / 60:.0f} min left", flush=True)
            losses.clear()
    return learner.average()


def engine(name: str) -> type[Learner]:
    """What learns: "keras" everywhere, "torch" where PyTorch is, three times as fast on a CPU."""
    if name == "keras":
        return KerasLearner
    from models.training.making.torch_learner import TorchLearner

    return TorchLearner


def fitted(settings: dict[str, Any], rows: Sequence[dataset.Row]) -> dict[str, Any]:
    """The settings for these pictures: of somebody's own folder every set counts alike."""
    settings = {"faces_only": False, "engine": "keras", "top": True} | settings
    there = {row.set for row in rows}
    if there & {*settings["photographs"], *kinds(settings)}:
        return settings
    alike = dict.fromkeys(sorted(there), 1.0)
    return settings | {"families": {"own": alike}, "photographs": alike, "reals_for": {}}


def kinds(settings: dict[str, Any]) -> list[str]:
    """The kinds of fakes that the settings name."""
    return [name for family in settings["families"].values() for name in family]


def left_out(row: dataset.Row, settings: dict[str, Any]) -> bool:
    """Whether a picture is a fake of a kind that must not be seen."""
    return row.label == "fake" and row.set in settings.get("fakes_left_out", ())


def remember(path: Path, settings: dict[str, Any], prints: dict[str, str]) -> None:
    """Write down what a run is made of, or make sure that one that goes on is made of the same."""
    run = {"settings": settings, "sha256": prints}
    if path.exists():
        before = json.loads(path.read_text())
        same = _fixed(before["settings"]) == _fixed(settings) and before["sha256"] == prints
        if not same:
            raise SystemExit(
                f"{path.parent} holds a run with other settings or other pictures. "
                "Name another --out, or remove it."
            )
    path.write_text(json.dumps(run, indent=2) + "\n")


def rate(step: int, settings: dict[str, Any]) -> float:
    """The learning rate of a batch: it rises, stays, and falls to zero at the end."""
    rising = (step + 1) / max(1, settings["warmup"])
    falling = (settings["steps"] - step) / max(1, settings["cooldown"])
    return settings["rate"] * min(1.0, rising, falling)


def kept(step: int, settings: dict[str, Any]) -> float:
    """How much of the running average stays after a batch: at first less, so that it gets away."""
    return min(settings["average"], (step + 1) / (step + 10))


def face_crops(
    folder: Path, rows: Sequence[dataset.Row], faces: dict[str, Face | None], size: int
) -> np.ndarray:
    """What the network sees of each picture, untouched: uint8 (N, size, size, 3)."""
    images = (dataset.read_image(folder, row) for row in rows)
    return np.stack(
        [crop_face(image, faces[row.path], size) for image, row in zip(images, rows, strict=True)]
    )


def _fixed(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name not in MAY_CHANGE}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="manifest.csv and archives, or Real/ and Fake/"
    )
    parser.add_argument("--settings", type=Path, default=SETTINGS)
    parser.add_argument("--out", type=Path, default=Path("build/training"))
    parser.add_argument("--reconstructions", type=Path, help="folder that `reconstruct` wrote")
    options = parser.parse_args()

    settings = tomllib.loads(options.settings.read_text())
    model = train(options.data, options.out, settings, reconstructions=options.reconstructions)
    model.save(options.out / "model.keras")


if __name__ == "__main__":
    main()

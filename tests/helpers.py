"""What several tests need: the places of the repository, small detectors, pictures and models made
on the spot. No test takes anything from another test."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image

import dfwidgets as df

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "models" / "detector"
SHARED = ROOT.parent / "shared" / "data"
ANCESTOR = ROOT.parent / "shared" / "ancestor"

needs_ancestor = pytest.mark.skipif(
    not ANCESTOR.is_dir(),
    reason="the ancestor's model (shared/ancestor) is not beside this checkout",
)
"""Marks a test that reads the ancestor's own files; the end of the run counts those skipped."""


# Detectors whose truth is known


class Redness:
    """A student's detector: the redder the middle of the picture, the more fake."""

    def predict(self, image, face="largest"):
        return df.Prediction(
            p_fake=float(image[..., 0].mean() / 255), face=None if face == "largest" else face
        )

    def explain(
        self, image, face="largest", *, toward="fake", method="Grad-CAM", progress=lambda part: None
    ):
        progress(0.5)
        red = image[..., 0] / 255 if toward == "fake" else np.zeros(image.shape[:2])
        return red.astype(np.float32)


class Broken(Redness):
    """A detector whose maps fail."""

    def explain(self, image, face="largest", **_):
        raise RuntimeError("<b>no map today</b>")


class Size(Redness):
    """Fake is what is large: a detector that making a picture smaller turns."""

    def predict(self, image, face="largest"):
        return df.Prediction(p_fake=0.8 if image.shape[1] >= 80 else 0.2)


SIDE = 96
PATCH = slice(12, 36), slice(60, 84)
"""The side of `red_patch()`, and where in it the patch lies."""


class ReadsRedPatch:
    """Its answer hangs on one place alone: the redder it is there, the more fake."""

    def __init__(self, place=PATCH):
        self.place = place
        self.asked = 0

    def predict(self, image, face="largest"):
        self.asked += 1
        red, green = (image[self.place][..., channel].astype(float).mean() for channel in (0, 1))
        return df.Prediction(p_fake=0.5, logit=(red - green) / 10, face=None)

    def explain(
        self, image, face="largest", *, toward="fake", method="Grad-CAM", progress=lambda part: None
    ):
        return lit(self.place)

    def shuffled(self, seed):
        rows, columns = np.random.default_rng(seed).integers(0, SIDE - 24, 2)
        return ReadsRedPatch((slice(rows, rows + 24), slice(columns, columns + 24)))


def lit(place) -> np.ndarray:
    """A heatmap that is 1 at one place of `red_patch()` and 0 elsewhere."""
    heatmap = np.zeros((SIDE, SIDE), np.float32)
    heatmap[place] = 1
    return heatmap


# Pictures


def red_patch() -> np.ndarray:
    """A red patch on grey grain: what `ReadsRedPatch` reads."""
    grey = np.random.default_rng(0).integers(80, 120, (SIDE, SIDE, 1))
    picture = np.repeat(grey, 3, axis=2).astype(np.uint8)
    picture[PATCH] = 220, 20, 20
    return picture


def picture_bytes(kind="JPEG", size=(24, 16), **how) -> bytes:
    """A small picture file with what `how` says written into it."""
    buffer = io.BytesIO()
    Image.effect_noise(size, 50).convert("RGB").save(buffer, kind, **how)
    return buffer.getvalue()


def exif(fields=None, details=None, gps=None) -> bytes:
    """Camera data to be written into a picture file."""
    made = Image.Exif()
    made.update(fields or {})
    if details:
        made[ExifTags.IFD.Exif] = details
    if gps:
        made[ExifTags.IFD.GPSInfo] = gps
    return made.tobytes()


NORTH = {
    ExifTags.GPS.GPSLatitudeRef: "N",
    ExifTags.GPS.GPSLatitude: (48.0, 51.0, 29.6),
    ExifTags.GPS.GPSLongitude: (2.0, 17.0, 40.2),
}

CAMERA = exif(
    {
        ExifTags.Base.Make: "Canon",
        ExifTags.Base.Model: "Canon EOS 5D",
        ExifTags.Base.Software: "Darkroom 3.1",
        ExifTags.Base.DateTime: "2021:05:06 07:08:09",
    },
    {ExifTags.Base.DateTimeOriginal: "2021:05:04 03:02:01"},
    NORTH,
)
"""What a camera and a photo program write, a place among it."""


def save_picture(path: Path, seed=0, size=(64, 64), **options) -> Path:
    """Save a picture of smooth colours that differ by `seed`, in the format of its ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    colours = np.random.default_rng(seed).integers(0, 256, (3, 3, 3), dtype=np.uint8)
    Image.fromarray(colours).resize(size, Image.Resampling.BICUBIC).save(path, **options)
    return path


def fill(folder: Path, reals=2, fakes=2) -> Path:
    """Put so many small pictures into Real and Fake: r00.jpg, r01.jpg, ... and f00.jpg, ..."""
    for name, count in (("Real", reals), ("Fake", fakes)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for i in range(count):
            save_picture(
                folder / name / f"{name[0].lower()}{i:02}.jpg",
                seed=i + (500 if name == "Fake" else 0),
            )
    return folder


HOW = "The <b>shuttle</b> was mirrored at line {}."
"""How each fake of `make_samples` was made, with its number."""


def make_samples(folder: Path, portrait: bytes, each: int = 3) -> Path:
    """A folder of photographs and changed ones: in each of these a circle is mirrored, and its mask
    says so."""
    for name in ("Real", "Fake", "masks"):
        (folder / name).mkdir(parents=True)

    picture = Image.open(io.BytesIO(portrait)).resize((300, 300))
    y, x = np.mgrid[:300, :300]
    rows = [("file", "made_from", "how", "level", "mask")]
    for i in range(each):
        part = picture.crop((4 * i, 0, 300, 300 - 4 * i)).resize((300, 300))
        part.save(folder / "Real" / f"quince-{i}.jpg", quality=90)

        values = np.array(part)
        inside = (x - 60) ** 2 + (y - 150) ** 2 < 40**2
        values[inside] = values[:, ::-1][inside]
        Image.fromarray(values).save(folder / "Fake" / f"medlar-{i}.jpg", quality=90)

        mask = f"masks/medlar-{i}.png"
        Image.fromarray(inside.astype(np.uint8) * 255).save(folder / mask)
        rows.append((f"Fake/medlar-{i}.jpg", f"quince-{i}", HOW.format(i), "medium", mask))

    with (folder / "samples.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


# Models


def keras_file(folder: Path, *layers: dict[str, Any], shape=(None, 32, 32, 3), **top) -> Path:
    """A folder with a `.keras` file as Keras writes it, without weights: what is read from it
    without Keras."""
    config = {"name": "image", "batch_shape": shape}
    first = {"module": "keras.layers", "class_name": "InputLayer", "config": config}
    model = {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "mine", "layers": [first, *layers]},
    } | top
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / "model.keras", "w") as zipped:
        zipped.writestr("config.json", json.dumps(model))
    return folder


def dense_layer(activation: str) -> dict[str, Any]:
    """The last layer of `keras_file`, as Keras writes it."""
    return {
        "module": "keras.layers",
        "class_name": "Dense",
        "config": {"name": "end", "activation": activation},
    }


# Other users

NOBODY = 65534


# Imported before: the checkout itself may lie where nobody else may look.
_GIVE_UP_RIGHTS = f"""
import importlib, os, pkgutil, sys
import dfwidgets as df
from PIL import Image
for module in pkgutil.walk_packages(df.__path__, "dfwidgets."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
Image.init()
code = sys.argv.pop(1)
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
exec(code)
"""


def as_another_user(code: str, *arguments: object) -> str:
    """What `code` prints where it runs for someone who may not read what is locked.

    It runs in a process of its own, which gives up the rights of root, for whom nothing is locked;
    whoever is not root stays who they are. `df` is there, `arguments` are `sys.argv[1:]`. What it
    reads has to lie in the fixture `open_place`.
    """
    ran = subprocess.run(
        [sys.executable, "-c", _GIVE_UP_RIGHTS, code, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


# Training


def small_run(**changed: Any) -> dict[str, Any]:
    """Settings of a training run that takes seconds."""
    settings = {
        "seed": 1,
        "size": 64,
        "batch": 8,
        "epoch": 2,
        "head_steps": 2,
        "steps": 2,
        "warmup": 1,
        "cooldown": 1,
        "head_rate": 0.02,
        "rate": 1e-4,
        "weight_decay": 1e-4,
        "dropout": 0.1,
        "average": 0.0,
        "first_block": 14,
        "middle": [],
        "photographs": {},
        "reals_for": {},
        "fakes": {"own": 1.0},
        "soft_reals": 0.0,
        "twins": 0,
        "twin_weight": 0.0,
        "twin_sets": [],
        "degradations": True,
        "start": "",
    }
    return settings | changed

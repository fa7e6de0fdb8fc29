"""The pictures that come with dfwidgets: enough of them, made alike, with masks that tell what was changed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import dfwidgets as df
from tests.conftest import ROOT

IMAGES = ROOT / "images"
SAMPLES = df.load_samples(IMAGES)


def grey(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("L"), np.float32)


def test_there_are_at_least_24_of_each_and_nothing_was_skipped() -> None:
    assert len(SAMPLES.reals) >= 24
    assert len(SAMPLES.fakes) >= 24
    assert SAMPLES.notices == ()


def test_every_picture_shows_one_face_in_256_to_512_pixels() -> None:
    for sample in SAMPLES:
        image = df.open_image(sample.path)
        assert 256 <= min(image.shape[:2]) <= max(image.shape[:2]) <= 512, sample.path
        assert len(df.find_faces(image)) == 1, sample.path


def test_real_and_fake_left_through_the_same_encoder() -> None:
    made = set()
    for sample in SAMPLES:
        with Image.open(sample.path) as picture:
            tables = json.dumps(picture.quantization)  # type: ignore[attr-defined]
            made.add((picture.format, tables, picture.info.get("jfif_version"), "exif" in picture.info))
    assert len(made) == 1


def test_every_fake_says_how_it_was_made_of_which_photograph() -> None:
    names = {SAMPLES.name(sample) for sample in SAMPLES.reals}
    for fake in SAMPLES.fakes:
        assert fake.made_from in names
        assert fake.how.endswith(".")
    levels = [fake.level for fake in SAMPLES.fakes]
    assert all(levels.count(level) >= 8 for level in ("easy", "medium", "hard"))
    assert len(levels) == sum(levels.count(level) for level in ("easy", "medium", "hard"))


@pytest.mark.parametrize("fake", SAMPLES.fakes, ids=lambda fake: fake.path.stem)
def test_the_mask_covers_what_was_changed(fake: df.Sample) -> None:
    assert fake.mask is not None
    mask = grey(fake.mask) / 255
    change = np.abs(grey(fake.path) - grey(IMAGES / fake.made_from))
    assert mask.shape == change.shape
    assert 0.002 < (mask > 0.5).mean() < 0.5
    # JPEG spreads a little beyond, never far.
    assert change[mask > 0.5].mean() > 3 * change[mask < 0.02].mean()


def test_the_table_names_origin_and_licence_of_every_photograph() -> None:
    table = (IMAGES / "README.md").read_text()
    for sample in SAMPLES.reals:
        line = next(line for line in table.splitlines() if sample.path.name in line)
        assert "MIT" in line or "public domain" in table
    with (IMAGES / "samples.csv").open(newline="") as file:
        assert all(row["how"] in table for row in csv.DictReader(file))

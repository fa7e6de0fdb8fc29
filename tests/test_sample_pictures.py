"""The pictures that come with dfwidgets: enough of them, made alike, with masks that tell what was
changed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import dfwidgets as df
from dfwidgets.measure.measures import auc_interval
from tests.helpers import ROOT

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
            made.add(
                (picture.format, tables, picture.info.get("jfif_version"), "exif" in picture.info)
            )
    assert len(made) == 1


def test_what_the_browser_gets_of_them_tells_nothing_but_by_what_is_seen() -> None:
    """Length, size, format and quantisation of the pictures as sent separate real from fake no
    better than chance."""
    game = df.Game(SAMPLES, seed=5)
    fake, length, headers = [], [], set()
    for _ in range(6):
        game.start()
        assert len({len(card.shown) for card in game.cards}) == 1
        for card in game.cards:
            with Image.open(io.BytesIO(card.shown)) as sent:
                tables = json.dumps(sent.quantization)  # type: ignore[attr-defined]
                headers.add((sent.format, sent.size, sent.mode, tables, *sorted(sent.info)))
            fake.append(card.sample.label == "fake")
            length.append(len(card.shown.rstrip(b"\0")))  # before the filling that makes them equal
    assert len(headers) == 1
    low, high = auc_interval(np.array(fake), np.array(length, float))
    assert low < 0.5 < high


def test_the_dashboard_takes_a_folder_of_ones_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(ROOT / "notebooks")
    cell = "".join(json.loads(Path("dashboard.ipynb").read_text())["cells"][0]["source"])
    for named, expected in ((str(tmp_path), tmp_path), ("", Path("../images"))):
        monkeypatch.setenv("DFWIDGETS_SAMPLES", named)
        names: dict[str, df.Samples] = {}
        exec(cell, names)
        assert names["samples"].folder == expected


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
        line = next(
            line for line in table.splitlines() if line.startswith(f"| {sample.path.name} |")
        )
        assert "| MIT |" in line or "| public domain |" in line
    with (IMAGES / "samples.csv").open(newline="") as file:
        assert all(row["how"] in table for row in csv.DictReader(file))

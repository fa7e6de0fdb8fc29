"""The model card and the manifest say what predictions.csv says."""

import csv
import zlib

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.manifest import read_manifest
from models.training import contact_sheet, evaluate
from tests.conftest import ROOT, SHARED

DETECTOR = ROOT / "models" / "detector"


@pytest.fixture(scope="module")
def lines():
    return evaluate.read_predictions(DETECTOR / "predictions.csv")


def test_every_figure_of_the_card_is_printed_from_the_predictions(lines):
    card = (DETECTOR / "MODEL_CARD.md").read_text()
    block = card.split(evaluate.BEGIN)[1].split(evaluate.END)[0].strip()
    assert block == evaluate.figures(lines, read_manifest(DETECTOR).band)


def test_the_counts_of_the_samples_are_what_the_shipped_detector_says_of_them(shipped):
    card = (DETECTOR / "MODEL_CARD.md").read_text()
    block = card.split(contact_sheet.BEGIN)[1].split(contact_sheet.END)[0].strip()
    samples = df.load_samples(ROOT / "images")
    predictions = [shipped.predict(df.open_image(sample.path)) for sample in samples]
    assert block == contact_sheet.figures(samples, predictions)


def test_the_error_rates_in_the_manifest_are_those_of_the_predictions(lines):
    plain = [line for line in lines if line["degradation"] == "none"]
    assert read_manifest(DETECTOR).measured == evaluate.measured(plain)


def test_the_predictions_are_those_of_the_shipped_model(shipped, lines, shared_faces):
    with (SHARED / "manifest.csv").open(newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["split"] == "test" and r["set"] == "stylegan2"]
    rows = [r for r in rows if r["label"] == "real"][:4] + [r for r in rows if r["label"] == "fake"][:4]
    known = {line["id"]: line["logit"] for line in lines if line["degradation"] == "none"}
    for row, (_, data) in zip(rows, shared_faces, strict=True):
        expected = known[f"{zlib.crc32(row['path'].encode()):08x}"]
        assert shipped.predict(df.open_image(data)).logit == pytest.approx(expected, abs=0.05)


def test_a_frequency_counts_what_the_predictions_hold(lines):
    manifest = read_manifest(DETECTOR)
    p = round(manifest.band[1] + 0.01, 2)
    high: dict[str, list[bool]] = {}
    for line in lines:
        if line["degradation"] == "none" and line["label"] == "real":
            high.setdefault(line["set"], []).append(line["p_fake"] >= p)
    parts = [np.mean(values) * 100 for values in high.values()]
    said = manifest.frequency(p)
    assert f"{min(parts):.0f} to {max(parts):.0f}, by kind of picture" in said
    assert f"about {np.mean(parts):.0f} of 100 real" in said


def test_ece_is_zero_where_probabilities_come_true_and_large_where_not():
    p = np.repeat([0.1, 0.9], 10)
    true = np.r_[np.arange(10) == 0, np.arange(10) > 0]
    ones = np.ones(20)
    assert evaluate.ece(true, p, ones) == pytest.approx(0, abs=1e-9)
    assert evaluate.ece(~true, p, ones) == pytest.approx(0.8)

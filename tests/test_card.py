"""The model card and the manifest say what predictions.csv says."""

import csv
import zlib

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.detectors.manifest import read_manifest
from dfwidgets.measure.tables import check_counts
from models.training.judging import evaluate
from models.training.showing import model_card
from tests.helpers import ROOT, SHARED

DETECTOR = ROOT / "models" / "detector"


@pytest.fixture(scope="module")
def card():
    return df.load_scorecard(DETECTOR)


@pytest.mark.parametrize("name", model_card.BLOCKS)
def test_every_figure_of_the_card_and_of_the_notes_is_what_evaluate_prints(name):
    path, make = model_card.BLOCKS[name]
    assert model_card.split(path.read_text(), name)[1] == make()


def test_the_counts_in_the_card_give_its_accuracy_precision_and_recall():
    assert check_counts((DETECTOR / "MODEL_CARD.md").read_text()) == ""


def test_the_error_rates_in_the_manifest_are_those_of_the_predictions(card):
    assert read_manifest(DETECTOR).measured == evaluate.error_rates(card.degraded())


def test_the_predictions_are_those_of_the_shipped_model(shipped, card, shared_faces):
    with (SHARED / "manifest.csv").open(newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["split"] == "test" and r["set"] == "stylegan2"]
    rows = [r for r in rows if r["label"] == "real"][:4] + [
        r for r in rows if r["label"] == "fake"
    ][:4]
    known = dict(zip(card.degraded().ids.tolist(), card.degraded().logits.tolist(), strict=True))
    for row, (_, data) in zip(rows, shared_faces, strict=True):
        expected = known[f"{zlib.crc32(row['path'].encode()):08x}"]
        assert shipped.predict(df.open_image(data)).logit == pytest.approx(expected, abs=0.05)


def test_a_frequency_counts_what_the_predictions_hold(card):
    manifest = read_manifest(DETECTOR)
    p = round(manifest.band[1] + 0.01, 2)
    reals = card.degraded().where(~card.degraded().labels)
    parts = [
        (reals.p_fake[reals.sets == name] >= p).mean() * 100 for name in set(reals.sets.tolist())
    ]
    said = manifest.frequency(p)
    assert f"{min(parts):.0f} to {max(parts):.0f}, by kind of picture" in said
    assert f"about {np.mean(parts):.0f} of 100 real" in said

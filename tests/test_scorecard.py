"""What a detector answered about known pictures, as figures, tables and charts."""

import csv
import json
import shutil
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import dfwidgets as df
from dfwidgets.detectors import read_record
from dfwidgets.measure import find_scorecard, tables
from dfwidgets.measure.predictions import COLUMNS
from dfwidgets.measure.scorecard import Labelled
from models.training.judging import evaluate
from tests.helpers import ROOT

DETECTOR = ROOT / "models" / "detector"


class Brightness:
    """A student's detector: the brighter, the more likely fake."""

    def predict(self, image, face="largest"):
        return df.Prediction(p_fake=float(image.mean() / 255))


class Darkness:
    def predict(self, image, face="largest"):
        return df.Prediction(p_fake=float(1 - image.mean() / 255), band=(0.2, 0.8))


@pytest.fixture
def folder(tmp_path):
    """Twelve photographs from dark to bright, twelve brighter fakes."""
    for label, start in (("Real", 0), ("Fake", 120)):
        (tmp_path / label).mkdir()
        for number in range(12):
            value = start + 10 * number
            Image.new("RGB", (8, 8), (value, value, value)).save(tmp_path / label / f"{number}.png")
    return tmp_path


def test_a_detector_of_ones_own_gets_a_scorecard_of_ones_own_pictures(folder):
    done = []
    scorecard = df.measure(Brightness(), df.load_samples(folder), progress=done.append)
    assert done == list(range(1, 25))
    assert scorecard.name == "Brightness"
    assert (scorecard.labels.sum(), (~scorecard.labels).sum()) == (12, 12)
    text = scorecard._repr_markdown_()
    assert f"| {folder.name} | 12 / 12 | 1.000 (0.758 to 1.000) | 0.0% (0.0% to 24.2%) |" in text
    assert tables.check_counts(text) == ""


def test_a_scorecard_takes_the_name_that_is_given_the_detector_s_band_and_the_levels(folder):
    lines = ["file,made_from,how,level", "Fake/0.png,Real/0.png,It was made lighter.,easy"]
    (folder / "samples.csv").write_text("\n".join(lines))
    scorecard = df.measure(Darkness(), df.load_samples(folder), name="my night owl")
    assert scorecard.name == "my night owl"
    assert scorecard.band == (0.2, 0.8)
    assert sorted(set(scorecard.generators.tolist())) == ["easy", "unknown"]
    assert (scorecard.generators == "easy").sum() == 1


def test_two_detectors_stand_side_by_side_with_a_paired_test(folder):
    samples = df.load_samples(folder)
    good, bad = df.measure(Brightness(), samples), df.measure(Darkness(), samples)
    comparison = bad.compare(good)
    assert comparison.sets[0].difference == pytest.approx(1)
    assert "too few to test" in comparison._repr_markdown_(), "nothing varies"
    shuffled = replace(bad, logits=np.random.default_rng(0).permutation(bad.logits))
    assert "tells them apart" in shuffled.compare(good)._repr_markdown_()
    assert "can be luck" in good.compare(good)._repr_markdown_()
    assert "AUC 0.000" in bad.roc(good).text and "Brightness: AUC 1.000" in bad.roc(good).text


def test_scorecards_of_different_pictures_are_not_compared(folder, tmp_path):
    scorecard = df.measure(Brightness(), df.load_samples(folder))
    with pytest.raises(ValueError, match="Measure both on the same ones"):
        scorecard.compare(df.load_scorecard(DETECTOR))
    turned = df.measure(Brightness(), df.load_samples(folder))
    turned.labels[:] = ~turned.labels
    with pytest.raises(ValueError, match="disagree on which pictures are fake"):
        scorecard.compare(turned)


def test_pictures_of_the_same_name_in_different_folders_are_not_paired(folder, tmp_path_factory):
    other = shutil.copytree(folder, tmp_path_factory.mktemp("other") / "elsewhere")
    one, two = (df.measure(Brightness(), df.load_samples(place)) for place in (folder, other))
    with pytest.raises(ValueError, match="different pictures"):
        one.compare(two)


def test_a_detector_is_asked_one_picture_at_a_time(folder):
    class Alone:
        lock = threading.Lock()

        def predict(self, image, face="largest"):
            assert self.lock.acquire(blocking=False), "two threads at once"
            time.sleep(0.001)
            self.lock.release()
            return df.Prediction(p_fake=0.5)

    assert len(df.measure(Alone(), df.load_samples(folder))) == 24


@pytest.mark.parametrize("left", ["Real", "Fake"])
def test_with_one_class_alone_the_charts_say_what_is_missing(folder, left):
    shutil.rmtree(folder / left)
    scorecard = df.measure(Brightness(), df.load_samples(folder))
    assert scorecard._repr_markdown_()
    assert "needs two pictures of each class" in scorecard.compare(scorecard)._repr_markdown_()
    for draw in (scorecard.roc, scorecard.degraded_auc):
        with pytest.raises(ValueError, match="both real and fake ones"):
            draw()
    assert scorecard.confusion().text and scorecard.reliability().text


def test_a_picture_that_cannot_be_opened_is_named_and_the_others_count(folder):
    (folder / "Real" / "broken.png").write_bytes(b"no picture")
    scorecard = df.measure(Brightness(), df.load_samples(folder))
    assert len(scorecard) == 24
    assert len(scorecard.unread) == 1
    with pytest.raises(ValueError, match="None of the pictures could be opened"):
        df.measure(
            Brightness(), [Labelled("1", "a", "b", "real", lambda: df.open_image(b"no picture"))]
        )


def test_each_degradation_is_a_row_and_the_flips_are_counted(folder):
    scorecard = df.measure(
        Brightness(), df.load_samples(folder), degradations=("none", "flip", "grey")
    )
    assert len(scorecard) == 72
    assert len(scorecard.degraded("grey")) == 24
    rows = tables.degraded(scorecard).splitlines()
    (flip,) = (row for row in rows if row.startswith("| flip |"))
    assert flip.startswith("| flip | 1.000 | +0.00 | 0.0% (0.0% to 13.8%) | 0.0%"), (
        "mirrored grey squares are the same"
    )
    assert "flip: 1.000" in scorecard.degraded_auc().text


def test_a_scorecard_written_by_evaluate_is_read_again_as_it_was(folder, tmp_path):
    scorecard = df.measure(Brightness(), df.load_samples(folder))
    evaluate.write_predictions(scorecard, tmp_path / "mine" / "predictions.csv")
    again = df.load_scorecard(tmp_path / "mine")
    assert again.name == "mine"
    np.testing.assert_allclose(again.logits, scorecard.logits)
    np.testing.assert_allclose(again.p_fake, scorecard.p_fake)
    assert (again.ids == scorecard.ids).all() and (again.labels == scorecard.labels).all()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "nobody has measured this model"),
        ("file,score\na,1\n", "expected the columns id"),
        (",".join(COLUMNS) + "\n1,a,b,real,none,nan,0.5\n", "no number"),
        (",".join(COLUMNS) + "\n1,a,b,real,none,0,1.5\n", "not from 0 to 1"),
        (",".join(COLUMNS) + "\n1,a,b,perhaps,none,0,0.5\n", "neither real nor fake"),
        (",".join(COLUMNS) + "\n1,a,b,real,none,high,0.5\n", "can't be read"),
        (",".join(COLUMNS) + "\n", "can't be read"),
        ("\x00\xff", "can't be read"),
    ],
)
def test_predictions_that_are_missing_or_damaged_are_said_in_a_sentence(tmp_path, text, why):
    if text is not None:
        (tmp_path / "predictions.csv").write_text(text)
    with pytest.raises(df.ModelError, match=why):
        df.load_scorecard(tmp_path)


def test_only_the_rows_of_one_degradation_can_be_read():
    record = read_record(df.load_detector())
    whole = find_scorecard(record)
    plain = find_scorecard(record, "none")
    assert 0 < len(plain) < len(whole)
    expected = whole.degraded()
    assert (plain.ids == expected.ids).all() and (plain.logits == expected.logits).all()
    assert (plain.name, plain.band, plain.about) == (whole.name, whole.band, whole.about)


def test_the_shipped_scorecard_needs_no_pictures_and_has_a_text_for_every_chart(tmp_path):
    for name in ("manifest.json", "predictions.csv"):
        shutil.copy(DETECTOR / name, tmp_path)
    scorecard = df.load_scorecard(tmp_path)
    assert scorecard.name == "dfwidgets Lite0"
    measured = json.loads((tmp_path / "manifest.json").read_text())["measured"]
    assert scorecard.about == measured["about"] != {}
    assert scorecard.reals_for == measured["reals_for"] != {}
    for chart in (
        scorecard.roc(),
        scorecard.reliability(),
        scorecard.confusion(),
        scorecard.degraded_auc(),
    ):
        html = chart._repr_html_()
        assert html.startswith("<img") and "data:image/png;base64," in html
        assert "stylegan1" in chart.text or "StyleGAN faces" in chart.text
    assert "sd21, dfwidgets Lite0: AUC 0.99" in scorecard.roc().text


def test_counts_by_verdict_are_those_of_a_hand_count():
    scorecard = df.load_scorecard(DETECTOR).degraded()
    with (DETECTOR / "predictions.csv").open(newline="") as file:
        lines = [
            r
            for r in csv.DictReader(file)
            if r["degradation"] == "none" and r["set"] == "stylegan1"
        ]
    high = scorecard.band[1]
    called = [float(r["p_fake"]) >= high for r in lines if r["label"] == "real"]
    assert "| stylegan1 | 120 / 120 | " in tables.verdicts(scorecard)
    assert (
        f"{sum(called) / len(called):.1%} ("
        in tables.verdicts(scorecard).split("stylegan1")[1].splitlines()[0]
    )


def test_a_table_whose_columns_were_mixed_up_is_found_out():
    text = tables.counts(df.load_scorecard(DETECTOR).degraded())
    assert tables.check_counts(text) == ""
    mixed = text.replace("accuracy | precision | recall", "precision | accuracy | recall")
    assert "is the precision" in tables.check_counts(mixed)
    assert tables.check_counts(mixed).count("for accuracy, printed") == 4, "a row a set"
    with pytest.raises(ValueError, match="expected a table with the columns"):
        tables.check_counts("no table")


def test_names_from_outside_are_no_markup(folder):
    scorecard = df.measure(Brightness(), df.load_samples(folder), name="<b>|evil|</b> $\\foo$")
    scorecard.sets[:] = "<i>|$x"
    assert "<" not in scorecard._repr_markdown_().replace("|---", "")
    assert "<" not in scorecard.compare(scorecard)._repr_markdown_()
    assert "<i>" not in scorecard.roc()._repr_html_()[5:].split("src=")[0]


def test_evaluate_takes_six_lines_of_python(folder, tmp_path, monkeypatch, capsys):
    """Its command line, from a detector's name to the paired test, on a plain folder of Real/ and
    Fake/."""
    where = ["--data", str(folder), "--out", str(tmp_path / "one")]
    what = ["--model", "tests.test_scorecard:Brightness", "--degradations", "none"]
    monkeypatch.setattr("sys.argv", ["evaluate", *where, *what])
    for number in range(12, 60):  # enough that some fall into the test split
        for label, value in (("Real", number), ("Fake", 200 - number)):
            Image.new("RGB", (8, 8), (value, value, value)).save(folder / label / f"{number}.png")
    evaluate.main()
    assert "1.000" in capsys.readouterr().out
    monkeypatch.setattr(
        "sys.argv",
        ["evaluate", "--model", str(tmp_path / "one"), "--against", str(tmp_path / "one")],
    )
    evaluate.main()
    assert "can be luck" in capsys.readouterr().out

"""Moving the edges of "can't tell", and what that does to faces of which the truth is known."""

import asyncio
import csv
import re
from collections import defaultdict
from html import unescape

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.detectors import manifest_of
from dfwidgets.measure.edge_costs import Count, edge_costs
from tests.helpers import ROOT

DETECTOR = ROOT / "models" / "detector"


class Measured:
    """A detector beside counted predictions; how it comes to its own score does not matter here."""

    folder = DETECTOR

    def __init__(self, p_fake=0.7):
        self.p_fake = p_fake

    def predict(self, image, face="largest"):
        return df.Prediction(
            p_fake=self.p_fake, band=(0.16, 0.9), face=face if face != "largest" else None
        )

    def explain(self, image, face="largest", **_):
        return np.zeros(image.shape[:2], np.float32)


class Unmeasured(Measured):
    folder = None


@pytest.fixture
def panel():
    session = df.Session(Measured())
    session.open(np.full((8, 8, 3), 90, np.uint8))
    session.judge(None)
    return df.ThresholdPanel(session)


SETTINGS = [(0.16, 0.898), (0.5, 0.5), (0.0, 1.0), (0.05, 0.95), (0.3, 0.6)]


@pytest.mark.parametrize("band", SETTINGS)
def test_the_table_that_people_read_holds_a_hand_count_under_each_head(panel, band):
    panel.session.set_band(band)
    heads = [
        unescape(head) for head in re.findall(r'role="columnheader">(.*?)</th>', panel.counts.value)
    ]
    rows = re.findall(r'<tr role="row"><th scope="row".*?>(.*?)</th>(.*?)</tr>', panel.counts.value)
    with (DETECTOR / "predictions.csv").open(newline="") as file:
        lines = [line for line in csv.DictReader(file) if line["degradation"] == "none"]
    names = {
        "StyleGAN faces": "stylegan1",
        "face swaps in videos": "dfdc",
        "StyleGAN2 faces": "stylegan2",
    }
    assert len(rows) == 4
    for about, cells in rows:
        said = dict(zip(heads[1:], re.findall(r"<td.*?>(.*?)</td>", cells), strict=True))
        here = [line for line in lines if line["set"] == names.get(about, "sd21")]
        for head, cell in said.items():
            label, word = re.fullmatch(
                r"(Real|Fake), (?:called )?(real|fake|can't tell)", head
            ).groups()
            word = word if word == "can't tell" else f"likely {word}"
            p_fakes = [float(line["p_fake"]) for line in here if line["label"] == label.lower()]
            count = sum(df.Prediction(p_fake=p, band=band).verdict == word for p in p_fakes)
            assert unescape(cell) == Count(count, len(p_fakes)).of_100, (about, head)


@pytest.mark.parametrize("band", SETTINGS)
def test_the_counts_are_those_of_a_hand_count(band):
    with (DETECTOR / "predictions.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["degradation"] == "none"]
    found = {one.set: one for one in edge_costs(df.load_scorecard(DETECTOR), band)}
    assert set(found) == {row["set"] for row in rows}
    for name, one in found.items():
        scores = {
            label: [float(r["p_fake"]) for r in rows if r["set"] == name and r["label"] == label]
            for label in ("real", "fake")
        }
        verdicts = {
            label: [df.Prediction(p_fake=p, band=band).verdict for p in listed]
            for label, listed in scores.items()
        }
        assert one.reals_called_fake == Count(
            verdicts["real"].count("likely fake"), len(scores["real"])
        )
        assert one.fakes_called_real == Count(
            verdicts["fake"].count("likely real"), len(scores["fake"])
        )
        assert one.fakes_left_open == Count(
            verdicts["fake"].count("can't tell"), len(scores["fake"])
        )
        assert one.reals_left_open == Count(
            verdicts["real"].count("can't tell"), len(scores["real"])
        )


def test_a_count_is_read_out_of_100_with_its_interval():
    assert Count(5, 120).of_100 == "about 4 (2 to 9)"
    assert Count(1, 1000).of_100 == "fewer than 1 (0 to 1)"
    assert Count(999, 1000).of_100 == "more than 99 (99 to 100)"
    assert Count(0, 120).of_100 == "none (0 to 3)"
    assert Count(7, 7).of_100 == "all (65 to 100)"
    assert Count(0, 0).of_100 == "not tested"


def test_moving_an_edge_changes_the_counts_and_the_verdict(panel):
    assert panel.session.prediction.verdict == "can't tell"
    assert "Your picture scores 0.70: can't tell." in unescape(panel.counts.value)
    before = panel.counts.value
    panel.fake.value = 0.65
    assert panel.session.prediction.verdict == "likely fake"
    assert "Your picture scores 0.70: likely fake." in panel.counts.value
    assert panel.counts.value != before
    assert panel.session.band[1] == 0.65
    panel.back.click()
    assert panel.session.prediction.verdict == "can't tell"
    assert panel.session.band is None
    assert panel.counts.value == before


def test_after_the_edges_moved_the_sentence_in_counts_is_that_of_the_new_word():
    manifest = manifest_of(DETECTOR)

    class Counted(Measured):
        def predict(self, image, face="largest"):
            return manifest.prediction(0.0, None)  # a score of 0.50

    session = df.Session(Counted())
    panel = df.ThresholdPanel(session)
    upload = df.UploadPanel(session)
    session.open(np.full((8, 8, 3), 90, np.uint8))
    session.judge(None)
    reals, fakes = at_least(0.5)
    side, wrong, right = counts_in(upload.verdict.value)
    assert side == "high or higher"
    assert (wrong, right) == pytest.approx((reals, fakes), abs=1.5)

    panel.real.value = 0.6
    assert session.prediction.verdict == "likely real"
    side, wrong, right = counts_in(upload.verdict.value)
    assert side == "low or lower"
    assert (wrong, right) == pytest.approx((100 - fakes, 100 - reals), abs=1.5)
    assert "this low or lower came from" in upload.dropzone.announcement

    panel.back.click()
    assert counts_in(upload.verdict.value)[0] == "high or higher"


def counts_in(text: str) -> tuple[str, int, int]:
    """Which way a sentence in counts goes, and its two numbers of 100."""
    pattern = r"A score this (.+?) came from about (\d+) of 100 .*? from about (\d+) of 100"
    side, wrong, right = re.search(pattern, unescape(text)).groups()
    return side, int(wrong), int(right)


def at_least(score: float) -> list[float]:
    """How many of 100 known reals, and fakes, score so high: by hand, each set alike."""
    scores = defaultdict(list)
    with (DETECTOR / "predictions.csv").open(newline="") as file:
        for line in csv.DictReader(file):
            if line["degradation"] == "none":
                scores[line["label"], line["set"]].append(float(line["p_fake"]) >= score)
    return [
        100 * float(np.mean([np.mean(high) for (of, _), high in scores.items() if of == label]))
        for label in ("real", "fake")
    ]


def test_one_edge_pushed_over_the_other_takes_it_along(panel):
    panel.fake.value = 0.1
    assert panel.session.band == (0.1, 0.1)
    assert panel.real.value == 0.1
    panel.real.value = 0.8
    assert panel.session.band == (0.8, 0.8)


def test_the_chosen_edges_hold_for_the_next_picture_and_not_for_another_detector(panel):
    panel.fake.value = 0.65
    panel.session.open(np.full((8, 8, 3), 10, np.uint8))
    panel.session.judge(None)
    assert panel.session.prediction.verdict == "likely fake"
    panel.session.use_detector(Measured())
    assert panel.session.band is None
    panel.session.judge(None)
    assert panel.session.prediction.verdict == "can't tell"
    assert panel.fake.value == pytest.approx(df.load_scorecard(DETECTOR).band[1])


def test_nothing_is_read_before_a_picture_is_judged():
    session = df.Session(Measured())
    panel = df.ThresholdPanel(session)
    assert panel.scorecard is None
    assert "Once a picture is judged" in panel.empty.value


def test_a_detector_that_was_never_measured_says_so_and_has_no_edges_to_move(panel):
    panel.session.use_detector(Unmeasured())
    panel.session.judge(None)
    assert panel.measured.layout.display == "none"
    assert "never measured" in panel.empty.value


def test_a_model_whose_predictions_are_missing_or_damaged_says_so(tmp_path, panel):
    class Elsewhere(Measured):
        folder = tmp_path

    panel.session.use_detector(Elsewhere())
    panel.session.judge(None)
    assert "never measured" in panel.empty.value
    (tmp_path / "predictions.csv").write_text("damaged")
    panel.session.use_detector(Elsewhere())
    panel.session.judge(None)
    assert "predictions.csv can't be read" in unescape(panel.empty.value)


def test_the_reliability_diagram_comes_on_request_and_goes_again(panel):
    assert panel.chart.value == ""
    panel.reliability.click()
    assert "<img" in panel.chart.value and "alt=" in panel.chart.value
    panel.reliability.click()
    assert panel.chart.value == ""


def test_figures_of_the_detector_before_and_a_diagram_that_was_sent_away_never_show():
    shown = []
    appeared = []

    async def story():
        session = df.Session(Measured())
        panel = df.ThresholdPanel(session)
        session.open(np.full((8, 8, 3), 90, np.uint8))
        await until(lambda: not session.busy)
        session.judge(None)
        await until(lambda: panel.scorecard)

        panel.chart.observe(lambda change: shown.append("<img" in change.new), "value")
        panel.reliability.click()
        panel.reliability.click()
        session.judge(None)  # behind the diagram
        await until(lambda: not session.busy)
        assert panel.chart.value == ""

        # The figures are asked for with the verdict; another detector comes before they do.
        session.use_detector(Measured())
        await until(lambda: session.prediction)
        assert panel.scorecard is None
        session.use_detector(Unmeasured())
        panel.measured.layout.observe(lambda change: appeared.append(change.new), "display")
        await until(lambda: session.prediction and not session.busy)
        assert panel.scorecard is None
        assert panel.measured.layout.display == "none"
        assert "never measured" in panel.empty.value

    asyncio.run(story())
    assert True not in shown
    assert appeared == []


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("band", [(0.6, 0.5), (-0.1, 0.5), (0.5, 1.1), (float("nan"), 0.5)])
def test_edges_that_cannot_be_are_refused(panel, band):
    with pytest.raises(ValueError, match="expected two edges from 0 to 1"):
        panel.session.set_band(band)

"""Temperature, offset and edges: what they promise holds on pictures of which all is known."""

import numpy as np
import pytest

from models.training.making import calibrate


def test_calibration_and_band_are_what_they_say():
    random = np.random.default_rng(0)
    logits = random.normal(0, 3, 20_000)
    p = 1 / (1 + np.exp(-(logits - 1) / 2.5))
    labels = random.random(20_000) < p
    sets = np.where(np.arange(20_000) % 2, "even", "odd")
    some = slice(4000)  # the search takes as long as there are rows
    found = calibrate.calibrate(sets[some], labels[some], logits[some])
    assert found == pytest.approx((2.5, -1), rel=0.15)
    low, high = calibrate.band(sets, labels, p)
    for name in ("even", "odd"):
        here = sets == name
        assert (p[here & ~labels] > high).mean() <= 0.051
        assert (p[here & labels] < low).mean() <= 0.051
    assert (p[~labels] > high).mean() > 0.04


def test_calibration_minds_the_set_that_fits_worst():
    random = np.random.default_rng(1)
    logits = random.normal(0, 2, 6000)
    sets = np.where(np.arange(6000) < 5400, "large", "small")
    shift = np.where(
        sets == "large", 1.0, -1.0
    )  # the large set is called real too often, the small one fake
    labels = random.random(6000) < 1 / (1 + np.exp(-(logits + shift)))
    assert abs(calibrate.calibrate(sets, labels, logits)[1]) < 0.4, (
        "the large one does not decide alone"
    )


def test_with_few_photographs_the_edge_of_likely_fake_lies_higher():
    p = np.r_[np.linspace(0, 0.99, 100), 0.8]
    labels = np.arange(101) == 100
    _, high = calibrate.band(np.full(101, "one"), labels, p)
    # With 2 of 100 above it, one can be 90 % sure of at most 5.2 %; with 1, of 3.9 %.
    assert high == pytest.approx(0.98, abs=0.002)
    assert calibrate.band(np.full(101, "one"), labels, p, sure=0.5)[1] == pytest.approx(
        0.95, abs=0.002
    )
    few = calibrate.band(np.array(["one", "one"]), np.array([False, True]), np.array([0.1, 0.9]))
    assert few == (0.5, 0.5)


def lines(split: str, kind: str, reals: np.ndarray, fakes: np.ndarray) -> list[dict]:
    """Of a run without `kind`: photographs of two sets, of which one holds ten times as many."""
    labels = {"small": reals[::10], "large": reals}
    known = {"left_out": kind, "split": split}
    real = [
        known | {"set": name, "label": "real", "logit": str(z)}
        for name, logits in labels.items()
        for z in logits
    ]
    return real + [known | {"set": kind, "label": "fake", "logit": str(z)} for z in fakes]


def test_as_many_photographs_are_called_real_as_new_kinds_of_fakes_allow():
    rng = np.random.default_rng(0)
    easy = lines("val", "easy", rng.normal(0, 1, 5000), rng.normal(4, 1, 3000))
    hard = lines("val", "hard", rng.normal(50, 7, 5000), rng.normal(57, 7, 3000))
    trusted = calibrate.trusted_photographs(easy + hard)

    # On a scale of its own each, so the edges are two; of both kinds together one in ten passes.
    passed = []
    for run in (easy, hard):
        of = {label: [x for x in run if x["label"] == label] for label in ("real", "fake")}
        sets = np.array([x["set"] for x in of["real"]])
        edge = calibrate.quantile(sets, np.array([float(x["logit"]) for x in of["real"]]), trusted)
        passed.append(np.mean([float(x["logit"]) <= edge for x in of["fake"]]))
    assert trusted / (trusted + np.mean(passed)) == pytest.approx(0.9, abs=0.02)
    assert calibrate.trusted_photographs(easy) > 0.95 > trusted > 0.3

    # What is kept for the figures does not choose the edge.
    test = lines("test", "easy", rng.normal(0, 1, 500), rng.normal(-4, 1, 300))
    assert calibrate.trusted_photographs(easy + hard + test) == trusted


def test_where_new_kinds_pass_for_photographs_no_word_is_trusted():
    rng = np.random.default_rng(1)
    blind = lines("val", "blind", rng.normal(0, 1, 2000), rng.normal(-1, 1, 2000))
    assert calibrate.trusted_photographs(blind) == 0.0


def test_the_lower_edge_leaves_no_more_photographs_below_than_are_trusted():
    rng = np.random.default_rng(2)
    p = np.r_[rng.random(1000) * 0.6, 0.5 + rng.random(1000) * 0.5]
    labels = np.arange(2000) >= 1000
    sets = np.full(2000, "one")
    low, high = calibrate.band(sets, labels, p)
    assert (p[~labels] <= low).mean() > 0.7
    careful, same = calibrate.band(sets, labels, p, trusted=0.3)
    assert (p[~labels] <= careful).mean() == pytest.approx(0.3, abs=0.005)
    assert same == high


def test_sets_count_alike_however_many_pictures_they_hold():
    sets = np.array(["few"] * 10 + ["many"] * 1000)
    scores = np.r_[np.zeros(10), np.ones(1000)]
    assert calibrate.quantile(sets, scores, 0.4) == 0
    assert calibrate.quantile(sets, scores, 0.6) == 1

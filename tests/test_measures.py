"""The figures that say how well scores tell fake from real, against counting by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfwidgets.measure import measures, rates
from dfwidgets.measure.measures import auc
from dfwidgets.measure.predictions import Predictions
from dfwidgets.measure.rates import check_rates
from models.training.judging import leave_out


@pytest.mark.parametrize(
    ("labels", "scores", "expected"),
    [
        ([1, 1, 0, 0], [0.9, 0.8, 0.2, 0.1], 1.0),
        ([1, 1, 0, 0], [0.1, 0.2, 0.8, 0.9], 0.0),
        ([1, 1, 0, 0], [0.9, 0.4, 0.6, 0.1], 0.75),  # of four pairs only 0.4 against 0.6 is wrong
        ([1, 0, 0], [0.5, 0.5, 0.1], 0.75),  # one tie counts one half
        ([1, 1, 0, 0, 0], [3.0, 3.0, 3.0, 3.0, 3.0], 0.5),
    ],
)
def test_auc_is_what_one_counts_by_hand(labels, scores, expected):
    assert auc(np.array(labels), np.array(scores)) == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=2, max_size=40))
def test_auc_is_the_share_of_pairs_in_the_right_order(rows):
    labels, scores = np.array([r[0] for r in rows]), np.array([r[1] for r in rows], float)
    pairs = [(f > r) + (f == r) / 2 for f in scores[labels] for r in scores[~labels]]
    if pairs:
        assert auc(labels, scores) == pytest.approx(np.mean(pairs))
        assert auc(~labels, scores) == pytest.approx(1 - np.mean(pairs))
    else:
        assert math.isnan(auc(labels, scores))


@pytest.mark.parametrize("labels", [[], [1, 1], [0, 0]])
def test_with_one_class_missing_there_is_no_figure(labels):
    assert math.isnan(auc(np.array(labels, bool), np.arange(len(labels), dtype=float)))


def test_a_score_that_is_no_number_makes_the_figure_no_number():
    assert math.isnan(auc(np.array([1, 0, 0]), np.array([np.nan, 0.2, 0.1])))


def test_each_set_is_judged_by_its_own_reals_and_a_set_without_borrows_those_named_for_it():
    rows = [
        ("dfdc", 1, 0.1),
        ("dfdc", 0, 0.9),
        ("stylegan1", 1, 0.7),
        ("stylegan1", 0, 0.3),
        ("stylegan2", 1, 0.2),
        ("stylegan2", 0, 0.6),
        ("sd21", 1, 0.5),
    ]
    sets, labels, scores = (np.array(column) for column in zip(*rows, strict=True))
    labels = labels.astype(bool)

    def areas(reals_for):
        named = measures.sets_with_reals(sets, labels, reals_for)
        return {name: round(auc(labels[here], scores[here]), 3) for name, here in named}

    expected = {"dfdc": 0.0, "sd21": 0.5, "stylegan1": 1.0, "stylegan2": 0.0}
    assert areas({"sd21": ["stylegan1", "stylegan2"]}) == expected
    assert areas({}) == expected | {"sd21": 0.333}, "where nothing is said, all reals"


def test_what_was_left_out_is_told_kind_by_kind_beside_what_was_seen():
    lines = [
        {
            "left_out": name,
            "batches": 9,
            "split": split,
            "set": kind,
            "label": label,
            "group": f"{label}{number}",
            "logit": number / 10 + (gap if label == "fake" else 0),
        }
        for name, kind, split, gap in (
            ("easy", "easy", "test", 9.0),
            ("hard ones", "blind", "test", 0.0),
            ("hard ones", "blind", "val", 9.0),
        )
        for label in ("real", "fake")
        for number in range(20)
    ]
    rows = [
        ["a", "easy", "any", "real", "none", 0, 0.5],
        ["b", "easy", "any", "fake", "none", 1, 1],
    ]
    table = leave_out.figures(lines, {}, Predictions.from_rows("Owl", rows)).splitlines()
    assert table[2].startswith("| easy | this kind | 9 | 20 / 20 | 1.000 (0.839 to 1.000) | 1.000")
    assert table[3].startswith("| blind | all of hard ones | 9 | 20 / 20 | 0.500 (0.")
    assert table[3].endswith("| - |")


UNEQUAL = [(60, 60), (30, 120), (120, 30)]


def normal_scores(rng, fakes, reals, distance):
    """Reals of a standard deviation of 1, fakes of 3, so far above them."""
    return np.r_[rng.normal(distance, 3, fakes), rng.normal(0, 1, reals)]


def area_of_normal_scores(distance):
    """The AUC of such scores: how often a fake of N(distance, 3) beats a real of N(0, 1)."""
    return 0.5 * math.erfc(-distance / math.sqrt(1 + 9) / math.sqrt(2))


@pytest.mark.parametrize(("fakes", "reals"), UNEQUAL)
def test_the_interval_of_an_auc_holds_the_truth_about_as_often_as_it_says(fakes, reals):
    rng = np.random.default_rng(3)
    labels = np.arange(fakes + reals) < fakes
    held = 0
    for _ in range(300):
        low, high = measures.auc_interval(labels, normal_scores(rng, fakes, reals, 2))
        held += low <= area_of_normal_scores(2) <= high
    assert 0.91 < held / 300 < 0.985


@pytest.mark.parametrize(("fakes", "reals"), UNEQUAL)
def test_the_interval_of_a_difference_holds_the_truth_whatever_the_classes_sizes(fakes, reals):
    rng = np.random.default_rng(4)
    labels = np.arange(fakes + reals) < fakes
    true = area_of_normal_scores(3) - area_of_normal_scores(2)
    held = 0
    for _ in range(300):
        first = normal_scores(rng, fakes, reals, 2)
        second = normal_scores(rng, fakes, reals, 3)
        _, low, high, _ = measures.compare_auc(labels, first, second)
        held += low <= true <= high
    assert 0.91 < held / 300 < 0.985


def twins(rng: np.random.Generator, count: int) -> tuple[np.ndarray, ...]:
    """Labels, scores of two detectors, and groups: each fake stands beside its own photograph."""
    labels = np.r_[np.zeros(count, bool), np.ones(count, bool)]
    groups = np.r_[np.arange(count), np.arange(count)]
    # How odd a face looks moves both of its pictures, and both detectors see it.
    face = np.tile(rng.normal(0, 2, count), 2)
    scores = [labels * gap + face + rng.normal(0, 0.7, 2 * count) for gap in (1.0, 1.0)]
    return labels, *scores, groups


def test_the_interval_by_group_is_that_of_a_bootstrap_of_groups():
    rng = np.random.default_rng(0)
    labels, scores, _, groups = twins(rng, 150)
    low, high = measures.auc_interval(labels, scores, groups)

    drawn = (rng.integers(150, size=150) for _ in range(1000))
    areas = [auc(labels[i], scores[i]) for i in (np.r_[faces, faces + 150] for faces in drawn)]
    assert [low, high] == pytest.approx(np.percentile(areas, [2.5, 97.5]).tolist(), abs=0.01)
    # Taken for strangers, they would leave twice as much open.
    strangers = np.diff(measures.auc_interval(labels, scores))
    assert high - low < 0.6 * strangers


def test_by_group_two_equal_detectors_differ_as_seldom_as_the_test_says_and_it_finds_more():
    rng = np.random.default_rng(1)
    seldom = 0
    for _ in range(300):
        labels, first, second, groups = twins(rng, 40)
        seldom += measures.compare_auc(labels, first, second, groups)[-1] < 0.05
    assert 3 <= seldom <= 30

    # One that no odd face misleads is better; taken for strangers, the faces' luck hides it.
    labels, first, _, groups = twins(rng, 40)
    second = labels + rng.normal(0, 0.5, 80)
    alone = measures.compare_auc(labels, first, second)[-1]
    assert measures.compare_auc(labels, first, second, groups)[-1] < alone / 2


def test_by_group_the_calibration_error_of_doubled_pictures_is_no_surer_than_of_single_ones():
    rng = np.random.default_rng(2)
    p = rng.random(200)
    labels = rng.random(200) < p
    width = np.diff(measures.ece_interval(labels, p))
    groups = np.r_[np.arange(200), np.arange(200)]
    doubled = measures.ece_interval(np.r_[labels, labels], np.r_[p, p], groups=groups)
    assert np.diff(doubled) == pytest.approx(width, rel=0.01)


def test_the_paired_test_of_few_pictures_is_what_one_counts_by_hand():
    """Two fakes and three reals: the first detector has 3 of 6 pairs in order, the second all.

    Picture by picture the second gains 2/3 and 1/3 for the fakes (variance 1/18), and 0, 1/2 and 1
    for the reals (variance 1/4): a standard error of the root of 1/18/2 + 1/4/3, which is 1/3.
    """
    labels = np.array([1, 1, 0, 0, 0], bool)
    first = np.array([2.0, 4, 1, 3, 5])
    second = np.array([8.0, 9, 1, 2, 3])
    assert measures.compare_auc(labels, first, second) == pytest.approx(
        (1 / 2, 1 / 2 - 1.96 / 3, 1 / 2 + 1.96 / 3, 0.1336), abs=1e-4
    )


@given(st.integers(0, 2**31))
def test_comparing_a_detector_with_itself_shows_no_difference_and_with_another_is_fair_to_both(
    seed,
):
    rng = np.random.default_rng(seed)
    labels = np.arange(40) % 2 == 0
    first, second = rng.normal(labels, 1), rng.normal(labels, 1)
    assert measures.compare_auc(labels, first, first) == (0, 0, 0, 1)
    there, back = (
        measures.compare_auc(labels, first, second),
        measures.compare_auc(labels, second, first),
    )
    assert there[0] == pytest.approx(-back[0], abs=1e-12) and there[3] == pytest.approx(back[3])
    assert there[0] == pytest.approx(auc(labels, second) - auc(labels, first))
    assert there[1] <= there[0] <= there[2]


def test_where_all_pairs_are_in_order_few_pictures_leave_much_open_and_no_test_is_made():
    labels = np.array([1, 1, 0, 0], bool)
    assert measures.auc_interval(labels, np.array([3.0, 2, 1, 0])) == pytest.approx(
        (0.342, 1), abs=1e-3
    )
    assert measures.auc_interval(labels, np.array([0.0, 1, 2, 3])) == pytest.approx(
        (0, 0.658), abs=1e-3
    )
    difference, *rest = measures.compare_auc(labels, np.zeros(4), np.array([3.0, 2, 1, 0]))
    assert difference == 0.5 and np.isnan(rest).all()
    assert np.isnan(measures.compare_auc(labels[1:], np.zeros(3), np.zeros(3))).all(), (
        "one fake alone"
    )


def test_two_equal_detectors_seldom_differ_by_the_test_and_a_better_one_does():
    rng = np.random.default_rng(5)
    labels = np.arange(200) < 100
    alarms, found = 0, 0
    for _ in range(200):
        shared = rng.normal(labels, 1)
        same, other = (shared + rng.normal(0, 0.5, 200) for _ in range(2))
        alarms += measures.compare_auc(labels, same, other)[3] < 0.05
        found += measures.compare_auc(labels, shared + rng.normal(0, 3, 200), shared)[3] < 0.05
    assert alarms / 200 < 0.1
    assert found / 200 > 0.8


@given(st.integers(1, 400), st.data())
def test_the_interval_of_a_rate_lies_around_it_and_shrinks_with_more_pictures(of, data):
    count = data.draw(st.integers(0, of))
    low, high = rates.rate_interval(count, of)
    assert 0 <= low <= count / of + 1e-12 and count / of - 1e-12 <= high <= 1
    more = rates.rate_interval(10 * count, 10 * of)
    assert more[1] - more[0] < high - low


def test_the_roc_curve_goes_from_nothing_to_all_and_its_area_is_the_auc():
    rng = np.random.default_rng(0)
    labels = rng.random(90) < 0.4
    scores = np.round(rng.normal(labels, 1), 1)  # with ties
    reals, fakes, at = measures.roc(labels, scores)
    assert (reals[0], fakes[0], reals[-1], fakes[-1]) == (0, 0, 1, 1)
    assert (np.diff(reals) >= 0).all() and (np.diff(fakes) >= 0).all() and (np.diff(at) < 0).all()
    assert np.trapezoid(fakes, reals) == pytest.approx(auc(labels, scores))


def test_ece_is_zero_where_probabilities_come_true_and_large_where_not():
    p = np.repeat([0.1, 0.9], 10)
    true = np.r_[np.arange(10) == 0, np.arange(10) > 0]
    assert measures.ece(true, p) == pytest.approx(0, abs=1e-9)
    assert measures.ece(~true, p) == pytest.approx(0.8)
    low, high = measures.ece_interval(~true, p)
    assert low < 0.8 <= high


def test_few_pictures_show_some_calibration_error_by_chance_and_many_hardly_any():
    p = np.linspace(0, 1, 60)
    few, many = measures.ece_by_chance(p), measures.ece_by_chance(np.repeat(p, 100))
    assert few > 0.05 > many
    labels = np.random.default_rng(1).random(60) < p
    assert measures.ece(labels, p) == pytest.approx(few, abs=0.06)


def test_figures_that_follow_from_their_counts_are_fine_and_mixed_up_columns_are_not():
    found = rates.rates(50, 2, 48, 0)
    assert found == pytest.approx({"accuracy": 0.98, "precision": 0.9615, "recall": 1.0}, abs=1e-4)
    assert check_rates(50, 2, 48, 0, **{name: round(rate, 3) for name, rate in found.items()}) == ""
    sentence = check_rates(50, 2, 48, 0, accuracy=0.962, precision=0.98, recall=1.0)
    assert "0.980 for accuracy, printed is 0.962; 0.962 is the precision." in sentence
    assert "0.962 for precision, printed is 0.980; 0.980 is the accuracy." in sentence
    assert "recall" not in sentence
    assert (
        check_rates(50, 2, 48, 0, recall=0.9)
        == "The counts give 1.000 for recall, printed is 0.900."
    )
    assert math.isnan(rates.rates(0, 0, 5, 5)["precision"])


def test_the_interval_of_a_part_has_the_known_answers():
    """Newcombe, Statistics in Medicine 1998, table I, method 3."""
    for count, of, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
    ):
        assert rates.rate_interval(count, of) == pytest.approx((low, high), abs=1e-4)
    assert rates.rate_interval(0, 0) == (0, 1)

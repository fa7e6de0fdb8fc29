"""The figure that says how well scores tell fake from real, against counting by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training import leave_out
from models.training.metrics import auc, auc_by_set, wilson


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


def test_each_set_is_judged_by_its_own_reals_and_a_set_without_borrows_the_stylegan_ones():
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
    assert auc_by_set(sets, labels, scores) == {"dfdc": 0.0, "sd21": 0.5, "stylegan1": 1.0, "stylegan2": 0.0}


def test_what_was_left_out_is_told_set_by_set():
    lines = [
        {"left_out": name, "set": name, "label": label, "logit": logit}
        for name, gap in (("easy", 9.0), ("blind", 0.0))
        for label, shift in (("real", 0.0), ("fake", gap))
        for logit in np.arange(20) / 10 + shift
    ]
    said = leave_out.figures(lines).splitlines()
    assert said[2] == "| easy | 20 / 20 | 1.000 (1.000 to 1.000) |"
    assert said[3].startswith("| blind | 20 / 20 | 0.500 (0.")


def test_the_interval_of_a_share_is_wilson_s():
    """Known answers: Newcombe, Statistics in Medicine 1998, table I, method 3."""
    for count, of, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)):
        assert wilson(count, of) == pytest.approx((low, high), abs=1e-4)
    assert wilson(0, 0) == (0, 1)

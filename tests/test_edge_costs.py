"""What the edges of "can't tell" cost, and on which side of an edge a score lies that is exactly on
it."""

import pytest

from dfwidgets.measure.edge_costs import EDGE_COST_HEADS, Count, edge_cost_rows, edge_costs
from dfwidgets.measure.predictions import Predictions


def scorecard(reals=(), fakes=(), set_name="faces", band=(0.3, 0.7)) -> Predictions:
    rows = [
        [f"{label} {number}", set_name, "any", label, "none", 0, p_fake]
        for label, scores in (("real", reals), ("fake", fakes))
        for number, p_fake in enumerate(scores)
    ]
    predictions = Predictions.from_rows("Owl", rows)
    return Predictions(**vars(predictions) | {"band": band})


def test_a_score_on_an_edge_has_the_verdict_beyond_it():
    (costs,) = edge_costs(scorecard(reals=[0.7, 0.3], fakes=[0.7, 0.3]), (0.3, 0.7))
    assert costs.reals_called_fake == costs.fakes_called_real == Count(1, 2)
    assert costs.reals_left_open == costs.fakes_left_open == Count(0, 2)


def test_a_score_between_the_edges_is_left_open():
    (costs,) = edge_costs(scorecard(reals=[0.699, 0.301, 0.5], fakes=[0.5, 0.9]), (0.3, 0.7))
    assert costs.reals_left_open == Count(3, 3)
    assert costs.fakes_left_open == Count(1, 2)
    assert costs.reals_called_fake == Count(0, 3)


def test_where_both_edges_lie_on_one_place_a_score_there_is_called_fake():
    (costs,) = edge_costs(scorecard(reals=[0.5, 0.4], fakes=[0.5, 0.4, 0.6]), (0.5, 0.5))
    assert costs.reals_called_fake == Count(1, 2)
    assert costs.fakes_called_real == Count(1, 3)
    assert costs.fakes_left_open == Count(0, 3)
    assert costs.reals_left_open == Count(0, 2)


@pytest.mark.parametrize(
    ("band", "verdicts"),
    [
        ((0.3, 0.7), [-1, -1, 0, 0, 0, 1, 1]),
        ((0.5, 0.5), [-1, -1, -1, 1, 1, 1, 1]),
        ((0.0, 1.0), [0, 0, 0, 0, 0, 0, 1]),
    ],
)
def test_the_verdicts_of_a_scorecard_are_those_of_a_prediction(band, verdicts):
    predictions = scorecard(fakes=[0.2, 0.3, 0.31, 0.5, 0.69, 0.7, 1.0], band=band)
    assert predictions.verdicts.tolist() == verdicts


def test_each_row_says_in_words_what_its_heading_names():
    predictions = scorecard(reals=[0.9] + [0.5] * 3 + [0.1] * 16, fakes=[0.1] * 2 + [0.9] * 6)
    (row,) = edge_cost_rows(predictions, (0.3, 0.7))
    assert dict(zip(EDGE_COST_HEADS, row, strict=True)) == {
        "Test pictures": "faces",
        "Real, called fake": "about 5 (1 to 24)",
        "Real, can't tell": "about 15 (5 to 36)",
        "Fake, called real": "about 25 (7 to 59)",
        "Fake, can't tell": "none (0 to 32)",
    }

"""Two detectors on the same pictures: who is printed where, and what counts as more than luck."""

from dataclasses import replace

import numpy as np
import pytest

from dfwidgets.measure import Comparison
from dfwidgets.measure.compare import Difference
from dfwidgets.measure.predictions import Predictions


def difference(**other) -> Difference:
    known = {"set": "faces", "reals": 30, "fakes": 40, "first": 0.7, "second": 0.85}
    known |= {"difference": 0.15, "low": 0.01, "high": 0.29, "p": 0.04}
    return Difference(**known | other)


def table(*sets: Difference) -> list[list[str]]:
    """The cells of the printed table, row by row."""
    lines = Comparison("Owl", "Cat", sets)._repr_markdown_().splitlines()
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def test_each_detector_s_area_stands_under_its_name():
    head, _, row = table(difference())
    assert head[2:4] == ["AUC of Owl", "AUC of Cat"]
    assert row == [
        "faces",
        "30 / 40",
        "0.700",
        "0.850",
        "+0.150 (+0.010 to +0.290)",
        "0.04",
        "tells them apart",
    ]


@pytest.mark.parametrize(
    ("p", "verdict"),
    [
        (0.001, "tells them apart"),
        (0.04, "tells them apart"),
        (0.06, "can be luck"),
        (0.5, "can be luck"),
    ],
)
def test_one_in_twenty_is_the_line_between_more_than_luck_and_luck(p, verdict):
    *_, row = table(difference(p=p))
    assert row[-1] == verdict


def test_what_can_not_be_tested_says_so():
    *_, few, none = table(
        difference(low=np.nan, high=np.nan, p=np.nan),
        difference(difference=np.nan, low=np.nan, high=np.nan, p=np.nan),
    )
    assert few[2:] == ["0.700", "0.850", "+0.150", "-", "too few to test"]
    assert none[2:] == ["-", "-", "-", "-", "needs two pictures of each class"]


def scorecard(name: str, logits: dict[str, float]) -> Predictions:
    """Six faces, their label the first letter of their id."""
    labels = {"r": "real", "f": "fake"}
    rows = [[key, "faces", "any", labels[key[0]], "none", z, 0.5] for key, z in logits.items()]
    return Predictions.from_rows(name, rows)


def test_pictures_are_paired_by_name_and_not_by_place():
    first = scorecard("Owl", {"r1": 0, "r2": 1, "r3": 2, "f1": 1.5, "f2": 3, "f3": 4})
    # All of its answers are in order, and it was asked in another order, and about one more.
    second = scorecard("Cat", {"f3": 9, "f1": 7, "r3": 2, "r1": 0, "f9": 0, "r2": 1, "f2": 8})
    (found,) = Comparison.of(first, second).sets
    assert (found.reals, found.fakes) == (3, 3)
    assert found.first == pytest.approx(8 / 9)
    assert found.second == pytest.approx(1)
    assert found.difference == pytest.approx(1 / 9)


def test_a_fake_and_its_photograph_are_compared_as_what_belongs_together():
    logits = {"r1": 0, "r2": 1, "r3": 2, "f1": 0.5, "f2": 0.8, "f3": 2.2}
    better = {key: z + (key[0] == "f") for key, z in logits.items()}
    groups = np.array([key[1] for key in logits])
    first, second = (
        replace(scorecard(name, of), groups=groups)
        for name, of in (("Owl", logits), ("Cat", better))
    )
    (found,) = Comparison.of(first, second).sets
    strangers = Comparison.of(scorecard("Owl", logits), scorecard("Cat", better)).sets[0]
    assert found.difference == strangers.difference
    assert found.p != strangers.p

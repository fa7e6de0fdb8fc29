"""The pointing game and IoU, counted by hand."""

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.faces import Face
from models.training import pointing


def test_a_map_that_points_to_the_changed_place_hits():
    mask = np.zeros((10, 10), np.float32)
    mask[2:4, 2:7] = 1
    heatmap = np.zeros((10, 10), np.float32)
    heatmap[2:4, 4:9] = 0.5
    heatmap[3, 5] = 1
    assert df.pointing_game(heatmap, mask) == pytest.approx((1, 6 / 14, 0.1))
    heatmap[9, 9] = 2
    hit, iou, _ = df.pointing_game(heatmap, mask)
    assert hit == 0
    assert iou < 6 / 14


def test_places_that_are_as_bright_share_the_point():
    mask = np.zeros((4, 4), np.uint8)
    mask[:2] = 255
    assert df.pointing_game(np.ones((4, 4)), mask).hit == 0.5
    assert df.pointing_game(np.zeros((4, 4)), mask) == (0, 0, 0.5), "an empty map points nowhere"
    assert df.pointing_game(np.ones((4, 4)), np.zeros((4, 4))) == (0, 0, 0)


def test_only_the_judged_part_counts():
    mask = np.zeros((40, 80), np.float32)
    mask[10:20, :20] = 1
    face = Face(0, 0, 17.4, 17.4, 1.0)  # its window is the upper left square of 20
    heatmap = np.zeros((40, 80), np.float32)
    heatmap[15, 5] = 1
    heatmap[30, 70] = 2
    assert df.pointing_game(heatmap, mask, face) == pytest.approx((1, 1 / 200, 0.5))


def test_the_table_says_what_chance_would_give():
    text = pointing.table({"Grad-CAM": [(1, 0.5, 0.2, 0), (0, 0.1, 0.2, 1)], "other": [(1, 1, 1, 0)] * 2})
    assert "| Grad-CAM | 2 | 1 | 0.50 (0.00 to 1.00) | 0.20 | 0.30 (0.10 to 0.50) | 0.11 |" in text
    assert "| other | 2 | 0 | 1.00 (1.00 to 1.00) | 1.00 | 1.00 (1.00 to 1.00) | 1.00 |" in text


def test_the_map_that_knows_nothing_is_bright_in_the_middle_of_the_judged_part(redness):
    image = np.zeros((40, 80, 3), np.uint8)
    heatmap = pointing.middle(image, Face(0, 0, 34.8, 34.8, 1.0))  # the left half
    assert heatmap.max() == heatmap[20, 20] == 1
    assert not heatmap[:, 41:].any()
    found = pointing.points(redness, [(image, np.ones((40, 80), np.uint8) * 255)], ("Grad-CAM",))
    assert found["Grad-CAM"] == [(0, 0, 1, 1)], "its map of a black picture is empty"

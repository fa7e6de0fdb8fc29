"""The pointing game and IoU, counted by hand."""

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.pictures.faces import Face
from models.training.judging import map_hits


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


@pytest.mark.parametrize(
    ("dark", "light", "kind"),
    [(100, 150, np.uint8), (127, 128, np.uint8), (1, 200, np.uint8), (0.45, 0.55, np.float32)],
)
def test_a_grey_place_of_a_mask_was_changed_from_half_of_its_range_on(dark, light, kind):
    """A fifth of the mask is light, the rest is dark grey and counts as left as it was."""
    mask = np.full((10, 10), dark, kind)
    mask[:2] = light
    heatmap = np.zeros((10, 10), np.float32)
    heatmap[0, 0] = 1
    assert df.pointing_game(heatmap, mask) == pytest.approx((1, 1 / 20, 0.2))
    heatmap[9, 9] = 2
    assert df.pointing_game(heatmap, mask).hit == 0


def test_only_the_judged_part_counts():
    mask = np.zeros((40, 80), np.float32)
    mask[10:20, :20] = 1
    face = Face(0, 0, 17.4, 17.4, 1.0)  # its window is the upper left square of 20
    heatmap = np.zeros((40, 80), np.float32)
    heatmap[15, 5] = 1
    heatmap[30, 70] = 2
    assert df.pointing_game(heatmap, mask, face) == pytest.approx((1, 1 / 200, 0.5))


def line(name, hit, iou, chance, empty=0, explains=""):
    values = {
        "pictures": "fakes",
        "id": "a",
        "map": name,
        "empty": empty,
        "hit": hit,
        "iou": iou,
        "chance": chance,
    }
    return {key: str(value) for key, value in {**values, "beats": "", "explains": explains}.items()}


def test_the_tables_say_what_chance_would_give_and_how_many_maps_explain_nothing():
    lines = [
        line("Grad-CAM", 1, 0.5, 0.2, 0, "more"),
        line("Grad-CAM", 0, 0.1, 0.2, 1),
        line("other", 1, 1, 1),
    ]
    text = map_hits.figures(lines)
    assert (
        "| 2 fakes | Grad-CAM | 1 | 0.50 (0.09 to 0.91) | 0.20 | 0.30 (0.10 to 0.50) | 0.11 |"
        in text
    )
    assert (
        "| 1 fakes | other | 0 | 1.00 (0.21 to 1.00) | 1.00 | 1.00 (1.00 to 1.00) | 1.00 |" in text
    )
    assert "| 2 fakes | Grad-CAM | 1 | 1 | 0 | 0 |" in text


def test_the_map_that_knows_nothing_is_bright_in_the_middle_of_the_judged_part():
    heatmap = map_hits.middle(
        np.zeros((40, 80, 3), np.uint8), Face(0, 0, 34.8, 34.8, 1.0)
    )  # the left half
    assert heatmap.max() == heatmap[20, 20] == 1
    assert not heatmap[:, 41:].any()


def test_each_picture_gets_a_line_for_each_map_and_a_photograph_no_point(redness):
    redness.methods = ("Grad-CAM",)
    red, mask = np.zeros((40, 80, 3), np.uint8), np.zeros((40, 80), np.uint8)
    red[:10, :20, 0] = 255
    mask[:10, :20] = 255
    cases = [
        map_hits.Case("fake", red, mask),
        map_hits.Case("black", red * 0, mask),
        map_hits.Case("real", red, None),
    ]
    lines = list(map_hits.look(redness, "fakes", cases, blur=True))
    assert [(one["id"], one["map"]) for one in lines[::2]] == [(c.id, "Grad-CAM") for c in cases]
    assert {one["map"] for one in lines[1::2]} == {map_hits.MIDDLE}
    fake, black, photograph = lines[::2]
    assert (fake["empty"], fake["hit"], fake["iou"], fake["chance"]) == (0, 1, 1, 0.0625)
    assert (black["empty"], black["hit"]) == (1, 0)
    assert photograph["hit"] == photograph["empty"] == ""
    assert photograph["explains"] == "", "toward real this detector draws an empty map"


def test_blends_are_made_of_the_photographs_of_a_folder(tmp_path, portrait):
    (tmp_path / "Real").mkdir()
    (tmp_path / "Fake").mkdir()
    for number in range(12):
        (tmp_path / "Real" / f"{number}.jpg").write_bytes(portrait)
    cases = list(map_hits.blends(tmp_path, 2))
    assert len({case.id for case in cases}) == 2
    for case in cases:
        assert case.mask.shape == case.image.shape[:2] == (512, 512)
        assert case.mask.max() > 0.5

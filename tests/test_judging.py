"""The figures that the product quotes of its rules, its flips and its kinds never seen."""

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.pictures.faces import MARGIN, crop_window
from dfwidgets.robustness.stability import Copy, Strip
from dfwidgets.robustness.variants import VARIANTS
from models.training.judging import flip_rates, guard_rates, leave_out
from models.training.making.dataset import Row

BAND = (0.2, 0.8)


def row(set="one", label="real", split="test", path="a.jpg"):
    return Row(path, "", label, set, "", split, path)


def face_in(image):
    return df.find_faces(image)[0]


@pytest.fixture(scope="module")
def part(portrait):
    """The judged part of a photograph."""
    image = df.open_image(portrait)
    left, top, right, bottom = crop_window(image, face_in(image))
    return image[top:bottom, left:right]


def test_a_face_is_made_as_small_as_it_says_and_a_smaller_one_stays(part):
    small = guard_rates.shrink(40)(part)
    assert guard_rates.face_of(small).size == pytest.approx(40, abs=1)
    again = guard_rates.shrink(96)(small)
    np.testing.assert_array_equal(again, small, "never made larger")
    assert guard_rates.shrink(48)(small).shape == small.shape


def test_the_face_of_a_part_lies_in_its_middle_with_the_margin_around_it(part):
    face = guard_rates.face_of(part)
    assert face.size * MARGIN == pytest.approx(part.shape[0])
    assert face.left == face.top == pytest.approx(part.shape[1] - face.right)
    assert crop_window(part, face) == (0, 0, part.shape[1], part.shape[0])


def test_blurring_and_drawing_do_what_their_names_say(part):
    def detail(image):
        return np.abs(np.diff(image.astype(float), axis=1)).mean()

    soft = [detail(guard_rates.blur_by(sigma)(part)) for sigma in (0.01, 0.04, 0.1)]
    assert detail(part) > soft[0] > soft[1] > soft[2]
    half = part[::2, ::2]
    ratio = detail(guard_rates.blur_by(0.04)(half)) / detail(half)
    assert ratio == pytest.approx(soft[1] / detail(part), abs=0.15), "measured in faces, not pixels"

    drawn = guard_rates.cartoon(6)(part)
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) == 6
    assert len(np.unique(guard_rates.cartoon(6, 60)(part).reshape(-1, 3), axis=0)) > 6
    faded = guard_rates.fade(part)
    assert np.ptp(faded) <= 13
    assert abs(faded.mean() - 128) < 6


def test_each_rule_is_counted_in_its_own_column(part):
    tiny = guard_rates.shrink(16)(part)
    blank = np.full_like(part, 90)
    line = guard_rates.fired([part, part, tiny, blank], "some")
    assert line == "| some | 4 | 25.0% | 25.0% | - | - |"
    assert guard_rates.fired([guard_rates.cartoon(4)(part)], "x").endswith("| - | - | - | 100.0% |")
    assert guard_rates.fired([guard_rates.blur_by(0.1)(part)], "x").split(" | ")[4] == "100.0%"


def test_everything_that_is_done_to_a_picture_gives_a_picture(part):
    for name, change in guard_rates.changes().items():
        changed = change(part)
        assert changed.dtype == np.uint8, name
        assert changed.ndim == 3, name
        assert np.array_equal(changed, part) == (name == "none" or changed is part), name


class ByRed:
    """As fake as the picture is red, without a look for a face."""

    def predict(self, image, face="largest"):
        return df.Prediction(p_fake=float(image[0, 0, 0] / 100), face=face, band=BAND)


def test_what_the_scores_are_worth_is_what_one_counts_by_hand():
    def picture(percent):
        return np.full((20, 20, 3), percent, np.uint8)

    scores = {
        ("one", "real"): (10, 90, 50, 10),  # one of four called fake
        ("one", "fake"): (90, 10),  # one of two called real
        ("two", "real"): (10,),
        ("lone", "fake"): (90, 50, 50),
    }
    rows = [row(set, label) for (set, label), given in scores.items() for _ in given]
    parts = [picture(value) for given in scores.values() for value in given]
    line = guard_rates.worth(ByRed(), parts, rows, {"lone": ["two"]})
    # one: 90 wins three of four pairs and draws one, 10 draws two of four; lone: all three win.
    area = ((3.5 + 1) / 8 + 1) / 2
    assert line == f" {area:.3f} | {(1 / 4 + 0) / 2:.1%} | {(1 / 2 + 0) / 2:.1%} | {3 / 10:.1%} |"


def strip(original, *changed):
    """A strip whose copies have these scores; those that are not named have the picture's own."""
    scores = [*changed, *[original] * (len(VARIANTS) - len(changed))]
    nothing = np.zeros((0, 0, 3), np.uint8)

    def copy(variant, score):
        return Copy(variant, df.Prediction(p_fake=score, face=None, band=BAND), nothing)

    copies = (copy(v, score) for v, score in zip(VARIANTS, scores, strict=True))
    return Strip(copy(VARIANTS[0], original), tuple(copies))


def test_flips_are_counted_by_set_by_verdict_and_by_variant():
    sent = [
        (row("one", "real"), strip(0.1)),  # right and steady
        (row("one", "real"), strip(0.1, 0.6)),  # right, and turned by the first variant
        (row("one", "fake"), strip(0.9, 0.9, 0.7)),  # right; the second loses its word, no more
        (row("one", "fake"), strip(0.1, 0.9)),  # wrong, and turned into the other word
        (row("two", "fake"), strip(0.5)),  # no verdict, and no copy has one
        (row("two", "fake"), strip(0.5, 0.1, 0.9)),  # no verdict, and copies that contradict
    ]
    text = flip_rates.figures(sent).splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text]
    assert ["one", "real", "2", "2", "0.500 (0.095 to 0.905)"] in cells
    assert ["one", "fake", "2", "2", "0.500 (0.095 to 0.905)"] in cells
    assert ["two", "fake", "2", "0", "-"] in cells
    assert ["all", "both", "6", "4", "0.500 (0.150 to 0.850)"] in cells
    rates = {cell[1]: cell for cell in cells if len(cell) == 5}
    assert rates["both, right"][3:] == ["3", "0.333 (0.061 to 0.792)"]
    assert rates["both, wrong"][3:] == ["1", "1.000 (0.207 to 1.000)"]
    assert any(line.endswith("contradict: 0.500 (0.095 to 0.905).") for line in text)

    by_name = {cell[0]: cell[1:] for cell in cells if len(cell) == 4}
    first, second, third = (variant.name for variant in VARIANTS[:3])
    assert by_name[first] == ["0.500 (0.150 to 0.850)", "0.500", "0.250"]
    assert by_name[second] == ["0.000 (0.000 to 0.490)", "0.250", "0.000"]
    assert by_name[third] == ["0.000 (0.000 to 0.490)", "0.000", "0.000"]
    total = by_name["any of them"]
    assert [cell.split()[0] for cell in total] == ["0.500", "0.750", "0.250"]


@pytest.mark.model
def test_every_picture_is_sent_again_in_each_way(tmp_path, portrait):
    from tests.helpers import ROOT

    rows = [row(path=f"{number}.jpg") for number in range(3)]
    for one in rows:
        (tmp_path / one.path).write_bytes(portrait)
    sent = flip_rates.send_all(ROOT / "models" / "detector", tmp_path, rows, tmp_path / "faces.csv")
    assert [one for one, _ in sent] == rows
    expected = df.load_detector(ROOT / "models" / "detector").predict(df.open_image(portrait))
    for _, one in sent:
        assert one.original.prediction.p_fake == pytest.approx(expected.p_fake, abs=1e-6)
        assert [copy.variant for copy in one.copies] == list(VARIANTS)
        assert all(copy.image.size == 0 for copy in (one.original, *one.copies))


SETTINGS = {
    "start": "detector/model.keras",
    "families": {"gan": {"one": 1.0, "two": 2.0}, "other": {"lone": 1.0}},
    "photographs": {"one": 1.0, "two": 1.0},
    "reals_for": {"lone": ["two"]},
}


def test_of_a_kind_left_out_the_photographs_stay_unless_it_is_strict():
    kept = leave_out.without(SETTINGS, "one", strict=False)
    assert kept["fakes_left_out"] == ["one"]
    assert kept["start"] == "", "the shipped model has seen it"
    assert kept["photographs"] == SETTINGS["photographs"]

    strict = leave_out.without(SETTINGS, "one", strict=True)
    assert strict["fakes_left_out"] == ["one"]
    assert strict["photographs"] == {"two": 1.0}
    assert strict["families"] == {"gan": {"two": 2.0}, "other": {"lone": 1.0}}
    assert SETTINGS["photographs"] == {"one": 1.0, "two": 1.0}, "the settings stay as they were"


def test_a_kind_is_judged_against_its_own_photographs_or_borrowed_ones():
    rows = [
        row("one", "real"),
        row("one", "fake"),
        row("one", "fake", "train"),
        row("two", "real"),
        row("two", "fake"),
        row("lone", "fake"),
    ]
    assert leave_out.judged_on(rows, "one", SETTINGS) == [rows[0], rows[1]]
    assert leave_out.judged_on(rows, "lone", SETTINGS) == [rows[3], rows[5]]
    nobody = SETTINGS | {"reals_for": {}}
    assert leave_out.judged_on(rows, "lone", nobody) == [rows[0], rows[3], rows[5]]


@pytest.mark.model
def test_what_was_left_out_is_not_learnt_from():
    from models.training.making import train

    settings = leave_out.without(SETTINGS, "one", strict=False)
    assert train.left_out(row("one", "fake"), settings)
    assert not train.left_out(row("one", "real"), settings)
    assert not train.left_out(row("two", "fake"), settings)
    assert not train.left_out(row("one", "fake"), SETTINGS)

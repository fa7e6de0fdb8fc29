"""The figures that the product quotes of its rules, its flips and its kinds never seen."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import dfwidgets as df
from dfwidgets.pictures.degrade import resize
from dfwidgets.pictures.faces import MARGIN, Face, crop_window
from dfwidgets.robustness.stability import Copy, Strip
from dfwidgets.robustness.variants import VARIANTS
from models.training.judging import flip_rates, grain, guard_rates, leave_out, verdict_rates
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
    blurred = guard_rates.blur_by(0.04)
    large = resize(blurred(resize(part, 3)), 1 / 3)
    away = np.abs(large.astype(float) - blurred(part)).mean()
    assert away < 0.2 * np.abs(part.astype(float) - blurred(part)).mean(), "in faces, not pixels"

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


def test_of_a_kind_or_family_left_out_no_fake_is_seen_and_all_photographs_are():
    kept = leave_out.without(SETTINGS, "one")
    assert kept["fakes_left_out"] == ["one"]
    assert kept["start"] == "", "the shipped model has seen it"
    assert kept["photographs"] == SETTINGS["photographs"]
    assert leave_out.without(SETTINGS, "gan")["fakes_left_out"] == ["one", "two"]


def test_a_run_is_asked_about_what_it_never_saw_and_about_photographs():
    rows = [
        row("one", "real"),
        row("one", "fake"),
        row("one", "fake", "train"),
        row("two", "real", "val"),
        row("two", "fake"),
        row("elsewhere", "real"),
    ]
    kept = leave_out.without(SETTINGS, "one")
    assert leave_out.judged_on(rows, kept) == [rows[0], rows[1], rows[3]]


def test_a_kind_stands_against_its_own_photographs_or_borrowed_ones():
    lines = [
        {"set": name, "label": label}
        for name, label in (("one", "real"), ("one", "fake"), ("two", "real"), ("lone", "fake"))
    ]
    assert leave_out.against(lines, "one", SETTINGS["reals_for"]) == lines[:2]
    assert leave_out.against(lines, "lone", SETTINGS["reals_for"]) == lines[2:]


@pytest.mark.model
def test_what_was_left_out_is_not_learnt_from():
    from models.training.making import train

    settings = leave_out.without(SETTINGS, "one")
    assert train.left_out(row("one", "fake"), settings)
    assert not train.left_out(row("one", "real"), settings)
    assert not train.left_out(row("two", "fake"), settings)
    assert not train.left_out(row("one", "fake"), SETTINGS)


class ByBrightness:
    """As fake as the middle of the judged face is bright."""

    def predict(self, image, face="largest"):
        x, y = round((face.left + face.right) / 2), round((face.top + face.bottom) / 2)
        return df.Prediction(p_fake=float(image[y, x, 0] / 255), face=face, band=BAND)


@pytest.fixture
def squares(tmp_path):
    """Flat photographs of 200 pixels, with a face of a size that the test knows."""

    def make(levels, sizes):
        rows = [row(path=f"{number}.png") for number in range(len(levels))]
        faces = {}
        for one, level, size in zip(rows, levels, sizes, strict=True):
            Image.fromarray(np.full((400, 400, 3), level, np.uint8)).save(tmp_path / one.path)
            faces[one.path] = Face(10, 10, 10 + size, 10 + size, 1.0) if size else None
        return tmp_path, rows, faces

    return make


def test_where_neither_size_nor_grain_matters_all_copies_answer_alike(squares):
    folder, rows, faces = squares([51, 204, 230], [100, 100, 0])
    text = grain.by_copy(ByBrightness(), folder, rows, faces).splitlines()
    assert len(text) == 2 + len(grain.COPIES) + 2
    for name, line in zip(grain.COPIES, text[2:], strict=False):
        # logits of 0.2 and 0.8; the band ends at 0.8, and the third picture shows no face
        assert line == f"| {name} | 2 | +0.00 | 0.500 (0.095 to 0.905) |"
    assert text[-1] == "Largest difference of the mean logits: 0.00."


def test_a_detector_that_minds_the_size_is_found_out(squares):
    class BySize:
        def predict(self, image, face="largest"):
            return df.Prediction(p_fake=0.9 if face.size < 100 else 0.5, face=face, band=BAND)

    folder, rows, faces = squares([100] * 4, [120] * 4)
    text = grain.by_copy(BySize(), folder, rows, faces)
    assert "| as it is | 4 | +0.00 | 0.000 (0.000 to 0.490) |" in text
    assert "| 0.7 times as large | 4 | +2.20 | 1.000 (0.510 to 1.000) |" in text
    assert text.endswith("Largest difference of the mean logits: 2.20.")


def test_photographs_are_counted_by_the_size_of_their_faces(squares):
    folder, rows, faces = squares([51, 204, 204, 51, 51], [95, 96, 159, 330, 0])
    text = grain.by_size(ByBrightness(), folder, rows, faces).splitlines()[2:]
    assert text == [
        "| 0 to 96 | 1 | -1.39 | 0.000 (0.000 to 0.793) |",
        "| 96 to 160 | 2 | +1.39 | 1.000 (0.342 to 1.000) |",
        "| 320 and more | 1 | -1.39 | 0.000 (0.000 to 0.793) |",
    ]


def test_what_a_word_is_worth_does_not_hang_on_how_many_pictures_a_set_holds(tmp_path):
    scores = {
        ("one", "real"): [0.1] * 8 + [0.9] * 2,  # 80 % called real, 20 % called fake
        ("two", "real"): [0.5, 0.1],  # 50 % called real
        ("one", "fake"): [0.9] * 3 + [0.1],  # 75 % called fake, 25 % called real
        ("lone", "fake"): [0.9, 0.5],  # 50 % called fake
    }
    lines = ["id,set,generator,label,degradation,logit,p_fake"]
    for (set, label), given in scores.items():
        for p in given:
            about = f"{len(lines)},{set},,{label}"
            lines += [f"{about},none,{np.log(p / (1 - p))},{p}", f"{about},blur,0,0.5"]
    (tmp_path / "predictions.csv").write_text("\n".join(lines))
    card = replace(df.load_scorecard(tmp_path), band=BAND)

    real_called_real = (0.8 + 0.5) / 2
    real_called_fake = (0.2 + 0) / 2
    fake_called_fake = (0.75 + 0.5) / 2
    fake_called_real = (0.25 + 0) / 2
    given, real_right, fake_right = verdict_rates.rates(card.degraded())
    total = real_called_real + real_called_fake + fake_called_fake + fake_called_real
    assert given == pytest.approx(total / 2)
    assert real_right == pytest.approx(real_called_real / (real_called_real + fake_called_real))
    assert fake_right == pytest.approx(fake_called_fake / (fake_called_fake + real_called_fake))

    text = verdict_rates.table(card)
    assert "| one | real | 10 | 80.0% | 0.0% | 20.0% |" in text
    assert "| lone | fake | 2 | 0.0% | 50.0% | 50.0% |" in text
    assert "Given a word: 75.0%. “Likely real” is right: 83.9%." in text

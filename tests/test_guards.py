"""A picture far from what the models know gets a reason, one that is a little worse gets none."""

import csv

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

import dfwidgets as df
from dfwidgets.pictures.degrade import blur, jpeg, noise, resize
from dfwidgets.pictures.faces import Face, choose_face, crop_window
from dfwidgets.pictures.guards import reason_not_to_tell
from tests.helpers import ROOT

IMAGES = ROOT / "images"


@pytest.fixture(scope="module")
def samples():
    """All shipped pictures, real and fake, with the face that is judged: (name, image, face)."""
    with (IMAGES / "samples.csv").open(newline="") as file:
        fakes = [IMAGES / row["file"] for row in csv.DictReader(file)]
    images = {
        path.relative_to(IMAGES).as_posix(): df.open_image(path)
        for path in [*IMAGES.glob("Real/*.jpg"), *fakes]
    }
    return [(name, image, choose_face(image, "largest")) for name, image in images.items()]


@pytest.fixture(scope="module")
def few(samples):
    """Every seventh of them."""
    return samples[::7]


def scaled(face, factor):
    return Face(
        face.left * factor, face.top * factor, face.right * factor, face.bottom * factor, face.score
    )


def cut_out(image, face):
    """What is judged of a picture, as a picture of its own, and the face in it."""
    left, top, right, bottom = crop_window(image, face)
    moved = Face(face.left - left, face.top - top, face.right - left, face.bottom - top, face.score)
    return image[top:bottom, left:right], moved


def test_every_shipped_picture_can_be_judged_hard_fakes_too(samples):
    assert len(samples) == len(list(IMAGES.glob("Real/*"))) + len(list(IMAGES.glob("Fake/*")))
    assert [name for name, image, face in samples if reason_not_to_tell(image, face)] == []


@pytest.mark.parametrize(
    "change",
    [lambda x: jpeg(x, 75), lambda x: jpeg(x, 30), lambda x: noise(x, 8), lambda x: blur(x, 1.5)],
)
def test_what_usually_happens_to_pictures_is_no_reason(few, change):
    assert [name for name, image, face in few if reason_not_to_tell(change(image), face)] == []


def test_a_small_face_is_judged_and_a_tiny_one_is_not(few):
    for _, image, face in few:
        for width in (8, 31):
            factor = width / face.size
            reason = reason_not_to_tell(resize(image, factor), scaled(face, factor))
            assert reason == (
                f"The face is only {width} pixels wide, too small to judge. "
                "Use a larger picture of it."
            )
        for width in (32, 40):
            factor = width / face.size
            assert reason_not_to_tell(resize(image, factor), scaled(face, factor)) == ""


def test_a_box_that_reaches_beyond_a_tiny_picture_is_no_larger_than_the_picture():
    assert "only 1 pixel wide" in reason_not_to_tell(
        np.zeros((1, 1, 3), np.uint8), Face(-50, -50, 50, 50, 1.0)
    )


@pytest.mark.parametrize("fraction", [0.04, 0.1])
@pytest.mark.parametrize("quality", [95, 50])
def test_a_face_blurred_beyond_use_is_not_judged(few, fraction, quality):
    reasons = [
        reason_not_to_tell(jpeg(blur(image, fraction * face.size), quality), face)
        for _, image, face in few
    ]
    assert all("too blurred" in reason for reason in reasons)


def test_the_size_of_the_picture_does_not_decide_whether_it_is_blurred(few):
    for _, image, face in few:
        large, soft = resize(image, 3), blur(image, 0.05 * face.size)
        assert reason_not_to_tell(large, scaled(face, 3)) == ""
        assert "too blurred" in reason_not_to_tell(resize(soft, 3), scaled(face, 3))


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_place_is_not_judged_whoever_calls_it_a_face(level):
    blank = np.full((200, 300, 3), level, np.uint8)
    assert "almost blank" in reason_not_to_tell(blank, Face(50, 20, 200, 170, 0.9))
    assert "almost blank" in reason_not_to_tell(noise(blank, 3), Face(50, 20, 200, 170, 0.9))


def test_how_much_contrast_is_almost_none():
    for difference, blank in ((3, True), (5, False)):
        halves = np.full((96, 96, 3), 128, np.uint8)
        halves[:48] -= difference
        halves[48:] += difference
        assert ("almost blank" in reason_not_to_tell(halves, Face(0, 0, 96, 96, 0.9))) == blank


@pytest.mark.parametrize(("edge", "drawn"), [(60, True), (56, True), (50, False), (44, False)])
def test_how_much_higher_edges_than_slopes_make_a_drawing(edge, drawn):
    y, x = np.mgrid[:112, :112]
    slopes = 60 + np.abs((x + y) % 128 - 64)  # a level from pixel to pixel, up and down
    slopes += x // 16 % 2 * edge
    image = np.repeat(slopes.astype(np.uint8)[..., None], 3, axis=2)
    assert ("drawing" in reason_not_to_tell(image, Face(0, 0, 112, 112, 0.9))) == drawn


def test_a_dim_photograph_is_not_taken_for_a_blank_or_a_blurred_one(few):
    assert [name for name, image, face in few if reason_not_to_tell(image // 3, face)] == []


def drawn_face(skin, hair):
    picture = Image.new("RGB", (300, 300), (180, 220, 240))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((60, 30, 240, 270), fill=hair)
    pen.ellipse((75, 60, 225, 275), fill=skin)
    for x in (110, 190):
        pen.ellipse((x - 18, 130, x + 18, 152), fill="white", outline="black")
        pen.ellipse((x - 8, 133, x + 8, 149), fill="black")
    pen.arc((110, 190, 190, 235), 20, 160, fill=(160, 40, 40), width=6)
    pen.line((150, 150, 140, 190, 155, 192), fill="black", width=3)
    return np.asarray(picture)


@pytest.mark.parametrize("quality", [95, 60])
def test_a_drawn_face_is_not_judged(quality):
    face = Face(65, 60, 235, 270, 0.9)
    for colours in (((240, 200, 170), (60, 40, 20)), ((120, 80, 50), (10, 10, 10))):
        assert "drawing" in reason_not_to_tell(jpeg(drawn_face(*colours), quality), face)


def test_a_photograph_turned_into_four_colours_is_not_judged(few):
    reasons = []
    for _, image, face in few:
        image, face = cut_out(image, face)  # what lies around is not judged, and takes long
        picture = Image.fromarray(image)
        for _ in range(3):
            picture = picture.filter(ImageFilter.MedianFilter(5))
        even = np.asarray(picture.quantize(4, dither=Image.Dither.NONE).convert("RGB"))
        reasons.append(reason_not_to_tell(even, face))
    assert all("drawing" in reason for reason in reasons)


def test_without_a_face_the_reason_says_so_whatever_else_is_wrong():
    assert reason_not_to_tell(np.zeros((4, 4, 3), np.uint8), None).startswith("No face was found")


def test_looking_changes_nothing(portrait):
    image = df.open_image(portrait)
    before = image.copy()
    face = choose_face(image, "largest")
    assert reason_not_to_tell(image, face) == reason_not_to_tell(image, face) == ""
    np.testing.assert_array_equal(image, before)

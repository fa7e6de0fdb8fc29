"""Sent again, a picture keeps its face; verdicts that everyday changes turn are noticed, and others
are left alone."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import dfwidgets as df
from dfwidgets.detector import adapt
from dfwidgets.pictures.degrade import jpeg
from dfwidgets.pictures.faces import Face, crop_face, crop_window
from dfwidgets.robustness.stability import flips, judge_copy, send_again
from dfwidgets.robustness.variants import AS_IT_IS, VARIANTS, change
from tests.helpers import ROOT

PICTURES = sorted((ROOT / "images").glob("[RF]*/*.jpg"))
BY_NAME = {variant.name: variant for variant in VARIANTS}


class Brightness:
    """The brighter the whole picture, the more fake."""

    def predict(self, image, face="largest"):
        return df.Prediction(p_fake=float(image.mean() / 255))


class JpegQuality:
    """Reads nothing but how strongly the picture was compressed: saved once more like that, it
    hardly changes."""

    QUALITIES = (95, 75, 50, 30)

    def predict(self, image, face="largest"):
        corner = image[: len(image) // 8 * 8, : image.shape[1] // 8 * 8][:128, :128]
        change = [np.abs(jpeg(corner, q).astype(int) - corner).mean() for q in self.QUALITIES]
        return df.Prediction(p_fake=(0.02, 0.4, 0.8, 0.97)[int(np.argmin(change))])


class Told:
    """Says what it was told to, picture after picture."""

    def __init__(self, *scores, band=(0.3, 0.7)):
        self.scores, self.band, self.images = list(scores), band, []

    def predict(self, image, face="largest"):
        self.images.append(image)
        return df.Prediction(p_fake=self.scores.pop(0), band=self.band)


class Cropped:
    """Sees the judged square alone, and says so."""

    def predict(self, image, face="largest"):
        return df.Prediction(p_fake=float(crop_face(image, face, 24).mean() / 255), face=face)

    def judged_part(self, image, face):
        return crop_window(image, face)


pictures = st.tuples(st.integers(1, 60), st.integers(1, 60)).flatmap(
    lambda s: arrays(np.uint8, (*s, 3))
)


@st.composite
def pictures_with_faces(draw):
    """A smooth picture with some grain, and a box in it."""
    height, width = draw(st.integers(24, 200)), draw(st.integers(24, 200))
    left, top = draw(st.integers(0, width - 10)), draw(st.integers(0, height - 10))
    right, bottom = draw(st.integers(left + 8, width)), draw(st.integers(top + 8, height))
    y, x = np.mgrid[:height, :width]
    image = np.stack([x % 256, y % 256, (x + 2 * y) % 256], axis=-1).astype(np.uint8)
    points = tuple((left + i, top + 2 * i) for i in range(6))
    return image, Face(left, top, right, bottom, 0.9, points)


@settings(max_examples=60, deadline=None)
@given(pictures)
def test_a_picture_that_is_left_as_it_is_keeps_its_score(image):
    same = judge_copy(adapt(Brightness()), image, None, AS_IT_IS).prediction
    assert same.p_fake == Brightness().predict(image).p_fake
    assert (
        send_again(Brightness(), image, None, [AS_IT_IS]).copies[0].prediction.p_fake == same.p_fake
    )


@settings(max_examples=60, deadline=None)
@given(pictures_with_faces())
def test_also_where_only_the_part_around_the_face_is_sent_the_score_stays(given):
    image, face = given
    for judged_part in (None, Cropped().judged_part):
        same, carried = change(image, face, AS_IT_IS, judged_part)
        assert Cropped().predict(same, carried).p_fake == Cropped().predict(image, face).p_fake
    assert not send_again(Cropped(), image, face, [AS_IT_IS]).flips


def at_the_edge():
    """A box that reaches the right edge of what a screenshot keeps, where 71 * (89 / 71) is more
    than 89."""
    y, x = np.mgrid[:24, :74]
    image = np.stack([x, y, x + 2 * y], axis=-1).astype(np.uint8)
    return image, Face(0, 0, 72, 8, 0.9, ((0, 0), (1, 2), (2, 4), (3, 6), (4, 8), (5, 10)))


@settings(max_examples=60, deadline=None)
@given(pictures_with_faces(), st.sampled_from(VARIANTS))
@example(at_the_edge(), VARIANTS[-1])
def test_the_same_face_is_judged_in_every_copy(given, variant):
    """Red says how far right and green how far down a pixel lies: corners of the carried box must
    read like the box."""
    image, face = given
    height, width = image.shape[:2]
    left, top, right, bottom = 0, 0, width, height
    if variant.kept < 1:
        w, h = max(1, round(width * variant.kept)), max(1, round(height * variant.kept))
        left, top = (width - w) // 2, (height - h) // 2
        right, bottom = left + w, top + h
    sides = np.clip([face.left, face.right], left, right)
    edges = np.clip([face.top, face.bottom], top, bottom)
    for judged_part in (None, Cropped().judged_part):
        changed, carried = change(image, face, variant, judged_part)
        assert 0 <= carried.left <= carried.right <= changed.shape[1]
        assert 0 <= carried.top <= carried.bottom <= changed.shape[0]
        if variant.name not in ("flip", "crop") or min(np.ptp(sides), np.ptp(edges)) < 4:
            continue  # others move the colours by which a place is known here
        inside = changed[
            round(carried.top) : round(carried.bottom),
            round(carried.left) : round(carried.right),
            :2,
        ].astype(int)
        assert [inside[..., 0].min(), inside[..., 0].max() + 1] == sides.tolist()
        assert [inside[..., 1].min(), inside[..., 1].max() + 1] == edges.tolist()


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_the_finder_finds_the_carried_face_where_it_was_carried_to(variant, portrait):
    image = df.open_image(portrait)
    changed, carried = change(image, df.find_faces(image)[0], variant)
    found = df.find_faces(changed)[0]
    across = min(found.right, carried.right) - max(found.left, carried.left)
    down = min(found.bottom, carried.bottom) - max(found.top, carried.top)
    assert across * down > 0.75 * max(found.size, carried.size) ** 2 * 0.8
    for (x, y), (u, v) in zip(found.landmarks, carried.landmarks, strict=True):
        assert abs(x - u) < 0.12 * found.size
        assert abs(y - v) < 0.12 * found.size


@pytest.mark.parametrize("name", [name for name in BY_NAME if name not in ("noise", "screenshot")])
def test_sending_only_the_part_around_the_face_gives_the_pixels_of_the_whole_copy(name, portrait):
    """Noise has other grains in a part, and the blocks of a screenshot's JPEG lie elsewhere."""
    image = df.open_image(portrait)
    face = df.find_faces(image)[0]
    copies = [
        change(image, face, BY_NAME[name], judged) for judged in (None, Cropped().judged_part)
    ]
    assert copies[1][0].size < copies[0][0].size
    assert np.array_equal(*(crop_face(*copy, 224) for copy in copies))


def test_there_are_twelve_and_each_says_what_was_done():
    assert len(VARIANTS) == len(BY_NAME) == 12
    assert len({variant.how for variant in VARIANTS}) == 12
    with pytest.raises(FrozenInstanceError):
        VARIANTS[0].name = "another"


@pytest.mark.parametrize(
    ("before", "after"), [(0, 0), (64, 73), (128, 136), (192, 197), (255, 255)]
)
def test_a_screenshot_makes_midtones_lighter_and_leaves_black_and_white(before, after):
    """255 * (64 / 255) ** (1 / 1.1) is 73."""
    image = np.full((64, 64, 3), before, np.uint8)
    changed, _ = change(image, None, BY_NAME["screenshot"])
    assert changed.mean() == pytest.approx(after, abs=1)


def test_the_picture_given_is_not_changed(portrait):
    image = df.open_image(portrait)
    before = image.copy()
    send_again(Brightness(), image)
    assert np.array_equal(image, before)


def test_a_detector_that_reads_only_the_jpeg_quality_is_caught():
    # A third of the pictures is enough: it reads nothing of what they show.
    caught = [send_again(JpegQuality(), df.open_image(path), None).flips for path in PICTURES[::3]]
    assert len(caught) > 13
    assert np.mean(caught) >= 0.95


def test_a_detector_that_reads_the_brightness_is_left_alone():
    """No everyday change makes a dark picture a bright one."""
    caught = [send_again(Brightness(), df.open_image(path), None).flips for path in PICTURES[::4]]
    assert not any(caught)


def sent(original, *scores, **more):
    scores = scores + (original,) * (12 - len(scores))
    return send_again(Told(original, *scores, **more), np.zeros((16, 16, 3), np.uint8), None)


@pytest.mark.parametrize(
    ("original", "other", "flipped"),
    [
        (0.72, 0.68, False),  # over the edge by a little
        (0.72, 0.51, False),  # far, and still on the side of fake
        (0.72, 0.49, True),
        (0.7, 0.49, True),  # a score on an edge has the verdict beyond it
        (0.7, 0.5, False),  # the middle itself is on neither side
        (0.3, 0.51, True),
        (0.3, 0.5, False),
        (0.95, 0.05, True),
        (0.28, 0.49, False),
        (0.28, 0.51, True),
        (0.45, 0.69, False),  # never had a verdict
        (0.45, 0.71, True),  # it is the copy that has one
        (0.9, 0.9, False),
    ],
)
def test_a_verdict_flips_beyond_the_middle_and_not_at_the_edge(original, other, flipped):
    strip = sent(original, other)
    assert strip.flips is flipped
    assert ("so this page says: can't tell" in strip.sentence) is flipped


def test_the_middle_is_that_of_the_detector_s_own_band():
    assert not sent(0.95, 0.71, band=(0.5, 0.9)).flips
    assert sent(0.95, 0.69, band=(0.5, 0.9)).flips


def test_edges_that_somebody_chose_judge_the_picture_and_every_copy():
    told = Told(0.6, 0.45, *[0.6] * 11)
    strip = send_again(told, np.zeros((16, 16, 3), np.uint8), None, band=(0.5, 0.58))
    copies = [strip.original, *strip.copies]
    assert {copy.prediction.band for copy in copies} == {(0.5, 0.58)}
    assert strip.original.prediction.verdict == "likely fake"
    assert strip.flips


def test_copies_are_kept_small_and_hold_no_larger_picture():
    image = np.zeros((600, 400, 3), np.uint8)
    strip = send_again(Brightness(), image, None)
    for copy in [strip.original, *strip.copies]:
        assert max(copy.image.shape) == 128
        assert copy.image.base is None


def test_the_picture_as_it_is_goes_whole_to_a_detector_that_sees_a_part_alone():
    shapes = []

    class Looks(Cropped):
        def predict(self, image, face="largest"):
            shapes.append(image.shape[:2])
            return super().predict(image, face)

    image = np.zeros((200, 300, 3), np.uint8)
    send_again(Looks(), image, Face(20, 20, 50, 50, 0.9), VARIANTS[:1])
    whole, part = shapes
    assert whole == (200, 300)
    assert part[0] < 200 and part[1] < 300


@given(st.lists(st.floats(0, 1), min_size=1, max_size=13), st.randoms())
def test_it_does_not_matter_which_copy_was_sent_first(scores, random):
    predictions = [df.Prediction(p_fake=score) for score in scores]
    before = flips(predictions)
    random.shuffle(predictions)
    assert flips(predictions) == before


def test_a_verdict_that_holds_is_said_to():
    assert (
        sent(0.9).sentence
        == "It stays likely fake in all 12 changed copies. A verdict that holds can still be wrong."
    )
    assert sent(0.1, 0.4).sentence.startswith(
        "It stays likely real in 11 of 12 changed copies. In the other one the score slips"
    )
    assert sent(0.9, *[0.6] * 8).sentence.startswith(
        "In 8 of 12 changed copies the score slips into can't tell, though never to the other side"
    )
    assert sent(0.9, *[0.6] * 6).sentence.startswith("It stays likely fake in 6 of 12")
    assert sent(0.6, 0.8, 0.9).sentence.startswith(
        "It stays can't tell in 10 of 12 changed copies. In the others"
    )


def test_a_flip_names_its_reasons_the_strongest_first():
    strip = sent(0.9, 0.9, 0.9, 0.4, 0.1)
    assert [copy.variant.name for copy in strip.against] == ["JPEG 30", "JPEG 50"]
    assert (
        "when the picture is saved as JPEG of quality 30 (0.10) "
        "or saved as JPEG of quality 50 (0.40)" in strip.sentence
    )
    assert "or changed in 3 other ways" in sent(0.9, *[0.4] * 6).sentence
    assert "or changed in 1 other way," in sent(0.9, *[0.4] * 4).sentence


def test_an_answer_that_was_none_says_how_far_it_is_pushed():
    sentence = sent(0.45, 0.1, 0.9).sentence
    assert "both ways, from 0.10 when it is saved as JPEG of quality 95 to 0.90" in sentence


def test_a_detector_that_gives_no_prediction_is_told_so():
    class Wrong:
        def predict(self, image, face="largest"):
            return 0.5

    with pytest.raises(TypeError, match="has to return a Prediction"):
        send_again(Wrong(), np.zeros((16, 16, 3), np.uint8), None)


def test_a_student_s_detector_gets_the_whole_picture(portrait):
    told = Told(*[0.5] * 13)
    send_again(told, df.open_image(portrait))
    assert [image.shape[:2] for image in told.images[:7]] == [(512, 512)] * 5 + [
        (384, 384),
        (256, 256),
    ]


@pytest.mark.model
def test_the_shipped_detector_gets_only_the_part_that_it_judges_and_says_the_same(
    shipped, portrait
):
    class Whole:
        def predict(self, image, face="largest"):
            return shipped.predict(image, face)

    image = df.open_image(portrait)
    part, whole = send_again(shipped, image), send_again(Whole(), image)
    assert (
        part.original.prediction.p_fake
        == whole.original.prediction.p_fake
        == shipped.predict(image).p_fake
    )
    for one, other in zip(part.copies, whole.copies, strict=True):
        within = 0.1 if one.variant.name in ("noise", "screenshot") else 1e-6
        assert one.prediction.p_fake == pytest.approx(other.prediction.p_fake, abs=within)


def test_where_no_verdict_can_stand_the_copies_say_nothing_either():
    class Small:
        def predict(self, image, face="largest"):
            return df.Prediction(p_fake=0.95, reason="The face is too small.")

    strip = send_again(Small(), np.zeros((8, 8, 3), np.uint8), None)
    assert (
        strip.sentence
        == "The face is too small. So what its changed copies score says nothing either."
    )

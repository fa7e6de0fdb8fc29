"""Whether a map can be trusted, told of detectors whose truth is known."""

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.detector import Cancelled
from dfwidgets.explain.faithfulness import AREAS, Deletion, brightest
from dfwidgets.pictures.faces import Face, crop_window
from tests.helpers import PATCH, SIDE, ReadsRedPatch, lit, red_patch


class LooksAtThePicture(ReadsRedPatch):
    """Draws what is bright, whatever its weights are."""

    def explain(self, image, face="largest", **how):
        return image[..., 0].astype(np.float32) / 255

    def shuffled(self, seed):
        return LooksAtThePicture(super().shuffled(seed).place)


@pytest.fixture
def picture() -> np.ndarray:
    """A red patch on grey grain."""
    return red_patch()


def test_blurring_the_place_that_is_read_moves_the_answer_more_than_elsewhere(picture):
    detector = ReadsRedPatch()
    right = df.deletion(detector.predict, picture, lit(PATCH))
    assert right.moved > 0
    assert right.beats >= 19
    assert right.verdict == "more"
    assert detector.asked == 1 + len(AREAS) * 21


def test_a_map_that_is_bright_elsewhere_explains_nothing(picture):
    wrong = df.deletion(ReadsRedPatch().predict, picture, lit((slice(60, 84), slice(12, 36))))
    assert wrong.moved == 0
    assert wrong.verdict == "nothing"


def test_a_map_that_is_bright_everywhere_explains_nothing(picture):
    everywhere = df.deletion(ReadsRedPatch().predict, picture, np.ones((SIDE, SIDE), np.float32))
    assert (everywhere.moved > 0, everywhere.beats, everywhere.verdict) == (True, 0, "nothing")


def test_what_pulls_toward_fake_does_not_pull_toward_real(picture):
    ask = ReadsRedPatch().predict
    assert df.deletion(ask, picture, lit(PATCH), toward="real").verdict == "nothing"
    either = df.deletion(ask, picture, lit(PATCH), toward="either")
    assert either.moved == df.deletion(ask, picture, lit(PATCH)).moved


def test_the_same_seed_moves_the_same_way(picture):
    ask = ReadsRedPatch().predict
    first, again, other = (
        df.deletion(ask, picture, lit(PATCH), seed=seed).random for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_only_the_judged_part_is_blurred(picture):
    face = Face(50, 4, 92, 46, 1.0)
    left, top, right, bottom = crop_window(picture, face)
    seen = []

    def predict(image, which):
        seen.append(image)
        return df.Prediction(p_fake=0.5, logit=0.0, face=face)

    df.deletion(predict, picture, lit(PATCH), face)
    outside = np.ones((SIDE, SIDE), bool)
    outside[top:bottom, left:right] = False
    assert all((image[outside] == picture[outside]).all() for image in seen)
    assert any((image != picture).any() for image in seen)


def test_the_face_is_looked_for_once_and_stays_the_same_in_every_blurred_picture(picture):
    found = Face(50, 4, 92, 46, 1.0)
    faces = []

    def predict(image, which):
        faces.append(which)
        return df.Prediction(p_fake=0.5, logit=image.mean() / 100, face=found)

    df.deletion(predict, picture, lit(PATCH), draws=2)
    assert faces[0] == "largest"
    assert len(faces) == 1 + 3 * len(AREAS)
    assert all(which is found for which in faces[1:])


def test_an_empty_map_or_one_of_another_size_is_refused(picture):
    for heatmap in (np.zeros((SIDE, SIDE)), np.ones((SIDE, 5))):
        with pytest.raises(ValueError, match="not empty"):
            df.deletion(ReadsRedPatch().predict, picture, heatmap)


def test_a_check_can_be_cancelled(picture):
    def cancel(part):
        raise Cancelled

    with pytest.raises(Cancelled):
        df.deletion(ReadsRedPatch().predict, picture, lit(PATCH), progress=cancel)
    with pytest.raises(Cancelled):
        df.sanity_check(ReadsRedPatch(), picture, progress=cancel)


@pytest.mark.parametrize(
    ("moved", "beaten", "verdict"),
    [
        (1, 20, "more"),
        (1, 19, "more"),
        (1, 18, "unsure"),
        (1, 11, "unsure"),
        (1, 10, "nothing"),
        (-1, 20, "nothing"),
    ],
)
def test_the_verdict_of_a_map_is_counted(moved, beaten, verdict):
    random = np.where(np.arange(20) < beaten, moved - 1.0, moved)  # as far is not less far
    measured = Deletion(moved, random)
    assert (measured.beats, measured.verdict) == (beaten, verdict)


def test_the_brightest_part_has_the_area_that_was_asked_for_and_holds_no_zeros():
    ramp = np.arange(100.0).reshape(10, 10)
    assert brightest(ramp, 0.2).sum() == 20
    assert brightest(ramp, 0.2)[8:].all()
    ramp[:9] = 0
    assert brightest(ramp, 0.3).sum() == 10


def test_a_map_that_follows_the_weights_passes_the_sanity_check_and_one_that_does_not_fails(
    picture,
):
    assert df.sanity_check(ReadsRedPatch(), picture) < 0.3
    assert df.sanity_check(LooksAtThePicture(), picture) == pytest.approx(1)


def test_a_map_that_turns_round_is_no_copy(picture):
    class Turns(LooksAtThePicture):
        def shuffled(self, seed):
            return Turned()

    class Turned(LooksAtThePicture):
        def explain(self, image, face="largest", **how):
            return 1 - super().explain(image)

    assert df.sanity_check(Turns(), picture) == pytest.approx(-1, abs=1e-3)


def test_the_rank_correlation_of_maps_with_equal_places_is_the_known_one():
    """1, 1, 2, 3 has the ranks 1.5, 1.5, 3, 4, and 1, 2, 3, 3 has 1, 2, 3.5, 3.5: 4 / 4.5."""

    class Known(LooksAtThePicture):
        cells = ((1, 1), (2, 3))

        def explain(self, image, face="largest", **how):
            return np.array(self.cells, np.float32) / 3

        def shuffled(self, seed):
            other = Known()
            other.cells = ((1, 2), (3, 3))
            return other

    image = np.zeros((2, 2, 3), np.uint8)
    assert df.sanity_check(Known(), image, None) == pytest.approx(8 / 9, abs=1e-4)


@pytest.mark.model
def test_the_shipped_detector_s_map_is_another_one_with_shuffled_weights(shipped, portrait):
    image = df.open_image(portrait)
    face = shipped.predict(image).face
    assert df.sanity_check(shipped, image, face, toward="real") < 0.3
    one, again, other = (shipped.shuffled(seed).evidence(image, face)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.allclose(one, other)
    assert not np.allclose(one, shipped.evidence(image, face)[0])


@pytest.mark.model
def test_both_shipped_files_can_be_shuffled(shipped, portrait):
    from dfwidgets.detectors.keras import KerasDetector

    image = df.open_image(portrait)
    face = shipped.predict(image).face
    keras = KerasDetector(shipped.folder)
    own, mixed = keras.explain(image, face), keras.shuffled(3).explain(image, face)
    np.testing.assert_allclose(own, shipped.explain(image, face), atol=0.01)
    # Both shuffle 1,280 weights by the same seed.
    np.testing.assert_allclose(mixed, shipped.shuffled(3).explain(image, face), atol=0.01)
    assert not np.allclose(own, mixed, atol=0.1)


@pytest.mark.model
def test_the_shipped_detector_s_map_beats_a_map_of_the_corner(shipped, portrait):
    image = df.open_image(portrait)
    prediction = shipped.predict(image)
    toward = "fake" if prediction.p_fake >= 0.5 else "real"
    own = df.deletion(
        shipped.predict,
        image,
        shipped.explain(image, prediction.face, toward=toward),
        prediction.face,
        toward=toward,
    )
    left, top, right, bottom = crop_window(image, prediction.face)
    corner = np.zeros(image.shape[:2], np.float32)
    corner[top : top + (bottom - top) // 3, left : left + (right - left) // 3] = 1
    other = df.deletion(shipped.predict, image, corner, prediction.face, toward=toward)
    assert own.moved > other.moved
    assert own.beats > 10

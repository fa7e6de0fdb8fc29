"""Occlusion finds the place that an answer hangs on; the detector has nothing but `predict`."""

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.detector import Cancelled
from dfwidgets.explain.occlusion import blurred
from dfwidgets.pictures.faces import Face, crop_window
from tests.helpers import PATCH, SIDE, ReadsRedPatch, red_patch


@pytest.fixture
def picture() -> np.ndarray:
    """A red patch on grey grain."""
    return red_patch()


def test_the_brightest_place_is_the_one_that_is_read(picture):
    heatmap = df.occlusion(ReadsRedPatch().predict, picture)
    assert heatmap.dtype == np.float32
    assert heatmap.shape == (SIDE, SIDE)
    assert (heatmap.min(), heatmap.max()) == (0, 1)
    row, column = np.unravel_index(heatmap.argmax(), heatmap.shape)
    assert lies_in(row, PATCH[0]) and lies_in(column, PATCH[1])
    assert heatmap[60:, :40].max() < 0.01


def lies_in(value, part) -> bool:
    return part.start <= value < part.stop


def test_where_nothing_pulled_that_way_the_map_is_empty(picture):
    assert not df.occlusion(ReadsRedPatch().predict, picture, toward="real").any()

    def knows_nothing(image, face):
        return df.Prediction(p_fake=0.7)

    assert not df.occlusion(knows_nothing, picture).any()


def test_turning_the_answer_round_turns_the_map_round(picture):
    detector = ReadsRedPatch()

    def turned(image, face):
        return df.Prediction(p_fake=0.5, logit=-detector.predict(image, face).logit)

    as_fake = df.occlusion(detector.predict, picture)
    np.testing.assert_array_equal(df.occlusion(turned, picture, toward="real"), as_fake)


def test_the_map_of_a_face_stays_in_the_judged_part(picture):
    face = Face(50, 4, 92, 46, 1.0)

    def predict(image, which):
        assert which is face
        return df.Prediction(p_fake=0.5, logit=ReadsRedPatch().predict(image).logit, face=face)

    heatmap = df.occlusion(predict, picture, face)
    left, top, right, bottom = crop_window(picture, face)
    assert heatmap[top:bottom, left:right].max() == 1
    heatmap[top:bottom, left:right] = 0
    assert not heatmap.any()


def test_squares_are_twice_as_wide_as_their_step_and_leave_no_grain():
    grain = np.random.default_rng(0).integers(0, 256, (112, 112, 3)).astype(np.uint8)
    hidden = []

    def predict(image, face):
        hidden.append((image != grain).any(axis=-1))
        return df.Prediction(p_fake=0.5)

    df.occlusion(predict, grain, None)
    times = np.sum(hidden, axis=0)
    assert times[24:-24, 24:-24].mean() == pytest.approx(4, abs=0.05), "each place by four squares"
    assert blurred(grain).std() < 8 < grain.std() / 8


def test_the_face_is_looked_for_once_and_stays_the_same_behind_every_square(picture):
    found = Face(50, 4, 92, 46, 1.0)
    faces = []

    def predict(image, which):
        faces.append(which)
        return df.Prediction(p_fake=0.5, logit=image.mean() / 100, face=found)

    df.occlusion(predict, picture)
    assert faces[0] == "largest"
    assert len(faces) == 1 + 49
    assert all(which is found for which in faces[1:])


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (5, 5)])
def test_pictures_smaller_than_the_grid_have_a_map_too(shape):
    def predict(image, face):
        return df.Prediction(p_fake=image.mean() / 255)

    image = np.random.default_rng(0).integers(0, 255, (*shape, 3)).astype(np.uint8)
    assert df.occlusion(predict, image).shape == shape


def test_it_says_how_far_it_is_and_can_be_cancelled(picture):
    parts = []
    df.occlusion(ReadsRedPatch().predict, picture, progress=parts.append)
    assert parts[0] == 0 and parts[-1] == 1 and parts == sorted(parts) and len(parts) > 10
    detector = ReadsRedPatch()

    def cancel(part):
        if part > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        df.occlusion(detector.predict, picture, progress=cancel)
    assert detector.asked < 35


def test_a_detector_of_one_method_plays_in_the_panels(picture):
    class Mine:
        def predict(self, image, face="largest"):
            return ReadsRedPatch().predict(image)

        def explain(self, image, face="largest", *, toward="fake", progress, **how):
            return df.occlusion(self.predict, image, face, toward=toward, progress=progress)

    session = df.Session(Mine())
    panel = df.HeatmapPanel(session)
    session.open(picture)
    session.judge(None)
    panel.toward.value = "fake"
    assert "at the upper right" in panel.message.value
    assert "more than 20 of 20 random places" in panel.faithfulness.value


@pytest.mark.model
def test_the_shipped_detector_draws_it_without_tensorflow_s_help(shipped, portrait):
    image = df.open_image(portrait)
    face = shipped.predict(image).face
    assert shipped.methods[:2] == ("Grad-CAM", "Occlusion")
    maps = [
        shipped.explain(image, face, toward=toward, method="Occlusion")
        for toward in ("fake", "real")
    ]
    assert all(heatmap.shape == image.shape[:2] and heatmap.max() in (0, 1) for heatmap in maps)
    assert any(heatmap.any() for heatmap in maps)
    assert not np.logical_and(*(heatmap > 0.5 for heatmap in maps)).any()

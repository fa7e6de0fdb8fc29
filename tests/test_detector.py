"""What a detector answers, and that one of your own is quickly written."""

import math
from pathlib import Path

import numpy as np
import pytest

from dfwidgets.detector import Detector, ModelError, Prediction, adapt, check_band


@pytest.mark.parametrize(
    ("p_fake", "verdict"),
    [
        (0, "likely real"),
        (0.3, "likely real"),
        (0.3000001, "can't tell"),
        (0.5, "can't tell"),
        (0.6999999, "can't tell"),
        (0.7, "likely fake"),
        (1, "likely fake"),
    ],
)
def test_the_verdict_changes_at_the_edges_of_the_band(p_fake, verdict):
    assert Prediction(p_fake).verdict == verdict


def test_a_band_without_width_always_decides():
    assert Prediction(0.5, band=(0.5, 0.5)).verdict == "likely fake"
    assert Prediction(0.4999, band=(0.5, 0.5)).verdict == "likely real"


def test_a_reason_overrules_any_score():
    assert Prediction(0.99, reason="No face was found.").verdict == "can't tell"


@pytest.mark.parametrize("p_fake", [math.nan, math.inf, -math.inf, -0.01, 1.01])
def test_what_is_no_probability_never_becomes_a_verdict(p_fake):
    with pytest.raises(ValueError, match="expected p_fake from 0 to 1"):
        Prediction(p_fake)


def test_a_logit_that_is_not_given_is_the_log_odds():
    assert Prediction(0.5).logit == 0
    assert Prediction(0.9).logit == pytest.approx(math.log(9))
    assert Prediction(0).logit == pytest.approx(-Prediction(1).logit)
    assert math.isfinite(Prediction(1).logit)
    assert Prediction(0.9, logit=-3).logit == -3


def test_a_prediction_can_not_be_changed():
    with pytest.raises(AttributeError):
        Prediction(0.5).p_fake = 0.9


def test_a_detector_of_your_own_is_six_lines():
    class Brightness:
        def predict(self, image, face="largest"):
            return Prediction(p_fake=image.mean() / 255)

        def explain(self, image, face="largest", **options):
            return (image.mean(axis=2) / 255).astype(np.float32)

    assert isinstance(Brightness(), Detector)
    assert Brightness().predict(np.full((4, 4, 3), 255, np.uint8)).verdict == "likely fake"
    assert not isinstance(object(), Detector)


def test_a_model_error_is_a_value_error():
    assert issubclass(ModelError, ValueError)


@pytest.mark.parametrize(("p_fake", "side"), [(0.4999, "real"), (0.5, "fake"), (0.9, "fake")])
def test_a_score_leans_to_one_side_whatever_the_verdict(p_fake, side):
    assert Prediction(p_fake, reason="It is too dark.").leaning == side


@pytest.mark.parametrize("band", [(0.7, 0.3), (-0.1, 0.5), (0.5, 1.1), (math.nan, 0.5)])
def test_edges_that_can_not_be_are_refused(band):
    with pytest.raises(ValueError, match="expected two edges from 0 to 1, the lower first"):
        check_band(band)


@pytest.mark.parametrize("band", [(0, 1), (0.5, 0.5), (0.2, 0.9)])
def test_edges_that_can_be_are_taken(band):
    check_band(band)


class OnlyPredicts:
    """The least that can be asked."""

    def predict(self, image, face="largest"):
        return Prediction(p_fake=0.5)


def test_a_detector_that_only_predicts_has_a_plain_default_for_all_else():
    detector = adapt(OnlyPredicts())
    assert detector.methods == ("Occlusion",)
    assert detector.name == "OnlyPredicts"
    assert (detector.folder, detector.quick) == (None, ())
    for ability in ("explain", "shuffled", "judged_part", "slope", "on_one_thread"):
        assert getattr(detector, ability) is None, ability
    detector.load()
    assert detector.predict(np.zeros((4, 4, 3), np.uint8), None).p_fake == 0.5
    assert adapt(detector) is detector


class CanAll(OnlyPredicts):
    """Has every ability."""

    folder = Path("models") / "mine"
    methods = ("Grad-CAM", "SmoothGrad")
    quick = ("Grad-CAM",)
    loaded = False

    def explain(self, image, face="largest", **options):
        return image[..., 0] / 255

    def load(self):
        self.loaded = True

    def shuffled(self, seed):
        return self

    judged_part = slope = on_one_thread = shuffled


def test_a_detector_s_own_abilities_are_taken():
    given = CanAll()
    detector = adapt(given)
    assert detector.name == "mine", "the name of its model's folder"
    assert (detector.methods, detector.quick) == (("Grad-CAM", "SmoothGrad"), ("Grad-CAM",))
    for ability in ("explain", "shuffled", "judged_part", "slope", "on_one_thread"):
        assert getattr(detector, ability) == getattr(given, ability), ability
    detector.load()
    assert given.loaded
    given.name = "My own"
    assert adapt(given).name == "My own"
    given.folder = "models/mine"
    assert adapt(given).folder is None, "a text is no folder that can be looked into"


def test_a_map_of_one_s_own_is_called_grad_cam_unless_it_says_otherwise():
    class Explains(OnlyPredicts):
        def explain(self, image, face="largest", **options):
            return image[..., 0] / 255

    assert adapt(Explains()).methods == ("Grad-CAM",)


def test_whoever_passes_questions_on_is_asked_itself_and_not_what_it_wraps():
    class Wrapper:
        def __init__(self, inner):
            self.inner = inner

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def predict(self, image, face="largest"):
            return Prediction(p_fake=0.9)

    detector = adapt(Wrapper(CanAll()))
    assert detector.on_one_thread is None, "a twin would answer without the wrapper"
    assert detector.predict(None, None).p_fake == 0.9

"""What a detector answers, and that one of your own is quickly written."""

import math

import numpy as np
import pytest

from dfwidgets.detector import Detector, ModelError, Prediction


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

"""A picture is changed by so much and no more; at 0 it is the picture; a step against the verdict
moves the score."""

from __future__ import annotations

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.pictures.faces import crop_window
from dfwidgets.robustness.adversarial import STRONGEST, attack_sentence, find_attack
from tests.helpers import ROOT

GREY = np.full((40, 50, 3), 100, np.uint8)


class Linear:
    """Fake is what is red: its slope is known by hand."""

    def predict(self, image, face="largest"):
        return df.Prediction(p_fake=float(image[..., 0].mean() / 255))

    def slope(self, image, face):
        return np.ones((8, 8, 3), np.float32) * np.float32([1, -0.5, 0])


def test_at_zero_it_is_the_very_picture_and_the_same_score():
    before = Linear().predict(GREY)
    same = find_attack(Linear(), GREY, before).at(0)
    assert np.array_equal(same, GREY)
    assert Linear().predict(same).p_fake == before.p_fake


def test_each_pixel_goes_away_from_the_verdict_by_so_many_levels():
    attack = find_attack(Linear(), GREY, df.Prediction(p_fake=0.1))
    assert attack.at(3)[0, 0].tolist() == [103, 97, 100]
    attack = find_attack(Linear(), GREY, df.Prediction(p_fake=0.9))
    assert attack.at(8)[-1, -1].tolist() == [92, 108, 100]


@pytest.mark.parametrize(
    ("p_fake", "red"),
    [(0.45, 101), (0.65, 101), (0.75, 99), (0.95, 99)],
)
def test_without_a_verdict_it_goes_away_from_the_nearer_one_whose_middle_is_the_band_s(p_fake, red):
    """The middle between 0.5 and 0.9 is 0.7: a score of 0.65 is nearer to real, though over 0.5."""
    attack = find_attack(Linear(), GREY, df.Prediction(p_fake=p_fake, band=(0.5, 0.9)))
    assert attack.at(1)[0, 0, 0] == red


def test_black_and_white_do_not_wrap_round_and_the_picture_given_stays():
    white = np.full((9, 9, 3), 254, np.uint8)
    attack = find_attack(Linear(), white, df.Prediction(p_fake=0.1))
    assert attack.at(8)[0, 0].tolist() == [255, 246, 254]
    assert (white == 254).all()


def test_only_the_judged_part_is_changed():
    face = df.Face(20, 10, 30, 20, 0.9)
    attack = find_attack(Linear(), GREY, df.Prediction(p_fake=0.1, face=face))
    left, top, right, bottom = crop_window(GREY, face)
    moved = (attack.at(1) != GREY).any(axis=-1)
    assert moved[top:bottom, left:right].all()
    moved[top:bottom, left:right] = False
    assert not moved.any()


@pytest.mark.parametrize("levels", [-1, 9, 0.5])
def test_more_than_eight_levels_are_refused(levels):
    with pytest.raises(ValueError, match="from 0 to 8"):
        find_attack(Linear(), GREY, df.Prediction(p_fake=0.1)).at(levels)


def test_a_detector_without_a_gradient_gets_a_sentence(redness):
    with pytest.raises(df.ModelError, match=r"\.keras file can"):
        find_attack(redness, GREY, redness.predict(GREY))


@pytest.mark.parametrize("slope", [0, np.nan])
def test_a_gradient_that_is_nothing_gets_a_sentence(slope):
    class Flat(Linear):
        def slope(self, image, face):
            return np.full((8, 8, 3), slope, np.float32)

    with pytest.raises(df.ModelError, match="no pixel moves the answer"):
        find_attack(Flat(), GREY, df.Prediction(p_fake=0.1))


def test_the_sentence_says_what_came_of_it_and_what_that_means():
    real, fake = df.Prediction(p_fake=0.1), df.Prediction(p_fake=0.9)
    assert "at most 2 of 255" in attack_sentence(fake, real, 2)
    assert "from likely fake to likely real: the score moved from 0.90 to 0.10" in attack_sentence(
        fake, real, 2
    )
    assert "somebody prepared to fool it" in attack_sentence(fake, real, 2)
    assert "stays likely fake" in attack_sentence(fake, df.Prediction(p_fake=0.8), 1)
    assert "0.90" not in attack_sentence(fake, fake, 0)


@pytest.mark.model
@pytest.mark.parametrize("load", [df.load_detector, None], ids=["LiteRT", "Keras"])
def test_the_shipped_model_is_moved_away_from_its_verdict_by_a_step_nobody_sees(load, portrait):
    from dfwidgets.detectors.keras import KerasDetector

    detector = (load or KerasDetector)(ROOT / "models" / "detector")
    image = df.open_image(portrait)
    before = detector.predict(image)
    attack = find_attack(detector, image, before)
    assert detector.predict(attack.at(0), before.face).p_fake == before.p_fake
    after = [detector.predict(attack.at(levels), before.face).logit for levels in (1, 2, STRONGEST)]
    away = -1 if before.p_fake >= sum(before.band) / 2 else 1
    assert away * (after[1] - before.logit) > 1
    other_way = 2 * image.astype(int) - attack.at(2)
    back = detector.predict(np.clip(other_way, 0, 255).astype(np.uint8), before.face).logit
    assert away * (back - before.logit) < 0, "the opposite step makes the verdict surer"

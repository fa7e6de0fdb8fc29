"""What is measured of a map with few looks is what `deletion` measures with all of them."""

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.detector import Cancelled, adapt
from dfwidgets.explain import explain, with_deletion, with_sanity
from dfwidgets.explain.faithfulness import AREAS
from dfwidgets.explain.few_looks import deletion_of_part
from dfwidgets.pictures import find_faces
from tests.helpers import PATCH, ROOT, SIDE, ReadsRedPatch, lit, red_patch

EVERYWHERE = np.ones((SIDE, SIDE), np.float32)
BESIDE = lit((slice(60, 84), slice(12, 36)))
ALL = 1 + len(AREAS) * 21


class Asked:
    """Reads the red patch of a part, so many times as strongly, and counts the looks."""

    def __init__(self, times=1.0):
        self.times = times
        self.detector = ReadsRedPatch()

    def logit(self, part):
        return self.times * self.detector.predict(part).logit

    @property
    def looks(self):
        return self.detector.asked


@pytest.mark.parametrize("heat", [lit(PATCH), BESIDE, EVERYWHERE], ids=["right", "wrong", "all"])
@pytest.mark.parametrize("toward", ["fake", "real", "either"])
def test_its_verdict_is_that_of_all_looks_and_it_takes_fewer(heat, toward):
    asked = Asked()
    few = deletion_of_part(asked.logit, red_patch(), heat, toward=toward)
    all_looks = df.deletion(ReadsRedPatch().predict, red_patch(), heat, toward=toward)
    assert (few.moved, few.verdict) == (all_looks.moved, all_looks.verdict)
    assert asked.looks < ALL


def test_where_no_first_look_is_clear_every_random_map_is_measured_as_ever():
    asked = Asked(times=0.03)  # no look moves the answer by as much as a clear one differs
    few = deletion_of_part(asked.logit, red_patch(), lit(PATCH))
    all_looks = df.deletion(ReadsRedPatch().predict, red_patch(), lit(PATCH))
    np.testing.assert_allclose(few.random, 0.03 * all_looks.random)
    assert asked.looks == ALL


def test_a_map_that_moves_nothing_is_compared_with_no_other():
    asked = Asked()
    few = deletion_of_part(asked.logit, red_patch(), BESIDE)
    assert asked.looks == 1 + len(AREAS)
    assert np.isnan(few.random).all() and len(few.random) == 20
    assert (few.beats, few.verdict) == (0, "nothing")


def test_once_half_of_the_random_maps_move_as_much_nothing_more_is_asked():
    asked = Asked(times=0.03)
    few = deletion_of_part(asked.logit, red_patch(), EVERYWHERE)
    assert asked.looks == 1 + len(AREAS) * 11
    assert np.isfinite(few.random).sum() == 10
    assert few.moved > 0 and few.verdict == "nothing"


def test_it_can_be_called_off_before_each_look():
    asked = Asked()
    heard = []

    def cancel(fraction):
        heard.append(fraction)
        if len(heard) == 5:
            raise Cancelled

    with pytest.raises(Cancelled):
        deletion_of_part(asked.logit, red_patch(), lit(PATCH), progress=cancel)
    assert asked.looks == 5, "the picture as it is, and four blurred ones"
    assert heard == sorted(heard) and heard[0] >= 0 and heard[-1] <= 1


def test_a_detector_that_only_passes_questions_on_is_asked_about_whole_pictures(shipped):
    class PassesOn:
        def __init__(self, detector):
            self.detector = detector

        def __getattr__(self, name):
            return getattr(self.detector, name)

    assert adapt(shipped).logit is not None
    assert adapt(PassesOn(shipped)).logit is None, "it may change the answers"


@pytest.mark.model
def test_a_part_is_judged_as_in_its_picture_and_the_map_of_the_picture_is_still_known(
    shipped, portrait
):
    image = df.open_image(portrait)
    face = find_faces(image)[0]
    left, top, right, bottom = shipped.judged_part(image, face)
    part = image[top:bottom, left:right]
    expected = shipped.predict(image, face).logit
    assert shipped.logit(part) == pytest.approx(expected, abs=1e-5)
    passed = shipped._last[1]
    assert shipped.logit(255 - part) != pytest.approx(expected, abs=0.1)
    assert shipped.predict(image, face).logit == expected
    assert shipped._last[1] is passed, "no further pass was needed"


@pytest.mark.model
def test_the_figures_of_the_sample_pictures_are_those_of_all_looks(shipped):
    """The plain way: a copy of the whole picture for each look, its crop, and its answer."""
    detector = adapt(shipped)
    samples = sorted((ROOT / "images").glob("*/*.jpg"))[::3]
    others = []
    for path in samples:
        image = df.open_image(path)
        prediction = shipped.predict(image)
        drawn = explain(detector, image, prediction.face, "Grad-CAM", prediction.leaning)
        if drawn.empty:
            continue
        few = with_deletion(drawn, detector, image, prediction.face).deletion
        plain = df.deletion(
            shipped.predict, image, drawn.values, prediction.face, toward=prediction.leaning
        )
        assert few.moved == pytest.approx(plain.moved, abs=1e-3)
        # Where a map explains nothing its sentence counts nothing.
        if few.verdict == plain.verdict == "nothing":
            continue
        if few.beats != plain.beats:
            others.append((path.name, few.beats, plain.beats))
    # By one, in a picture or two of the 21: of all 63 in three.
    assert all(abs(few - plain) == 1 for _, few, plain in others), others
    assert len(others) <= 2, others


@pytest.mark.model
def test_a_sanity_check_of_the_judged_part_is_that_of_the_picture(shipped, portrait):
    image = df.open_image(portrait)
    prediction = shipped.predict(image)
    detector = adapt(shipped)
    drawn = explain(detector, image, prediction.face, "Grad-CAM", "fake")
    assert with_sanity(drawn, detector, image, prediction.face).sanity == pytest.approx(
        df.sanity_check(shipped, image, prediction.face), abs=0.01
    )


@pytest.mark.model
def test_a_large_picture_s_map_is_measured_as_quickly_and_much_the_same(shipped, portrait):
    image = df.open_image(portrait)
    large = image.repeat(5, axis=0).repeat(5, axis=1)
    detector = adapt(shipped)
    measured = []
    for picture in (image, large):
        face = find_faces(picture)[0]
        drawn = explain(detector, picture, face, "Grad-CAM", shipped.predict(picture, face).leaning)
        sizes = []

        def logit(part, sizes=sizes):
            sizes.append(max(part.shape))
            return shipped.logit(part)

        detector.logit = logit
        measured.append(with_deletion(drawn, detector, picture, face).deletion)
        assert max(sizes) <= 448
    assert measured[1].moved == pytest.approx(measured[0].moved, rel=0.5)

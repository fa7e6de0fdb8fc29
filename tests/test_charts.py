"""What a chart draws: its lines and bands where they belong."""

from dataclasses import replace

import numpy as np
import pytest

from dfwidgets.measure.scorecard import Scorecard


def scorecard(labels, logits, p_fake) -> Scorecard:
    rows = [
        [str(i), "faces", "any", "fake" if fake else "real", "none", z, p]
        for i, (fake, z, p) in enumerate(zip(labels, logits, p_fake, strict=True))
    ]
    return Scorecard.from_rows("Owl", rows)


def test_the_band_of_a_roc_curve_is_as_wide_as_its_points_are_unsure():
    """Two normal distributions a distance of 1 apart: where 3 of 10 reals are called fake, so are
    68 of 100 fakes, with a standard error of 0.066 in 100 pictures of each class."""
    rng = np.random.default_rng(7)
    labels = np.arange(200) < 100
    chart = scorecard(labels, rng.normal(labels, 1.0), np.full(200, 0.5)).roc()
    (axis,) = chart.figure.axes
    (band,) = axis.collections
    corners = band.get_paths()[0].vertices
    here = corners[np.isclose(corners[:, 0], 0.3)][:, 1]
    low, high = here.min(), here.max()
    assert high - low == pytest.approx(4 * 0.066, rel=0.2)
    assert low < 0.683 < high

    curve = axis.lines[-1]
    on_curve = np.interp(corners[:, 0], curve.get_xdata(), curve.get_ydata())
    lower_half = corners[:, 1] <= on_curve + 0.02
    assert 0.4 < lower_half.mean() < 0.6, "the band lies around its curve"


def test_whiskers_of_verdicts_stand_at_the_wrong_ones():
    """Of 20 reals one is called fake, of 20 fakes two are called real."""
    labels = np.arange(40) < 20
    p_fake = np.where(labels, 0.9, 0.1)
    p_fake[:2] = 0.1
    p_fake[-1] = 0.9
    chart = scorecard(labels, np.zeros(40), p_fake).confusion()
    (axis,) = chart.figure.axes
    reals, fakes = (sorted(line.get_xdata()) for line in axis.lines)
    assert reals == pytest.approx([1 - 0.2361, 1 - 0.0089], abs=1e-3)
    assert fakes == pytest.approx([0.0279, 0.3010], abs=1e-3)
    assert "faces, fake, 20: likely real 10%, can't tell 0%, likely fake 90%" in chart.text


def test_a_dot_of_the_reliability_diagram_is_as_sure_as_the_pictures_that_it_stands_for():
    """Two photographs and four fakes of one set, one fake of another, all with a score of 0.55: by
    weight half of them are fake, and they tell as much as 4.9 pictures of equal weight."""
    rows = [["r1", "a", "real"], ["r2", "a", "real"], ["f0", "b", "fake"]]
    rows += [[f"f{number}", "a", "fake"] for number in (1, 2, 3, 4)]
    named = [[key, name, "any", label, "none", 0, 0.55] for key, name, label in rows]
    owl = replace(Scorecard.from_rows("Owl", named), band=(0.2, 0.9))
    axis = owl.reliability().figure.axes[0]
    diagonal, whisker, dot = axis.lines
    assert diagonal.get_xydata().tolist() == [[0, 0], [1, 1]]
    assert dot.get_xydata()[0] == pytest.approx([0.55, 0.5])
    assert whisker.get_xydata()[:, 0] == pytest.approx([0.55, 0.55])
    assert whisker.get_xydata()[:, 1] == pytest.approx([0.169, 0.831], abs=1e-3)
    (band,) = axis.patches
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((0.2, 0.9))


def test_degradations_are_named_once_and_held_against_the_untouched_pictures():
    """Two sets; untouched all pairs are in order, blurred two of four."""
    rows = [
        [f"{label} {number}", name, "any", label, degradation, logit, 0.5]
        for name in ("a", "b")
        for degradation, reals, fakes in (("none", (0, 1), (2, 3)), ("blur", (0, 4), (2, 3)))
        for label, logits in (("real", reals), ("fake", fakes))
        for number, logit in enumerate(logits)
    ]
    chart = Scorecard.from_rows("Owl", rows).degraded_auc()
    first, second = chart.figure.axes
    assert [label.get_text() for label in first.get_yticklabels()] == ["none", "blur"]
    assert [label.get_text() for label in second.get_yticklabels()] == ["", ""]
    for axis in (first, second):
        dots = [line.get_xydata()[0].tolist() for line in axis.lines if len(line.get_xdata()) == 1]
        assert dots == [[1, 0], [0.5, 1]]
        # A line from top to bottom, in parts of the panel's height.
        assert [[1, 0], [1, 1]] in [np.asarray(line.get_xydata()).tolist() for line in axis.lines]
        assert [[0.5, 0], [0.5, 1]] not in [line.get_xydata().tolist() for line in axis.lines]
    assert "a, blur: 0.500" in chart.text

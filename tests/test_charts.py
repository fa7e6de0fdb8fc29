"""What a chart draws: its lines and bands where they belong."""

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

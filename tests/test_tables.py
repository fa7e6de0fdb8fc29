"""The figures of a scorecard, against a few pictures that one counts by hand."""

import pytest

from dfwidgets.measure import tables
from dfwidgets.measure.predictions import Predictions


def predictions(*rows, **other) -> Predictions:
    """Rows of set, label, degradation, logit and p_fake; pictures are named by their place."""
    named = [
        [str(number), name, "any", label, degradation, logit, p_fake]
        for number, (name, label, degradation, logit, p_fake) in enumerate(rows)
    ]
    return Predictions(**vars(Predictions.from_rows("Owl", named)) | other)


def cells(table: str, name: str) -> list[str]:
    """The row that begins with a name."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if line.startswith(f"| {name} |")
    ]
    assert len(rows) == 1
    return rows[0]


BOTH = predictions(
    ("both", "real", "none", -2, 0.1),
    ("both", "real", "none", -1, 0.2),
    ("both", "real", "none", 0, 0.5),
    ("both", "real", "none", 3, 0.9),
    ("both", "fake", "none", 2, 0.8),
    ("both", "fake", "none", -3, 0.1),
    ("fakes", "fake", "none", 4, 0.95),
    ("fakes", "fake", "none", 1, 0.6),
    ("fakes", "fake", "none", 0.5, 0.55),
)


def test_verdicts_are_counted_on_a_set_s_own_pictures_and_the_area_with_borrowed_ones():
    own = cells(tables.verdicts(BOTH), "both")
    assert own[1] == "4 / 2"
    assert own[3:] == ["25.0% (4.6% to 69.9%)", "50.0% (9.5% to 90.5%)", "16.7%"]
    lent = cells(tables.verdicts(BOTH), "fakes")
    assert lent[1] == "0 / 3"
    # Of twelve pairs with the lent photographs ten are in order.
    assert lent[2].startswith("0.833 (")
    assert lent[3:] == ["-", "0.0% (0.0% to 56.1%)", "66.7%"]


def test_a_score_of_one_half_counts_as_fake_where_nobody_can_say_can_t_tell():
    assert cells(tables.counts(BOTH), "both")[1:5] == ["1", "2", "2", "1"]
    assert cells(tables.counts(BOTH), "both")[5:] == ["0.500", "0.333", "0.500"]


def test_each_set_and_each_class_weighs_the_same():
    weights = BOTH.weights
    assert weights[:4].tolist() == [1 / 8] * 4, "the photographs, together one half"
    assert weights[4:6].tolist() == [1 / 8] * 2, "the fakes of one set, together a quarter"
    assert weights[6:].tolist() == pytest.approx([1 / 12] * 3), "and of the other"


def test_a_degradation_shifts_photographs_and_changes_verdicts():
    untouched = [("faces", "real", -2.0, 0.1), ("faces", "real", 0.0, 0.5)]
    untouched += [("faces", "fake", 2.0, 0.8), ("faces", "fake", 3.0, 0.9)]
    # One photograph is called fake now, one fake real.
    blurred = [("faces", "real", 2.0, 0.8), ("faces", "real", 1.0, 0.5)]
    blurred += [("faces", "fake", -3.0, 0.1), ("faces", "fake", 1.0, 0.9)]
    rows = [
        [str(number), name, "any", label, degradation, logit, p_fake]
        for degradation, pictures in (("none", untouched), ("blur", blurred))
        for number, (name, label, logit, p_fake) in enumerate(pictures)
    ]
    table = tables.degraded(Predictions.from_rows("Owl", rows))
    assert cells(table, "none")[2:] == ["-", "-", "-"]
    _, _, shift, changed, turned = cells(table, "blur")
    assert shift == "+2.50", "by 4 and by 1"
    assert changed == turned == "50.0% (15.0% to 85.0%)"


def test_what_was_calibrated_stands_before_what_the_logits_say_as_they_are():
    """Each probability came true, and the logits are three times too far out."""
    rows = [("faces", "fake" if place < 9 else "real", "none", 6.6, 0.9) for place in range(10)]
    rows += [("faces", "real" if place < 9 else "fake", "none", -6.6, 0.1) for place in range(10)]
    row = cells(tables.calibration(predictions(*rows)), "faces")
    assert row[1].startswith("0.000 (")
    assert row[3].startswith("0.099 (")

"""Rates that follow from counts, and how sure they are."""

from __future__ import annotations

import math

Z95 = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""

_ROUNDED = 0.0005 + 1e-9  # how far a figure of three places may lie from what it was rounded from


def rate_interval(count: float, total: float) -> tuple[float, float]:
    """95 % interval of a fraction, `count` out of `total` (Wilson, 1927).

    (0, 1) where there is nothing to count.
    """
    if total <= 0:
        return 0.0, 1.0
    fraction = count / total
    z2 = Z95**2

    # Unlike the textbook's plus and minus it stays within 0 and 1, and has a width at 0 of 20, too.
    middle = (fraction + z2 / (2 * total)) / (1 + z2 / total)
    spread = math.sqrt(fraction * (1 - fraction) / total + z2 / (4 * total**2))
    half = Z95 / (1 + z2 / total) * spread
    return max(0.0, middle - half), min(1.0, middle + half)


def rates(tp: int, fp: int, tn: int, fn: int) -> dict[str, float]:
    """Accuracy, precision and recall from counts, fake being the positive class.

    A rate is NaN where nothing can be divided.

    Args:
        tp: fakes called fake.
        fp: reals called fake.
        tn: reals called real.
        fn: fakes called real.
    """
    right = {
        "accuracy": (tp + tn, tp + fp + tn + fn),
        "precision": (tp, tp + fp),
        "recall": (tp, tp + fn),
    }
    return {name: count / total if total else math.nan for name, (count, total) in right.items()}


def check_rates(tp: int, fp: int, tn: int, fn: int, **printed: float) -> str:
    """Build rates again from their counts and say which printed figure does not follow.

    `check_rates(50, 2, 48, 0, accuracy=0.98, precision=1.0)` says that the precision is 0.962, and
    that 1.0 is the recall: columns of tables get mixed up.

    Args:
        tp, fp, tn, fn: as in `rates`.
        printed: accuracy, precision or recall by name, rounded to three places or more.

    Returns:
        a sentence, empty where all figures follow from the counts.
    """
    true = rates(tp, fp, tn, fn)
    wrong = []
    for name, value in printed.items():
        # NaN is near nothing, not even NaN; but a rate that can't be had is rightly printed so.
        both_nan = math.isnan(true[name]) and math.isnan(value)
        if both_nan or abs(true[name] - value) <= _ROUNDED:
            continue

        # Most often the figure is right and stands in another column.
        others = [
            other for other, rate in true.items() if other != name and abs(rate - value) <= _ROUNDED
        ]
        instead = f"; {value:.3f} is the {' and the '.join(others)}" if others else ""
        wrong.append(
            f"The counts give {true[name]:.3f} for {name}, printed is {value:.3f}{instead}."
        )
    return " ".join(wrong)

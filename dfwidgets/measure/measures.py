"""Figures that say how well scores tell fake from real, each with how sure it is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

Z95 = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""


def auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """How often a random fake scores higher than a random real (area under the ROC curve).

    Args:
        labels: bool (N,), True for fake.
        scores: float (N,); ties count one half.

    Returns:
        0 to 1, 0.5 is chance; NaN where one class is missing or a score is NaN.
    """
    fake, real = _placements(labels, scores)
    return float(fake.mean()) if len(fake) and len(real) else math.nan


def auc_interval(labels: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    """95 % interval of the AUC (DeLong et al., 1988, on the logit scale so that it stays within 0 and 1).

    Where every fake scores above every real, or below, that method gives no width; then it is
    Wilson's for as many trials as the smaller class has pictures, which is on the safe side.
    """
    fake, real = _placements(labels, scores)
    if len(fake) < 2 or len(real) < 2:
        return math.nan, math.nan
    area = float(fake.mean())
    error = math.sqrt(fake.var(ddof=1) / len(fake) + real.var(ddof=1) / len(real))
    if not 0 < area < 1:
        trials = min(len(fake), len(real))
        return rate_interval(area * trials, trials)
    middle, half = math.log(area / (1 - area)), Z95 * error / (area * (1 - area))
    return _sigmoid(middle - half), _sigmoid(middle + half)


def compare_auc(
    labels: np.ndarray, first: np.ndarray, second: np.ndarray
) -> tuple[float, float, float, float]:
    """Paired test of two detectors on the same pictures (DeLong et al., Biometrics 1988).

    Args:
        labels: bool (N,), True for fake.
        first, second: float (N,), what each detector gave each picture.

    Returns:
        AUC of the second less that of the first, its 95 % interval (low, high), and the two-sided
        p-value: how often chance alone makes a difference so large. All NaN where a class has fewer
        than two; interval and p-value NaN where the pictures vary too little to say.
    """
    pairs = [_placements(labels, scores) for scores in (first, second)]
    fake, real = (np.stack([pair[k] for pair in pairs]) for k in (0, 1))
    if fake.shape[1] < 2 or real.shape[1] < 2:
        return math.nan, math.nan, math.nan, math.nan
    difference = float(fake[1].mean() - fake[0].mean())
    spread = sum(float(np.var(part[1] - part[0], ddof=1)) / part.shape[1] for part in (fake, real))
    error = math.sqrt(spread)
    if not error:
        return (
            (difference, 0.0, 0.0, 1.0)
            if difference == 0
            else (difference, math.nan, math.nan, math.nan)
        )
    p = math.erfc(abs(difference) / error / math.sqrt(2))
    return difference, difference - Z95 * error, difference + Z95 * error, p


def sets_with_reals(
    sets: np.ndarray, labels: np.ndarray, reals_for: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, np.ndarray]]:
    """Each set with its pictures: a set without reals borrows those of the sets named for it, else of all.

    Args:
        sets: str (N,).
        labels: bool (N,), True for fake.
        reals_for: set to the sets whose reals it borrows.

    Returns:
        pairs of a set's name and bool (N,), by name.
    """
    for name in sorted(set(sets.tolist())):
        here = sets == name
        if labels[here].all():
            here = here | (~labels & np.isin(sets, list(reals_for.get(name, sets.tolist()))))
        yield name, here


def roc(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ROC curve: for each threshold, from above the highest score to the lowest, the parts that reach it.

    Returns:
        part of reals (false positive rate), part of fakes (true positive rate), threshold; float
        (M,) each.
    """
    labels = np.asarray(labels, bool)
    at = np.r_[np.inf, np.unique(scores)[::-1]]
    parts = [
        1 - np.searchsorted(np.sort(scores[chosen]), at) / max(chosen.sum(), 1)
        for chosen in (~labels, labels)
    ]
    return parts[0], parts[1], at


def rate_interval(count: float, of: float) -> tuple[float, float]:
    """95 % interval of a part, `count` out of `of` (Wilson, 1927); (0, 1) where there is nothing to
    count."""
    if of <= 0:
        return 0.0, 1.0
    part, z2 = count / of, Z95**2
    middle = (part + z2 / (2 * of)) / (1 + z2 / of)
    half = Z95 / (1 + z2 / of) * math.sqrt(part * (1 - part) / of + z2 / (4 * of**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def ece(
    labels: np.ndarray, p_fake: np.ndarray, weights: np.ndarray | None = None, bins: int = 15
) -> float:
    """Expected calibration error: how far probabilities lie from what happened (Naeini et al., AAAI 2015).

    Args:
        labels: bool (N,), True for fake.
        p_fake: float (N,), 0 to 1.
        weights: float (N,), what each picture counts; all the same if not given.
        bins: how many bins of equal width.
    """
    weights = np.ones(len(labels)) if weights is None else weights
    place = np.minimum((p_fake * bins).astype(int), bins - 1)
    gaps = np.bincount(place, weights * (p_fake - labels), bins)
    return float(np.abs(gaps).sum() / weights.sum())


def ece_interval(
    labels: np.ndarray, p_fake: np.ndarray, weights: np.ndarray | None = None, draws: int = 400
) -> tuple[float, float]:
    """95 % bootstrap interval of the ECE over pictures (Efron, 1979); the same each time.

    A resampled ECE is biased upward, the more so the fewer pictures there are, so the interval is
    the
    basic one: it takes that bias off again.
    """
    weights = np.ones(len(labels)) if weights is None else weights
    rng = np.random.default_rng(0)
    drawn = (rng.integers(len(labels), size=len(labels)) for _ in range(draws))
    values = [ece(labels[i], p_fake[i], weights[i]) for i in drawn]
    low, high = np.percentile(values, [2.5, 97.5])
    said = ece(labels, p_fake, weights)
    return max(0.0, float(2 * said - high)), float(2 * said - low)


def ece_by_chance(p_fake: np.ndarray, weights: np.ndarray | None = None, draws: int = 200) -> float:
    """The ECE that a perfectly calibrated detector would show on as many pictures, by chance alone.

    The mean over labels drawn with the probabilities themselves; the same each time.
    """
    rng = np.random.default_rng(0)
    return float(
        np.mean([ece(rng.random(len(p_fake)) < p_fake, p_fake, weights) for _ in range(draws)])
    )


def rates(tp: int, fp: int, tn: int, fn: int) -> dict[str, float]:
    """Accuracy, precision and recall from counts, fake being the positive class; NaN where nothing can be divided.

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
    return {name: part / of if of else math.nan for name, (part, of) in right.items()}


def check_rates(tp: int, fp: int, tn: int, fn: int, **printed: float) -> str:
    """Build accuracy, precision and recall again from the counts and say which printed figure does not follow.

    `check_rates(50, 2, 48, 0, accuracy=0.98, precision=1.0)` says that the precision is 0.962, and
    that 1.0 is the recall: columns of tables get mixed up.

    Args:
        tp, fp, tn, fn: as in `rates`.
        printed: figures by name, rounded to three places or more.

    Returns:
        a sentence, empty where all figures follow from the counts.
    """
    true = rates(tp, fp, tn, fn)
    wrong = []
    for name, value in printed.items():
        if abs(true[name] - value) <= 0.0005 + 1e-9 or (
            math.isnan(true[name]) and math.isnan(value)
        ):
            continue
        others = [
            other
            for other, rate in true.items()
            if other != name and abs(rate - value) <= 0.0005 + 1e-9
        ]
        instead = f"; {value:.3f} is the {' and the '.join(others)}" if others else ""
        wrong.append(
            f"The counts give {true[name]:.3f} for {name}, printed is {value:.3f}{instead}."
        )
    return " ".join(wrong)


def _placements(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each fake the part of reals below it, for each real the part of fakes above it; ties
    count one half."""
    labels, scores = np.asarray(labels, bool), np.asarray(scores, float)
    fakes, reals = np.sort(scores[labels]), np.sort(scores[~labels])
    if np.isnan(scores).any() or not len(fakes) or not len(reals):
        return np.full(len(fakes), np.nan), np.full(len(reals), np.nan)

    def below(values: np.ndarray, others: np.ndarray) -> np.ndarray:
        return (
            (np.searchsorted(others, values, "left") + np.searchsorted(others, values, "right"))
            / 2
            / len(others)
        )

    return below(scores[labels], reals), 1 - below(scores[~labels], fakes)


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))

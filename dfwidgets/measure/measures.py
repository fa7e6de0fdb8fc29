"""Figures that say how well scores tell fake from real, each with how sure it is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from dfwidgets.measure.rates import Z95, rate_interval


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


def auc_interval(
    labels: np.ndarray, scores: np.ndarray, groups: np.ndarray | None = None
) -> tuple[float, float]:
    """95 % interval of the AUC (DeLong et al., 1988, on the logit scale: it stays within 0 and 1).

    Pictures of one group, such as a fake and the photograph it was made from, are no strangers; the
    interval takes that in (Obuchowski, Biometrics 1997). Where every fake scores above every real,
    or below, the method gives no width; then it is Wilson's for as many trials as the smaller class
    has groups, which is on the safe side.

    Args:
        labels: bool (N,), True for fake.
        scores: float (N,).
        groups: (N,), what belongs together; each picture by itself if not given.

    Returns:
        low and high; NaN where a class has fewer than two groups.
    """
    fake, real = _placements(labels, scores)
    of_fakes, of_reals = _groups(labels, groups)
    fewest = min(len(np.unique(of_fakes)), len(np.unique(of_reals)))
    if fewest < 2:
        return math.nan, math.nan
    area = float(fake.mean())
    if not 0 < area < 1:
        return rate_interval(area * fewest, fewest)
    error = math.sqrt(_variance(fake, real, of_fakes, of_reals))

    # The error on the logit scale by the delta method: the slope of the logit is 1 / (p (1 - p)).
    middle = math.log(area / (1 - area))
    half = Z95 * error / (area * (1 - area))
    return _sigmoid(middle - half), _sigmoid(middle + half)


def compare_auc(
    labels: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    groups: np.ndarray | None = None,
) -> tuple[float, float, float, float]:
    """Paired test of two detectors on the same pictures (DeLong et al., Biometrics 1988).

    Args:
        labels: bool (N,), True for fake.
        first, second: float (N,), what each detector gave each picture.
        groups: (N,), what belongs together, as in `auc_interval` (Obuchowski, Biometrics 1997).

    Returns:
        AUC of the second less that of the first, its 95 % interval (low, high), and the two-sided
        p-value: how often chance alone makes a difference so large. All NaN where a class has fewer
        than two groups; interval and p-value NaN where the pictures vary too little to say.
    """
    first_fake, first_real = _placements(labels, first)
    second_fake, second_real = _placements(labels, second)
    of_fakes, of_reals = _groups(labels, groups)
    if min(len(np.unique(of_fakes)), len(np.unique(of_reals))) < 2:
        return math.nan, math.nan, math.nan, math.nan
    difference = float(second_fake.mean() - first_fake.mean())

    # Picture by picture, for both detectors find the same pictures hard; each class adds the
    # variance of its own mean, so that unequal classes weigh as they should.
    changes = second_fake - first_fake, second_real - first_real
    error = math.sqrt(_variance(*changes, of_fakes, of_reals))
    if not error and not difference:
        return difference, 0.0, 0.0, 1.0
    if not error:
        return difference, math.nan, math.nan, math.nan
    p = math.erfc(abs(difference) / error / math.sqrt(2))
    return difference, difference - Z95 * error, difference + Z95 * error, p


def sets_with_reals(
    sets: np.ndarray, labels: np.ndarray, reals_for: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, np.ndarray]]:
    """Each set with its pictures; a set without reals borrows some.

    Args:
        sets: str (N,).
        labels: bool (N,), True for fake.
        reals_for: set to the sets whose reals it borrows; one that is not named borrows those of
            all sets.

    Returns:
        pairs of a set's name and bool (N,), by name.
    """
    for name in sorted(set(sets.tolist())):
        here = sets == name
        if labels[here].all():
            here = here | (~labels & np.isin(sets, list(reals_for.get(name, sets.tolist()))))
        yield name, here


def roc(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ROC curve: the fractions that reach each threshold, from above the highest score down.

    Returns:
        fraction of reals (false positive rate), of fakes (true positive rate), and the threshold;
        float (M,) each.
    """
    labels = np.asarray(labels, bool)
    # One threshold that nothing reaches, so that the curve begins at the corner (0, 0).
    thresholds = np.r_[np.inf, np.unique(scores)[::-1]]
    fractions = [
        1 - np.searchsorted(np.sort(scores[chosen]), thresholds) / max(chosen.sum(), 1)
        for chosen in (~labels, labels)
    ]
    return fractions[0], fractions[1], thresholds


def ece(
    labels: np.ndarray, p_fake: np.ndarray, weights: np.ndarray | None = None, bins: int = 15
) -> float:
    """Expected calibration error: how far probabilities lie from what happened.

    (Naeini et al., AAAI 2015.)

    Args:
        labels: bool (N,), True for fake.
        p_fake: float (N,), 0 to 1.
        weights: float (N,), what each picture counts; all the same if not given.
        bins: how many bins of equal width.
    """
    weights = _weights(labels, weights)
    # A probability of 1 would open a bin of its own.
    bin_of_each = np.minimum((p_fake * bins).astype(int), bins - 1)
    gaps = np.bincount(bin_of_each, weights * (p_fake - labels), bins)
    return float(np.abs(gaps).sum() / weights.sum())


def ece_interval(
    labels: np.ndarray,
    p_fake: np.ndarray,
    weights: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    draws: int = 400,
) -> tuple[float, float]:
    """95 % bootstrap interval of the ECE (Efron, 1979); the same each time.

    Groups are drawn, as in `auc_interval`; pictures where none are given. A resampled ECE is biased
    upward, the more so the fewer pictures there are, so the interval is the basic one: it takes
    that bias off again.
    """
    weights = _weights(labels, weights)
    rng = np.random.default_rng(0)
    number_of_each = _numbers(groups, len(labels))
    count = number_of_each.max() + 1
    values = []
    for _ in range(draws):
        times = np.bincount(rng.integers(count, size=count), minlength=count)
        values.append(ece(labels, p_fake, weights * times[number_of_each]))

    low, high = np.percentile(values, [2.5, 97.5])
    found = ece(labels, p_fake, weights)
    # Mirrored around what was found: that is what makes it the basic interval.
    return max(0.0, float(2 * found - high)), float(2 * found - low)


def ece_by_chance(p_fake: np.ndarray, weights: np.ndarray | None = None, draws: int = 200) -> float:
    """The ECE that a perfectly calibrated detector would show on as many pictures, by chance alone.

    The mean over labels drawn with the probabilities themselves; the same each time.
    """
    rng = np.random.default_rng(0)
    drawn = (rng.random(len(p_fake)) < p_fake for _ in range(draws))
    return float(np.mean([ece(labels, p_fake, weights) for labels in drawn]))


def _placements(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each fake the fraction of reals below it, for each real that of fakes above it.

    Ties count one half; the mean of either is the AUC.
    """
    labels = np.asarray(labels, bool)
    scores = np.asarray(scores, float)
    fakes = scores[labels]
    reals = scores[~labels]
    if np.isnan(scores).any() or not len(fakes) or not len(reals):
        return np.full(len(fakes), np.nan), np.full(len(reals), np.nan)
    return _fraction_below(fakes, np.sort(reals)), 1 - _fraction_below(reals, np.sort(fakes))


def _fraction_below(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each value the fraction of the sorted `others` below it, ties one half: float (N,)."""
    below = np.searchsorted(others, values, "left")
    not_above = np.searchsorted(others, values, "right")
    return (below + not_above) / 2 / len(others)


def _groups(labels: np.ndarray, groups: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """The group of each fake and of each real, as numbers."""
    labels = np.asarray(labels, bool)
    numbers = _numbers(groups, len(labels))
    return numbers[labels], numbers[~labels]


def _numbers(groups: np.ndarray | None, count: int) -> np.ndarray:
    """The group of each picture as a number; each has its own where none are given."""
    return np.arange(count) if groups is None else np.unique(groups, return_inverse=True)[1]


def _variance(
    fake: np.ndarray, real: np.ndarray, of_fakes: np.ndarray, of_reals: np.ndarray
) -> float:
    """Variance of the mean of placements, which groups move together (Obuchowski, 1997)."""
    count = max(of_fakes.max(), of_reals.max()) + 1
    shared = len(np.union1d(of_fakes, of_reals))
    # What each group adds to the mean of its class, above or below.
    moved = []
    total = 0.0
    for values, groups in ((fake, of_fakes), (real, of_reals)):
        sums = np.bincount(groups, values - values.mean(), count) / len(values)
        there = len(np.unique(groups))
        total += there / (there - 1) * float(sums @ sums)
        moved.append(sums)
    total += 2 * shared / (shared - 1) * float(moved[0] @ moved[1])
    # By chance the shared part can outweigh the rest.
    return max(total, 0.0)


def _weights(labels: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """Those given, or one each: float (N,)."""
    return np.ones(len(labels)) if weights is None else weights


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))

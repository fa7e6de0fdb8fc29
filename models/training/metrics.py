"""Figures that say how well scores tell fake from real."""

from __future__ import annotations

import numpy as np


def auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """How often a random fake scores higher than a random real (area under the ROC curve).

    Args:
        labels: bool (N,), True for fake.
        scores: float (N,); ties count one half.

    Returns:
        0 to 1, 0.5 is chance; NaN where one class is missing or a score is NaN.
    """
    labels = np.asarray(labels, bool)
    fakes, reals = labels.sum(), (~labels).sum()
    if not fakes or not reals or np.isnan(scores).any():
        return float("nan")
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((rank[labels].sum() - fakes * (fakes + 1) / 2) / (fakes * reals))


def auc_by_set(sets: np.ndarray, labels: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    """AUC of each set; a set without reals is paired with the reals of both stylegan sets.

    Args:
        sets: str (N,).
        labels: bool (N,), True for fake.
        scores: float (N,).
    """
    labels = np.asarray(labels, bool)
    borrowed = ~labels & np.char.startswith(sets, "stylegan")
    result = {}
    for name in sorted(set(sets.tolist())):
        chosen = sets == name
        if labels[chosen].all():
            chosen = chosen | borrowed
        result[name] = auc(labels[chosen], scores[chosen])
    return result


def wilson(count: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % score interval of a share that was counted (Wilson, JASA 1927); (0, 1) where nothing was."""
    if not of:
        return 0.0, 1.0
    share, spread = count / of, z * z / of
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * float(np.sqrt(share * (1 - share) / of + spread / (4 * of)))
    return max(middle - half, 0.0), min(middle + half, 1.0)

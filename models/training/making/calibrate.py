"""What a trained network's logits are worth: temperature, offset, and the edges of "can't tell"."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import beta

from dfwidgets.measure.measures import ece

BINS = (8, 10, 12, 15, 18, 20)


def calibrate(sets: np.ndarray, labels: np.ndarray, logits: np.ndarray) -> tuple[float, float]:
    """Temperature and offset with which probabilities fit what happens.

    They are sigmoid((logit + offset) / temperature); the scaling is Platt's ("Probabilistic outputs
    for support vector machines", 1999). A fit of all sets together fits none: it is too careful
    with one and too sure of another. So the pair is taken with which the set that fits worst fits
    best, by its ECE, averaged over several numbers of bins as one alone is jumpy.

    Args:
        sets: str (N,), which set a picture is of; sets that hold one class only are passed over.
        labels: bool (N,), True for fake.
        logits: float (N,).
    """
    # A set with one class only has no rate to fit.
    both = [
        sets == name for name in sorted(set(sets[labels].tolist()) & set(sets[~labels].tolist()))
    ]

    def worst(temperature: float, offset: float) -> float:
        p = 1 / (1 + np.exp(-np.clip((logits + offset) / temperature, -60, 60)))
        errors = [[ece(labels[one], p[one], bins=bins) for bins in BINS] for one in both]
        return max(float(np.mean(of_one)) for of_one in errors)

    # All pairs are tried: the worst set changes on the way, so the slope does, too.
    tried = itertools.product(np.geomspace(0.5, 5, 100), np.linspace(-2, 2, 81))
    temperature, offset = min(tried, key=lambda pair: worst(*pair))
    return round(float(temperature), 3), round(float(offset), 3)


def band(
    sets: np.ndarray,
    labels: np.ndarray,
    p_fake: np.ndarray,
    trusted: float = 1.0,
    wrong: float = 0.05,
    sure: float = 0.9,
) -> tuple[float, float]:
    """Edges of "can't tell": in no set more than the fraction `wrong` of fakes lies below.

    Nor of reals above. To call a photograph fake does more harm than to miss a fake, and few
    photographs were there to count: so the upper edge lies where that holds with the confidence
    `sure` (Clopper and Pearson, 1934).

    Args:
        sets: str (N,), which set a picture is of.
        labels: bool (N,), True for fake.
        p_fake: float (N,), 0 to 1.
        trusted: what `trusted_photographs` gives: at most this fraction of the photographs, sets
            alike, lies below the lower edge.
    """
    reals = [p_fake[~labels & (sets == name)] for name in set(sets[~labels])]
    fakes = [p_fake[labels & (sets == name)] for name in set(sets[labels])]
    high = max(_upper_edge(p, wrong, sure) for p in reals)
    low = min(np.quantile(p, wrong) for p in fakes)
    if trusted < 1:
        low = min(low, quantile(sets[~labels], p_fake[~labels], trusted))
    # Rounded outward, so that the rates hold with the numbers that are written down.
    return math.floor(min(low, 0.5) * 1000) / 1000, math.ceil(max(high, 0.5) * 1000) / 1000


def _upper_edge(p_fake: np.ndarray, wrong: float, sure: float) -> float:
    """The lowest score above which, as one can be `sure`, at most a fraction `wrong` lies."""
    count = len(p_fake)
    # How many may lie above, so that even an unlucky count stands for few.
    above = np.arange(count)
    fine = above[beta.ppf(sure, above + 1, count - above) <= wrong]
    place = fine.max(initial=0)
    return float(np.sort(p_fake)[::-1][place])


def trusted_photographs(
    lines: Sequence[Mapping[str, Any]], right: float = 0.9, of: str = "val"
) -> float:
    """The largest fraction of photographs that may be called "likely real".

    Among as many photographs as fakes of kinds that training never saw (kinds alike), so called,
    the fraction `right` are photographs. A network that saw a kind can't say what it would make of
    it unseen, and logits of two networks are not on one scale; which photographs lie below an edge
    is, so the edge is carried over by the fraction of them.

    Args:
        lines: of left_out.csv.
        right: how often "likely real" has to be true.
        of: which split to use.
    """
    lines = [line for line in lines if line["split"] == of]
    fractions = np.linspace(0.01, 0.99, 99)
    passing = []
    for name in dict.fromkeys(line["left_out"] for line in lines):
        here = [line for line in lines if line["left_out"] == name]
        photographs = [line for line in here if line["label"] == "real"]
        sets = np.array([line["set"] for line in photographs])
        logits = np.array([float(line["logit"]) for line in photographs])
        edges = [quantile(sets, logits, fraction) for fraction in fractions]
        fakes = [line for line in here if line["label"] == "fake"]
        for kind in dict.fromkeys(line["set"] for line in fakes):
            scores = np.array([float(line["logit"]) for line in fakes if line["set"] == kind])
            passing.append([(scores <= edge).mean() for edge in edges])
    precision = fractions / (fractions + np.mean(passing, axis=0))
    fine = fractions[precision >= right]
    return float(fine.max(initial=0.0))


def quantile(sets: np.ndarray, scores: np.ndarray, fraction: float) -> float:
    """The score below which a fraction of the pictures lies, each set counting the same."""
    counts = {name: (sets == name).sum() for name in set(sets.tolist())}
    weights = np.array([1 / counts[name] / len(counts) for name in sets.tolist()])
    order = np.argsort(scores)
    place = np.searchsorted(np.cumsum(weights[order]), fraction - 1e-9)
    return float(scores[order][min(place, len(scores) - 1)])

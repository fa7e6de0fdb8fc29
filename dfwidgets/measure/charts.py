"""The scorecard as charts, each with its 95 % intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from dfwidgets.detector import CANT_TELL, LIKELY_FAKE, LIKELY_REAL
from dfwidgets.measure import measures
from dfwidgets.measure.chart import COLOURS, LINES, Chart, draw_diagonal, panels, plain_title
from dfwidgets.measure.predictions import Predictions
from dfwidgets.measure.rates import rate_interval
from dfwidgets.pictures import DEGRADATIONS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BINS = 15  # of the reliability diagram, as in the ECE
_DRAWS = 200  # how often the pictures are drawn anew for a ROC curve's band


def draw_roc(*scorecards: Predictions) -> Chart:
    """ROC curves, a set a panel, with pointwise bands from pictures drawn anew 200 times."""
    by_set = [dict(scorecard.degraded().by_set()) for scorecard in scorecards]
    sets = _with_both_classes(by_set[0])
    figure, axes = panels(len(sets), 3.2)
    sentences = []
    for axis, name in zip(axes, sets, strict=True):
        draw_diagonal(axis)
        for number, scorecard in enumerate(scorecards):
            # Another detector may never have been asked about this set, or about one class of it.
            rows = by_set[number].get(name)
            if rows is None or not _has_both(rows):
                continue
            area = measures.auc(rows.labels, rows.logits)
            low, high = measures.auc_interval(rows.labels, rows.logits, rows.groups)
            _draw_curve(axis, rows, f"{scorecard.name}: {area:.3f}", number)
            sentences.append(f"{name}, {scorecard.name}: AUC {area:.3f} ({low:.3f} to {high:.3f})")
        # A little beyond 0 and 1, or a perfect curve would hide behind the frame.
        axis.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))
        axis.set(title=plain_title(name), xlabel="part of reals called fake")
        axis.legend(title="AUC", loc="lower right", frameon=False, fontsize=8, title_fontsize=8)
    axes[0].set_ylabel("part of fakes called fake")
    return Chart(figure, f"ROC curves. {'. '.join(sentences)}.")


def draw_reliability(scorecard: Predictions) -> Chart:
    """Reliability diagram (DeGroot and Fienberg, 1983): all sets together, and each by itself."""
    untouched = scorecard.degraded()
    shown = {"all sets alike": untouched}
    for name, rows in untouched.by_set():
        # Borrowed reals would say nothing of how well a set's own scores come true.
        if _has_both(rows) and (rows.sets == name).all():
            shown[name] = rows

    figure, axes = panels(len(shown), 3.2)
    sentences = []
    for axis, (name, rows) in zip(axes, shown.items(), strict=True):
        draw_diagonal(axis)
        _draw_bins(axis, rows)
        axis.axvspan(*scorecard.band, color="0.5", alpha=0.12, linewidth=0)
        error = measures.ece(rows.labels, rows.p_fake, rows.weights)
        kind = scorecard.about.get(name, name)
        axis.set(xlabel="score", xlim=(0, 1), ylim=(0, 1))
        axis.set(title=f"{plain_title(kind)}\nECE {error:.3f}")
        sentences.append(f"{kind}: ECE {error:.3f}")
    axes[0].set_ylabel("part that was fake")
    meaning = "How often a score came true; the grey part is “can't tell”."
    return Chart(figure, f"{meaning} {'. '.join(sentences)}.")


def draw_verdicts(scorecard: Predictions) -> Chart:
    """Which verdicts the real and fake faces of each set got; whiskers on the wrong ones."""
    untouched = scorecard.degraded()
    bars = []
    for name in sorted(set(untouched.sets.tolist())):
        for label, fake in (("real", False), ("fake", True)):
            verdicts = untouched.verdicts[(untouched.sets == name) & (untouched.labels == fake)]
            if len(verdicts):
                bars.append((f"{name}, {label}", verdicts, fake))

    figure, (axis,) = panels(1, 0.42 * len(bars) + 1.2, width=8)
    sentences = [
        _draw_bar(axis, place, name, verdicts, fake)
        for place, (name, verdicts, fake) in enumerate(bars)
    ]
    titles = [plain_title(f"{name} ({len(verdicts)})") for name, verdicts, _ in bars]
    axis.set_yticks(range(len(bars)), titles)
    axis.invert_yaxis()
    legend = f"blue: {LIKELY_REAL}    dotted: {CANT_TELL}    striped: {LIKELY_FAKE}"
    axis.set(xlim=(0, 1), xlabel=legend)
    return Chart(figure, f"Verdicts. {'. '.join(sentences)}.")


def draw_degradations(scorecard: Predictions) -> Chart:
    """AUC of each set after each degradation, a set a panel."""
    sets = _with_both_classes(dict(scorecard.degraded().by_set()))
    names = [name for name in DEGRADATIONS if (scorecard.degradations == name).any()]
    by_degradation = {name: dict(scorecard.degraded(name).by_set()) for name in names}

    figure, axes = panels(len(sets), 0.24 * len(names) + 1.2)
    sentences = []
    for axis, set_name in zip(axes, sets, strict=True):
        for place, name in enumerate(names):
            rows = by_degradation[name][set_name]
            area = measures.auc(rows.labels, rows.logits)
            ends = measures.auc_interval(rows.labels, rows.logits, rows.groups)
            axis.plot(ends, [place, place], color=COLOURS[0], linewidth=1.5)
            axis.plot(area, place, "o", color=COLOURS[0], markersize=4)
            sentences.append(f"{set_name}, {name}: {area:.3f}")
            if name == "none":  # a line to hold the others against
                axis.axvline(area, color="0.7", linewidth=1)
        axis.set(title=plain_title(set_name), xlabel="AUC")
        axis.set_yticks(range(len(names)), [""] * len(names))
        axis.invert_yaxis()
    axes[0].set_yticks(range(len(names)), names)
    return Chart(figure, f"AUC of degraded pictures. {'. '.join(sentences)}.")


def _draw_curve(axis: Axes, rows: Predictions, title: str, number: int) -> None:
    """One ROC curve with its band."""
    colour = COLOURS[number % len(COLOURS)]
    at = np.linspace(0, 1, 101)
    low, high = np.percentile(_resampled_roc(rows.labels, rows.logits, at), [2.5, 97.5], axis=0)
    axis.fill_between(at, low, high, color=colour, alpha=0.2, linewidth=0)
    reals, fakes, _ = measures.roc(rows.labels, rows.logits)
    axis.plot(reals, fakes, LINES[number % len(LINES)], color=colour, label=plain_title(title))


def _draw_bins(axis: Axes, rows: Predictions) -> None:
    """For each bin of scores how many were fake, the larger the dot the more it counts."""
    bin_of_each = np.minimum((rows.p_fake * _BINS).astype(int), _BINS - 1)
    for number in np.unique(bin_of_each):
        here = bin_of_each == number
        weights = rows.weights[here]
        score = np.average(rows.p_fake[here], weights=weights)
        fraction = np.average(rows.labels[here], weights=weights)

        # Pictures of unequal weight tell as much as fewer of the same weight (Kish, 1965).
        pictures = weights.sum() ** 2 / (weights**2).sum()
        ends = rate_interval(fraction * pictures, pictures)
        axis.plot([score, score], ends, color=COLOURS[0], linewidth=1.5)
        size = 3 + 4 * weights.sum() ** 0.5
        axis.plot(score, fraction, "o", color=COLOURS[0], markersize=size)


def _draw_bar(axis: Axes, place: int, name: str, verdicts: np.ndarray, fake: bool) -> str:
    """One bar, divided by verdict from "likely real" to "likely fake"; returns what it says."""
    real, unsure, called_fake = (float((verdicts == value).mean()) for value in (-1, 0, 1))
    left = 0.0
    for width, colour, hatch in (
        (real, COLOURS[0], ""),
        (unsure, "0.85", ".."),
        (called_fake, COLOURS[1], "//"),
    ):
        bar = axis.barh(place, width, left=left, color=colour, edgecolor="white", linewidth=0.5)
        bar[0].set_hatch(hatch)
        left += width

    wrong = real if fake else called_fake
    low, high = rate_interval(round(wrong * len(verdicts)), len(verdicts))
    ends = [low, high]
    if not fake:  # wrong verdicts on reals end at the right, those on fakes begin at the left
        ends = [1 - low, 1 - high]
    axis.plot(ends, [place, place], color="black", linewidth=1.5)
    return (
        f"{name}, {len(verdicts)}: {LIKELY_REAL} {real:.0%}, {CANT_TELL} {unsure:.0%}, "
        f"{LIKELY_FAKE} {called_fake:.0%}; wrong {wrong:.1%} ({low:.1%} to {high:.1%})"
    )


def _has_both(rows: Predictions) -> bool:
    return bool(0 < rows.labels.mean() < 1)


def _with_both_classes(by_set: Mapping[str, Predictions]) -> list[str]:
    """The sets of which a curve or an AUC can be had; a ValueError where there is none."""
    sets = [name for name, rows in by_set.items() if _has_both(rows)]
    if not sets:
        raise ValueError(
            "There is nothing to compare: "
            "the untouched pictures have to hold both real and fake ones."
        )
    return sets


def _resampled_roc(labels: np.ndarray, scores: np.ndarray, at: np.ndarray) -> np.ndarray:
    """ROC curves of pictures drawn anew, read at the fractions of reals `at`: float (200, M)."""
    rng = np.random.default_rng(0)
    fakes = scores[labels]
    reals = scores[~labels]
    curves = []
    for _ in range(_DRAWS):
        thresholds = np.quantile(rng.choice(reals, len(reals)), 1 - at)
        drawn = np.sort(rng.choice(fakes, len(fakes)))
        curves.append(1 - np.searchsorted(drawn, thresholds) / len(drawn))
    return np.array(curves)

"""The scorecard as charts, each with its 95 % intervals and with its text for those who can't see
it."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from dfwidgets.detector import CANT_TELL, LIKELY_FAKE, LIKELY_REAL
from dfwidgets.measure import measures
from dfwidgets.measure.predictions import Predictions
from dfwidgets.pictures import DEGRADATIONS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


# Okabe and Ito's colours, which colour-blind people tell apart; lines and hatches differ, too.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
_LINES = ("-", "--", ":", "-.")


class Chart:
    """A picture of figures, shown by Jupyter with a text that says the same; `figure` is
    matplotlib's."""

    def __init__(self, figure: Figure, text: str) -> None:
        self.figure = figure
        self.text = text

    def _repr_html_(self) -> str:
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png", dpi=110)
        data = base64.b64encode(buffer.getvalue()).decode()
        return f'<img style="max-width:100%" alt="{escape(self.text)}" src="data:image/png;base64,{data}">'


def draw_roc(*cards: Predictions) -> Chart:
    """ROC curves, a set a panel; the bands are pointwise and come of the pictures being drawn anew
    200 times."""
    by_set = [dict(card.degraded().by_set()) for card in cards]
    sets = [name for name, rows in by_set[0].items() if 0 < rows.labels.mean() < 1]
    _need_both(sets)
    figure, axes = _panels(len(sets), 3.2)
    said = []
    for axis, name in zip(axes, sets, strict=True):
        axis.plot([0, 1], [0, 1], color="0.7", linewidth=1)
        for number, card in enumerate(cards):
            colour, line = _COLOURS[number % len(_COLOURS)], _LINES[number % len(_LINES)]
            rows = by_set[number].get(name)
            if rows is None or rows.labels.all() or not rows.labels.any():
                continue
            at = np.linspace(0, 1, 101)
            low, high = np.percentile(
                _resampled_roc(rows.labels, rows.logits, at), [2.5, 97.5], axis=0
            )
            axis.fill_between(at, low, high, color=colour, alpha=0.2, linewidth=0)
            reals, fakes, _ = measures.roc(rows.labels, rows.logits)
            area = measures.auc(rows.labels, rows.logits)
            axis.plot(reals, fakes, line, color=colour, label=_plain(f"{card.name}: {area:.3f}"))
            ends = measures.auc_interval(rows.labels, rows.logits)
            said.append(f"{name}, {card.name}: AUC {area:.3f} ({ends[0]:.3f} to {ends[1]:.3f})")
        axis.set(
            title=_plain(name),
            xlabel="part of reals called fake",
            xlim=(-0.01, 1.01),
            ylim=(-0.01, 1.01),
        )
        axis.legend(title="AUC", loc="lower right", frameon=False, fontsize=8, title_fontsize=8)
    axes[0].set_ylabel("part of fakes called fake")
    return Chart(figure, "ROC curves. " + ". ".join(said) + ".")


def draw_reliability(card: Predictions) -> Chart:
    """Reliability diagram (DeGroot and Fienberg, 1983): 15 bins of equal width, all sets and each
    by itself."""
    untouched = card.degraded()
    panels = {"all sets alike": untouched} | {
        name: rows
        for name, rows in untouched.by_set()
        if 0 < rows.labels.mean() < 1 and (rows.sets == name).all()
    }
    figure, axes = _panels(len(panels), 3.2)
    said = []
    for axis, (name, rows) in zip(axes, panels.items(), strict=True):
        axis.plot([0, 1], [0, 1], color="0.7", linewidth=1)
        place, weights = np.minimum((rows.p_fake * 15).astype(int), 14), rows.weights
        for bin_ in np.unique(place):
            here = place == bin_
            mean, part = (
                np.average(values[here], weights=weights[here])
                for values in (rows.p_fake, rows.labels)
            )
            pictures = (
                weights[here].sum() ** 2 / (weights[here] ** 2).sum()
            )  # as many as count alike (Kish, 1965)
            axis.plot(
                [mean, mean],
                measures.rate_interval(part * pictures, pictures),
                color=_COLOURS[0],
                linewidth=1.5,
            )
            axis.plot(
                mean, part, "o", color=_COLOURS[0], markersize=3 + 4 * weights[here].sum() ** 0.5
            )
        axis.axvspan(*card.band, color="0.5", alpha=0.12, linewidth=0)
        error = measures.ece(rows.labels, rows.p_fake, weights)
        kind = card.about.get(name, name)
        axis.set(title=f"{_plain(kind)}\nECE {error:.3f}", xlabel="score", xlim=(0, 1), ylim=(0, 1))
        said.append(f"{kind}: ECE {error:.3f}")
    axes[0].set_ylabel("part that was fake")
    return Chart(
        figure,
        "How often a score came true; the grey part is “can't tell”. " + ". ".join(said) + ".",
    )


def draw_verdicts(card: Predictions) -> Chart:
    """How many real and how many fake faces of each set got which verdict; whiskers on the wrong
    ones."""
    untouched = card.degraded()
    rows = [
        (
            f"{name}, {word}",
            untouched.verdicts[(untouched.sets == name) & (untouched.labels == fake)],
            fake,
        )
        for name in sorted(set(untouched.sets.tolist()))
        for word, fake in (("real", False), ("fake", True))
    ]
    rows = [row for row in rows if len(row[1])]
    figure, (axis,) = _panels(1, 0.42 * len(rows) + 1.2, wide=8)
    said = []
    for place, (name, verdicts, fake) in enumerate(rows):
        parts = [float((verdicts == value).mean()) for value in (-1, 0, 1)]
        left = 0.0
        for part, colour, hatch in zip(
            parts, (_COLOURS[0], "0.85", _COLOURS[1]), ("", "..", "//"), strict=True
        ):
            axis.barh(
                place, part, left=left, color=colour, hatch=hatch, edgecolor="white", linewidth=0.5
            )
            left += part
        wrong = parts[0] if fake else parts[2]
        low, high = measures.rate_interval(round(wrong * len(verdicts)), len(verdicts))
        at = (low, high) if fake else (1 - high, 1 - low)
        axis.plot(at, [place, place], color="black", linewidth=1.5)
        said.append(
            f"{name}, {len(verdicts)}: {LIKELY_REAL} {parts[0]:.0%}, {CANT_TELL} {parts[1]:.0%}, "
            f"{LIKELY_FAKE} {parts[2]:.0%}; wrong {wrong:.1%} ({low:.1%} to {high:.1%})"
        )
    axis.set_yticks(
        range(len(rows)), [_plain(f"{name} ({len(verdicts)})") for name, verdicts, _ in rows]
    )
    axis.invert_yaxis()
    axis.set(
        xlim=(0, 1), xlabel=f"blue: {LIKELY_REAL}    dotted: {CANT_TELL}    striped: {LIKELY_FAKE}"
    )
    return Chart(figure, "Verdicts. " + ". ".join(said) + ".")


def draw_degradations(card: Predictions) -> Chart:
    """AUC of each set after each degradation, a set a panel."""
    names = [name for name in DEGRADATIONS if (card.degradations == name).any()]
    sets = [name for name, rows in card.degraded().by_set() if 0 < rows.labels.mean() < 1]
    _need_both(sets)
    figure, axes = _panels(len(sets), 0.24 * len(names) + 1.2)
    areas = {name: dict(card.degraded(name).by_set()) for name in names}
    said = []
    for axis, one in zip(axes, sets, strict=True):
        for place, name in enumerate(names):
            rows = areas[name][one]
            area = measures.auc(rows.labels, rows.logits)
            axis.plot(
                measures.auc_interval(rows.labels, rows.logits),
                [place, place],
                color=_COLOURS[0],
                linewidth=1.5,
            )
            axis.plot(area, place, "o", color=_COLOURS[0], markersize=4)
            said.append(f"{one}, {name}: {area:.3f}")
        untouched = areas["none"][one] if "none" in areas else None
        if untouched is not None:
            axis.axvline(measures.auc(untouched.labels, untouched.logits), color="0.7", linewidth=1)
        axis.set(title=_plain(one), xlabel="AUC")
        axis.set_yticks(range(len(names)), names if axis is axes[0] else [""] * len(names))
        axis.invert_yaxis()
    return Chart(figure, "AUC of degraded pictures. " + ". ".join(said) + ".")


def _need_both(sets: Any) -> None:
    if not sets:
        raise ValueError(
            "There is nothing to compare: the untouched pictures have to hold both real and fake ones."
        )


def _plain(name: str) -> str:
    """A name from outside: matplotlib would take what stands between two "$" for a formula."""
    return name.replace("$", r"\$")


def _panels(count: int, high: float, wide: float | None = None) -> tuple[Any, list[Axes]]:
    """A row of panels side by side; made without pyplot, so that nothing stays open and no backend
    is chosen."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(wide or 2.9 * count + 0.6, high), layout="constrained")
    axes = list(np.atleast_1d(figure.subplots(1, count, sharex=count > 1)))
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _resampled_roc(labels: np.ndarray, scores: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The part of fakes above the threshold that the part `at` of reals reach, each time drawn
    anew: float (200, M)."""
    rng = np.random.default_rng(0)
    fakes, reals = scores[labels], scores[~labels]
    drawn = []
    for _ in range(200):
        thresholds = np.quantile(rng.choice(reals, len(reals)), 1 - at)
        some = np.sort(rng.choice(fakes, len(fakes)))
        drawn.append(1 - np.searchsorted(some, thresholds) / len(some))
    return np.array(drawn)

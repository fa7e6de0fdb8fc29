"""The figures of a scorecard as Markdown: what the model card and the lessons print."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from dfwidgets.measure import measures
from dfwidgets.measure.predictions import Predictions
from dfwidgets.measure.rates import check_rates, rate_interval, rates
from dfwidgets.pictures import DEGRADATIONS

_COUNTS = (
    "set",
    "fakes called fake",
    "reals called fake",
    "reals called real",
    "fakes called real",
)


def figures(scorecard: Predictions) -> str:
    """Every table of a scorecard, one below the other."""
    untouched = scorecard.degraded()
    parts = [verdicts(untouched), calibration(untouched), counts(untouched)]
    if len(set(scorecard.degradations.tolist())) > 1:
        parts.append(degraded(scorecard))
    return "\n\n".join(parts)


def verdicts(scorecard: Predictions) -> str:
    """AUC of each set and how often its verdicts are wrong, with 95 % intervals."""
    text = [
        "| test set | real / fake | AUC (95 %) "
        "| reals called fake (95 %) | fakes called real (95 %) | can't tell |",
        "|---" * 6 + "|",
    ]
    for name, rows in scorecard.by_set():
        low, high = measures.auc_interval(rows.labels, rows.logits, rows.groups)
        area = f"{_area(rows)} ({_figure(low)} to {_figure(high)})"

        # The AUC needs reals, borrowed ones if need be; verdicts are counted on the set's own.
        own = rows.where(rows.sets == name)
        reals = ~own.labels
        fakes = own.labels
        called_fake = _rate((own.verdicts == 1)[reals])
        called_real = _rate((own.verdicts == -1)[fakes])
        unsure = (own.verdicts == 0).mean()
        text.append(
            f"| {plain(name)} | {reals.sum()} / {fakes.sum()} | {area} "
            f"| {called_fake} | {called_real} | {unsure:.1%} |"
        )
    return "\n".join(text)


def calibration(scorecard: Predictions) -> str:
    """ECE before and after calibration, with 95 % bootstrap intervals.

    A row for all sets together and one for each that has both classes.
    """
    text = [
        "| ECE, 15 bins | as calibrated (95 %) "
        "| if it were perfect, by chance | the logits as they are (95 %) |",
        "|---|---|---|---|",
    ]
    # What a sigmoid alone makes of the logits, without the temperature that was fitted to them.
    uncalibrated = 1 / (1 + np.exp(-scorecard.logits))
    for name, here, weights in _calibrated_sets(scorecard):
        labels = scorecard.labels[here]
        groups = scorecard.groups[here]
        after = _ece(labels, scorecard.p_fake[here], weights, groups)
        before = _ece(labels, uncalibrated[here], weights, groups)
        chance = measures.ece_by_chance(scorecard.p_fake[here], weights)
        text.append(f"| {name} | {after} | {chance:.3f} | {before} |")
    return "\n".join(text)


def counts(scorecard: Predictions) -> str:
    """Counts at a threshold of 0.5, where nobody can say "can't tell", and the rates of them."""
    text = [f"| {' | '.join(_COUNTS)} | accuracy | precision | recall |", "|---" * 8 + "|"]
    for name, rows in scorecard.by_set():
        called_fake = rows.p_fake >= 0.5
        tp = int((called_fake & rows.labels).sum())
        fp = int((called_fake & ~rows.labels).sum())
        tn = int((~called_fake & ~rows.labels).sum())
        fn = int((~called_fake & rows.labels).sum())

        printed = " | ".join(map(_figure, rates(tp, fp, tn, fn).values()))
        text.append(f"| {plain(name)} | {tp} | {fp} | {tn} | {fn} | {printed} |")
    return "\n".join(text)


def check_counts(text: str) -> str:
    """Read printed tables again and say where rates do not follow from the counts beside them.

    Returns:
        a sentence for each row that is wrong; empty where all is well.

    Raises:
        ValueError: no table of counts is in the text.
    """
    lines = iter(text.splitlines())
    head = next((line for line in lines if all(name in line for name in _COUNTS)), None)
    if head is None:
        raise ValueError(f"expected a table with the columns {', '.join(_COUNTS)}")

    names = _cells(head)
    wrong = []
    for line in lines:
        if not line.startswith("|"):
            break  # the end of the table
        cells = dict(zip(names, _cells(line), strict=True))
        if set(cells["set"]) == {"-"}:
            continue  # the rule under the titles

        # The rates by the names that the table gives them: mixed up columns are to be found out.
        tp, fp, tn, fn = (int(cells[name]) for name in _COUNTS[1:])
        printed = {name: _number(cells[name]) for name in names[len(_COUNTS) :]}
        problem = check_rates(tp, fp, tn, fn, **printed)
        if problem:
            wrong.append(f"{cells['set']}: {problem}")
    return " ".join(wrong)


def degraded(scorecard: Predictions) -> str:
    """AUC of each degradation, and what it does to the scores and verdicts of the untouched."""
    untouched = scorecard.degraded()
    names = sorted(set(scorecard.sets.tolist()))
    text = [
        f"| degradation | {' | '.join(f'AUC {plain(name)}' for name in names)} "
        "| logit of photographs | another word | real to fake or back |",
        "|---" * (len(names) + 4) + "|",
    ]
    for degradation in DEGRADATIONS:
        rows = scorecard.degraded(degradation)
        if not len(rows):
            continue

        by_set = dict(rows.by_set())
        cells = [_area(by_set[name]) if name in by_set else "-" for name in names]
        cells += _change(untouched, rows)
        text.append(f"| {degradation} | {' | '.join(cells)} |")
    return "\n".join(text)


def plain(name: str) -> str:
    """A name from outside, such as a folder's, with nothing in it that is markup any more."""
    return "".join(f"&#{ord(c)};" if c in "|<>&`*[]\\!#" else c for c in name)


def share(happened: Sequence[bool] | np.ndarray, places: int = 3) -> str:
    """A fraction with its 95 % interval (Wilson, 1927); "-" where there was nothing to count."""
    if not len(happened):
        return "-"
    low, high = rate_interval(sum(happened), len(happened))
    return f"{np.mean(happened):.{places}f} ({low:.{places}f} to {high:.{places}f})"


def _calibrated_sets(scorecard: Predictions) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Name, rows (bool (N,)) and weights of each line of the table of calibration."""
    everything = np.ones(len(scorecard), bool)
    yield "all, classes and sets alike", everything, scorecard.weights
    # Borrowed reals would say nothing of how well a set's own scores come true.
    with_reals = set(scorecard.sets[~scorecard.labels].tolist())
    with_fakes = set(scorecard.sets[scorecard.labels].tolist())
    for name in sorted(with_reals & with_fakes):
        here = scorecard.sets == name
        yield plain(name), here, np.ones(here.sum())


def _change(untouched: Predictions, rows: Predictions) -> list[str]:
    """How far a degradation shifts photographs, and how many verdicts it changes and turns."""
    if (rows.degradations == "none").all():
        return ["-"] * 3
    places = {key: place for place, key in enumerate(untouched.ids.tolist())}
    # Only pictures that were asked about both ways can be compared.
    after = rows.where([i for i, key in enumerate(rows.ids.tolist()) if key in places])
    if not len(after):
        return ["-"] * 3
    before = untouched.where([places[key] for key in after.ids.tolist()])

    shifts = (after.logits - before.logits)[~after.labels]
    shift = shifts.mean() if len(shifts) else math.nan
    return [
        f"{shift:+.2f}",
        _rate(before.verdicts != after.verdicts),
        _rate(before.verdicts * after.verdicts == -1),  # "likely real" is -1, "likely fake" 1
    ]


def _area(rows: Predictions) -> str:
    return _figure(measures.auc(rows.labels, rows.logits))


def _ece(labels: np.ndarray, p_fake: np.ndarray, weights: np.ndarray, groups: np.ndarray) -> str:
    low, high = measures.ece_interval(labels, p_fake, weights, groups)
    return f"{measures.ece(labels, p_fake, weights):.3f} ({low:.3f} to {high:.3f})"


def _figure(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _number(cell: str) -> float:
    """What `_figure` printed, read again."""
    return math.nan if cell == "-" else float(cell)


def _rate(happened: np.ndarray) -> str:
    if not len(happened):
        return "-"
    low, high = rate_interval(happened.sum(), len(happened))
    return f"{happened.mean():.1%} ({low:.1%} to {high:.1%})"


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]

"""The figures of a scorecard as Markdown: what the model card and the lessons print."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dfwidgets.measure import measures
from dfwidgets.measure.predictions import Predictions
from dfwidgets.pictures import DEGRADATIONS

_COUNTS = (
    "set",
    "fakes called fake",
    "reals called fake",
    "reals called real",
    "fakes called real",
)


def figures(card: Predictions) -> str:
    """Every table of a scorecard, one below the other."""
    untouched = card.degraded()
    parts = [verdicts(untouched), calibration(untouched), counts(untouched)]
    if len(set(card.degradations.tolist())) > 1:
        parts.append(degraded(card))
    return "\n\n".join(parts)


def verdicts(card: Predictions) -> str:
    """For each set the AUC, and how often "likely fake" and "likely real" are wrong, with 95 %
    intervals."""
    text = [
        "| test set | real / fake | AUC (95 %) | reals called fake (95 %) | fakes called real (95 %) | can't tell |",
        "|---" * 6 + "|",
    ]
    for name, against in card.by_set():
        own = against.where(against.sets == name)
        reals, fakes = ~own.labels, own.labels
        low, high = measures.auc_interval(against.labels, against.logits)
        text.append(
            f"| {plain(name)} | {reals.sum()} / {fakes.sum()} "
            f"| {_figure(measures.auc(against.labels, against.logits))} ({_figure(low)} to {_figure(high)}) "
            f"| {_rate((own.verdicts == 1)[reals])} | {_rate((own.verdicts == -1)[fakes])} "
            f"| {(own.verdicts == 0).mean():.1%} |"
        )
    return "\n".join(text)


def calibration(card: Predictions) -> str:
    """ECE of all sets together and of each that has both classes, with 95 % bootstrap intervals,
    before and after."""
    text = [
        "| ECE, 15 bins | as calibrated (95 %) | if it were perfect, by chance | the logits as they are (95 %) |",
        "|---|---|---|---|",
    ]
    bare = 1 / (1 + np.exp(-card.logits))
    chosen = {"all, classes and sets alike": (np.ones(len(card), bool), card.weights)}
    for name in sorted(
        set(card.sets[~card.labels].tolist()) & set(card.sets[card.labels].tolist())
    ):
        here = card.sets == name
        chosen[plain(name)] = (here, np.ones(here.sum()))
    for name, (here, weights) in chosen.items():
        said = []
        for p in (card.p_fake, bare):
            low, high = measures.ece_interval(card.labels[here], p[here], weights)
            said.append(
                f"{measures.ece(card.labels[here], p[here], weights):.3f} ({low:.3f} to {high:.3f})"
            )
        chance = measures.ece_by_chance(card.p_fake[here], weights)
        text.append(f"| {name} | {said[0]} | {chance:.3f} | {said[1]} |")
    return "\n".join(text)


def counts(card: Predictions) -> str:
    """Counts at a threshold of 0.5, where nobody can say "can't tell", and what follows from them."""
    text = [f"| {' | '.join(_COUNTS)} | accuracy | precision | recall |", "|---" * 8 + "|"]
    for name, rows in card.by_set():
        said, labels = rows.p_fake >= 0.5, rows.labels
        kinds = said & labels, said & ~labels, ~said & ~labels, ~said & labels
        tp, fp, tn, fn = (int(kind.sum()) for kind in kinds)
        rates = measures.rates(tp, fp, tn, fn)
        text.append(
            f"| {plain(name)} | {tp} | {fp} | {tn} | {fn} | {' | '.join(map(_figure, rates.values()))} |"
        )
    return "\n".join(text)


def check_counts(text: str) -> str:
    """Read printed tables again and say where accuracy, precision or recall do not follow from the counts.

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
            break
        cells = dict(zip(names, _cells(line), strict=True))
        if set(cells["set"]) == {"-"}:
            continue
        tp, fp, tn, fn = (int(cells[name]) for name in _COUNTS[1:])
        printed = {
            name: math.nan if cells[name] == "-" else float(cells[name]) for name in names[5:]
        }
        said = measures.check_rates(tp, fp, tn, fn, **printed)
        wrong += [f"{cells['set']}: {said}"] if said else []
    return " ".join(wrong)


def degraded(card: Predictions) -> str:
    """AUC of each degradation, how far it shifts photographs, and how many verdicts are other than
    untouched."""
    untouched = card.degraded()
    places = {key: i for i, key in enumerate(untouched.ids.tolist())}
    names = sorted(set(card.sets.tolist()))
    text = [
        f"| degradation | {' | '.join(f'AUC {plain(name)}' for name in names)} "
        "| logit of photographs | another word | real to fake or back |",
        "|---" * (len(names) + 4) + "|",
    ]
    for name in DEGRADATIONS:
        rows = card.degraded(name)
        if not len(rows):
            continue
        areas = dict(rows.by_set())
        said = [
            _figure(measures.auc(areas[n].labels, areas[n].logits)) if n in areas else "-"
            for n in names
        ]
        rows = rows.where([i for i, key in enumerate(rows.ids.tolist()) if key in places])
        was = untouched.where([places[key] for key in rows.ids.tolist()])
        if name == "none" or not len(rows):
            said += ["-"] * 3
        else:
            shift = (
                (rows.logits - was.logits)[~rows.labels].mean()
                if (~rows.labels).any()
                else math.nan
            )
            said += [
                f"{shift:+.2f}",
                _rate(was.verdicts != rows.verdicts),
                _rate(was.verdicts * rows.verdicts == -1),
            ]
        text.append(f"| {name} | {' | '.join(said)} |")
    return "\n".join(text)


def plain(name: str) -> str:
    """A name from outside, such as a folder's, without what Markdown or HTML would take for markup."""
    return "".join(f"&#{ord(c)};" if c in "|<>&`*[]\\!#" else c for c in name)


def share(happened: Sequence[bool] | np.ndarray, places: int = 3) -> str:
    """A part with its 95 % interval (Wilson, 1927), to so many places; "-" where there was nothing
    to count."""
    if not len(happened):
        return "-"
    low, high = measures.rate_interval(sum(happened), len(happened))
    part, least, most = (f"{value:.{places}f}" for value in (np.mean(happened), low, high))
    return f"{part} ({least} to {most})"


def _figure(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _rate(happened: np.ndarray) -> str:
    if not len(happened):
        return "-"
    low, high = measures.rate_interval(happened.sum(), len(happened))
    return f"{happened.mean():.1%} ({low:.1%} to {high:.1%})"


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]

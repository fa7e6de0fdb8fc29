"""How often a detector commits itself to a word, and how often each word is right.

python -m models.training.judging.verdict_rates --model models/detector   from its predictions.csv

Sets count alike and fakes as often as photographs, as if half of all pictures were fakes: how many
pictures a set happens to hold must not decide what a word is worth.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from dfwidgets import load_scorecard
from dfwidgets.measure.scorecard import Scorecard

REAL = -1
FAKE = 1


def table(card: Scorecard) -> str:
    """The table as Markdown: what each set is called, and below it what follows for the words."""
    card = card.degraded()
    text = [
        "| test set | label | pictures | likely real | can't tell | likely fake |",
        "|---|---|---|---|---|---|",
    ]
    for name in sorted(set(card.sets.tolist())):
        for label, fake in (("real", False), ("fake", True)):
            here = (card.sets == name) & (card.labels == fake)
            if here.any():
                called = [(card.verdicts[here] == word).mean() for word in (REAL, 0, FAKE)]
                cells = " | ".join(f"{fraction:.1%}" for fraction in called)
                text.append(f"| {name} | {label} | {here.sum()} | {cells} |")

    given, real_right, fake_right = rates(card)
    text += [
        "",
        f"Given a word: {given:.1%}. “Likely real” is right: {real_right:.1%}. "
        f"“Likely fake” is right: {fake_right:.1%}. Sets alike, half of the pictures fakes.",
    ]
    return "\n".join(text)


def rates(card: Scorecard) -> tuple[float, float, float]:
    """How many pictures get a word, and how often "likely real" and "likely fake" are right.

    Each is a fraction; NaN for a word that is never given.
    """
    of_reals = _called(card, fake=False)
    of_fakes = _called(card, fake=True)
    given = (of_reals[REAL] + of_reals[FAKE] + of_fakes[REAL] + of_fakes[FAKE]) / 2
    return (
        given,
        _fraction(of_reals[REAL], of_fakes[REAL]),
        _fraction(of_fakes[FAKE], of_reals[FAKE]),
    )


def _called(card: Scorecard, fake: bool) -> dict[int, float]:
    """Which fraction of the reals or the fakes gets each word: the mean of the sets' fractions."""
    sets = card.sets[card.labels == fake]
    verdicts = card.verdicts[card.labels == fake]
    names = sorted(set(sets.tolist()))
    return {
        word: float(np.mean([(verdicts[sets == name] == word).mean() for name in names]))
        for word in (REAL, FAKE)
    }


def _fraction(right: float, wrong: float) -> float:
    if right + wrong == 0:
        return float("nan")
    return right / (right + wrong)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, default=Path("models/detector"))
    print(table(load_scorecard(parser.parse_args().model)))


if __name__ == "__main__":
    main()

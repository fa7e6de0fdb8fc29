"""What a guess leaves behind, and the score of a round."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from dfwidgets.folders import Label


@dataclass(frozen=True)
class Trial:
    """One guess and its reveal: `dataclasses.asdict(trial)` is a row of a table."""

    round: int
    picture: str
    """Where it lies in the samples' folder, like "Fake/anna.jpg"."""
    truth: Label
    guess: Label
    p_fake: float
    """The model's probability that it is fake, 0 to 1; nan where it gave no answer."""
    seconds: float
    """How long the card was open until the guess; where it was closed between, all times together.
    """
    model: str = ""
    """Name of the model that answered, for people; "" where nobody said."""

    @property
    def right(self) -> bool:
        """Whether the guess was right."""
        return self.guess == self.truth

    @property
    def model_guess(self) -> Label | None:
        """What the model would have guessed: fake from 0.5 on; None where it gave no answer."""
        if math.isnan(self.p_fake):
            return None
        return "fake" if self.p_fake >= 0.5 else "real"

    @property
    def model_right(self) -> bool | None:
        """Whether the model was right; None where it gave no answer."""
        if self.model_guess is None:
            return None
        return self.model_guess == self.truth


@dataclass(frozen=True)
class Score:
    """Right answers, of how many, and how many in a row up to now."""

    you: int
    model: int
    total: int
    streak: int
    model_streak: int

    @property
    def of(self) -> int:
        """The name of `total` in version 0.1."""
        return self.total


def count_score(trials: Iterable[Trial]) -> Score:
    """Count the right answers, oldest first; where the model gave none, it was not right."""
    you = []
    model = []
    for trial in trials:
        you.append(trial.right)
        model.append(bool(trial.model_right))
    return Score(
        you=sum(you),
        model=sum(model),
        total=len(you),
        streak=_last_in_a_row(you),
        model_streak=_last_in_a_row(model),
    )


def _last_in_a_row(rights: Sequence[bool]) -> int:
    return sum(takewhile(bool, reversed(rights)))

"""The game "Can you beat the model?": seeded rounds, guesses, score; rules and no widgets."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, cast

import traitlets as t

from dfwidgets.folders import CLASSES, Label, Samples
from dfwidgets.game.deck import Card, Deal, Deck


@dataclass(frozen=True)
class Trial:
    """One guess and its reveal, as a plain record: `dataclasses.asdict(trial)` is a row of a table."""

    round: int
    picture: str
    """Where it lies in the samples' folder, like "Fake/anna.jpg"."""
    truth: Label
    guess: Label
    p_fake: float
    """The model's probability that it is fake, 0 to 1; nan where it gave no answer."""
    seconds: float
    """How long the card was open until the guess, all times together where it was closed between.
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
        return None if self.model_guess is None else self.model_guess == self.truth


@dataclass(frozen=True)
class Score:
    """Right answers in this round, of how many, and how many in a row up to now."""

    you: int
    model: int
    of: int
    streak: int
    model_streak: int


class Game(t.HasTraits):
    """Rounds of real and fake pictures, the person's guesses and the model's answers.

    Read its traits or observe them; change them by its methods: `start` (or `deal` on a worker,
    then `begin`), and for each card `choose` or `next`, then `guess`, then `answer` with what the
    model says and which one it is; `close` puts a card down.

    Args:
        samples: what is dealt from.
        seed: the same seed and pictures give the same rounds; None draws one, kept as `seed`.
        size: pictures in a round, half of them real; fewer where the folder has too few of one
            class.
        clock: seconds, from any start.

    Raises:
        ValueError: a size below 2.
    """

    round = t.Int(0, read_only=True)
    """Which round this is, from 1; 0 before the first."""

    cards = t.Tuple(read_only=True)
    """The pictures of this round (Card); empty where no round can be played, and `notices` says
    why."""

    chosen = t.Int(-1, read_only=True)
    """Index of the open card; -1 where none is open."""

    guessed = t.Unicode("", read_only=True)
    """The guess on the open card, "real" or "fake"; empty before it."""

    trials = t.Tuple(read_only=True)
    """The answered cards of all rounds (Trial), oldest first."""

    notices = t.Tuple(read_only=True)
    """Sentences for the person: what is missing in the folder, what was skipped or left out."""

    over = t.Bool(False, read_only=True)
    """Whether all cards of this round are answered."""

    def __init__(
        self,
        samples: Samples,
        seed: int | None = None,
        size: int = 10,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        if size < 2:
            raise ValueError(
                f"expected a size of at least 2, one real and one fake picture; got {size}"
            )
        self.samples = samples
        self.seed = random.randrange(2**32) if seed is None else seed
        self.size = size
        self._clock = clock
        self._opened = 0.0
        self._seconds: dict[Card, float] = {}
        self._answers: dict[Card, Trial] = {}
        self._deck = Deck(samples, self.seed, size)
        self._set(notices=samples.notices)

    def deal(self) -> Deal:
        """Draw the next round and get its pictures ready; slow, sets no trait, may run on a worker.

        Until `begin` has been called with it, another `deal` draws the same round.
        """
        return self._deck.deal(self.round + 1)

    def begin(self, deal: Deal) -> None:
        """Show a round that `deal` has prepared; where it has no cards, only its notices."""
        self._deck.take(deal)
        self._answers, self._seconds = {}, {}
        self._set(
            round=self.round + bool(deal.cards),
            cards=deal.cards,
            chosen=-1,
            guessed="",
            over=False,
            notices=(*self.samples.notices, *deal.notices),
        )

    def start(self) -> None:
        """Draw the next round and show it, at once."""
        self.begin(self.deal())

    def choose(self, index: int) -> None:
        """Open a card and start its clock; ignored where it is answered, or while a guess waits for
        the model."""
        if (
            self._awaited()
            or index == self.chosen
            or not 0 <= index < len(self.cards)
            or self.answered(index)
        ):
            return
        self._stop()
        self._opened = self._clock()
        self._set(chosen=index, guessed="")

    def close(self) -> None:
        """Put the open card down, which stops its clock; ignored while a guess waits for the model."""
        if not self._awaited():
            self._stop()
            self._set(chosen=-1, guessed="")

    def next(self) -> None:
        """Open the first card that is not answered; where none is left, nothing happens."""
        for index in range(len(self.cards)):
            if self.answered(index) is None:
                self.choose(index)
                return

    def guess(self, label: str) -> None:
        """Lock the guess on the open card, "real" or "fake"; a second one is ignored.

        Raises:
            ValueError: another word.
        """
        if label not in CLASSES:
            raise ValueError(f'expected the guess "real" or "fake", got {label!r}')
        if self.chosen >= 0 and not self.guessed:
            self._stop()
            self._set(guessed=label)

    def answer(self, p_fake: float | None, model: str = "") -> None:
        """Take the model's answer after the guess, which completes the trial; before it, it is ignored.

        Args:
            p_fake: its probability that the open picture is fake, 0 to 1; None where it gave no
                answer.
            model: its name, for people.

        Raises:
            ValueError: no such number.
        """
        p = math.nan if p_fake is None else float(p_fake)
        if not (math.isnan(p) or 0 <= p <= 1):
            raise ValueError(f"expected p_fake from 0 to 1, got {p_fake}")
        if not self._awaited():
            return
        card = self.cards[self.chosen]
        picture, truth, guess = (
            self.samples.name(card.sample),
            card.sample.label,
            cast(Label, self.guessed),
        )
        trial = Trial(self.round, picture, truth, guess, p, self._seconds[card], model)
        self._answers[card] = trial
        self._set(trials=(*self.trials, trial), over=len(self._answers) == len(self.cards))

    def drop(self, reason: str) -> None:
        """Take the open card out of play without a trial, so that it leaves `cards`; `reason` is a
        sentence."""
        if self.chosen < 0 or self.answered(self.chosen):
            return
        card = self.cards[self.chosen]
        cards = tuple(other for other in self.cards if other is not card)
        self._set(
            cards=cards,
            chosen=-1,
            guessed="",
            over=0 < len(cards) == len(self._answers),
            notices=(*self.notices, f"{self.samples.name(card.sample)} was left out. {reason}"),
        )

    def answered(self, index: int) -> Trial | None:
        """Look up the trial of a card of this round; None where it is not answered."""
        return self._answers.get(self.cards[index]) if 0 <= index < len(self.cards) else None

    def score(self) -> Score:
        """Count the right answers of this round up to now; where the model gave none, it was not
        right."""
        trials = [trial for trial in self.trials if trial.round == self.round]
        you, model = (
            [trial.right for trial in trials],
            [bool(trial.model_right) for trial in trials],
        )
        streak, model_streak = (sum(takewhile(bool, reversed(rights))) for rights in (you, model))
        return Score(sum(you), sum(model), len(trials), streak, model_streak)

    def _awaited(self) -> bool:
        """Whether the model has yet to answer a guess."""
        return bool(self.guessed) and self.answered(self.chosen) is None

    def _stop(self) -> None:
        """Stop the clock of the open card, unless the guess has."""
        if self.chosen >= 0 and not self.guessed:
            card = self.cards[self.chosen]
            self._seconds[card] = self._seconds.get(card, 0.0) + self._clock() - self._opened

    def _set(self, **values: Any) -> None:
        with self.hold_trait_notifications():
            for name, value in values.items():
                self.set_trait(name, value)

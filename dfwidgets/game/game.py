"""The game "Can you beat the model?": seeded rounds, guesses, score; rules and no widgets."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from typing import Any, cast

import traitlets as t

from dfwidgets.folders import CLASSES, Label, Samples
from dfwidgets.game.card import Card
from dfwidgets.game.deck import Deal, Deck
from dfwidgets.game.notices import left_out
from dfwidgets.game.trials import Score, Trial, count_score


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

    guessed = t.Enum(["", *CLASSES], default_value="", read_only=True)
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
        # Kept, so that the same rounds can be played again.
        if seed is None:
            seed = random.randrange(2**32)

        self.samples = samples
        self.seed = seed
        self.size = size
        self._deck = Deck(samples, seed, size)
        self._set(notices=samples.notices)

        self._clock = clock
        self._opened = 0.0
        # Of this round alone: how long each card was open, and the trials of those answered.
        self._seconds: dict[Card, float] = {}
        self._answers: dict[Card, Trial] = {}

    def deal(self) -> Deal:
        """Draw the next round and get its pictures ready; slow, sets no trait, may run on a worker.

        Until `begin` has been called with it, another `deal` draws the same round.
        """
        return self._deck.deal(self.round + 1)

    def begin(self, deal: Deal) -> None:
        """Show a round that `deal` has prepared; where it has no cards, only its notices."""
        self._deck.take(deal)
        self._answers = {}
        self._seconds = {}
        self._set(
            # A deal without cards is no round.
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
        """Open a card and start its clock.

        Ignored where the card is answered, and while a guess waits for the model.
        """
        if self._awaited() or index == self.chosen or not 0 <= index < len(self.cards):
            return
        if self.answered(index):
            return
        # The card that was open until now keeps the time it had.
        self._stop()
        self._opened = self._clock()
        self._set(chosen=index, guessed="")

    def close(self) -> None:
        """Put the open card down, which stops its clock.

        Ignored while a guess waits for the model.
        """
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
        """Take the model's answer to the open card, which completes the trial.

        Ignored before the guess.

        Args:
            p_fake: its probability that the open picture is fake, 0 to 1; None where it gave no
                answer.
            model: its name, for people.

        Raises:
            ValueError: no such number.
        """
        # Without an answer nan, so that the trials' column holds numbers alone.
        p = math.nan if p_fake is None else float(p_fake)
        if not (math.isnan(p) or 0 <= p <= 1):
            raise ValueError(f"expected p_fake from 0 to 1, got {p_fake}")
        if not self._awaited():
            return

        card = self.cards[self.chosen]
        trial = Trial(
            round=self.round,
            picture=self.samples.name(card.sample),
            truth=card.sample.label,
            guess=cast(Label, self.guessed),
            p_fake=p,
            seconds=self._seconds[card],
            model=model,
        )
        self._answers[card] = trial
        self._set(trials=(*self.trials, trial), over=len(self._answers) == len(self.cards))

    def drop(self, reason: str) -> None:
        """Take the open card out of play without a trial, so that it leaves `cards`.

        Args:
            reason: a sentence for the person.
        """
        if self.chosen < 0 or self.answered(self.chosen):
            return
        card = self.cards[self.chosen]
        cards = tuple(other for other in self.cards if other is not card)
        notice = left_out(self.samples.name(card.sample), reason)
        self._set(
            cards=cards,
            chosen=-1,
            guessed="",
            # It may have been the last that was not answered; a round without cards was not played.
            over=0 < len(cards) == len(self._answers),
            notices=(*self.notices, notice),
        )

    def answered(self, index: int) -> Trial | None:
        """Look up the trial of a card of this round; None where it is not answered."""
        if not 0 <= index < len(self.cards):
            return None
        return self._answers.get(self.cards[index])

    def score(self) -> Score:
        """Count the right answers of this round up to now; a model that gave none was not right."""
        return count_score(trial for trial in self.trials if trial.round == self.round)

    def _awaited(self) -> bool:
        """Whether the model has yet to answer a guess."""
        return bool(self.guessed) and self.answered(self.chosen) is None

    def _stop(self) -> None:
        """Stop the clock of the open card, unless the guess has."""
        if self.chosen >= 0 and not self.guessed:
            card = self.cards[self.chosen]
            self._seconds[card] = self._seconds.get(card, 0.0) + self._clock() - self._opened

    def _set(self, **values: Any) -> None:
        # At once, so that whoever observes one trait finds the others fitting.
        with self.hold_trait_notifications():
            for name, value in values.items():
                self.set_trait(name, value)

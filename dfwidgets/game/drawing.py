"""One round while it is drawn: card by card, of the class whose turn it is."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dfwidgets.folders import Label, Sample
from dfwidgets.game.card import Card
from dfwidgets.game.families import draw_pass
from dfwidgets.pictures import ImageError


@dataclass(eq=False)
class Drawing:
    """A round while it is drawn; all that changes is its own, so it may be thrown away."""

    classes: Mapping[Label, Sequence[Sample]]
    """The pictures of each class."""
    family: Mapping[Sample, str]
    """To which family each picture belongs."""
    members: Mapping[str, Sequence[Sample]]
    """The pictures of each family."""
    seen: Mapping[str, Label]
    """As what each family was seen last, before this round."""
    waiting: dict[str, Sample]
    """Of each family still to come in this pass, in this order, the picture that it comes as."""
    unreadable: dict[Sample, str]
    """Pictures that can't be read, each with a sentence why, or "" where that was told before."""
    rng: random.Random
    make_card: Callable[[Sample], Card]
    cards: list[Card] = field(default_factory=list)
    """What was drawn up to now."""

    @property
    def in_round(self) -> dict[str, Label]:
        """The families that were drawn for this round, and as what."""
        return {self.family[card.sample]: card.sample.label for card in self.cards}

    def draw(self, label: Label) -> bool:
        """Draw another card of a class; False where there is no more."""
        while sample := self._next(label):
            self.waiting.pop(self.family[sample], None)
            try:
                self.cards.append(self.make_card(sample))
                return True
            except ImageError as error:
                self.unreadable[sample] = str(error)
            except Exception as error:  # whatever it is, the other pictures can be played with
                why = str(error).rstrip(".") or type(error).__name__
                self.unreadable[sample] = f"It can't be read: {why}."
        return False

    def put_back_last(self) -> None:
        """Put the card drawn last back, so that it comes first in the next round."""
        sample = self.cards.pop().sample
        self.waiting = {self.family[sample]: sample, **self.waiting}

    def _next(self, label: Label) -> Sample | None:
        """The picture of a class that comes next, None where every readable one is drawn."""
        found = self._next_waiting(label)
        # Those that wait may all be of the other class: then the next pass begins before this one
        # ends, and they keep their place in front.
        if found is None:
            self._refill()
            found = self._next_waiting(label)
        return found or self._any_left(label)

    def _next_waiting(self, label: Label) -> Sample | None:
        in_round = self.in_round
        for family, sample in self.waiting.items():
            if sample.label == label and family not in in_round:
                return sample
        return None

    def _refill(self) -> None:
        """Begin the next pass: draw the families that do not wait, to come after those that do."""
        members = {}
        for family, samples in self.members.items():
            readable = [sample for sample in samples if sample not in self.unreadable]
            if readable and family not in self.waiting:
                members[family] = readable

        in_round = self.in_round
        seen = {**self.seen, **in_round}
        self.waiting.update(draw_pass(members, self.waiting, seen, in_round, self.rng))

    def _any_left(self, label: Label) -> Sample | None:
        """A picture of a class that is not in this round, whatever its family waits to come as.

        Only where the folder is too small for this round. A family that is not in the round yet
        goes before one that is.
        """
        drawn = {card.sample for card in self.cards}
        in_round = self.in_round
        left = [
            sample
            for sample in self.classes[label]
            if sample not in drawn and sample not in self.unreadable
        ]
        self.rng.shuffle(left)
        return min(left, key=lambda sample: self.family[sample] in in_round, default=None)

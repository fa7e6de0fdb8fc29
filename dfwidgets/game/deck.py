"""Dealing: which pictures make up a round."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from dfwidgets.folders import CLASSES, Label, Sample, Samples
from dfwidgets.game.card import Card, make_card
from dfwidgets.game.drawing import Drawing
from dfwidgets.game.families import families_of
from dfwidgets.game.notices import all_left_out, left_out, short_round
from dfwidgets.game.shown import pad_alike


@dataclass(frozen=True, eq=False)
class Deal:
    """A round that is ready to be shown by `Game.begin`."""

    cards: tuple[Card, ...]
    notices: tuple[str, ...]
    waiting: Mapping[str, Sample]
    """Of each family still to come in this pass, in this order, the picture that it comes as."""
    seen: Mapping[str, Label]
    """As what each family was seen last."""
    unreadable: frozenset[Sample]
    """Pictures that could not be read, now or before."""


class Deck:
    """The pictures of a folder, dealt in balanced rounds.

    A photograph and the fakes made from it are a family. In a pass over the folder each family
    comes once, as one of its pictures, and in the next pass that is drawn anew: having seen a face
    tells nothing of what it is now.

    Args:
        samples: what is dealt from.
        seed: the same seed and pictures give the same rounds.
        size: pictures in a round, half of them real.
        make_card: opens a picture and gets ready what is shown of it.
    """

    def __init__(
        self,
        samples: Samples,
        seed: int,
        size: int,
        make_card: Callable[[Sample], Card] = make_card,
    ) -> None:
        self.samples = samples
        self.seed = seed
        self.size = size
        self._make_card = make_card
        self._classes: dict[Label, tuple[Sample, ...]] = {
            "real": samples.reals,
            "fake": samples.fakes,
        }
        self._family = families_of(samples)
        self._members: dict[str, list[Sample]] = {}
        for sample, family in self._family.items():
            self._members.setdefault(family, []).append(sample)

        # What is carried from round to round; `take` alone changes it.
        self._waiting: Mapping[str, Sample] = {}
        self._seen: Mapping[str, Label] = {}
        self._unreadable: frozenset[Sample] = frozenset()

    def deal(self, number: int) -> Deal:
        """Draw round `number` and get its pictures ready; slow, and changes nothing.

        Until `take` the same number draws the same round.

        Example: photographs of anna, ben and cleo, fakes of anna and ben, two pictures a round,
        and the seed 7. The first pass is drawn: anna comes as a fake, cleo as real, ben as a fake.

        - Round 1 is anna, fake, and cleo, real. Ben waits, to come as a fake.
        - Round 2 needs a fake, which is ben, and a real one, but none waits: so the second pass is
          drawn. Cleo comes as real; anna waits, to come as a fake, and ben, to come as real.
        - Round 3 is these two. Every face was seen twice, and ben once as each.
        """
        drawing = Drawing(
            classes=self._classes,
            family=self._family,
            members=self._members,
            seen=self._seen,
            waiting=dict(self._waiting),
            unreadable=dict.fromkeys(self._unreadable, ""),
            rng=random.Random(f"{self.seed} {number}"),
            make_card=self._make_card,
        )
        scarce = self._draw_cards(drawing)
        in_round = drawing.in_round
        # They were drawn by turns; in that order the first would tell the others.
        drawing.rng.shuffle(drawing.cards)

        notices = all_left_out(
            [
                left_out(self.samples.name(sample), why)
                for sample, why in drawing.unreadable.items()
                if why
            ]
        )
        if scarce:
            notices.append(short_round(len(drawing.cards), self.size, scarce))

        files = pad_alike([card.shown for card in drawing.cards])
        cards = [replace(card, shown=file) for card, file in zip(drawing.cards, files, strict=True)]
        return Deal(
            cards=tuple(cards),
            notices=tuple(notices),
            waiting=drawing.waiting,
            seen={**self._seen, **in_round},
            unreadable=frozenset(drawing.unreadable),
        )

    def take(self, deal: Deal) -> None:
        """Go on after a round that was dealt."""
        self._waiting = deal.waiting
        self._seen = deal.seen
        self._unreadable = deal.unreadable

    def _draw_cards(self, drawing: Drawing) -> Label | None:
        """Draw the cards of a round; returns the class that ran out, None where none did."""
        for label in self._turns(drawing.rng):
            if not drawing.draw(label):
                # Now one class may have a card more. That one waits for the next round, unless an
                # odd number was asked for; and one card alone is no round.
                cards = len(drawing.cards)
                if cards == 1 or cards % 2 > self.size % 2:
                    drawing.put_back_last()
                return label
        return None

    def _turns(self, rng: random.Random) -> list[Label]:
        """Which class is drawn at each turn: by turns, so that a short round is balanced too.

        Of an odd number, one more is of the class with more pictures.
        """
        enough = self.size // 2 + 1  # where both have that many, chance decides
        classes = rng.sample(CLASSES, 2)
        fewer, more = sorted(classes, key=lambda label: min(len(self._classes[label]), enough))
        return ([fewer, more] * self.size)[-self.size :]

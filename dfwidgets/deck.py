"""Dealing: which pictures make up a round, and what of them may be shown before the guess."""

from __future__ import annotations

import io
import posixpath
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from dfwidgets.faces import Face, find_faces
from dfwidgets.images import ImageError, open_image
from dfwidgets.samples import CLASSES, Label, Sample, Samples

SIDE = 480
"""Width and height of every picture as it is shown, in pixels."""


@dataclass(frozen=True, eq=False)
class Card:
    """A picture in play. Only `shown` may reach the browser before the guess."""

    sample: Sample
    shown: bytes
    """What the browser gets: a JPEG of `SIDE` x `SIDE` pixels, of the same length for every card of the round."""
    window: tuple[int, int, int, int]
    """The square of the upright picture that is shown: (left, top, right, bottom) in its pixels."""

    def open(self) -> np.ndarray:
        """Open the whole picture, uint8 (height, width, 3), for the model to judge.

        Raises:
            ImageError: it was moved, deleted or damaged meanwhile; the text is a sentence for the person.
        """
        return _open(self.sample)


@dataclass(frozen=True, eq=False)
class Deal:
    """A round that is ready to be shown by `Game.begin`."""

    cards: tuple[Card, ...]
    notices: tuple[str, ...]
    piles: Mapping[Label, tuple[Sample, ...]]
    """What is left to be dealt of both classes before any picture comes again."""
    unreadable: frozenset[Sample]
    """Pictures that could not be read, now or before."""


class Deck:
    """The pictures of a folder, dealt in balanced rounds: none comes again before all were seen.

    Args:
        samples: what is dealt from.
        seed: the same seed and pictures give the same rounds.
        size: pictures in a round, half of them real.
    """

    def __init__(self, samples: Samples, seed: int, size: int) -> None:
        self.samples, self.seed, self.size = samples, seed, size
        self._families = _families(samples)
        self._piles: Mapping[Label, tuple[Sample, ...]] = _shuffle(samples, self._families, random.Random(f"{seed}"))
        self._unreadable: frozenset[Sample] = frozenset()

    def deal(self, number: int) -> Deal:
        """Draw round `number` and get its pictures ready; slow. Until `take` the same number draws the same round."""
        rng = random.Random(f"{self.seed} {number}")
        piles = {label: list(pile) for label, pile in self._piles.items()}
        bad = dict.fromkeys(self._unreadable, "")
        odd = self.size % 2
        halves = [self.size // 2, self.size // 2 + odd]
        rng.shuffle(halves)
        # Fakes go first and real ones make way for them, unless every real one there is has to be in the round.
        scarce = len(self.samples.reals) <= halves[0] < len(self.samples.fakes)
        first, second = CLASSES if scarce else CLASSES[::-1]
        cards = self._draw(first, halves[0], piles[first], [], bad, rng)
        count = halves[1] if len(cards) == halves[0] else len(cards) + odd * bool(cards)
        others = self._draw(second, count, piles[second], cards, bad, rng)
        # Where one class ran out, as many of the other; those that are too many come first next time.
        keep = min(len(cards), len(others) + odd * bool(others))
        piles[first][:0] = [card.sample for card in cards[keep:]]
        short = second if len(others) < count else first
        cards = cards[:keep] + others
        rng.shuffle(cards)
        # One length for all, or the smoother class would be the shorter one; decoders stop before the zeros.
        longest = max((len(card.shown) for card in cards), default=0)
        notices = [f"{self.samples.name(sample)} was left out. {why}" for sample, why in bad.items() if why]
        if len(notices) > 3:
            notices[3:] = [f"{len(notices) - 3} more pictures were left out, because they can't be read either."]
        if not cards:
            notices.append("No round can be played: it takes at least one real and one fake picture that can be read.")
        elif len(cards) < self.size:
            few = f"This round has {len(cards)} pictures instead of {self.size}: there are too few {short} ones"
            notices.append(f"{few}. Put more into the folder {short.capitalize()}.")
        return Deal(
            tuple(replace(card, shown=card.shown.ljust(longest, b"\0")) for card in cards),
            tuple(notices),
            {label: tuple(pile) for label, pile in piles.items()},
            frozenset(bad),
        )

    def take(self, deal: Deal) -> None:
        """Go on after a round that was dealt."""
        self._piles, self._unreadable = deal.piles, deal.unreadable

    def _draw(
        self,
        label: Label,
        count: int,
        pile: list[Sample],
        others: list[Card],
        bad: dict[Sample, str],
        rng: random.Random,
    ) -> list[Card]:
        """Take so many cards of a class from its pile, fewer where it has no more; `bad` gets what can't be read."""
        cards: list[Card] = []
        while len(cards) < count:
            shown = {card.sample for card in cards + others}
            families = {self._families[sample] for sample in shown}
            place = next((i for i, sample in enumerate(pile) if self._families[sample] not in families), None)
            if place is None:
                # Rather a picture of an earlier round again than a fake beside the real one it was made from.
                there = {*pile, *bad}
                again = [sample for sample in _of(self.samples, label) if sample not in there]
                rng.shuffle(again)
                pile += again
                fitting = (i for i, sample in enumerate(pile) if self._families[sample] not in families)
                place = next(fitting, next((i for i, sample in enumerate(pile) if sample not in shown), None))
                if place is None:
                    break
            sample = pile.pop(place)
            try:
                cards.append(_card(sample))
            except ImageError as error:
                bad[sample] = str(error)
        return cards


def _of(samples: Samples, label: Label) -> tuple[Sample, ...]:
    return samples.reals if label == "real" else samples.fakes


def _families(samples: Samples) -> dict[Sample, str]:
    """Which pictures show the same photograph: a fake belongs to the real one that it was made from."""
    families: dict[Sample, str] = {}
    known: dict[str, str] = {}
    for real in samples.reals:
        families[real] = name = samples.name(real)
        for called in (name, posixpath.basename(name)):
            known.setdefault(called.casefold(), name)
            known.setdefault(posixpath.splitext(called)[0].casefold(), name)
    for fake in samples.fakes:
        families[fake] = known.get(fake.made_from.casefold(), fake.made_from) or samples.name(fake)
    return families


def _shuffle(samples: Samples, families: Mapping[Sample, str], rng: random.Random) -> dict[Label, tuple[Sample, ...]]:
    """The two piles of the first rounds; a fake lies half a pile away from the real one that it was made from."""
    reals, fakes = (rng.sample(pile, len(pile)) for pile in (samples.reals, samples.fakes))
    half = len(reals) / 2
    places = {families[real]: (i + half) % len(reals) for i, real in enumerate(reals)}
    times: Counter[str] = Counter()
    order = {}
    for fake in fakes:
        family = families[fake]
        order[fake] = times[family], places.get(family, rng.random() * len(reals))
        times[family] += 1
    return {"real": tuple(reals), "fake": tuple(sorted(fakes, key=order.__getitem__))}


def _open(sample: Sample) -> np.ndarray:
    try:
        return open_image(sample.path)
    except FileNotFoundError as error:
        raise ImageError("This picture was moved or deleted meanwhile.") from error
    except OSError as error:
        raise ImageError(f"This picture can't be read: {error.strerror or error}.") from error


def _card(sample: Sample) -> Card:
    image = _open(sample)
    faces = find_faces(image)
    window = _square(image, faces[0] if faces else None)
    picture = Image.fromarray(image).resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=window, reducing_gap=3)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=92, subsampling="4:4:4")
    return Card(sample, buffer.getvalue(), window)


def _square(image: np.ndarray, face: Face | None) -> tuple[int, int, int, int]:
    """The largest square around a face, or in the middle, that lies inside the picture."""
    height, width = image.shape[:2]
    side = min(height, width)
    x, y = ((face.left + face.right) / 2, (face.top + face.bottom) / 2) if face else (width / 2, height / 2)
    left = min(max(round(x - side / 2), 0), width - side)
    top = min(max(round(y - side / 2), 0), height - side)
    return left, top, left + side, top + side

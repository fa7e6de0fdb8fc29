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

from dfwidgets.folders import CLASSES, Label, Sample, Samples
from dfwidgets.pictures import Face, ImageError, find_faces, open_image

SIDE = 480
"""Width and height of every picture as it is shown, in pixels."""


@dataclass(frozen=True, eq=False)
class Card:
    """A picture in play. Only `shown` may reach the browser before the guess."""

    sample: Sample
    shown: bytes
    """What the browser gets: a JPEG of `SIDE` x `SIDE` pixels, of the same length for every card of
    the round."""
    window: tuple[int, int, int, int]
    """The square of the upright picture that is shown: (left, top, right, bottom) in its pixels."""

    def open(self) -> np.ndarray:
        """Open the whole picture, uint8 (height, width, 3), for the model to judge.

        Raises:
            ImageError: it was moved, deleted or damaged meanwhile; the text is a sentence for the
                person.
        """
        return _open(self.sample)


@dataclass(frozen=True, eq=False)
class Deal:
    """A round that is ready to be shown by `Game.begin`."""

    cards: tuple[Card, ...]
    notices: tuple[str, ...]
    waiting: Mapping[str, Sample]
    """Of each family that is still to come in this pass, in this order, the picture that it comes
    as."""
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
    """

    def __init__(self, samples: Samples, seed: int, size: int) -> None:
        self.samples, self.seed, self.size = samples, seed, size
        self._family = _families(samples)
        self._members: dict[str, list[Sample]] = {}
        for sample, family in self._family.items():
            self._members.setdefault(family, []).append(sample)
        self._waiting: Mapping[str, Sample] = {}
        self._seen: Mapping[str, Label] = {}
        self._unreadable: frozenset[Sample] = frozenset()

    def deal(self, number: int) -> Deal:
        """Draw round `number` and get its pictures ready; slow. Until `take` the same number draws
        the same round."""
        rng = random.Random(f"{self.seed} {number}")
        waiting, bad = dict(self._waiting), dict.fromkeys(self._unreadable, "")
        cards: list[Card] = []
        # In turns, so that where one class runs out the round is balanced; an odd one is of the
        # class with more.
        less, more = sorted(
            rng.sample(CLASSES, 2), key=lambda label: min(len(self._of(label)), self.size // 2 + 1)
        )
        for label in ([less, more] * self.size)[-self.size :]:
            card = self._draw(label, cards, waiting, bad, rng)
            if card is None:
                break
            cards.append(card)
        if len(cards) == 1 or len(cards) % 2 > self.size % 2:
            back = cards.pop().sample
            waiting = {self._family[back]: back, **waiting}
        seen = {**self._seen, **self._around(cards)}
        rng.shuffle(cards)
        # One length for all, or the smoother class would be the shorter one; decoders stop before
        # the zeros.
        longest = max((len(card.shown) for card in cards), default=0)
        notices = [
            f"{self.samples.name(sample)} was left out. {why}" for sample, why in bad.items() if why
        ]
        if len(notices) > 3:
            notices[3:] = [
                f"{len(notices) - 3} more pictures were left out, because they can't be read either."
            ]
        if not cards:
            notices.append(
                "No round can be played: it takes at least one real and one fake picture that can be read."
            )
        elif len(cards) < self.size:
            few = f"This round has {len(cards)} pictures instead of {self.size}: there are too few {label} ones"
            notices.append(f"{few}. Put more into the folder {label.capitalize()}.")
        shown = tuple(replace(card, shown=card.shown.ljust(longest, b"\0")) for card in cards)
        return Deal(shown, tuple(notices), waiting, seen, frozenset(bad))

    def take(self, deal: Deal) -> None:
        """Go on after a round that was dealt."""
        self._waiting, self._seen, self._unreadable = deal.waiting, deal.seen, deal.unreadable

    def _of(self, label: Label) -> tuple[Sample, ...]:
        return self.samples.reals if label == "real" else self.samples.fakes

    def _around(self, cards: list[Card]) -> dict[str, Label]:
        return {self._family[card.sample]: card.sample.label for card in cards}

    def _draw(
        self,
        label: Label,
        cards: list[Card],
        waiting: dict[str, Sample],
        bad: dict[Sample, str],
        rng: random.Random,
    ) -> Card | None:
        """Take another card of a class, None where it has no more; `bad` gets what can't be read."""
        while sample := self._next(label, cards, waiting, bad, rng):
            waiting.pop(self._family[sample], None)
            try:
                return _card(sample)
            except ImageError as error:
                bad[sample] = str(error)
            except Exception as error:  # whatever it is, the other pictures can be played with
                bad[sample] = f"It can't be read: {str(error).rstrip('.') or type(error).__name__}."
        return None

    def _next(
        self,
        label: Label,
        cards: list[Card],
        waiting: dict[str, Sample],
        bad: dict[Sample, str],
        rng: random.Random,
    ) -> Sample | None:
        around = self._around(cards)
        for refill in (False, True):
            if refill:
                waiting.update(self._pass(around, waiting, bad, rng))
            for family, sample in waiting.items():
                if sample.label == label and family not in around:
                    return sample
        # The folder is too small for this round: rather a face that waits to come as the other than
        # one twice.
        shown = {card.sample for card in cards}
        rest = [sample for sample in self._of(label) if sample not in shown and sample not in bad]
        rng.shuffle(rest)
        return min(rest, key=lambda sample: self._family[sample] in around, default=None)

    def _pass(
        self,
        around: Mapping[str, Label],
        waiting: Mapping[str, Sample],
        bad: Mapping[Sample, str],
        rng: random.Random,
    ) -> dict[str, Sample]:
        """The families that do not wait, as what they come next: with those that wait, half real
        where that can be."""
        seen = {**self._seen, **around}
        members = {
            family: [sample for sample in all_ if sample not in bad]
            for family, all_ in self._members.items()
            if family not in waiting
        }
        families = [family for family, readable in members.items() if readable]
        rng.shuffle(families)
        labels = {family: members[family][0].label for family in families}
        either = [
            family for family in families if len({sample.label for sample in members[family]}) == 2
        ]
        fixed = Counter(sample.label for sample in waiting.values())
        fixed.update(labels[family] for family in labels.keys() - set(either))
        fakes = max((len(either) + fixed["real"] - fixed["fake"] + rng.randrange(2)) // 2, 0)
        fakes = min(fakes, len(either))
        # Some photographs have no fake and come as real always. So that a face seen as real is as
        # often fake next as one seen as fake is, half of all seen as real become fake, or as many
        # as can.
        was_real = [family for family in either if seen.get(family) == "real"]
        others = [family for family in either if seen.get(family) != "real"]
        turned = (sum(seen.get(family) == "real" for family in families) + rng.randrange(2)) // 2
        turned = max(min(turned, fakes, len(was_real)), fakes - len(others))
        become = {*was_real[:turned], *others[: fakes - turned]}
        labels.update((family, "fake" if family in become else "real") for family in either)
        # What was not seen yet comes first, and what is in this round last.
        rng.shuffle(families)
        families.sort(key=lambda family: (family in seen) + (family in around))
        return {
            family: rng.choice(
                [sample for sample in members[family] if sample.label == labels[family]]
            )
            for family in families
        }


def _families(samples: Samples) -> dict[Sample, str]:
    """Which pictures show the same photograph: a fake belongs to the real one that it was made
    from."""
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
    picture = Image.fromarray(image).resize(
        (SIDE, SIDE), Image.Resampling.LANCZOS, box=window, reducing_gap=3
    )
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=92, subsampling="4:4:4")
    return Card(sample, buffer.getvalue(), window)


def _square(image: np.ndarray, face: Face | None) -> tuple[int, int, int, int]:
    """The largest square around a face, or in the middle, that lies inside the picture."""
    height, width = image.shape[:2]
    side = min(height, width)
    x, y = (
        ((face.left + face.right) / 2, (face.top + face.bottom) / 2)
        if face
        else (width / 2, height / 2)
    )
    left = min(max(round(x - side / 2), 0), width - side)
    top = min(max(round(y - side / 2), 0), height - side)
    return left, top, left + side, top + side

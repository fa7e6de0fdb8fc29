"""What the edges of "can't tell" would do to the test pictures: how many are called wrongly on
either side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dfwidgets.measure.measures import rate_interval
from dfwidgets.measure.predictions import Predictions


@dataclass(frozen=True)
class Count:
    """So many of so many test faces; as a person reads it: out of 100, with the 95 % interval
    (Wilson)."""

    count: int
    of: int

    @property
    def of_100(self) -> str:
        """ "about 4 (2 to 9)"; "not tested" where there was nothing to count."""
        if not self.of:
            return "not tested"
        low, high = rate_interval(self.count, self.of)
        rounded = round(100 * self.count / self.of)
        about = {0: "fewer than 1", 100: "more than 99"}.get(rounded, f"about {rounded}")
        about = {0: "none", self.of: "all"}.get(self.count, about)
        return f"{about} ({100 * low:.0f} to {100 * high:.0f})"


@dataclass(frozen=True)
class Consequence:
    """What two edges do to the test faces of one set.

    Attributes:
        set: which test set.
        reals_called_fake: real faces at or above the upper edge.
        fakes_called_real: fake faces at or below the lower edge.
        fakes_left_open: fake faces between the edges.
        reals_left_open: real faces between the edges.
    """

    set: str
    reals_called_fake: Count
    fakes_called_real: Count
    fakes_left_open: Count
    reals_left_open: Count


HEADS = (
    "Test pictures",
    "Real, called fake",
    "Real, can't tell",
    "Fake, called real",
    "Fake, can't tell",
)


def counted(card: Predictions, band: tuple[float, float]) -> list[tuple[str, ...]]:
    """What people read of `consequences`: a row for each set, its cells as `HEADS` names them."""
    return [
        (
            card.about.get(one.set, one.set),
            one.reals_called_fake.of_100,
            one.reals_left_open.of_100,
            one.fakes_called_real.of_100,
            one.fakes_left_open.of_100,
        )
        for one in consequences(card, band)
    ]


def consequences(card: Predictions, band: tuple[float, float]) -> Iterator[Consequence]:
    """Count, set by set, what two edges of "can't tell" would do to the untouched test pictures.

    Args:
        card: what `load_scorecard` gives.
        band: the two edges, probabilities of fake; they belong to the verdicts on their far sides.
    """
    low, high = band
    card = card.degraded()
    fake, real = card.p_fake >= high, (card.p_fake <= low) & (card.p_fake < high)
    for name in sorted(set(card.sets.tolist())):
        here = card.sets == name
        reals, fakes = here & ~card.labels, here & card.labels
        yield Consequence(
            name,
            Count(int((fake & reals).sum()), int(reals.sum())),
            Count(int((real & fakes).sum()), int(fakes.sum())),
            Count(int((~fake & ~real & fakes).sum()), int(fakes.sum())),
            Count(int((~fake & ~real & reals).sum()), int(reals.sum())),
        )

"""What the edges of "can't tell" would cost: how many test pictures are called wrongly at them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dfwidgets.measure.predictions import Predictions
from dfwidgets.measure.rates import rate_interval


@dataclass(frozen=True)
class Count:
    """So many of so many test faces, read out of 100 with the 95 % interval (Wilson)."""

    count: int
    total: int

    @property
    def of_100(self) -> str:
        """ "about 4 (2 to 9)"; "not tested" where there was nothing to count."""
        if not self.total:
            return "not tested"
        low, high = rate_interval(self.count, self.total)
        rounded = round(100 * self.count / self.total)
        about = {0: "fewer than 1", 100: "more than 99"}.get(rounded, f"about {rounded}")
        # "about 0" and "about 100" are said only where it is really none or all.
        about = {0: "none", self.total: "all"}.get(self.count, about)
        return f"{about} ({100 * low:.0f} to {100 * high:.0f})"


@dataclass(frozen=True)
class EdgeCosts:
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


EDGE_COST_HEADS = (
    "Test pictures",
    "Real, called fake",
    "Real, can't tell",
    "Fake, called real",
    "Fake, can't tell",
)


def edge_cost_rows(scorecard: Predictions, band: tuple[float, float]) -> list[tuple[str, ...]]:
    """What people read of `edge_costs`: a row for each set, its cells as `EDGE_COST_HEADS` says."""
    return [
        (
            scorecard.about.get(costs.set, costs.set),
            costs.reals_called_fake.of_100,
            costs.reals_left_open.of_100,
            costs.fakes_called_real.of_100,
            costs.fakes_left_open.of_100,
        )
        for costs in edge_costs(scorecard, band)
    ]


def edge_costs(scorecard: Predictions, band: tuple[float, float]) -> Iterator[EdgeCosts]:
    """Count, set by set, what two edges of "can't tell" would do to the untouched test pictures.

    Args:
        scorecard: what `load_scorecard` gives.
        band: the two edges, probabilities of fake; they belong to the verdicts on their far sides.
    """
    low, high = band
    untouched = scorecard.degraded()
    called_fake = untouched.p_fake >= high
    # With both edges on one place a score there is called fake, as `Prediction.verdict` does.
    called_real = (untouched.p_fake <= low) & ~called_fake
    left_open = ~called_fake & ~called_real

    for name in sorted(set(untouched.sets.tolist())):
        # No reals are borrowed here: each set is counted as it is.
        here = untouched.sets == name
        reals = here & ~untouched.labels
        fakes = here & untouched.labels
        total_reals = int(reals.sum())
        total_fakes = int(fakes.sum())
        yield EdgeCosts(
            set=name,
            reals_called_fake=Count(int((called_fake & reals).sum()), total_reals),
            fakes_called_real=Count(int((called_real & fakes).sum()), total_fakes),
            fakes_left_open=Count(int((left_open & fakes).sum()), total_fakes),
            reals_left_open=Count(int((left_open & reals).sum()), total_reals),
        )

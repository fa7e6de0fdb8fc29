"""How far a list of pictures is, and what came of it, in words."""

from __future__ import annotations

import time
from collections.abc import Sequence

from dfwidgets.measure import Row, time_left

LEFT_OUT = (
    "Of {found} pictures {taken} were taken: a list holds {limit}. "
    "In a terminal, “dfwidgets score FOLDER --csv OUT” takes any number."
)


class Progress:
    """Counts what is done of what was taken, and how long it took."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Nothing is done, and nothing was taken yet."""
        self._done = 0
        self._total = 0
        self._started = time.monotonic()

    def take(self, count: int) -> None:
        """So many more are to be done."""
        self._total += count

    def step(self) -> None:
        """One more is done."""
        self._done += 1

    @property
    def left(self) -> int:
        """How many are not done yet."""
        return self._total - self._done

    @property
    def fraction(self) -> float:
        """How much is done, 0 to 1."""
        return self._done / max(1, self._total)  # of nothing, nothing is done

    @property
    def words(self) -> str:
        """How many are done, and how long the rest will take if it goes on like this."""
        # Before the first is done nobody knows how long one takes.
        if not self._done:
            return f"{self._total} pictures, getting ready..."
        each = (time.monotonic() - self._started) / self._done
        return f"{self._done} of {self._total} done, {time_left(each * self.left)}"


def summary(rows: Sequence[Row]) -> str:
    """How many pictures of a list have a verdict; nothing for an empty one."""
    if not rows:
        return ""
    bad = sum(bool(row.error) for row in rows)
    return f"{len(rows) - bad} with a verdict, {bad} without."

"""Runs that wait in line: one picture at a time goes to the worker, so that other panels' questions
come in between."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from functools import partial

from dfwidgets import background
from dfwidgets.measure import Row


class Line:
    """Takes the next row of the first run, until none is left.

    Args:
        on_row: called with each row.
        on_error: called with what a run raised; the line is empty by then.
        on_turn: called after each answer.
    """

    def __init__(
        self,
        on_row: Callable[[Row], None],
        on_error: Callable[[Exception], None],
        on_turn: Callable[[], None],
    ) -> None:
        self._on_row, self._on_error, self._on_turn = on_row, on_error, on_turn
        self._runs: deque[Generator[Row, None, None]] = deque()
        self._asked = self._turning = False

    def __len__(self) -> int:
        return len(self._runs)

    def add(self, run: Generator[Row, None, None]) -> None:
        """Have a run done after those that wait."""
        self._runs.append(run)
        self._go_on()

    def stop(self) -> None:
        """Forget all runs; an answer that is on its way is dropped."""
        for run in self._runs:
            background.submit(
                run.close, lambda *_: None
            )  # on the worker, where it may be running now
        self._runs.clear()

    def _go_on(self) -> None:
        if self._turning:  # where no loop runs the answers come from within
            return
        self._turning = True
        try:
            while self._runs and not self._asked:
                self._asked = True
                background.submit(
                    partial(next, self._runs[0], None), partial(self._answered, self._runs[0])
                )
        finally:
            self._turning = False

    def _answered(
        self, run: Generator[Row, None, None], row: Row | None, error: Exception | None
    ) -> None:
        self._asked = False
        if self._runs and self._runs[0] is run:  # else all was stopped meanwhile
            if error is not None:
                self.stop()
                self._on_error(error)
            elif row is None:
                self._runs.popleft()
            else:
                self._on_row(row)
        self._on_turn()
        self._go_on()

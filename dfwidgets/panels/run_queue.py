"""Runs that wait in line for the one worker."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from functools import partial

from dfwidgets import background
from dfwidgets.background import Latest
from dfwidgets.measure import Row

Run = Generator[Row, None, None]


class RunQueue:
    """Takes the next row of the first run, until none is left.

    One row at a time goes to the worker, so that other panels' questions come in between.

    Args:
        on_row: called with each row.
        on_error: called with what a run raised; the queue is empty by then.
        on_turn: called after each answer.
    """

    def __init__(
        self,
        on_row: Callable[[Row], None],
        on_error: Callable[[Exception], None],
        on_turn: Callable[[], None],
    ) -> None:
        self._on_row = on_row
        self._on_error = on_error
        self._on_turn = on_turn
        self._runs: deque[Run] = deque()
        self._row = Latest()
        self._going_on = False

    def __len__(self) -> int:
        return len(self._runs)

    def add(self, run: Run) -> None:
        """Have a run done after those that wait."""
        self._runs.append(run)
        self._go_on()

    def stop(self) -> None:
        """Forget all runs; an answer that is on its way is dropped."""
        self._row.forget()
        for run in self._runs:
            # On the worker, where it may be running now.
            background.submit(run.close, lambda *_: None)
        self._runs.clear()

    def _go_on(self) -> None:
        # Where no loop runs the answers come from within: then the loop below goes on with them.
        if self._going_on:
            return
        self._going_on = True
        try:
            while self._runs and not self._row.pending:
                self._row.ask(partial(next, self._runs[0], None), self._on_answer, self._on_failure)
        finally:
            self._going_on = False

    def _on_answer(self, row: Row | None) -> None:
        if row is None:
            self._runs.popleft()  # its last row came before
        else:
            self._on_row(row)
        self._on_turn()
        self._go_on()

    def _on_failure(self, error: Exception) -> None:
        self.stop()
        self._on_error(error)
        self._on_turn()
        self._go_on()

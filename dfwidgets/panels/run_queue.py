"""Runs that wait in line for a worker."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Executor
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
        self._runs: deque[tuple[Run, Executor]] = deque()
        self._row = Latest()
        self._going_on = False

    def __len__(self) -> int:
        return len(self._runs)

    def add(self, run: Run, worker: Executor) -> None:
        """Have a run done by a worker, after those that wait."""
        self._runs.append((run, worker))
        self._go_on()

    def stop(self) -> None:
        """Forget all runs; an answer that is on its way is dropped."""
        self._row.forget()
        for run, worker in self._runs:
            # On its worker, where it may be running now.
            background.submit(run.close, lambda *_: None, worker)
        self._runs.clear()

    def _go_on(self) -> None:
        # Where no loop runs the answers come from within: then the loop below goes on with them.
        if self._going_on:
            return
        self._going_on = True
        try:
            while self._runs and not self._row.pending:
                run, worker = self._runs[0]
                self._row.ask(
                    partial(next, run, None), self._on_answer, self._on_failure, worker=worker
                )
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

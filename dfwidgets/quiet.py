"""Keep what libraries write on their own out of the notebook."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_LOCK = threading.RLock()  # two at once would restore each other's nowhere
_FILTERS = threading.RLock()  # the list of filters for warnings is one for all threads


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Send the process's stderr nowhere for a while: C++ writes to it past Python, and a notebook
    would show it."""
    with _LOCK:
        kept = os.dup(2)
        try:
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


class _QuietWarnings:
    """Switches warnings off for as long as anybody is inside.

    `warnings.catch_warnings` alone would leave them off for good where two threads leave in the order they came.
    """

    def __init__(self) -> None:
        self._inside = 0
        self._filters = warnings.catch_warnings()

    def __enter__(self) -> None:
        with _FILTERS:
            if not self._inside:
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.simplefilter("ignore")
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        with _FILTERS:
            self._inside -= 1
            if not self._inside:
                self._filters.__exit__(None, None, None)


QUIET_WARNINGS = _QuietWarnings()
"""`with QUIET_WARNINGS:` on any thread."""


@contextmanager
def recorded_warnings() -> Iterator[list[warnings.WarningMessage]]:
    """Collect the warnings of a short piece of work; on other threads nobody switches them on or
    off meanwhile."""
    with _FILTERS, warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        yield said

"""Keep what libraries write on their own out of the notebook.

Both ways of writing, stderr and warnings, belong to the whole process and not to a thread. So each
switch here says what happens when two threads use it at the same time.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_STDERR_LOCK = threading.RLock()
_FILTERS_LOCK = threading.RLock()


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Send the process's stderr nowhere for a while, on one thread at a time.

    C++ writes to it past Python, and a notebook would show that.
    """
    # The second of two threads would take the first one's nowhere for the real stderr, and put that
    # back at its end: so it waits.
    with _STDERR_LOCK:
        kept = os.dup(2)
        try:
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


class _QuietWarnings:
    """Switches warnings off for as long as any thread is inside, however many are.

    Pictures are opened on several threads at once, so none waits for another. The first one in
    switches warnings off, and the last one out puts the filters back. With `catch_warnings` alone
    each would put back what it found: the second one in finds them off, and where it leaves last
    they stay off for good.
    """

    def __init__(self) -> None:
        self._inside = 0
        self._filters = warnings.catch_warnings()

    def __enter__(self) -> None:
        with _FILTERS_LOCK:
            if self._inside == 0:
                # A new one each time: one alone can be entered only once.
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.simplefilter("ignore")
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        with _FILTERS_LOCK:
            self._inside -= 1
            if self._inside == 0:
                self._filters.__exit__(None, None, None)


QUIET_WARNINGS = _QuietWarnings()
"""`with QUIET_WARNINGS:` on any thread."""


@contextmanager
def recorded_warnings() -> Iterator[list[warnings.WarningMessage]]:
    """Collect the warnings of a short piece of work.

    Meanwhile no other thread can switch warnings on or off: it waits.
    """
    with _FILTERS_LOCK, warnings.catch_warnings(record=True) as recorded:
        warnings.simplefilter("always")
        yield recorded

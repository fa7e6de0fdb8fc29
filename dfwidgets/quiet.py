"""Keep what libraries write on their own out of the notebook.

Both ways of writing, stderr and warnings, belong to the whole process and not to a thread. So each
switch here says what happens when two threads use it at the same time.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

_STDERR_LOCK = threading.Lock()
_FILTERS_LOCK = threading.RLock()


class _Shared:
    """Switches something of the whole process off for as long as any thread is inside.

    None waits for another: one of them may be importing TensorFlow, which takes long. The first one
    in switches it off, and the last one out puts back what was there. Were each to put back what
    it found, the second one in would find it off, and where it leaves last it would stay off.
    """

    def __init__(self, switch: Callable[[], AbstractContextManager[None]], lock: Any) -> None:
        self._switch = switch
        self._lock = lock
        self._inside = 0
        self._off = switch()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                # A new one each time: one alone can be entered only once.
                self._off = self._switch()
                self._off.__enter__()
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._off.__exit__(None, None, None)


@contextmanager
def _stderr_goes_nowhere() -> Iterator[None]:
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def _warnings_off() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


QUIET_STDERR = _Shared(_stderr_goes_nowhere, _STDERR_LOCK)
"""`with QUIET_STDERR:` on any thread: C++ writes to stderr past Python, and a notebook would show
that."""

QUIET_WARNINGS = _Shared(_warnings_off, _FILTERS_LOCK)
"""`with QUIET_WARNINGS:` on any thread."""


@contextmanager
def recorded_warnings() -> Iterator[list[warnings.WarningMessage]]:
    """Collect the warnings of a short piece of work.

    Meanwhile no other thread can switch warnings on or off: it waits.
    """
    with _FILTERS_LOCK, warnings.catch_warnings(record=True) as recorded:
        warnings.simplefilter("always")
        yield recorded

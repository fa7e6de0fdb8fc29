"""One worker for slow work; its answers come back on the kernel's loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

# One, because two inferences fight for the same cores, and answers have to come in order. (A folder
# of pictures is judged on threads of its own, see many.py, while this one waits for them.)
_WORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dfwidgets")


def submit(work: Callable[[], T], done: Callable[[T | None, Exception | None], None]) -> None:
    """Run `work` on the worker, then `done(answer, error)` where widgets may be touched.

    Where no event loop runs (a script, a test), both run at once, so that nobody has to wait.
    """
    to_loop = on_loop()
    if to_loop is _run_now:
        done(*_outcome(work))
        return

    def run() -> None:
        answer, error = _outcome(work)
        to_loop(lambda: done(answer, error))

    _WORKER.submit(run)


def on_loop() -> Callable[[Callable[[], None]], None]:
    """A function with which the worker has a call made on the loop that runs here and now."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return _run_now

    def later(call: Callable[[], None]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(call)

    return later


def in_turn(call: Callable[..., None]) -> Callable[..., None]:
    """Have a handler called on the loop that runs here and now, whoever calls it.

    JupyterLab lets the clicks on one panel be answered on several threads at once, where the second
    would find the first half done.
    """
    to_loop, thread = on_loop(), threading.get_ident()

    def later(*args: Any) -> None:
        if threading.get_ident() == thread:
            call(*args)
        else:
            to_loop(lambda: call(*args))

    return later


def _run_now(call: Callable[[], None]) -> None:
    """Make the call at once: there is no loop to wait for."""
    call()


def _outcome(work: Callable[[], T]) -> tuple[T | None, Exception | None]:
    try:
        return work(), None
    except Exception as error:
        return None, error

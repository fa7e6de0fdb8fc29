"""One worker for slow work; its answers come back on the loop, and stale ones not at all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

T = TypeVar("T")
P = TypeVar("P")

# One, because two inferences fight for the same cores, and answers have to come in order. (A folder
# of pictures is judged on threads of its own, see measure/batch.py, while this one waits for them.)
_WORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dfwidgets")


class Cancelled(Exception):
    """Raised inside a long computation when the person no longer wants its answer."""


class Latest:
    """Asks one question after the other; only the answer to the last of them ever arrives.

    Use one for each thing that can be waited for, on the thread where widgets may be touched.
    """

    def __init__(self) -> None:
        self._question: object | None = None

    @property
    def pending(self) -> bool:
        """Whether an answer is waited for."""
        return self._question is not None

    def ask(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        ended: Callable[[], None] = lambda: None,
        claimed: object | None = None,
    ) -> None:
        """Run `work` on the worker, then `done(answer)`, or `failed(error)` with what it raised.

        Neither is called once another question was asked, or `forget` was called, meanwhile;
        `ended` is called last, also where nobody waits any more. `claimed` is what `claim` gave.
        """
        question = claimed or self.claim()

        def answered(answer: T | None, error: Exception | None) -> None:
            try:
                if self._question is not question:
                    return
                self._question = None
                if error is not None:
                    failed(error)
                else:
                    done(cast(T, answer))
            finally:
                ended()

        submit(work, answered)

    def ask_slowly(
        self,
        work: Callable[[Callable[[P], None]], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        progress: Callable[[P], None],
        ended: Callable[[], None] = lambda: None,
        claimed: object | None = None,
    ) -> None:
        """Ask what can say how far it is: `work` gets a function to call with that now and then.

        What it is called with goes on to `progress`, where widgets may be touched. Once nobody
        waits for the answer it raises `Cancelled`, so that the work ends early.
        """
        question = claimed or self.claim()
        to_loop = on_loop()

        def show(how_far: P) -> None:
            if self._question is question:
                progress(how_far)

        def tell(how_far: P) -> None:
            if self._question is not question:
                raise Cancelled
            to_loop(lambda: show(how_far))

        self.ask(lambda: work(tell), done, failed, ended, question)

    def claim(self) -> object:
        """Begin a question before it is asked: what is asked or forgotten from now on is later."""
        self._question = object()
        return self._question

    def forget(self) -> None:
        """Stop waiting: an answer that is on its way is dropped."""
        self._question = None


def submit(work: Callable[[], T], done: Callable[[T | None, Exception | None], None]) -> None:
    """Run `work` on the worker, then `done(answer, error)` where widgets may be touched.

    Where no event loop runs (a script, a test), both run at once, so that nobody has to wait.
    """
    to_loop = on_loop()
    if to_loop is _run_now:
        done(*_outcome(work))
        return

    def run() -> None:
        try:
            answer, error = _outcome(work)
        except BaseException as stopped:
            # `sys.exit()` in a detector ends this answer and nothing else.
            answer, error = None, RuntimeError(f"{type(stopped).__name__}: {stopped}")
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
    to_loop = on_loop()
    thread = threading.get_ident()

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

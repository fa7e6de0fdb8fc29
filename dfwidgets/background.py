"""Workers for slow work; its answers come back on the loop, and stale ones not at all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, TypeVar, cast

T = TypeVar("T")
P = TypeVar("P")

ANSWERS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dfwidgets")
"""Opens pictures and asks detectors. One thread, because two inferences fight for the same cores,
and answers have to come in order; nothing on it may keep the next picture waiting."""

TENSORFLOW = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dfwidgets-tensorflow")
"""Asks what TensorFlow answers: loading it takes seconds, and neither that nor one of its steps can
be called off."""

BESIDE = ThreadPoolExecutor(max_workers=1, thread_name_prefix="dfwidgets-beside")
"""Whatever asks no detector, or has networks of its own: dealing, reading, drawing, many
pictures."""


class Cancelled(Exception):
    """Raised inside a long computation when the person no longer wants its answer."""


class Latest:
    """Asks one question after the other; only the answer to the last of them ever arrives.

    Use one for each thing that can be waited for, on the thread where widgets may be touched.
    """

    def __init__(self) -> None:
        self._question: _Question | None = None

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
        claimed: _Question | None = None,
        worker: Executor = ANSWERS,
    ) -> None:
        """Run `work` on a worker, then `done(answer)`, or `failed(error)` with what it raised.

        Neither is called once another question was asked, or `forget` was called, meanwhile;
        `ended` is called last, and as soon as nobody waits any more, even where the work goes on.
        `claimed` is what `claim` gave.
        """
        question = claimed or self.claim()
        question.begin(ended)
        if self._question is not question:
            question.drop()  # called off between claim and here
            return

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
                question.end()

        def begin() -> T:
            if self._question is not question:
                raise Cancelled  # called off before its turn came
            return work()

        submit(begin, answered, worker)

    def ask_slowly(
        self,
        work: Callable[[Callable[[P], None]], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        progress: Callable[[P], None],
        ended: Callable[[], None] = lambda: None,
        claimed: _Question | None = None,
        worker: Executor = ANSWERS,
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

        self.ask(lambda: work(tell), done, failed, ended, question, worker)

    def claim(self) -> _Question:
        """Begin a question before it is asked: what is asked or forgotten from now on is later."""
        self.forget()
        self._question = _Question()
        return self._question

    def forget(self) -> None:
        """Stop waiting: an answer that is on its way is dropped."""
        dropped = self._question
        self._question = None
        if dropped is not None:
            dropped.drop()


class _Question:
    """One thing that was asked; whoever counts it is told of its end, once."""

    def __init__(self) -> None:
        self._ended: Callable[[], None] = lambda: None
        self._to_loop: Callable[[Callable[[], None]], None] = _run_now

    def begin(self, ended: Callable[[], None]) -> None:
        """It is asked, here and now."""
        self._ended = ended
        self._to_loop = on_loop()

    def end(self) -> None:
        """It is answered, or nobody waits for it."""
        ended = self._ended
        self._ended = lambda: None
        ended()

    def drop(self) -> None:
        """Nobody waits for it; whoever called it off goes on first."""
        self._to_loop(self.end)


def submit(
    work: Callable[[], T],
    done: Callable[[T | None, Exception | None], None],
    worker: Executor = ANSWERS,
) -> None:
    """Run `work` on a worker, then `done(answer, error)` where widgets may be touched.

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

    worker.submit(run)


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

"""Slow work on one worker: its answers come back on the loop, and stale ones not at all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from dfwidgets.background import BESIDE, TENSORFLOW, Cancelled, Latest, in_turn


class Heard:
    """Keeps what arrives, and on which thread."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.errors: list[Exception] = []
        self.threads: set[int] = set()

    def done(self, answer: Any) -> None:
        self.answers.append(answer)
        self.threads.add(threading.get_ident())

    def failed(self, error: Exception) -> None:
        self.errors.append(error)
        self.threads.add(threading.get_ident())


@pytest.fixture
def heard() -> Heard:
    return Heard()


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


async def worker_is_idle() -> None:
    """Wait until all that was asked for before has come back: there is one worker."""
    last = Heard()
    Latest().ask(lambda: "last", last.done, last.failed)
    await until(lambda: last.answers)


def no_answer() -> None:
    raise ValueError("no idea")


def test_without_a_loop_the_answer_is_there_at_once(heard):
    latest = Latest()
    latest.ask(lambda: 1, heard.done, heard.failed)
    latest.ask(no_answer, heard.done, heard.failed)
    assert heard.answers == [1]
    assert [str(error) for error in heard.errors] == ["no idea"]
    assert not latest.pending


def test_the_answer_comes_on_the_thread_of_the_loop_and_ends_the_waiting(heard):
    async def story():
        latest = Latest()
        latest.ask(threading.get_ident, heard.done, heard.failed)
        assert latest.pending
        await until(lambda: heard.answers)
        assert not latest.pending

    asyncio.run(story())
    assert heard.threads == {threading.get_ident()}
    assert heard.answers != [threading.get_ident()], "the work itself is done elsewhere"


def test_an_answer_that_is_none_is_an_answer(heard):
    Latest().ask(lambda: None, heard.done, heard.failed)
    assert heard.answers == [None]


def test_an_older_answer_never_arrives(heard):
    async def story():
        latest = Latest()
        latest.ask(lambda: "older", heard.done, heard.failed)
        latest.ask(lambda: "newer", heard.done, heard.failed)
        await until(lambda: not latest.pending)

    asyncio.run(story())
    assert heard.answers == ["newer"]


def test_what_an_older_question_raised_never_arrives(heard):
    async def story():
        latest = Latest()
        latest.ask(no_answer, heard.done, heard.failed)
        latest.ask(lambda: "newer", heard.done, heard.failed)
        await until(lambda: not latest.pending)

    asyncio.run(story())
    assert (heard.answers, heard.errors) == (["newer"], [])


def test_what_is_forgotten_never_arrives_and_is_not_waited_for(heard):
    async def story():
        latest = Latest()
        latest.ask(lambda: 1, heard.done, heard.failed)
        latest.forget()
        assert not latest.pending
        await worker_is_idle()

    asyncio.run(story())
    assert heard.answers == []


@pytest.mark.parametrize("what", ["answered", "failed", "forgotten", "done fails"])
def test_the_end_of_a_question_is_told_whatever_became_of_it(heard, what):
    """Whoever counts questions counts each of them down again."""
    ends: list[str] = []

    def done(answer: Any) -> None:
        if what == "done fails":
            raise RuntimeError("a widget is closed")
        heard.done(answer)

    async def story():
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        latest = Latest()
        work = no_answer if what == "failed" else lambda: 1
        latest.ask(work, done, heard.failed, lambda: ends.append("ended"))
        if what == "forgotten":
            latest.forget()
        assert ends == []
        await worker_is_idle()

    asyncio.run(story())
    assert ends == ["ended"]


def test_whoever_no_longer_waits_is_told_so_at_once_though_the_work_goes_on(heard):
    begun = threading.Event()
    go = threading.Event()
    ends: list[str] = []

    def slow():
        begun.set()
        go.wait(20)

    async def story():
        latest = Latest()
        latest.ask(slow, heard.done, heard.failed, lambda: ends.append("ended"))
        await until(begun.is_set)
        latest.forget()
        assert ends == [], "whoever called it off goes on first"
        await until(lambda: ends)
        assert not go.is_set()
        go.set()
        await worker_is_idle()

    asyncio.run(story())
    assert (ends, heard.answers) == (["ended"], [])


def test_what_is_called_off_before_its_turn_is_not_begun(heard):
    go = threading.Event()
    begun: list[str] = []

    async def story():
        Latest().ask(lambda: go.wait(20), lambda _: None, heard.failed)  # keeps the worker
        latest = Latest()
        latest.ask(lambda: begun.append("older"), heard.done, heard.failed)
        latest.ask(lambda: begun.append("newer"), heard.done, heard.failed)
        claimed = latest.claim()
        latest.forget()
        latest.ask(lambda: begun.append("late"), heard.done, heard.failed, claimed=claimed)
        latest.ask(lambda: begun.append("last"), heard.done, heard.failed)
        go.set()
        await worker_is_idle()

    asyncio.run(story())
    assert begun == ["last"]


@pytest.mark.parametrize("worker", [TENSORFLOW, BESIDE], ids=["TensorFlow", "beside"])
def test_nobody_waits_for_what_another_worker_does(heard, worker):
    go = threading.Event()

    async def story():
        Latest().ask(lambda: go.wait(20), heard.done, heard.failed, worker=worker)
        await worker_is_idle()
        assert heard.answers == []
        go.set()
        await until(lambda: heard.answers == [True])

    asyncio.run(story())


def test_two_of_them_do_not_disturb_each_other(heard):
    async def story():
        first = Latest()
        second = Latest()
        first.ask(lambda: "first", heard.done, heard.failed)
        second.ask(lambda: "second", heard.done, heard.failed)
        second.forget()
        await worker_is_idle()

    asyncio.run(story())
    assert heard.answers == ["first"]


def test_an_answer_may_ask_the_next_question(heard):
    latest = Latest()

    def again(answer: int) -> None:
        heard.done(answer)
        assert not latest.pending
        if answer < 3:
            latest.ask(lambda: answer + 1, again, heard.failed)

    latest.ask(lambda: 1, again, heard.failed)
    assert heard.answers == [1, 2, 3]


@pytest.mark.parametrize("another", [False, True], ids=["forgotten", "asked anew"])
def test_slow_work_that_nobody_waits_for_ends_at_its_next_word(heard, another):
    begun = threading.Event()
    go = threading.Event()
    ended: list[type] = []

    def slow(progress):
        try:
            progress("half")
            begun.set()
            go.wait(20)
            progress("all")
        except Cancelled:
            ended.append(Cancelled)
            raise
        return "slow"

    async def story():
        latest = Latest()
        words: list[str] = []
        latest.ask_slowly(slow, heard.done, heard.failed, words.append)
        await until(begun.is_set)
        await until(lambda: words == ["half"])
        if another:
            latest.ask(lambda: "newer", heard.done, heard.failed)
        else:
            latest.forget()
        go.set()
        await worker_is_idle()
        assert words == ["half"]

    asyncio.run(story())
    assert ended == [Cancelled]
    assert (heard.answers, heard.errors) == (["newer"] if another else [], [])


def test_a_word_on_its_way_is_dropped_with_the_question_it_belongs_to(heard):
    told = threading.Event()

    def work(progress):
        progress("half")
        told.set()
        return "answer"

    async def story():
        latest = Latest()
        words: list[str] = []
        latest.ask_slowly(work, heard.done, heard.failed, words.append)
        told.wait(20)  # the loop stands still, so the word can't have arrived
        latest.forget()
        await worker_is_idle()
        assert words == []

    asyncio.run(story())
    assert heard.answers == []


def test_a_handler_is_called_on_the_loop_whoever_calls_it(heard):
    async def story():
        handler = in_turn(heard.done)
        handler("here")
        assert heard.answers == ["here"], "on its own thread it is called at once"
        elsewhere = threading.Thread(target=handler, args=("elsewhere",))
        elsewhere.start()
        elsewhere.join()
        assert heard.answers == ["here"], "it waits for its turn"
        await until(lambda: len(heard.answers) == 2)

    asyncio.run(story())
    assert heard.threads == {threading.get_ident()}

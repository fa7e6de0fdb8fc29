import os
import sys
import threading
import warnings

from dfwidgets.quiet import QUIET_WARNINGS, quiet_stderr, recorded_warnings

WHILE = 0.2
"""Seconds in which another thread would have gone on, did nothing hold it; only ever too long."""


def test_native_noise_is_swallowed_and_what_comes_after_is_not(capfd):
    with quiet_stderr():
        os.write(2, b"native noise")
    os.write(2, b"a word that matters")
    assert capfd.readouterr().err == "a word that matters"


def test_two_threads_leave_stderr_as_it_was(capfd):
    def noisy():
        for _ in range(50):
            with quiet_stderr():
                os.write(2, b"noise")

    threads = [threading.Thread(target=noisy) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"still here")
    assert capfd.readouterr().err == "still here"


def test_a_thread_waits_to_silence_stderr_until_the_other_is_done(capfd):
    first_in, second_in, first_out = (threading.Event() for _ in range(3))

    def first():
        with quiet_stderr():
            first_in.set()
            second_in.wait(WHILE)  # in vain: it waits for this one's end
        first_out.set()

    def second():
        first_in.wait(5)
        with quiet_stderr():
            second_in.set()
            first_out.wait(5)  # were both in, they would leave in the order they came

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"still here")
    assert capfd.readouterr().err == "still here"


def test_warnings_stay_off_until_the_last_of_two_threads_is_out_and_come_back_then():
    before = list(warnings.filters)
    first_in, go_on = threading.Event(), threading.Event()

    def first():
        with QUIET_WARNINGS:
            first_in.set()
            go_on.wait(5)

    thread = threading.Thread(target=first)
    thread.start()
    assert first_in.wait(5)
    with QUIET_WARNINGS:
        go_on.set()
        thread.join(5)
        warnings.warn("heard by nobody", UserWarning, stacklevel=1)
    assert warnings.filters == before


def test_threads_that_go_in_and_out_at_once_leave_the_filters_as_they_were():
    before = list(warnings.filters)

    def in_and_out():
        for _ in range(500):
            with QUIET_WARNINGS:
                warnings.warn("heard by nobody", UserWarning, stacklevel=1)

    threads = [threading.Thread(target=in_and_out) for _ in range(4)]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # as many changes from thread to thread as there can be
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(usual)
    assert warnings.filters == before


def test_recording_warnings_beside_a_quiet_thread_hears_them_and_leaves_the_filters_as_they_were():
    before = list(warnings.filters)
    inside, go_on = threading.Event(), threading.Event()

    def quiet():
        with QUIET_WARNINGS:
            inside.set()
            go_on.wait(5)

    thread = threading.Thread(target=quiet)
    thread.start()
    inside.wait(5)
    with recorded_warnings() as heard:
        warnings.warn("heard", UserWarning, stacklevel=1)
        go_on.set()
        thread.join(WHILE)  # in vain: it can only leave once this is over
    thread.join(5)
    assert [str(warning.message) for warning in heard] == ["heard"]
    assert warnings.filters == before

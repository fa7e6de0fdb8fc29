import os
import sys
import threading
import warnings

from dfwidgets.quiet import QUIET_STDERR, QUIET_WARNINGS, recorded_warnings

WHILE = 0.2
"""Seconds in which another thread would have gone on, did nothing hold it; only ever too long."""


def test_native_noise_is_swallowed_and_what_comes_after_is_not(capfd):
    with QUIET_STDERR:
        os.write(2, b"native noise")
    os.write(2, b"a word that matters")
    assert capfd.readouterr().err == "a word that matters"


def test_two_threads_leave_stderr_as_it_was(capfd):
    def noisy():
        for _ in range(50):
            with QUIET_STDERR:
                os.write(2, b"noise")

    threads = [threading.Thread(target=noisy) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"still here")
    assert capfd.readouterr().err == "still here"


def test_stderr_stays_silent_until_the_last_of_two_threads_is_out_and_neither_waits(capfd):
    first_in, second_in = threading.Event(), threading.Event()
    met = []

    def first():
        with QUIET_STDERR:
            first_in.set()
            met.append(second_in.wait(5))

    thread = threading.Thread(target=first)
    thread.start()
    assert first_in.wait(5)
    with QUIET_STDERR:
        second_in.set()
        thread.join(5)
        os.write(2, b"noise")
    os.write(2, b"still here")
    assert met == [True], "the first may be importing TensorFlow, which takes long"
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

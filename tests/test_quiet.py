import os
import threading
import warnings

from dfwidgets.quiet import QUIET_WARNINGS, quiet_stderr, recorded_warnings


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
    with recorded_warnings() as said:
        warnings.warn("heard", UserWarning, stacklevel=1)
        go_on.set()  # it can only leave once this is over
    thread.join(5)
    assert [str(one.message) for one in said] == ["heard"]
    assert warnings.filters == before

import os
import threading

from dfwidgets.quiet import quiet_stderr


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

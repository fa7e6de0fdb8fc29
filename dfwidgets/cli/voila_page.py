"""Voila with the project's own settings and template, quiet on the terminal."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import tornado.ioloop
from jupyter_core.paths import jupyter_config_path, jupyter_data_dir

from dfwidgets import shipped
from dfwidgets.cli.terminal import Wrong, say
from dfwidgets.serve import warm
from dfwidgets.serve.server import ManyPages

# What benchmarks/people.py measures once two pictures are answered, rounded up.
_SERVER_MB = 200
_SHARED_MB = 65
_OWN_MB = 130


def serve(
    notebook: Path,
    *,
    host: str = "localhost",
    port: int = 8866,
    base_url: str = "/",
    open_browser: bool = False,
    framed_by: Sequence[str] = (),
    people: int | None = None,
) -> None:
    """Serve a notebook as the dashboard is served, until Ctrl+C.

    Args:
        framed_by: origins, as “https://school.example”, whose pages may show this one in a frame.
        people: how many come at once; as many pages are kept ready. None: whoever comes, one at a
            time.

    Raises:
        Wrong: the address can't be had.
    """
    prefix = base_url.strip("/")

    # Voila looks for its templates where this variable says, and then elsewhere.
    places = [str(shipped.ROOT), os.environ.get("JUPYTER_PATH", "")]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, places))

    # Each page that is not there would be a line; what breaks is still said.
    logging.getLogger("tornado").setLevel(logging.ERROR)
    # The one instance, because an error in a cell is logged by whatever instance there is.
    page = _Page.instance(config_file_paths=[str(shipped.NOTEBOOKS), *jupyter_config_path()])
    page.initialize(
        [
            f"--Voila.notebook_path={notebook.resolve()}",
            f"--Voila.ip={host}",
            f"--Voila.port={port}",
            f"--Voila.base_url={f'/{prefix}/' if prefix else '/'}",
            f"--Voila.open_browser={open_browser}",
            "--Voila.log_level=ERROR",
            *ManyPages.options,
        ]
    )
    page.allow_frames(framed_by)
    if people is not None:
        page.ready = people
        # Some more than that: whoever reloads the page leaves the kernel before only a moment
        # later.
        page.limit = people + max(2, people // 5)
        say(_memory(page.ready, page.limit))
    with _place_for_jupyter():
        if warm.can_fork():
            warm.warm_up()
        page.start()


def _memory(people: int, limit: int) -> str:
    one = _SHARED_MB if warm.can_fork() else _OWN_MB
    needed = (_SERVER_MB + limit * one) / 1024
    return f"Ready for {people} people at once, {limit} at most: about {needed:.1f} GB of memory."


@contextmanager
def _place_for_jupyter() -> Iterator[None]:
    """Jupyter and IPython keep files at home; a service account or a container may have no home."""
    try:
        home = Path(jupyter_data_dir())
        home.mkdir(parents=True, exist_ok=True)
        homeless = not os.access(home, os.W_OK)
    except OSError:
        homeless = True
    if not homeless:
        yield
        return

    with tempfile.TemporaryDirectory(prefix="dfwidgets-") as folder:
        for place in (
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
            "IPYTHONDIR",
        ):
            os.environ[place] = folder
        yield


class _Page(ManyPages):
    """Voila that says its address in one line and its end in another."""

    def allow_frames(self, origins: Sequence[str]) -> None:
        """Let pages of these origins show this one in a frame, beside pages of its own."""
        headers = self.tornado_settings["headers"]
        policy = headers["Content-Security-Policy"]
        ancestors = " ".join(["frame-ancestors 'self'", *origins])
        headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'self'", ancestors)

    def listen(self) -> None:
        """Take the port that was asked for and no other, and serve until somebody stops it."""
        try:
            self.app.listen(self.port, self.ip)
        except OSError as error:
            self.stop()
            raise Wrong(_why_not(error, self.ip, self.port)) from error
        self.ioloop = tornado.ioloop.IOLoop.current()
        signal.signal(signal.SIGINT, self._end)
        try:
            say(f"The dashboard is at {self.display_url}  (Ctrl+C stops it)")
            if self.open_browser and _has_a_screen():
                # Some browsers keep the caller waiting until they are closed.
                show = threading.Thread(
                    target=webbrowser.open, args=(self.display_url,), daemon=True
                )
                show.start()
            self.ioloop.start()
        except KeyboardInterrupt:
            pass
        finally:
            # Whatever a kernel answers that never started or is just ending: the page has stopped.
            with suppress(Exception):
                self.stop()
            say("The dashboard has stopped.")

    def _end(self, *_signalled: Any) -> None:
        """Ctrl+C ends the page between two of its steps, and not in the midst of one."""
        # Should a step never end, a second Ctrl+C breaks it off.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.ioloop.add_callback_from_signal(self.ioloop.stop)


def _why_not(error: OSError, host: str, port: int) -> str:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"This computer has no address “{host}”. Leave --host out, or write 0.0.0.0."
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken, perhaps by a dashboard that runs already: "
            f"look at http://localhost:{port}/, or choose another, as --port {port + 1}"
        )
    return f"Port {port} can't be used: {error.strerror}. Choose another, as --port 8866"


def _has_a_screen() -> bool:
    # Without one, a browser for the terminal would take the terminal over.
    return not sys.platform.startswith("linux") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )

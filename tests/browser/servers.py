"""Voila and JupyterLab as `make dashboard` and `make lab` start them, and the Chromium that visits
them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import psutil
from playwright.sync_api import Browser, Playwright

from tests.helpers import ROOT

NOTEBOOKS = ROOT / "notebooks"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "no-sandbox",
    "disable-gpu",
    "no-first-run",
    "disable-background-networking",
    "disable-component-update",
)
JUPYTER_PLACES = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
_LEFT_OUT = {"PYTHONPATH", "JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "PYTHONDONTWRITEBYTECODE"}
# The package, the page's template and what an installation tells other servers come from the tree,
# not from .venv.
_TREE = {
    "PYTHONPATH": str(ROOT),
    "JUPYTER_PATH": str(ROOT),
    "JUPYTER_CONFIG_PATH": str(ROOT / "voila"),
}


@dataclass(frozen=True)
class Server:
    """A server that answers at `url`."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def kernel(self, kernel_id: str) -> psutil.Process:
        """The process behind a kernel: its sockets, or its connection file, are named after it."""
        for child in psutil.Process(self.process.pid).children(recursive=True):
            names = [str(connection.laddr) for connection in child.net_connections("unix")]
            if any(kernel_id in part for part in [*names, *child.cmdline()]):
                return child
        raise LookupError(f"no process of kernel {kernel_id}")


def chromium(playwright: Playwright) -> Browser:
    """The system's Chromium, or else the one that Playwright installed."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    return playwright.chromium.launch(executable_path=found, args=[f"--{flag}" for flag in QUIET])


@contextmanager
def voila(
    notebook: Path | None = None, *options: str, variables: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Server]:
    """Serves the dashboard, or another `notebook` in the same way."""
    port = free_port()
    command = [sys.executable, "-m", "dfwidgets.cli", "dashboard", "--no-browser", f"--port={port}"]
    if notebook is not None:
        command.append(f"--notebook={notebook}")
    with _running([*command, *options], ROOT, port, {**_TREE, **variables}) as server:
        yield server


@contextmanager
def installed(dfwidgets: Path, folder: Path) -> Iterator[Server]:
    """Serves the dashboard by an installed command, in a folder and with nothing of this tree."""
    port = free_port()
    command = [str(dfwidgets), "dashboard", "--no-browser", f"--port={port}"]
    with _running(command, folder, port, {}) as server:
        yield server


@contextmanager
def jupyter_lab() -> Iterator[Server]:
    """Serves a copy of the notebooks, without a token, on the loopback address alone."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "notebooks"
        shutil.copytree(NOTEBOOKS, copy, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        for neighbour in ("images", "models"):
            (Path(folder) / neighbour).symlink_to(ROOT / neighbour)
        command = [
            _tool("jupyter-lab"),
            "--config=jupyter_server_config.json",
            "--no-browser",
            f"--port={port}",
        ]
        command += ["--ip=127.0.0.1", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
        with _running(command, copy, port, _TREE) as server:
            yield server


@contextmanager
def jupyter_server() -> Iterator[Server]:
    """Serves the repository as JupyterHub, Binder and JupyterLab's "Render with Voila" do: Voila
    inside a Jupyter Server below a path of its own, behind a token."""
    port = free_port()
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", f"--port={port}"]
    command += ["--ip=127.0.0.1", "--ServerApp.port_retries=0", "--IdentityProvider.token=tok"]
    command += ["--allow-root", "--ServerApp.base_url=/user/x/"]
    with _running(command, ROOT, port, _TREE) as server:
        yield replace(server, url=f"http://localhost:{port}/user/x/")


@contextmanager
def jupyterhub(people: int = 30, minutes: float = 15) -> Iterator[Server]:
    """Serves the dashboard by the JupyterHub of deploy/, which gives each visitor one of their own.

    Its proxy is the command of that name, or the one that the variable CONFIGURABLE_HTTP_PROXY
    names.
    """
    port, inner, api = (free_port() for _ in range(3))
    config = ROOT / "deploy" / "jupyterhub" / "jupyterhub_config.py"
    command = [sys.executable, "-m", "jupyterhub", "-f", str(config), f"--port={port}"]
    command += ["--ip=127.0.0.1", f"--JupyterHub.hub_port={inner}", "--log-level=WARN"]
    command += [f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{api}"]
    with tempfile.TemporaryDirectory() as homes:
        variables = {
            "DFWIDGETS_PEOPLE": str(people),
            "DFWIDGETS_MINUTES": str(minutes),
            "DFWIDGETS_HOMES": homes,
        }
        with _running(command, Path(homes), port, {**_TREE, **variables}) as server:
            _wait_for_hub(server)
            yield server


@contextmanager
def _running(
    command: list[str], folder: Path, port: int, paths: dict[str, str]
) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        # The settings of whoever runs this stay out of it.
        environment = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
        for name in JUPYTER_PLACES:
            environment[name] = str(Path(home) / name.lower())
        environment.update(paths)
        log = Path(home) / "log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT
            )
        try:
            _wait_for_port(port, process, log)
            yield Server(f"http://localhost:{port}/", process, log)
        finally:
            _stop(process)


def _wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("localhost", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")


def _wait_for_hub(server: Server) -> None:
    """The proxy answers first; the hub is behind it a little later."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{server.url}hub/health", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the hub did not start:\n{server.log.read_text()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in family:
        if child.is_running():
            child.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tool(name: str) -> str:
    """A command of the environment that runs this."""
    return str(Path(sys.executable).parent / name)

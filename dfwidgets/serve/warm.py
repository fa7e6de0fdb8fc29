"""Kernels that are forked from one process, which has imported everything already.

A kernel of its own spends most of its start on imports, and most of its memory on what they bring.
Forked ones share both.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from contextlib import suppress
from importlib.metadata import EntryPoint
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

_NAME = "dfwidgets-warm"
_MODULES = ["dfwidgets.serve.warmed"]


def can_fork() -> bool:
    """Whether kernels can be forked here: elsewhere than on Linux, libraries don't bear it."""
    return sys.platform == "linux"


def warm_up() -> None:
    """Begin to import everything in the process that kernels are forked from."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_MODULES)
    forkserver.ensure_running()
    KernelProvisionerFactory.provisioners[_NAME] = EntryPoint(
        _NAME, f"{__name__}:{WarmProvisioner.__name__}", KernelProvisionerFactory.GROUP_NAME
    )
    KernelProvisionerFactory.instance().default_provisioner_name = _NAME


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel by a fork of the warm process instead of a new Python."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel; of the command only the connection file counts."""
        connection_file = cmd[cmd.index("-f") + 1]
        # Some names are members of an enum of Voila's: as they are, each fork would import Voila.
        environment = {name + "": value for name, value in kwargs["env"].items()}
        process = multiprocessing.get_context("forkserver").Process(
            target=_run_kernel, args=(connection_file, environment, kwargs["cwd"]), daemon=True
        )
        # On a thread: if the warm process does not answer, the server still does.
        await asyncio.to_thread(process.start)
        self.process = _Forked(process)  # type: ignore[assignment]
        self.pid = process.pid
        self.cwd = kwargs["cwd"]
        return self.connection_info


class _Forked:
    """A forked kernel with the names that `subprocess.Popen` has for the same."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
        assert process.pid is not None
        self._process = process
        self.pid = process.pid
        # Its number may soon be another process's: the warm process, and not this one, is told
        # when it ends.
        self._handle = os.pidfd_open(process.pid)

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        os.close(self._handle)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _run_kernel(connection_file: str, environment: dict[str, str], folder: str) -> None:
    """What a fork does: become a kernel as if it had been started by its command."""
    # A group of its own: Ctrl+C in the terminal is meant for the server, which ends its kernels.
    os.setsid()
    # The server first: it answers everybody, a kernel one visitor.
    os.nice(5)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)

    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(
        [
            f"--IPKernelApp.connection_file={connection_file}",
            # It ends when the warm process does, which ends when the server does.
            f"--IPKernelApp.parent_handle={os.getppid()}",
            # Imported before there was a kernel, it could not yet tell it what widgets are.
            "--InteractiveShellApp.extra_extensions=ipywidgets",
            # Nothing of what a kernel runs is kept.
            "--HistoryManager.enabled=False",
        ]
    )

"""Kernels that have run the notebook before anyone asks: few starts at once, never too many."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import jinja2
from jinja2.bccache import Bucket
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.ioloop import IOLoop
from traitlets import Int
from voila.voila_kernel_manager import voila_kernel_manager_factory

from dfwidgets.serve.files import name_version

_PATIENCE = 60
"""Seconds after which a start is given up."""


class Full(Exception):
    """As many people as may be are here already."""


class NotYet(Exception):
    """No kernel is ready yet; in a moment there may be one."""


class NotStarted(Exception):
    """The kernel that was meant for this visitor could not be started."""


class _Compiled(jinja2.BytecodeCache):
    """Compiled templates, in memory."""

    def __init__(self) -> None:
        self._code: dict[str, Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get(f"{bucket.key} {bucket.checksum}")

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[f"{bucket.key} {bucket.checksum}"] = bucket.code


_COMPILED = _Compiled()
_Pool: Any = voila_kernel_manager_factory(
    AsyncMappingKernelManager, True, 1, page_config_hook=name_version
)


class ReadyKernels(_Pool):
    """Voila's pool of kernels, with a limit, and with bounds on how many start at once.

    Whoever comes gets the whole page of a kernel that is ready, or waits for the next in turn.
    """

    size = Int(1)
    """How many are kept ready."""

    limit = Int(100)
    """How many people can be here at once."""

    unclaimed_after = Int(60, config=True)
    """Seconds after which a kernel goes whose page never connected to it."""

    def __init__(self, **kwargs: Any) -> None:
        # More at once make each of them take longer, and those who are here already wait, too.
        self._starts = asyncio.Semaphore(os.cpu_count() or 1)
        self._given: set[str] = set()
        self._connected: set[str] = set()
        self._waiting = 0
        self._closing = False
        super().__init__(**kwargs)

    async def visit(self, patience: float) -> str:
        """The whole page, as HTML, of a kernel that from now on belongs to this visitor.

        Args:
            patience: seconds to wait for one.

        Raises:
            Full: nobody else can be let in.
            NotYet: none was ready in that time.
            NotStarted: one was tried to start, in vain.
        """
        if self._room < 1:
            raise Full
        self._fill(max(1, min(self.size, self._room)))
        # First come, first served: whoever waits holds the kernel that began before the others.
        start = self._pool.pop(0)
        self._waiting += 1
        try:
            await asyncio.wait([start], timeout=patience)
            if not start.done():
                self._pool.insert(0, start)
                raise NotYet
            if start.cancelled() or start.exception():
                raise NotStarted
            item = start.result()
            kernel_id = item["kernel_id"]
            self._given.add(kernel_id)
        finally:
            self._waiting -= 1

        self._refill()
        IOLoop.current().call_later(self.unclaimed_after, self._end_unless_claimed, kernel_id)
        snippets, _ = item["task"].result()
        return "".join(snippets)

    def fill_if_needed(self, *args: Any, **kwargs: Any) -> None:
        """Voila asks for this before the server runs; the pool is filled once it does."""
        IOLoop.current().add_callback(self._refill)

    async def _initialize(
        self, notebook_path: str, kernel_id: str | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """Start a kernel and run the notebook to its end; a few of these go on at once."""
        async with self._starts:
            item: dict[str, Any] = await super()._initialize(notebook_path, kernel_id, **kwargs)
            try:
                await asyncio.wait_for(item["task"], _PATIENCE)
            except Exception:
                self.log.exception("A kernel could not be made ready.")
                # No other in its place: that is tried when somebody comes.
                await super().shutdown_kernel(item["kernel_id"], now=True)
                raise
        return item

    def _notebook_renderer_factory(self, notebook_path: str | None = None) -> Any:
        """What renders the notebook, with templates compiled once and not for each page."""
        renderer = super()._notebook_renderer_factory(notebook_path)
        initialize = renderer.initialize

        async def initialize_with_compiled(**how: Any) -> None:
            await initialize(**how)
            renderer.exporter.environment.bytecode_cache = _COMPILED

        renderer.initialize = initialize_with_compiled
        return renderer

    def notify_connect(self, kernel_id: str) -> None:
        """A page is connected to its kernel."""
        self._connected.add(kernel_id)
        super().notify_connect(kernel_id)

    async def shutdown_kernel(self, kernel_id: str, *args: Any, **kwargs: Any) -> None:
        """End a kernel; somebody else may have its place."""
        self._given.discard(kernel_id)
        self._connected.discard(kernel_id)
        await super().shutdown_kernel(kernel_id, *args, **kwargs)
        self._refill()

    async def shutdown_all(self, now: bool = True) -> None:
        """End all kernels at once, those on their way too: they hold nothing that is to be kept."""
        self._closing = True
        for start in self._pool:
            start.cancel()
        await super().shutdown_all(now=True)

    async def _end_unless_claimed(self, kernel_id: str) -> None:
        if kernel_id in self._given - self._connected:
            await self.shutdown_kernel(kernel_id, now=True)

    @property
    def _room(self) -> int:
        """How many more people may come."""
        return self.limit - len(self._given) - self._waiting

    def _refill(self) -> None:
        if not self._closing:
            self._fill(min(self.size, self._room))

    def _fill(self, wanted: int) -> None:
        """Have so many kernels ready, or on their way, that belong to nobody yet."""
        self.kernel_pools_config = {"default": {"pool_size": wanted}}
        super().fill_if_needed(delay=0, notebook_name=self.notebook_path)

    @property
    def _pool(self) -> list[asyncio.Task[dict[str, Any]]]:
        return self._pools.setdefault(self.notebook_path, [])

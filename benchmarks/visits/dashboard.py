"""A visitor of the dashboard: its page, its files, its kernel's socket, and pictures sent as its
scripts send them."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import uuid
from contextlib import suppress
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from benchmarks.visits.http import Answer, ask_all, ask_once

_CONFIG = re.compile(rb'id="jupyter-config-data" type="application/json">(.*?)</script>', re.S)
_PROTOCOL = "v1.kernel.websocket.jupyter.org"
_PIECE = 2 * 1024**2


class Visitor:
    """One person with the page open.

    Args:
        host: the server, as "127.0.0.1:8866".
        files: the paths of all files that a browser asks for along with the page.
    """

    def __init__(self, host: str, files: list[str]) -> None:
        self._host = host
        self._files = files
        self.kernel = ""
        self._session = uuid.uuid4().hex
        self._socket: WebSocketClientConnection | None = None
        self._frames: asyncio.Queue[Any] = asyncio.Queue()
        self._gone = False
        self._field = ""

    async def open(self) -> None:
        """Open the page until its field for pictures can be used."""
        answer = await self._page()
        found = _CONFIG.search(answer.body)
        if answer.status != 200 or not found:
            raise RuntimeError(f"the page was answered with {answer.status}")
        self.kernel = json.loads(found[1])["kernelId"]
        await self._connect()

    async def choose(self, picture: bytes) -> None:
        """Choose a picture and wait for its verdict."""
        number = secrets.randbits(32)
        self._to_field({"kind": "start", "id": number, "size": len(picture), "name": "a.jpg"})
        sent = -1
        while True:
            message = await self._next()
            content = message.get("data", {}).get("content", {})
            if content.get("id") == number and content["kind"] == "received":
                if sent < content["received"] < len(picture):
                    sent = content["received"]
                    piece = picture[sent : sent + _PIECE]
                    self._to_field({"kind": "piece", "id": number}, piece)
                elif content["received"] >= len(picture):
                    sent = len(picture)
            state = message.get("data", {}).get("state", {})
            if sent >= len(picture) and "dfw-word" in str(state.get("value", "")):
                return

    def begin(self, picture: bytes) -> None:
        """Send a picture at once, and wait for nothing."""
        number = secrets.randbits(32)
        self._to_field({"kind": "start", "id": number, "size": len(picture), "name": "a.jpg"})
        self._to_field({"kind": "piece", "id": number}, picture)

    def send_frame(self, frame: bytes | str) -> None:
        """Send something through the socket as it is."""
        assert self._socket is not None
        self._socket.write_message(frame, binary=isinstance(frame, bytes))

    async def closed(self) -> int | None:
        """Wait until the server closes the socket; the code that it gives."""
        assert self._socket is not None
        while not self._gone:
            self._gone = await self._frames.get() is None
        return self._socket.close_code

    def vanish(self) -> None:
        """Be gone without a word, as when a laptop is closed."""
        assert self._socket is not None
        self._socket.close()

    async def leave(self) -> None:
        """Close the page, which ends its kernel."""
        if self._socket is not None:
            self._socket.close()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.closed(), 2)
        if self.kernel:
            path = f"/voila/api/shutdown/{self.kernel}"
            await ask_once(self._host, path, method="POST", kind="application/json")

    async def _page(self) -> Answer:
        while True:
            begun: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
            page = asyncio.create_task(ask_once(self._host, "/", begun=begun))
            # A browser asks for the files as soon as the page begins to come.
            if "retry-after" not in await begun:
                await ask_all(self._host, self._files)
            answer = await page
            if "retry-after" not in answer.headers:
                return answer
            # A page that says "in a moment" asks again by itself.
            await asyncio.sleep(int(answer.headers["retry-after"]))

    async def _connect(self) -> None:
        address = f"ws://{self._host}/api/kernels/{self.kernel}/channels?session_id={self._session}"
        self._socket = await websocket_connect(
            HTTPRequest(address, request_timeout=120, connect_timeout=120),
            subprotocols=[_PROTOCOL],
            max_message_size=2**27,
            # Taken as they come, or the server's pings would wait behind what nobody reads.
            on_message_callback=self._frames.put_nowait,
        )
        self._send("kernel_info_request", {})
        control = uuid.uuid4().hex
        self._send(
            "comm_open",
            {"comm_id": control, "target_name": "jupyter.widget.control", "data": {}},
            metadata={"version": "1.0.0"},
        )
        self._send("comm_msg", {"comm_id": control, "data": {"method": "request_states"}})
        while True:
            message = await self._next()
            if message.get("data", {}).get("method") == "update_states":
                states: dict[str, Any] = message["data"]["states"]
                break
        (self._field,) = [
            name
            for name, model in states.items()
            if "Dropzone" in model["state"].get("_anywidget_id", "")
            and not model["state"]["several"]
        ]

    def _to_field(self, content: dict[str, Any], *buffers: bytes) -> None:
        data = {"method": "custom", "content": content}
        self._send("comm_msg", {"comm_id": self._field, "data": data}, *buffers)

    def _send(
        self, kind: str, content: Any, *buffers: bytes, metadata: dict[str, str] | None = None
    ) -> None:
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "session": self._session,
            "username": "",
            "version": "5.2",
            "date": "2026-11-27T20:00:00.000Z",
        }
        parts = [json.dumps(part).encode() for part in (header, {}, metadata or {}, content)]
        parts = [b"shell", *parts, *buffers]
        offsets = [8 * (len(parts) + 2)]
        for part in parts:
            offsets.append(offsets[-1] + len(part))
        numbers = b"".join(n.to_bytes(8, "little") for n in (len(offsets), *offsets))
        assert self._socket is not None
        self._socket.write_message(numbers + b"".join(parts), binary=True)

    async def _next(self) -> dict[str, Any]:
        """The content of the next message from the kernel; of another kind than comms it is {}."""
        frame = await self._frames.get()
        if not isinstance(frame, bytes):
            self._gone = frame is None
            raise RuntimeError("the kernel's socket was closed")
        count = int.from_bytes(frame[:8], "little")
        offsets = [int.from_bytes(frame[8 * i : 8 * i + 8], "little") for i in range(1, count + 1)]
        header, content = (frame[offsets[i] : offsets[i + 1]] for i in (1, 4))
        if json.loads(header)["msg_type"] != "comm_msg":
            return {}
        return dict(json.loads(content))

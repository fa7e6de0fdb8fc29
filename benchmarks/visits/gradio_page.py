"""A visitor of a Gradio page: its files, and pictures sent as its scripts send them."""

from __future__ import annotations

import asyncio
import json
import uuid

from benchmarks.visits.http import ask_all, ask_once


class GradioVisitor:
    """One person with a Gradio page open; the arguments are those of `Visitor`."""

    def __init__(self, host: str, files: list[str]) -> None:
        self._host = host
        self._files = files

    async def open(self) -> None:
        """Open the page and all its files."""
        begun: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
        page = asyncio.create_task(ask_once(self._host, "/", begun=begun))
        await begun
        await asyncio.gather(page, ask_all(self._host, self._files))

    async def choose(self, picture: bytes) -> None:
        """Choose a picture and wait for its verdict."""
        border = uuid.uuid4().hex
        head = 'Content-Disposition: form-data; name="files"; filename="a.jpg"\r\n'
        body = f"--{border}\r\n{head}Content-Type: image/jpeg\r\n\r\n".encode() + picture
        answer = await ask_once(
            self._host,
            "/gradio_api/upload",
            method="POST",
            body=body + f"\r\n--{border}--\r\n".encode(),
            kind=f"multipart/form-data; boundary={border}",
        )
        (path,) = json.loads(answer.body)

        session = uuid.uuid4().hex[:10]
        data = {"path": path, "meta": {"_type": "gradio.FileData"}}
        question = {"data": [data], "fn_index": 0, "session_hash": session}
        await ask_once(
            self._host,
            "/gradio_api/queue/join",
            method="POST",
            body=json.dumps(question).encode(),
            kind="application/json",
        )
        answer = await ask_once(self._host, f"/gradio_api/queue/data?session_hash={session}")
        if b"that it is fake" not in answer.body:
            raise RuntimeError(f"no verdict: {answer.body[-500:]!r}")

    async def leave(self) -> None:
        """Close the page."""

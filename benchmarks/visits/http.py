"""A browser's way of asking for many files: six connections that stay open, gzip welcome."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

CONNECTIONS = 6
_HEADERS = "Host: {host}\r\nAccept-Encoding: {accept}\r\nConnection: keep-alive\r\n"


@dataclass(frozen=True)
class Answer:
    """What a server answered: its status, its headers in small letters, and the body as sent."""

    status: int
    headers: dict[str, str]
    body: bytes


async def ask(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    path: str,
    host: str,
    method: str = "GET",
    body: bytes = b"",
    kind: str = "",
    accept: str = "gzip",
    begun: asyncio.Future[dict[str, str]] | None = None,
) -> Answer:
    """One request on an open connection; `begun` gets its headers as soon as they are there."""
    head = f"{method} {path} HTTP/1.1\r\n" + _HEADERS.format(host=host, accept=accept)
    if method == "POST":
        head += f"Content-Length: {len(body)}\r\nContent-Type: {kind}\r\n"
    writer.write(head.encode() + b"\r\n" + body)
    await writer.drain()

    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(lines[0].split()[1])
    pairs = (line.split(":", 1) for line in lines[1:] if ":" in line)
    headers = {name.lower(): value.strip() for name, value in pairs}
    if begun is not None:
        begun.set_result(headers)

    if headers.get("transfer-encoding") == "chunked":
        return Answer(status, headers, await _chunks(reader))
    return Answer(status, headers, await reader.readexactly(int(headers.get("content-length", 0))))


async def ask_once(host: str, path: str, **how: object) -> Answer:
    """One request on a connection of its own."""
    reader, writer = await asyncio.open_connection(*host.split(":"))
    try:
        return await ask(reader, writer, path, host, **how)  # type: ignore[arg-type]
    finally:
        writer.close()


async def ask_all(host: str, paths: list[str]) -> int:
    """Ask for all of these, as a browser does; returns how many bytes came."""
    waiting = list(reversed(paths))
    arrived = 0

    async def connection() -> None:
        nonlocal arrived
        reader, writer = await asyncio.open_connection(*host.split(":"))
        while waiting:
            path = waiting.pop()
            answer = await ask(reader, writer, path, host)
            if answer.status != 200:
                raise RuntimeError(f"{path} was answered with {answer.status}")
            arrived += len(answer.body)
        writer.close()

    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return arrived


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)

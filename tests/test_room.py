"""A room full of people: who gets in, who waits, and what nobody can do to the others."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import signal
import time
import warnings
from collections.abc import Awaitable, Iterator
from urllib.parse import urlsplit

import psutil
import pytest
from tornado.websocket import websocket_connect

from benchmarks.visits.dashboard import Visitor
from benchmarks.visits.http import Answer, ask_once
from tests.browser.servers import Server, voila
from tests.helpers import ROOT

pytestmark = pytest.mark.model

PICTURE = (ROOT / "images" / "Real" / "p01.jpg").read_bytes()
PEOPLE = 2
LIMIT = 4
UNCLAIMED = 10
_INSIDE: list[Visitor] = []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The page for two people, where a kernel that nobody connects to goes after ten seconds."""
    settings = tmp_path_factory.mktemp("settings")
    patience = {"ReadyKernels": {"unclaimed_after": UNCLAIMED}}
    (settings / "voila.json").write_text(json.dumps(patience))
    variables = {"JUPYTER_CONFIG_PATH": str(settings)}
    with voila(None, f"--people={PEOPLE}", variables=variables) as server:
        yield server


def host(server: Server) -> str:
    return urlsplit(server.url).netloc


def run(story: Awaitable[None]) -> None:
    """Tells a story in a minute at most."""

    async def bounded() -> None:
        try:
            await asyncio.wait_for(story, 60)
        finally:
            # Whoever is still there leaves with the story.
            await asyncio.gather(*(visitor.leave() for visitor in _INSIDE))
            _INSIDE.clear()

    try:
        asyncio.run(bounded())
    finally:
        # Who vanished without a word left a socket open, on purpose.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


async def visit(server: Server) -> Visitor:
    """Somebody with the page open."""
    visitor = Visitor(host(server), [])
    _INSIDE.append(visitor)
    await visitor.open()
    return visitor


def kernels(server: Server) -> list[psutil.Process]:
    """All kernels of a server: what its processes have started in their turn."""
    processes = psutil.Process(server.process.pid).children(recursive=True)
    return [process for process in processes if process.ppid() != server.process.pid]


async def until_ready(server: Server) -> None:
    """Waits until nobody is here: there are as many kernels as are kept ready."""
    while len(kernels(server)) != PEOPLE:
        await asyncio.sleep(0.1)


def test_a_picture_is_judged_and_leaving_frees_the_kernel(server):
    async def story() -> None:
        visitors = [await visit(server) for _ in range(3)]
        await asyncio.gather(*(visitor.choose(PICTURE) for visitor in visitors))
        for visitor in visitors:
            await visitor.leave()
        await until_ready(server)

    run(story())


def test_many_pages_opened_and_closed_leave_nothing_behind(server):
    async def story() -> None:
        for _ in range(10):
            visitors = await asyncio.gather(*(visit(server) for _ in range(PEOPLE)))
            await asyncio.gather(*(visitor.leave() for visitor in visitors))
        await until_ready(server)

    run(story())


def test_who_comes_when_it_is_full_is_told_so_and_gets_in_when_somebody_left(server):
    async def story() -> None:
        inside = [await visit(server) for _ in range(LIMIT)]
        refused = await ask_once(host(server), "/")
        assert refused.status == 503
        assert refused.headers["retry-after"] == "60"
        assert b"As many people as fit are here already. Try again in a minute" in refused.body
        assert b'http-equiv="refresh" content="60"' in refused.body

        await inside.pop().leave()
        inside.append(await visit(server))
        await asyncio.gather(*(visitor.leave() for visitor in inside))

    run(story())


def test_a_kernel_goes_that_no_page_connects_to(server):
    async def story() -> None:
        visitor = await visit(server)
        # Each of these pages is fetched and never shown.
        for _ in range(LIMIT):
            assert (await ask_once(host(server), "/")).status in (200, 503)
        await asyncio.sleep(UNCLAIMED)
        await visitor.choose(PICTURE)
        await visitor.leave()
        await until_ready(server)

    run(story())


@pytest.mark.parametrize("frame", [b"\x08\0\0\0\0\0\0\x08", b"\xff" * 8, b"", "{}"])
def test_a_frame_that_is_none_closes_its_socket_and_nobody_else_s(server, frame):
    async def story() -> None:
        first, second = await visit(server), await visit(server)
        first.send_frame(frame)
        await second.choose(PICTURE)
        assert await first.closed() == 1007
        await first.leave()
        await second.leave()

    run(story())


def test_who_leaves_while_a_picture_is_on_its_way_to_the_page_holds_up_nobody(server):
    async def story() -> None:
        for _ in range(2):
            visitor = await visit(server)
            visitor.begin(PICTURE)
            visitor.vanish()
        await (await visit(server)).choose(PICTURE)

    run(story())


def test_a_page_of_an_older_protocol_holds_up_nobody(server):
    async def story() -> None:
        visitor = await visit(server)
        address = f"ws://{host(server)}/api/kernels/{visitor.kernel}/channels?session_id=other"
        older = await websocket_connect(address)
        # A picture goes to both sockets, each in its own protocol.
        await visitor.choose(PICTURE)
        await (await visit(server)).choose(PICTURE)
        older.close()

    run(story())


def test_server_and_kernels_meet_at_no_port_that_another_program_could_take(server):
    async def story() -> None:
        visitor = await visit(server)
        await visitor.choose(PICTURE)
        # A kernel has a port for what it starts itself; over TCP it would have five more.
        for kernel in kernels(server):
            connections = kernel.net_connections("inet")
            assert len(connections) <= 1
            assert {connection.status for connection in connections} <= {psutil.CONN_LISTEN}
        await visitor.leave()
        await until_ready(server)

    run(story())


def test_files_come_packed_and_are_kept(server):
    async def fetched(path: str, **how: object) -> Answer:
        return await ask_once(host(server), path, **how)

    async def story() -> None:
        page = (await fetched("/")).body.decode()
        scripts = page.partition('src="/voila/static/')[2].partition('"')[0]
        script = await fetched(f"/voila/static/{scripts}")
        assert script.headers["content-encoding"] == "gzip"
        assert script.headers["vary"] == "Accept-Encoding"
        assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
        plain = await fetched(f"/voila/static/{scripts}", accept="identity")
        assert "content-encoding" not in plain.headers
        assert gzip.decompress(script.body) == plain.body
        assert len(script.body) < len(plain.body) / 2

        style = page.partition('href="/voila/templates/')[2].partition('"')[0]
        assert (await fetched(f"/voila/templates/{style}")).headers["content-encoding"] == "gzip"
        assert (await fetched("/voila/static/../../../etc/passwd")).status in (403, 404)

    run(story())


def test_it_stops_within_five_seconds_with_people_inside():
    with voila(None, "--people=4") as server:

        async def story() -> None:
            visitors = await asyncio.gather(*(visit(server) for _ in range(6)))
            for visitor in visitors:
                visitor.begin(PICTURE)
            start = time.monotonic()
            server.process.send_signal(signal.SIGINT)
            await asyncio.to_thread(server.process.wait, 10)
            assert time.monotonic() - start < 5
            for visitor in visitors:
                visitor.vanish()
                await asyncio.wait_for(visitor.closed(), 5)
            _INSIDE.clear()

        run(story())
        said = server.log.read_text().splitlines()
    assert said[0] == "Ready for 4 people at once, 6 at most: about 0.6 GB of memory."
    assert said[-1] == "The dashboard has stopped."
    assert len(said) == 3


def test_it_stops_while_kernels_are_on_their_way():
    with voila(None, "--people=30") as server:
        start = time.monotonic()
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(10) == 0
        assert time.monotonic() - start < 5

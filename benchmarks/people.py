"""A class comes at once: how long each waits for the page and for answers, and what that costs.

Visitors speak what the page's scripts speak, without a browser. One Chromium only says which files
a page asks for. Beside the dashboard stands the same model behind Gradio, where that is installed:

    python benchmarks/people.py --people 30 --rounds 10 --gradio OTHER_ENVIRONMENT/bin/python
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.visits.dashboard import Visitor  # noqa: E402
from benchmarks.visits.gradio_page import GradioVisitor  # noqa: E402
from tests.browser.servers import Server, chromium, free_port, voila  # noqa: E402

PICTURES = sorted((ROOT / "images" / "Real").glob("*.jpg"))[:4]
PATIENCE = 120
"""Seconds after which a visitor counts as hanging."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=30, help="visitors at once; 30 if not given")
    parser.add_argument("--rounds", type=int, default=3, help="how often they come; 3 if not given")
    parser.add_argument("--only", choices=("cold", "class", "gradio"), help="one of the servers")
    parser.add_argument("--gradio", default=sys.executable, help="a Python that has Gradio")
    options = parser.parse_args()

    servers: dict[str, Callable[[], Iterator[Server]]] = {
        "cold": lambda: voila(),
        "class": lambda: voila(None, f"--people={options.people}"),
        "gradio": lambda: gradio(options.gradio),
    }
    if subprocess.run([options.gradio, "-c", "import gradio"], capture_output=True).returncode:
        print("Gradio is not installed here: --gradio names a Python that has it.")
        del servers["gradio"]
    if options.only:
        servers = {options.only: servers[options.only]}

    print(f"{psutil.cpu_count()} cores, load average {psutil.getloadavg()[0]:.1f} at the start")
    medians = {}
    for name, serve in servers.items():
        kind = GradioVisitor if name == "gradio" else Visitor
        medians[name] = measure(name, serve, kind, options.people, options.rounds)
    if "gradio" in medians:
        for name in medians.keys() - {"gradio"}:
            ratios = zip(medians[name], medians["gradio"], strict=True)
            words = ", ".join(f"{ours / theirs:.2f}" for ours, theirs in ratios)
            print(f"{name} to gradio (all open, slowest first, slowest later, memory): {words}")


def measure(name, serve, kind, people: int, rounds: int) -> list[float]:
    """Let them come as often as asked; prints each round and returns the medians."""
    figures = []
    with serve() as server:
        files = files_of_page(server.url)
        wait_for_pool(server)
        for number in range(rounds):
            # The last ones stay, so that the server is stopped with all of them there.
            last = number == rounds - 1
            figures.append(asyncio.run(one_round(server, files, kind, people, last)))
            print_round(f"{name} {number + 1}", figures[-1])
            if not last:
                wait_for_pool(server)
        if server.log.is_file():
            print(server.log.read_text())
        start = time.perf_counter()
        server.process.send_signal(signal.SIGINT)
        server.process.wait(60)
        print(f"{name}: stopped {time.perf_counter() - start:.1f} s after Ctrl+C")

    answers = [
        [second for figure in figures for second in figure[part]] for part in ("first", "later")
    ]
    for part, seconds in zip(("first", "later"), answers, strict=True):
        p95 = statistics.quantiles(seconds, n=20)[-1]
        print(f"{name}: {part} answers: median {statistics.median(seconds):.2f} s, p95 {p95:.2f} s")
    return [
        statistics.median(figure["all open"] for figure in figures),
        statistics.median(max(figure["first"]) for figure in figures),
        statistics.median(max(figure["later"]) for figure in figures),
        statistics.median(figure["memory"] for figure in figures),
    ]


async def one_round(server: Server, files: list[str], kind, people: int, stay: bool) -> dict:
    """All open the page at once; when all see it, all choose a picture, and then another."""
    visitors = [kind(urlsplit(server.url).netloc, files) for _ in range(people)]
    before = cpu(server)
    start = time.perf_counter()
    opened = await together(visitors, lambda visitor, index: visitor.open())
    all_open = time.perf_counter() - start
    spent = cpu(server) - before

    first, later = PICTURES[0].read_bytes(), PICTURES[1].read_bytes()
    firsts = await together(visitors, lambda visitor, index: visitor.choose(first))
    laters = await together(visitors, lambda visitor, index: visitor.choose(later))
    memory = sum(process.memory_full_info().pss for process in family(server)) / 2**20
    if not stay:
        await asyncio.gather(*(visitor.leave() for visitor in visitors))
    return {
        "opened": opened,
        "all open": all_open,
        "cpu": spent / people,
        "first": firsts,
        "later": laters,
        "memory": memory,
    }


async def together(visitors, act: Callable[..., Awaitable[None]]) -> list[float]:
    """Seconds that it took each."""

    async def one(index: int) -> float:
        start = time.perf_counter()
        await asyncio.wait_for(act(visitors[index], index), PATIENCE)
        return time.perf_counter() - start

    return await asyncio.gather(*(one(index) for index in range(len(visitors))))


def print_round(name: str, figure: dict) -> None:
    opened, first, later = figure["opened"], figure["first"], figure["later"]
    print(
        f"{name}: all open {figure['all open']:.1f} s (median {statistics.median(opened):.1f}, "
        f"{figure['cpu']:.2f} CPU s a page), "
        f"first answer median {statistics.median(first):.2f} s, slowest {max(first):.2f}, "
        f"later {statistics.median(later):.2f}, slowest {max(later):.2f}, "
        f"{figure['memory']:.0f} MB by share",
        flush=True,
    )


def files_of_page(url: str) -> list[str]:
    """What a browser asks for along with the page, by its paths."""
    paths: list[str] = []
    with sync_playwright() as playwright:
        page = chromium(playwright).new_page()
        page.on("request", lambda request: paths.append(request.url))
        page.goto(url)
        page.get_by_role("button").first.wait_for()
        page.wait_for_load_state("networkidle")
        page.goto("about:blank")
        page.context.browser.close()
    own = [path.removeprefix(url.rstrip("/")) for path in paths if path.startswith(url)]
    files = [path for path in own if path != "/" and "/api/" not in path and "/queue/" not in path]
    print(f"{len(files)} files beside the page")
    return files


def family(server: Server) -> list[psutil.Process]:
    """The server and all processes below it."""
    parent = psutil.Process(server.process.pid)
    return [parent, *parent.children(recursive=True)]


def cpu(server: Server) -> float:
    """CPU seconds of the server and all processes that it has."""
    return sum(sum(process.cpu_times()[:2]) for process in family(server))


def wait_for_pool(server: Server) -> None:
    """Wait until nothing below the server works or ends: kernels are ready, those left are gone."""
    calm = 0
    while calm < 4:
        before = cpu(server)
        time.sleep(0.5)
        calm = calm + 1 if abs(cpu(server) - before) < 0.1 else 0


@contextmanager
def gradio(python: str) -> Iterator[Server]:
    """The same model behind Gradio."""
    port = free_port()
    command = [python, "-m", "benchmarks.visits.gradio_server", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        server = Server(f"http://127.0.0.1:{port}/", process, Path(os.devnull))
        for _ in range(600):
            if psutil.Process(process.pid).net_connections("inet"):
                break
            time.sleep(0.1)
        yield server
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()

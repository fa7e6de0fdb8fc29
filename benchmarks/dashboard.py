"""How long a visitor waits for the dashboard and its answers, and what one costs in memory."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import psutil
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.servers import Server, chromium, voila  # noqa: E402

PICTURE = ROOT / "images" / "Real" / "eileen-collins.jpg"
VISITS = 5


def visit(page: Page, server: Server) -> float:
    """Seconds from asking for the page until its first button can be used."""
    start = time.perf_counter()
    page.goto(server.url, wait_until="commit")
    page.get_by_role("button", name="Choose a picture").first.wait_for()
    # Drawn is not enough: before its kernel is connected a button does nothing.
    page.wait_for_function(
        "window.jupyterapp?.widgetManager?.kernel.connectionStatus === 'connected'"
    )
    return time.perf_counter() - start


def answer(page: Page, picture: Path) -> float:
    """Seconds from choosing a picture until its verdict is drawn."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a picture").first.click()
    # The answer before is taken off the page, so that the next one can be waited for.
    page.evaluate("document.querySelectorAll('.dfw-word').forEach((node) => node.remove())")
    start = time.perf_counter()
    chooser.value.set_files(picture)
    page.locator(".dfw-word").wait_for()
    return time.perf_counter() - start


def kernel_memory(page: Page, server: Server) -> psutil._psplatform.pfullmem:
    """The memory of the kernel behind the page: rss counts shared pages in full, pss by share."""
    config = json.loads(page.locator("#jupyter-config-data").text_content() or "")
    return server.kernel(config["kernelId"]).memory_full_info()


def main() -> None:
    with voila() as server, sync_playwright() as playwright:
        browser = chromium(playwright)
        interactive = []
        first = []
        later = []
        for _ in range(VISITS):
            page = browser.new_page()
            interactive.append(visit(page, server))
            before = kernel_memory(page, server)
            # The first one loads the model.
            first.append(answer(page, PICTURE))
            later += [answer(page, PICTURE) for _ in range(2)]
            after = kernel_memory(page, server)
            # Left first, so that its kernel ends before the next visit begins.
            page.goto("about:blank")
            page.close()
        browser.close()

    print(f"load average at the end: {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores")
    print_waits(f"page to interactive, {VISITS} visits", interactive)
    print_waits("upload to first answer", first)
    print_waits("upload to later answers", later)
    print_memory("before any picture", before)
    print_memory("that has answered", after)


def print_waits(name: str, seconds: list[float]) -> None:
    print(f"{name}: median {statistics.median(seconds):.2f} s, best {min(seconds):.2f} s")


def print_memory(when: str, memory: psutil._psplatform.pfullmem) -> None:
    resident = memory.rss / 2**20
    by_share = memory.pss / 2**20
    print(f"kernel {when}: {resident:.0f} MB resident, {by_share:.0f} MB by share")


if __name__ == "__main__":
    main()

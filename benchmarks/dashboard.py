"""How long a visitor waits for the dashboard and for answers, and what one visitor costs in memory."""

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
    """Seconds from asking for the page until its first button can be used: drawn, and its kernel
    connected."""
    start = time.perf_counter()
    page.goto(server.url, wait_until="commit")
    page.get_by_role("button", name="Choose a picture").first.wait_for()
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
        seconds, first, later = [], [], []
        for _ in range(VISITS):
            page = browser.new_page()
            seconds.append(visit(page, server))
            before = kernel_memory(page, server)
            first.append(answer(page, PICTURE))
            later += [answer(page, PICTURE) for _ in range(2)]
            after = kernel_memory(page, server)
            page.goto("about:blank")
            page.close()
        browser.close()
    print(f"load average at the end: {psutil.getloadavg()[0]:.1f} on {psutil.cpu_count()} cores")
    print(
        f"page to interactive: median {statistics.median(seconds):.2f} s, best {min(seconds):.2f} s of {VISITS}"
    )
    for name, waits in (("first answer", first), ("later answers", later)):
        print(f"upload to {name}: median {statistics.median(waits):.2f} s, best {min(waits):.2f} s")
    for when, memory in (("before any picture", before), ("that has answered", after)):
        print(
            f"kernel {when}: {memory.rss / 2**20:.0f} MB resident, {memory.pss / 2**20:.0f} MB by share"
        )


if __name__ == "__main__":
    main()

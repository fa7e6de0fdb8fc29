"""Chromium, the two servers, and a page that forgives neither an error in the console nor a request
to another host."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.helpers import ARTEFACTS
from tests.browser.servers import Server, chromium, jupyter_lab, jupyterhub, voila


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("browser")


# For this folder only: while Playwright is open a loop runs in the main thread, which other tests
# would notice.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; each page has its own profile."""
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def voila_server() -> Iterator[Server]:
    """The dashboard as `make dashboard` serves it; with DFWIDGETS_THROUGH=hub, as deploy/ does."""
    through_hub = os.environ.get("DFWIDGETS_THROUGH") == "hub"
    with jupyterhub() if through_hub else voila() as server:
        yield server


@pytest.fixture(scope="session")
def voila_url(voila_server: Server) -> str:
    """The address of the dashboard."""
    return voila_server.url


@pytest.fixture(scope="session")
def lab_url() -> Iterator[str]:
    """The address of JupyterLab; a notebook is at `lab_url + "lab/tree/01-upload.ipynb"`."""
    with jupyter_lab() as server:
        yield server.url


@pytest.fixture
def problems() -> list[str]:
    """What went wrong on the page so far. A test that breaks something on purpose clears it."""
    return []


@pytest.fixture
def page(browser: Browser, problems: list[str]) -> Iterator[Page]:
    """A page of its own, 1400 px wide; at the end nothing may have gone wrong on it."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    # Someone always listens, else a key pressed right after expect_file_chooser can open the real
    # dialog instead.
    page.on("filechooser", lambda chooser: None)
    page.on(
        "console",
        lambda said: problems.append(f"console: {said.text}") if said.type == "error" else None,
    )
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))
    page.on("request", lambda request: _note_host(request.url, problems))
    page.on("websocket", lambda socket: _note_host(socket.url, problems))
    yield page
    context.close()
    assert not problems, "\n".join(problems)


def _note_host(url: str, problems: list[str]) -> None:
    if urlsplit(url).hostname not in (None, "localhost", "127.0.0.1"):
        problems.append(f"request to another host: {url}")


@pytest.fixture
def shot(page: Page) -> Callable[[str], bytes]:
    """Keeps a picture of the whole page: `shot("dark")` writes artefacts/dark.png."""
    return lambda name: page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)


@pytest.fixture
def run_lesson(page: Page, lab_url: str) -> Callable[[str], None]:
    """Opens a notebook in JupyterLab and runs its cells: `run_lesson("01-upload.ipynb")`."""

    def run(name: str) -> None:
        page.goto(f"{lab_url}lab/tree/{name}?reset")
        expect(page.get_by_role("button", name="Python 3 (ipykernel) | Idle")).to_be_visible(
            timeout=60_000
        )
        page.get_by_role("menuitem", name="Run").click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        # At the end of a run JupyterLab takes the focus to the last cell: until then nobody can
        # press keys elsewhere.
        last = page.locator(".jp-CodeCell .jp-InputPrompt").last
        expect(last).to_have_text(re.compile(r"\[\d+\]:"), timeout=60_000)
        expect(page.get_by_role("button", name="Python 3 (ipykernel) | Idle")).to_be_visible(
            timeout=60_000
        )

    return run

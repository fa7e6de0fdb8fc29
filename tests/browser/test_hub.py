"""JupyterHub gives each visitor a dashboard of their own, and no more than there is room for.

Runs where JupyterHub is installed; deploy/README.md says how.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.helpers import ARTEFACTS, choose, expect_answer
from tests.browser.servers import Server, jupyterhub
from tests.browser.visits import kernel_id, open_dashboard

PROXY = os.environ.get("CONFIGURABLE_HTTP_PROXY", "configurable-http-proxy")
pytestmark = pytest.mark.skipif(
    find_spec("jupyterhub") is None or shutil.which(PROXY) is None,
    reason="JupyterHub and its proxy are not installed: see deploy/README.md",
)


@pytest.fixture(scope="module")
def hub() -> Iterator[Server]:
    """Room for two visitors; a place that was left is free again within two minutes."""
    with jupyterhub(people=2, minutes=1) as server:
        yield server


@pytest.fixture
def visitors(browser: Browser) -> Iterator[list[Page]]:
    """Three people, each with a browser of their own."""
    contexts = [browser.new_context() for _ in range(3)]
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def test_two_are_let_in_the_third_reads_that_it_is_full_and_gets_the_place_that_was_left(
    hub, visitors, portrait
):
    first, second, third = visitors
    for visitor in (first, second):
        visitor.goto(hub.url)
        visitor.wait_for_url("**/user/**", timeout=90_000)
        open_dashboard(visitor, visitor.url)
        assert re.search("/user/[0-9a-f-]{36}/", visitor.url)
        choose(visitor, portrait)
        expect_answer(visitor)
    assert first.url != second.url

    assert third.goto(hub.url).status == 429
    expect(third.get_by_role("heading", name="All places are taken")).to_be_visible()
    third.screenshot(path=ARTEFACTS / "hub-full.png")

    # A visitor has the dashboard and nothing else, and has it alone.
    place = first.url.rstrip("/")
    for path in ("api/kernels", "api/contents", "lab", "tree", "terminals/1", "api/terminals"):
        assert first.request.get(f"{place}/{path}").status in (403, 404), path
    assert second.request.get(first.url).status == 403

    kernel = hub.kernel(kernel_id(second))
    second.goto("about:blank")
    kernel.wait(timeout=30)
    expect_a_place(third)


def expect_a_place(visitor: Page) -> None:
    """Try again as the page says, until the culler has freed the place that was left."""
    full = visitor.get_by_role("link", name="Try again")
    end = time.monotonic() + 120
    while full.is_visible() and time.monotonic() < end:
        full.click()
        visitor.wait_for_load_state()
    visitor.wait_for_url("**/user/**", timeout=90_000)
    open_dashboard(visitor, visitor.url)

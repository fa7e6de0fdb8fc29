"""The same page where another server runs Voila: below a path, behind a token, among files."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.helpers import choose, expect_answer
from tests.browser.servers import Server, jupyter_server
from tests.browser.visits import ENDED, fetch, kernel_id, open_dashboard

TOKEN = "?token=tok"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A Jupyter Server as JupyterHub starts one for a person."""
    with jupyter_server() as server:
        yield server


@pytest.fixture
def dashboard(page: Page, server: Server) -> Page:
    """The dashboard, opened as its owner opens it; the page notes each request to another host."""
    open_dashboard(page, f"{server.url}voila/render/notebooks/dashboard.ipynb{TOKEN}")
    return page


def test_it_is_the_same_page_and_a_picture_gets_its_verdict(dashboard, portrait, shot):
    expect(dashboard).to_have_title("dfwidgets")
    expect(dashboard.get_by_role("main")).to_be_visible()
    choose(dashboard, portrait)
    expect_answer(dashboard)
    shot("server-extension")


def test_a_killed_kernel_is_said(dashboard, server):
    server.kernel(kernel_id(dashboard)).kill()
    expect(dashboard.get_by_role("alert")).to_have_text(ENDED, timeout=20_000)
    dashboard.get_by_role("link", name="Reload the page.").click()
    expect(dashboard.locator("#rendered_cells .jupyter-widgets").first).to_be_visible(
        timeout=30_000
    )


def test_leaving_the_page_frees_its_kernel(dashboard, server):
    kernel = server.kernel(kernel_id(dashboard))
    dashboard.goto("about:blank")
    kernel.wait(timeout=20)


@pytest.mark.parametrize(
    "path",
    [
        "images/Real/eileen-collins.jpg",
        "docs/dashboard.png",
        "models/detector/manifest.json",
        "notebooks/dashboard.ipynb",
        "README.md",
    ],
)
def test_voila_serves_no_file_even_to_the_owner(server, path):
    assert fetch(server.url, f"/user/x/voila/files/{path}{TOKEN}").status in (403, 404)


def test_a_link_can_not_choose_another_template(page, server):
    url = f"{server.url}voila/render/notebooks/dashboard.ipynb{TOKEN}"
    open_dashboard(page, f"{url}&template=lab&theme=dark")
    expect(page).to_have_title("dfwidgets")

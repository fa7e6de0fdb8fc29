"""A sheet is made in Voila, saved, and opened with the network watched: it asks nobody for
anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.helpers import ARTEFACTS, button, check_with_axe, choose, expect_answer

NAME = "<img src=x onerror=alert(1)>.jpg"
BLOCKED = """() => new Promise((done) => {
  document.addEventListener("securitypolicyviolation", (event) => done([event.blockedURI]));
  document.body.append(Object.assign(new Image(), { src: "http://localhost:9/x.png" }));
})"""


def make(page: Page, url: str, picture: bytes, place: Path) -> Path:
    """Go the whole way from a picture to the file that the browser saved."""
    page.goto(url)
    expect(button(page)).to_be_visible(timeout=30_000)
    choose(page, picture, NAME)
    expect_answer(page)
    page.get_by_role("tab", name="Question the verdict").click()
    press = page.get_by_role("button", name="Make an evidence sheet")
    press.scroll_into_view_if_needed()
    with page.expect_download(timeout=90_000) as saved:
        press.press("Enter")
    said = page.locator(".dfw-quiet", has_text="The sheet is made")
    expect(said).to_be_visible()
    said.scroll_into_view_if_needed()
    assert saved.value.suggested_filename.startswith("evidence-")
    file = place / saved.value.suggested_filename
    saved.value.save_as(file)
    return file


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (320, "dark")])
def test_a_sheet_is_made_saved_and_read_without_a_network(
    page, voila_url, portrait, tmp_path, shot, width, scheme
):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    file = make(page, voila_url, portrait, tmp_path)
    shot(f"evidence-panel-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    check_with_axe(page)

    opened = page.context.new_page()  # the page before it would still say goodbye to its kernel
    opened.set_viewport_size({"width": width, "height": 900})
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(file.as_uri())
    expect(opened.get_by_role("heading", name="Evidence sheet", exact=True)).to_be_visible()
    assert opened.locator("img").count() == 2 + 1 + 13
    assert opened.evaluate(
        "[...document.images].every((image) => image.complete && image.naturalWidth > 50)"
    )
    opened.screenshot(path=ARTEFACTS / f"evidence-sheet-{width}-{scheme}.png", full_page=True)
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    assert opened.evaluate(BLOCKED) == ["http://localhost:9/x.png"], (
        "its policy would let nothing out"
    )


def test_the_saved_sheet_is_accessible_and_prints_on_a_few_pages(
    page, voila_url, portrait, tmp_path, problems
):
    file = make(page, voila_url, portrait, tmp_path)
    # The policy of the page forbids scripts, so that the checker runs on a copy without it.
    copy = tmp_path / "copy.html"
    html = file.read_text("utf-8")
    assert "Content-Security-Policy" in html
    copy.write_text(html.replace("Content-Security-Policy", "x-none"), "utf-8")
    page.goto(copy.as_uri())
    bad = [
        v
        for v in Axe().run(page).response["violations"]
        if v["impact"] in ("critical", "serious", "moderate")
    ]
    assert not bad, json.dumps(
        [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in bad], indent=1
    )
    page.goto(file.as_uri())
    pdf = page.pdf(path=ARTEFACTS / "evidence-sheet.pdf", prefer_css_page_size=True)
    assert 1 <= pdf.count(b"/Type /Page\n") <= 6

"""What several browser tests do on a page: choose a picture, wait for its answer, check who can use
it."""

from __future__ import annotations

import json
import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.helpers import ROOT

ARTEFACTS = ROOT / "artefacts"
MAP = re.compile("places pulled the model toward|this map is empty")


def button(page: Page) -> Locator:
    """The button that opens the file chooser, in the panel that is in sight."""
    return (
        page.get_by_role("button", name="Choose a picture").and_(page.locator(".dfw-button")).first
    )


def choose(page: Page, data: bytes, name: str = "a.jpg", kind: str = "image/jpeg") -> None:
    """Choose a picture, as a person does."""
    with page.expect_file_chooser() as chooser:
        button(page).click()
    chooser.value.set_files({"name": name, "mimeType": kind, "buffer": data})


def shown(page: Page, words: str | re.Pattern[str]) -> Locator:
    """Where words are seen: not where only a screen reader finds them, and not in another tab."""
    return (
        page.locator(".dfw-error, .dfw p, .dfw li")
        .filter(has_text=words)
        .and_(page.locator(":visible"))
    )


def expect_answer(page: Page) -> None:
    """Wait until verdict and map are there."""
    expect(shown(page, "that it is fake")).to_be_visible(timeout=20_000)
    expect(shown(page, MAP)).to_be_visible(timeout=20_000)


def look_at_map(page: Page) -> None:
    """Bring the panel with the map into sight: before that nothing is measured of it."""
    heading = page.locator(".dfw-panel").get_by_role("heading", name="Where did it look?")
    heading.scroll_into_view_if_needed()


def check_with_axe(page: Page) -> None:
    """Nothing on the page may keep a person out: axe finds no critical or serious fault."""
    found = Axe().run(page, context=".dfw-panel")
    bad = [v for v in found.response["violations"] if v["impact"] in ("critical", "serious")]
    assert not bad, json.dumps([(v["id"], [n["html"] for n in v["nodes"]]) for v in bad], indent=1)

"""A picture is sent again and fooled with, in Voila: by mouse, by keyboard, at 320 px and in the
dark."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.helpers import button, check_with_axe, choose, expect_answer, shown
from tests.helpers import ROOT

SAID = re.compile(r"It stays .* of 12|in all 12|so this page says: can't tell")
FLIPS = "p22.jpg"  # everyday changes push its score both ways


def open_tab(page: Page, url: str, picture: bytes) -> None:
    page.goto(url)
    expect(button(page)).to_be_visible(timeout=30_000)
    choose(page, picture)
    expect_answer(page)
    page.get_by_role("tab", name="Question the verdict").click()
    expect(page.get_by_role("button", name="Send it again, changed")).to_be_visible()


def expect_copies(page: Page) -> None:
    expect(page.locator(".dfw-result")).to_have_text(SAID, timeout=60_000)
    expect(page.locator(".dfw-copies img")).to_have_count(13)


@pytest.mark.parametrize(
    ("width", "scheme"), [(1400, "light"), (320, "light"), (320, "dark"), (1400, "dark")]
)
def test_the_copies_and_the_fooled_picture_read_well(
    page, voila_url, portrait, shot, width, scheme
):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    open_tab(page, voila_url, portrait)
    page.get_by_role("button", name="Send it again, changed").click()
    expect_copies(page)
    page.locator(".dfw-copies li").nth(5).scroll_into_view_if_needed()
    shot(f"copies-{width}-{scheme}")
    page.get_by_role("button", name="Try to fool it").click()
    slider = page.get_by_role("slider", name="How much each pixel may change")
    expect(slider).to_be_visible(timeout=90_000)
    slider.fill("3")
    expect(shown(page, "at most 3 of 255")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("img", name="changed by 3 of 255 grey levels")).to_be_visible()
    shot(f"stability-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    check_with_axe(page)


def test_by_keyboard_alone(page, voila_url, portrait):
    open_tab(page, voila_url, portrait)

    def tab_to(test: str) -> None:
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate(f"(() => {{ const it = document.activeElement; return {test}; }})()"):
                return
        raise AssertionError(f"Tab never reached {test}")

    tab_to("it.textContent === 'Send it again, changed'")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", (
        "focus must be seen"
    )
    page.keyboard.press("Enter")
    expect_copies(page)
    expect(page.locator(".dfw-slider [role=status]").filter(has_text=SAID)).to_have_count(1)
    tab_to("it.textContent === 'Try to fool it'")
    page.keyboard.press("Enter")
    slider = page.get_by_role("slider", name="How much each pixel may change")
    expect(slider).to_be_visible(timeout=90_000)
    tab_to("it.type === 'range'")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "2 of 255")
    expect(shown(page, "at most 2 of 255")).to_be_visible(timeout=20_000)


def test_a_flipping_verdict_is_taken_back_where_it_was_given(page, voila_url, shot):
    open_tab(page, voila_url, (ROOT / "images" / "Real" / FLIPS).read_bytes())
    page.get_by_role("button", name="Send it again, changed").click()
    expect_copies(page)
    page.get_by_role("tab", name="Look at a picture").click()
    expect(shown(page, "so this page says: can't tell").first).to_be_visible()
    expect(page.get_by_role("img", name="Heat where the model looked")).to_be_visible()
    shot("stability-taken-back")

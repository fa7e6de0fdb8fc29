"""A visitor questions a verdict, in Voila: its edges, its map, its file, and on a phone in all five
tabs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import nbformat
import pytest
from PIL import ExifTags, Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.helpers import (
    button,
    check_with_axe,
    choose,
    expect_answer,
    look_at_map,
    shown,
)
from tests.browser.servers import voila
from tests.helpers import ROOT

pytestmark = pytest.mark.browser

TABS = (
    "Look at a picture",
    "Can you beat the model?",
    "Question the verdict",
    "Many pictures",
    "About",
)
FAKE = ROOT / "images" / "Fake" / "p13.jpg"  # the shipped model calls it likely fake
DELETION = re.compile("Blurring the brightest|explains nothing here")
SHUFFLED = re.compile(r"weights shuffled, the map .*rank correlation -?\d\.\d\d")
FALSE_ALARMS = re.compile(r"came from (about \d+|hardly any) of 100 real test faces")
# Everything that could be moved sideways, save for what is meant to be: the chart, and words for
# screen readers alone.
SIDEWAYS = """width => [...document.querySelectorAll("body, body *")].filter((it) => {
  if (it.closest(".dfw-spoken, .dfw-wide, .dfw-table thead") || !it.clientWidth) return false;
  const moves = getComputedStyle(it).overflowX !== "visible" && it.scrollWidth > it.clientWidth + 1;
  const { left, right } = it.getBoundingClientRect();
  return moves || right > width + 1 || left < -1;
}).map((it) => `${it.tagName} ${it.className} ${it.scrollWidth} in ${it.clientWidth}`)"""
# What a page is told when its browser tab goes behind another one, or comes back.
HIDDEN = """state => {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
# A detector that believes only what is exactly as it came in: each change of a picture turns its
# answer round.
TURNCOAT = """
import numpy as np
import dfwidgets as df

class Turncoat:
    seen = None

    def predict(self, image, face="largest"):
        if self.seen is None:
            self.seen = image
        same = np.array_equal(image, self.seen)
        return df.Prediction(0.95 if same else 0.05, face=None if face == "largest" else face)

    def explain(self, image, face="largest", **_):
        return (image[..., 0] / 255).astype(np.float32)

df.dashboard(Turncoat())
"""


def go(page: Page, tab: str) -> None:
    page.get_by_role("tab", name=tab).click()
    expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")


def edge(page: Page, name: str) -> Locator:
    return page.get_by_role("slider", name=name)


def said(page: Page, words: str) -> Locator:
    """What the threshold's panel says of the picture that is open."""
    return shown(page, re.compile(rf"^Your picture scores .*: {words}\.$"))


@pytest.fixture
def fake(page: Page, voila_url: str) -> Page:
    """The dashboard with a verdict "likely fake"."""
    page.goto(voila_url)
    expect(button(page)).to_be_visible(timeout=60_000)
    choose(page, FAKE.read_bytes())
    expect_answer(page)
    expect(page.locator(".dfw-word")).to_have_text("Likely fake")
    return page


@pytest.fixture
def edges(fake: Page) -> Page:
    """The tab with the two edges, and what was counted at them."""
    go(fake, "Question the verdict")
    expect(fake.get_by_role("columnheader", name="Real, called fake")).to_be_visible(timeout=30_000)
    expect(said(fake, "likely fake")).to_be_visible()
    return fake


def test_likely_fake_never_stands_without_its_false_alarms(edges):
    # Here the counts stand below the word; in the first tab the sentence does, nothing to press for
    # either.
    row = edges.get_by_role("row", name="StyleGAN faces")
    expect(row.get_by_role("cell").first).to_have_text(re.compile(r"about \d+ \(\d+ to \d+\)"))
    go(edges, "Look at a picture")
    expect(edges.locator(".dfw-word")).to_have_text("Likely fake")
    expect(shown(edges, FALSE_ALARMS)).to_be_visible()


def test_by_mouse_counts_and_verdict_follow_an_edge_and_go_back(edges, shot):
    counts = edges.locator(".dfw-table")
    before = counts.inner_text()
    box = edge(edges, "Likely fake from").bounding_box()
    edges.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    expect(edge(edges, "Likely fake from")).to_have_value("1")
    expect(said(edges, "can't tell")).to_be_visible()
    expect(counts).not_to_have_text(before, use_inner_text=True)
    go(edges, "Look at a picture")
    expect(edges.locator(".dfw-word")).to_have_text("Can't tell")
    go(edges, "Question the verdict")
    edges.get_by_role("button", name="Back to the model's own edges").click()
    expect(said(edges, "likely fake")).to_be_visible()
    expect(edge(edges, "Likely fake from")).not_to_have_value("1")
    assert counts.inner_text() == before
    go(edges, "Look at a picture")
    expect(edges.locator(".dfw-word")).to_have_text("Likely fake")


def test_by_keyboard_alone_both_edges_move_and_the_diagram_opens(edges, shot):
    press, counts = edges.keyboard.press, edges.locator(".dfw-table")
    before = counts.inner_text()
    edges.get_by_role("tab", name="Question the verdict").focus()
    real, fake = edge(edges, "Likely real up to"), edge(edges, "Likely fake from")
    own = real.input_value(), fake.input_value()

    press("Tab")
    expect(real).to_be_focused()
    assert real.evaluate("it => getComputedStyle(it).outlineStyle") == "solid", "focus must be seen"
    for step in range(1, 6):
        press("ArrowRight")
        expect(real).to_have_attribute("aria-valuetext", f"{float(own[0]) + step / 100:.2f}")
    expect(counts).not_to_have_text(before, use_inner_text=True)

    press("Tab")
    expect(fake).to_be_focused()
    while float(fake.input_value()) < 0.99:
        press("ArrowRight")
    expect(said(edges, "can't tell")).to_be_visible()
    expect(fake).to_have_attribute("aria-valuetext", "0.99")

    press("Tab")
    expect(edges.get_by_role("button", name="Back to the model's own edges")).to_be_focused()
    press("Enter")
    expect(real).to_have_value(own[0])
    expect(fake).to_have_value(own[1])
    expect(said(edges, "likely fake")).to_be_visible()

    press("Tab")
    expect(edges.get_by_role("button", name="Do its scores come true?")).to_be_focused()
    press("Enter")
    chart = edges.get_by_role(
        "img", name=re.compile("How often a score came true.*StyleGAN faces: ECE")
    )
    expect(chart).to_be_visible(timeout=60_000)
    shot("question-diagram")


def test_the_map_says_what_its_brightest_places_are_worth(fake, shot):
    look_at_map(fake)
    expect(shown(fake, DELETION)).to_be_visible(timeout=60_000)
    expect(shown(fake, SHUFFLED)).to_be_visible(timeout=60_000)
    shot("question-map")
    # A map that takes longer waits to be asked.
    fake.get_by_label("Occlusion").focus()
    fake.keyboard.press("Space")
    ask = fake.get_by_role("button", name="Does it depend on what the model learned?")
    expect(ask).to_be_visible(timeout=60_000)
    ask.scroll_into_view_if_needed()
    for _ in range(4):
        fake.keyboard.press("Tab")
        if ask.evaluate("it => it === document.activeElement"):
            break
    fake.keyboard.press("Enter")
    expect(shown(fake, SHUFFLED)).to_be_visible(timeout=120_000)
    expect(shown(fake, DELETION)).to_be_visible()


@pytest.mark.parametrize("sight", ["further down", "behind another browser tab"])
def test_nothing_is_measured_of_a_map_that_nobody_can_see(page, voila_url, sight):
    hidden = sight == "behind another browser tab"
    page.set_viewport_size({"width": 1400, "height": 3000 if hidden else 300})
    page.goto(voila_url)
    expect(button(page)).to_be_visible(timeout=60_000)
    if hidden:
        page.evaluate(HIDDEN, "hidden")
    choose(page, FAKE.read_bytes())
    expect_answer(page)
    # What is asked for next is answered after whatever was begun before.
    go(page, "Question the verdict")
    page.get_by_role("button", name="Send it again, changed").click()
    expect(page.locator(".dfw-copies img")).to_have_count(13, timeout=60_000)
    assert page.locator("p").filter(has_text=DELETION).count() == 0

    go(page, "Look at a picture")
    if hidden:
        page.evaluate(HIDDEN, "visible")
    else:
        look_at_map(page)
    expect(shown(page, DELETION)).to_be_visible(timeout=60_000)
    expect(shown(page, SHUFFLED)).to_be_visible(timeout=60_000)


def test_what_a_file_says_is_text_and_its_place_is_not_shown(page, voila_url):
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = (
        "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>"
    )
    exif[ExifTags.IFD.GPSInfo] = {
        ExifTags.GPS.GPSLatitudeRef: "N",
        ExifTags.GPS.GPSLatitude: (48.0, 51.0, 29.6),
        ExifTags.GPS.GPSLongitudeRef: "E",
        ExifTags.GPS.GPSLongitude: (2.0, 17.0, 40.2),
    }
    out = io.BytesIO()
    Image.open(FAKE).save(out, "JPEG", exif=exif)
    page.goto(voila_url)
    expect(button(page)).to_be_visible(timeout=60_000)
    choose(page, out.getvalue())
    facts = page.locator(".dfw-facts")
    expect(facts).to_contain_text("<img src=x onerror")
    expect(facts).to_contain_text("It contains a location. It is not shown here")
    expect_answer(page)
    assert facts.locator("img, script").count() == 0
    assert page.title() == "dfwidgets"
    look_at_map(page)
    expect(shown(page, SHUFFLED)).to_be_visible(timeout=60_000)  # by now everything is on the page
    assert not re.search(r"29\.6|48[°., ]+51|48\.85", page.locator("body").inner_text())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_none_of_the_five_tabs_scrolls_sideways(page, voila_url, shot, scheme):
    page.set_viewport_size({"width": 320, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(voila_url)
    expect(button(page)).to_be_visible(timeout=60_000)
    choose(page, FAKE.read_bytes())
    expect_answer(page)
    look_at_map(page)
    expect(shown(page, DELETION)).to_be_visible(timeout=60_000)
    go(page, "Question the verdict")
    page.get_by_role("button", name="Do its scores come true?").click()
    expect(page.get_by_role("img", name="How often a score came true")).to_be_visible(
        timeout=60_000
    )
    page.get_by_role("button", name="Send it again, changed").click()
    expect(page.locator(".dfw-copies img")).to_have_count(13, timeout=60_000)
    assert page.get_by_role("tab").all_text_contents() == list(TABS)
    for tab in TABS:
        go(page, tab)
        assert page.evaluate(SIDEWAYS, 320) == [], tab
        check_with_axe(page)
        shot(f"phone-{tab.split()[0].lower()}-{scheme}")


@pytest.fixture(scope="module")
def turncoat_url(tmp_path_factory) -> Iterator[str]:
    """The dashboard of a detector whose every verdict turns."""
    notebook = tmp_path_factory.mktemp("turncoat") / "turncoat.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(TURNCOAT)]), notebook)
    with voila(notebook) as server:
        yield server.url


def test_a_verdict_that_everyday_changes_turn_is_taken_back_with_the_reason(
    page, turncoat_url, portrait, shot
):
    page.goto(turncoat_url)
    expect(button(page)).to_be_visible(timeout=60_000)
    choose(page, portrait)
    expect_answer(page)
    word = page.locator(".dfw-word")
    expect(word).to_have_text("Likely fake")
    go(page, "Question the verdict")
    page.get_by_role("button", name="Send it again, changed").click()
    expect(page.locator(".dfw-copies img")).to_have_count(13, timeout=60_000)
    go(page, "Look at a picture")
    expect(word).to_have_text("Can't tell")
    reason = re.compile("tips over to the other side .* so this page says: can't tell")
    expect(shown(page, reason)).to_be_visible()
    shot("question-taken-back")

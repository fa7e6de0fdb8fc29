"""Between the models of a folder people choose on the page: the shipped one, one of their own, the
ancestor's."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.servers import NOTEBOOKS, voila
from tests.helpers import ANCESTOR, ROOT, SHIPPED, needs_ancestor

OPPOSITE = {"Likely real": "Likely fake", "Likely fake": "Likely real", "Can't tell": "Can't tell"}


def turned_round(folder: Path) -> None:
    """The shipped model as somebody might drop it in who has the classes the other way round."""
    folder.mkdir()
    shutil.copy(SHIPPED / "model.tflite", folder)
    said = json.loads((SHIPPED / "manifest.json").read_text())
    del said["measured"], said["files"]["model.keras"]
    low, high = said["band"]
    said |= {"name": "Turned round", "speaks_for": "real", "band": [1 - high, 1 - low]}
    (folder / "manifest.json").write_text(json.dumps(said))


@pytest.fixture(scope="module")
def models_url(tmp_path_factory) -> Iterator[str]:
    """The dashboard of the repository beside a folder of models that somebody has added to."""
    place = tmp_path_factory.mktemp("somebody")
    (place / "notebooks").mkdir()
    (place / "images").symlink_to(ROOT / "images")
    shutil.copy(NOTEBOOKS / "dashboard.ipynb", place / "notebooks")
    shutil.copytree(SHIPPED, place / "models" / "detector")
    turned_round(place / "models" / "mine")
    (place / "models" / "damaged").mkdir()
    (place / "models" / "damaged" / "manifest.json").write_text('{"name": "cut sho')
    (place / "models" / "training").mkdir()
    if ANCESTOR.is_dir():
        (place / "models" / "ancestor").mkdir()
        for ending in ("json", "h5"):
            shutil.copy(ANCESTOR / f"dffnetv2B0.{ending}", place / "models" / "ancestor")
    with voila(place / "notebooks" / "dashboard.ipynb") as server:
        yield server.url


@pytest.fixture
def answered(page: Page, models_url: str, portrait: bytes) -> Page:
    """The page with the verdict and the map of a portrait."""
    page.goto(models_url)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a picture").and_(
            page.locator(".dfw-button")
        ).first.click()
    chooser.value.set_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": portrait})
    expect(word(page)).to_be_visible(timeout=20_000)
    expect(told(page, "that it is fake")).to_be_visible()
    expect(told(page, re.compile("places pulled|this map is empty"))).to_be_visible()
    return page


def word(page: Page):
    return page.locator(".dfw-word")


def told(page: Page, words: str | re.Pattern[str]):
    """Where words are seen: not where only a screen reader finds them, and not in another tab."""
    return page.locator(".dfw-error, .dfw p").filter(has_text=words).and_(page.locator(":visible"))


def number(page: Page) -> float:
    return float(
        re.search(r"(\d\.\d+) that it is fake", told(page, "that it is fake").text_content() or "")[
            1
        ]
    )


def direction(page: Page) -> str:
    said = told(page, re.compile("toward (real|fake)(,|:)")).text_content() or ""
    return re.search("toward (real|fake)", said)[1]


def check(page: Page) -> None:
    """Nothing on the page is hard to reach, and it does not scroll sideways."""
    found = Axe().run(page, context=".dfw-panel")
    bad = [v for v in found.response["violations"] if v["impact"] in ("critical", "serious")]
    assert not bad, json.dumps([(v["id"], [n["html"] for n in v["nodes"]]) for v in bad], indent=1)
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_shipped_model_comes_first_and_folders_without_a_model_are_not_offered(answered):
    options = answered.get_by_label("Model", exact=True).locator("option")
    names = [
        option.replace("\xa0", " ") for option in options.all_text_contents()
    ]  # ipywidgets writes such spaces
    assert names == [
        "dfwidgets Lite0",
        *(["ancestor"] if ANCESTOR.is_dir() else []),
        "damaged",
        "Turned round",
    ]
    expect(told(answered, "was counted on real faces")).to_have_count(
        2
    )  # below the choice, and below the number


def test_with_one_model_there_is_nothing_to_choose(page, voila_url):
    page.goto(voila_url)
    expect(page.get_by_role("button", name="Choose a picture").first).to_be_visible(timeout=20_000)
    expect(page.get_by_label("Model", exact=True)).to_be_hidden()
    expect(told(page, "was counted on")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 1400])
def test_another_model_is_chosen_by_keyboard_and_the_picture_is_judged_and_drawn_anew(
    answered, shot, width
):
    answered.set_viewport_size({"width": width, "height": 900})
    before = word(answered).text_content(), number(answered), direction(answered)
    check(answered)
    shot(f"models-{width}")
    answered.get_by_role("tab", name="Look at a picture").focus()
    for _ in range(10):
        answered.keyboard.press("Tab")
        if answered.evaluate("document.activeElement.tagName") == "SELECT":
            break
    outline = answered.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "focus must be seen"
    answered.keyboard.type("Turned")
    expect(answered.get_by_label("Model", exact=True)).to_have_value("Turned round")
    expect(told(answered, "was never measured")).to_have_count(
        2
    )  # below the choice, and below the number
    other = "fake" if before[2] == "real" else "real"
    expect(told(answered, re.compile(f"toward {other}(,|:)"))).to_be_visible()
    assert word(answered).text_content() == OPPOSITE[before[0]]
    assert number(answered) == pytest.approx(1 - before[1], abs=0.011)
    expect(answered.get_by_role("img", name="one face found")).to_be_visible()
    check(answered)
    shot(f"models-turned-{width}")


def test_a_model_that_can_not_be_used_says_why_and_the_way_back_works(answered, shot):
    said = told(answered, "that it is fake").text_content()
    choice = answered.get_by_label("Model", exact=True)
    choice.select_option("damaged")
    expect(told(answered, "damaged/manifest.json can't be read")).to_be_visible()
    expect(word(answered)).to_have_count(0)
    expect(told(answered, "Once a picture is judged")).to_be_visible()
    check(answered)
    shot("models-damaged")
    choice.select_option("dfwidgets Lite0")
    expect(word(answered)).to_be_visible()
    assert told(answered, "that it is fake").text_content() == said
    expect(told(answered, re.compile("places pulled|this map is empty"))).to_be_visible()


@needs_ancestor
def test_the_ancestor_s_model_gives_its_verdict_and_its_map(answered, shot):
    answered.get_by_label("Model", exact=True).select_option("ancestor")
    expect(told(answered, "Getting the model ready...")).to_be_visible()
    shot("models-waiting")
    expect(word(answered)).to_be_visible(timeout=90_000)
    expect(told(answered, "a high number meaning real")).to_have_count(2)
    # Its random weights pull all one way, so of its two maps one may be empty; but one of them is
    # drawn.
    expect(told(answered, re.compile("places pulled|this map is empty"))).to_be_visible(
        timeout=60_000
    )
    answered.get_by_label(f"toward {direction(answered)}").check()
    if told(answered, "this map is empty").count():
        other = "real" if direction(answered) == "fake" else "fake"
        answered.get_by_label(f"toward {other}").check()
    expect(answered.get_by_role("img", name="Heat where the model looked")).to_be_visible(
        timeout=60_000
    )
    check(answered)
    answered.get_by_role("heading", name="Where did it look?").scroll_into_view_if_needed()
    answered.mouse.wheel(0, 900)
    shot("models-ancestor")

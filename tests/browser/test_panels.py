"""Real pictures go through the panels, in Voila and in JupyterLab, by mouse, by drop, by paste and
by keyboard."""

from __future__ import annotations

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

import dfwidgets as df
from tests.browser.helpers import (
    button,
    check_with_axe,
    choose,
    expect_answer,
    look_at_map,
    shown,
)
from tests.browser.servers import Server

TO_FILE = """([text, name, type]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  return transfer;
}"""


def open_voila(page: Page, request: pytest.FixtureRequest) -> None:
    page.goto(request.getfixturevalue("voila_url"))


def open_lab(page: Page, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("run_lesson")("02-where-it-looks.ipynb")


@pytest.fixture(params=[open_voila, open_lab], ids=["voila", "lab"])
def panels(page: Page, request: pytest.FixtureRequest) -> Page:
    """The page with both panels ready."""
    request.param(page, request)
    expect(button(page)).to_be_visible(timeout=60_000)
    return page


@pytest.fixture
def dashboard(page: Page, voila_url: str) -> Page:
    """The dashboard, ready."""
    page.goto(voila_url)
    expect(button(page)).to_be_visible(timeout=30_000)
    return page


def noisy_photo(portrait: bytes, megabytes: int) -> bytes:
    """A PNG of at least so many megabytes that shows the portrait."""
    side = int((megabytes * 1024**2 / 2.0) ** 0.5)
    large = np.asarray(Image.open(io.BytesIO(portrait)).resize((side, side)), np.int16)
    grain = np.random.default_rng(0).integers(-16, 17, large.shape)
    out = io.BytesIO()
    Image.fromarray(np.clip(large + grain, 0, 255).astype(np.uint8)).save(
        out, "PNG", compress_level=1
    )
    assert out.tell() >= megabytes * 1024**2
    return out.getvalue()


def test_a_chosen_picture_gets_its_verdict_and_its_map_twice(panels, portrait, shot, request):
    choose(panels, portrait)
    expect_answer(panels)
    expect(panels.get_by_role("img", name="one face found")).to_be_visible()
    shot(f"answer-{request.node.callspec.id}")
    choose(panels, portrait)
    expect_answer(panels)


def test_a_dropped_picture_gets_its_verdict(panels, portrait):
    transfer = panels.evaluate_handle(
        TO_FILE, [base64.b64encode(portrait).decode(), "a.jpg", "image/jpeg"]
    )
    for event in ("dragenter", "dragover", "drop"):
        button(panels).locator("..").dispatch_event(event, {"dataTransfer": transfer})
    expect_answer(panels)


def test_a_pasted_picture_gets_its_verdict(panels, portrait):
    transfer = panels.evaluate_handle(
        TO_FILE, [base64.b64encode(portrait).decode(), "a.png", "image/png"]
    )
    button(panels).scroll_into_view_if_needed()  # a paste goes to the panel that is in sight
    panels.evaluate(
        "transfer => document.body.dispatchEvent(new ClipboardEvent('paste',"
        " { clipboardData: transfer, bubbles: true, cancelable: true }))",
        transfer,
    )
    expect_answer(panels)


def test_a_text_file_gets_a_sentence_and_a_picture_works_after_it(panels, portrait, shot, request):
    choose(panels, b"Dear diary, today I renamed this file.", "diary.jpg")
    expect(shown(panels, "it looks like a text file")).to_be_visible()
    shot(f"text-file-{request.node.callspec.id}")
    choose(panels, portrait)
    expect_answer(panels)
    expect(shown(panels, "it looks like a text file")).to_have_count(0)


def test_a_photo_of_12_megabytes_works(panels, portrait):
    choose(panels, noisy_photo(portrait, 12), "large.png", "image/png")
    expect(panels.get_by_text("Reading...")).to_be_visible()
    expect_answer(panels)


def test_a_file_of_30_megabytes_gets_the_sentence(panels, portrait):
    choose(panels, bytes(30 * 1024**2))
    expect(shown(panels, "the limit is 25 MB")).to_be_visible()
    choose(panels, portrait)
    expect_answer(panels)


def test_something_dropped_that_is_no_file_gets_a_sentence(dashboard):
    transfer = dashboard.evaluate_handle("() => new DataTransfer()")
    button(dashboard).locator("..").dispatch_event("drop", {"dataTransfer": transfer})
    expect(shown(dashboard, "Nothing arrived that is a file")).to_be_visible()


def test_a_file_name_with_markup_does_nothing(dashboard):
    choose(dashboard, b"<script>alert(1)</script>", "<img src=x onerror=alert(1)>.jpg")
    expect(shown(dashboard, "This is not a picture we can read")).to_be_visible()
    assert dashboard.locator("img[src='x']").count() == 0


def test_of_two_faces_the_other_one_can_be_chosen(dashboard, two_faces, shot):
    out = io.BytesIO()
    Image.fromarray(two_faces).save(out, "JPEG", quality=95)
    choose(dashboard, out.getvalue())
    expect_answer(dashboard)
    first = dashboard.get_by_role("button", name="Judge face 1 of 2")
    second = dashboard.get_by_role("button", name="Judge face 2 of 2")
    expect(first).to_have_attribute("aria-pressed", "true")
    second.press("Enter")
    expect(second).to_have_attribute("aria-pressed", "true")
    expect(first).to_have_attribute("aria-pressed", "false")
    expect_answer(dashboard)
    shot("two-faces")


def test_each_frame_lies_around_its_face(dashboard, two_faces):
    out = io.BytesIO()
    Image.fromarray(two_faces).save(out, "PNG")
    choose(dashboard, out.getvalue(), "two.png", "image/png")
    expect_answer(dashboard)
    picture = dashboard.get_by_role("img", name="2 faces found").bounding_box()
    assert picture["width"] == pytest.approx(1.5 * picture["height"], abs=1), "it is no square"
    height, width = two_faces.shape[:2]
    faces = df.find_faces(two_faces)
    assert len(faces) == 2
    for number, face in enumerate(faces, 1):
        frame = dashboard.get_by_role("button", name=f"Judge face {number} of 2").bounding_box()
        box = {
            "x": picture["x"] + face.left / width * picture["width"],
            "y": picture["y"] + face.top / height * picture["height"],
            "width": (face.right - face.left) / width * picture["width"],
            "height": (face.bottom - face.top) / height * picture["height"],
        }
        assert frame == pytest.approx(box, abs=2)


def test_a_paste_while_somebody_types_is_left_to_the_text(dashboard, portrait):
    transfer = dashboard.evaluate_handle(
        TO_FILE, [base64.b64encode(portrait).decode(), "a.png", "image/png"]
    )
    button(dashboard).scroll_into_view_if_needed()
    # Whoever takes a paste says so, so that the browser leaves it alone.
    takes = """([markup, transfer]) => {
      document.body.insertAdjacentHTML("beforeend", markup);
      const place = document.body.lastElementChild;
      const options = { clipboardData: transfer, bubbles: true, cancelable: true };
      const taken = !place.dispatchEvent(new ClipboardEvent("paste", options));
      place.remove();
      return taken;
    }"""

    def taken(markup: str) -> bool:
        return dashboard.evaluate(takes, [markup, transfer])

    assert not taken("<input type=text>")
    assert not taken("<input type=search>")
    assert not taken("<textarea></textarea>")
    assert not taken("<p contenteditable>text</p>")
    assert not taken("<div class=cm-editor></div>"), "a cell of JupyterLab"
    expect(shown(dashboard, "that it is fake")).to_have_count(0)
    assert taken("<p>text that nobody can change</p>"), "so that all this can fail"
    expect_answer(dashboard)


def test_without_a_face_the_whole_picture_is_offered(dashboard):
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(out, "PNG")
    choose(dashboard, out.getvalue(), "plain.png", "image/png")
    expect(shown(dashboard, "No face found")).to_be_visible()
    dashboard.get_by_role("button", name="Judge the whole picture").click()
    expect_answer(dashboard)


def test_everything_can_be_done_by_keyboard(panels, portrait):
    press = panels.keyboard.press

    def tab_to(test: str) -> None:
        for _ in range(30):
            press("Tab")
            if panels.evaluate(
                f"(() => {{ const it = document.activeElement; return {test}; }})()"
            ):
                return
        raise AssertionError(f"Tab never reached {test}")

    panels.get_by_role("heading", name="Is this face real?").click()  # where Tab starts from
    tab_to("it.textContent === 'Choose a picture'")
    outline = panels.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "focus must be seen"
    with panels.expect_file_chooser() as chooser:
        press("Enter")
    chooser.value.set_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": portrait})
    expect_answer(panels)
    tab_to("it.tagName === 'SUMMARY'")
    press("Enter")
    expect(shown(panels, "A score is no proof")).to_be_visible()
    # In Voila the radios of a group are one stop of Tab; in JupyterLab, where ipywidgets gives them
    # no name, one each.
    tab_to("it.type === 'radio'")
    if panels.evaluate("document.activeElement.name"):
        press("ArrowRight")
    else:
        tab_to("it.type === 'radio' && !it.checked")
        press("Space")
    other = panels.evaluate("document.activeElement.closest('label').textContent")
    expect(panels.get_by_label(other, exact=True)).to_be_checked()
    expect_answer(panels)


def test_the_tabs_are_reached_by_keyboard(dashboard):
    dashboard.get_by_role("tab", name="Look at a picture").focus()
    for _ in range(4):
        dashboard.keyboard.press("ArrowRight")
    dashboard.keyboard.press("Enter")
    expect(dashboard.get_by_text("Do not use it to accuse anyone")).to_be_visible()


def test_in_jupyterlab_a_map_is_measured_where_its_panel_is_seen(page, run_lesson, portrait):
    run_lesson("02-where-it-looks.ipynb")
    expect(button(page)).to_be_visible(timeout=60_000)
    choose(page, portrait)
    expect_answer(page)
    look_at_map(page)
    measured = re.compile("Blurring the brightest|explains nothing here")
    expect(shown(page, measured)).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_it_reads_well_in_jupyterlab(page, run_lesson, portrait, shot, dark):
    run_lesson("02-where-it-looks.ipynb")
    expect(button(page)).to_be_visible(timeout=60_000)
    if dark:
        page.get_by_role("menuitem", name="Settings").click()
        page.get_by_text("Theme", exact=True).hover()
        page.get_by_text("JupyterLab Dark", exact=True).click()
        expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    choose(page, portrait)
    expect_answer(page)
    check_with_axe(page)
    page.keyboard.press("Control+b")
    page.set_viewport_size({"width": 420, "height": 900})  # 320 px beside JupyterLab's own bars
    button(page).scroll_into_view_if_needed()
    shot(f"lab-narrow-{'dark' if dark else 'light'}")
    # JupyterLab lays its panes out again in its own time.
    page.wait_for_function(
        "(it => it.scrollWidth <= it.clientWidth + 1)(document.querySelector('.dfw-panel'))"
    )


@pytest.mark.parametrize(
    ("width", "scheme"), [(320, "light"), (1400, "light"), (1400, "dark"), (320, "dark")]
)
def test_it_reads_well_on_a_phone_and_in_the_dark(page, voila_url, portrait, shot, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(voila_url)
    choose(page, portrait)
    expect_answer(page)
    expect(page.get_by_role("img", name="Heat where the model looked")).to_be_visible()
    shot(f"answer-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    check_with_axe(page)


def test_a_slow_map_can_be_cancelled_and_then_drawn(dashboard, portrait, shot):
    choose(dashboard, portrait)
    expect_answer(dashboard)
    dashboard.get_by_label("SmoothGrad").check()
    expect(shown(dashboard, "Drawing the map...")).to_be_visible()
    dashboard.get_by_role("button", name="Cancel").click()
    expect(dashboard.get_by_label("Grad-CAM", exact=True)).to_be_checked()
    expect(shown(dashboard, "places pulled the model toward")).to_be_visible(timeout=90_000)
    dashboard.get_by_label("SmoothGrad").check()
    expect(shown(dashboard, "would move the answer, either way")).to_be_visible(timeout=90_000)
    shot("smoothgrad")


def test_the_kernel_of_a_verdict_with_its_map_holds_no_tensorflow(
    dashboard, portrait, voila_server: Server
):
    choose(dashboard, portrait)
    expect_answer(dashboard)
    config = json.loads(dashboard.locator("#jupyter-config-data").text_content() or "")
    libraries = {part.path for part in voila_server.kernel(config["kernelId"]).memory_maps()}
    assert any("ai_edge_litert" in path for path in libraries)
    assert not any("/tensorflow/" in path for path in libraries)

"""Many pictures go through the panel in Voila: by mouse, by drop and by keyboard, on a phone and in
the dark."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.servers import voila
from tests.helpers import ROOT

PHOTOS = sorted(ROOT.glob("images/Real/*.jpg"))
EVIL = "<img src=x onerror=alert(1)>.jpg"


@pytest.fixture(scope="module")
def batch_url(tmp_path_factory) -> Iterator[str]:
    """A page with this panel alone."""
    detector = ROOT / "models" / "detector"
    cell = f"import dfwidgets as df\ndf.BatchPanel(df.Session(df.load_detector({str(detector)!r})))"
    notebook = tmp_path_factory.mktemp("batch") / "batch.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)]), notebook)
    with voila(notebook) as server:
        yield server.url


@pytest.fixture
def panel(page: Page, batch_url: str) -> Page:
    """The page, ready."""
    page.goto(batch_url)
    expect(button(page)).to_be_visible(timeout=90_000)
    return page


def button(page: Page) -> Locator:
    return page.get_by_role("button", name="Choose pictures").and_(page.locator(".dfw-button"))


def files(count: int) -> list[dict]:
    """So many pictures, the second of them broken."""
    chosen = [
        {
            "name": f"{i:03}.jpg",
            "mimeType": "image/jpeg",
            "buffer": PHOTOS[i % len(PHOTOS)].read_bytes(),
        }
        for i in range(count)
    ]
    chosen[1] = {"name": EVIL, "mimeType": "image/jpeg", "buffer": chosen[1]["buffer"][:2000]}
    return chosen


def choose(page: Page, count: int) -> None:
    with page.expect_file_chooser() as chooser:
        button(page).click()
    chooser.value.set_files(files(count))


def rows(page: Page) -> Locator:
    return page.locator(".dfw-list tbody").get_by_role("row")


def names(page: Page) -> list[str]:
    return page.locator(".dfw-list tbody td:nth-child(2)").all_text_contents()


def download(page: Page, kind: str, place: Path) -> str:
    with page.expect_download() as saved:
        page.get_by_role("button", name=f"Download {kind}").click()
    assert saved.value.suggested_filename == f"verdicts.{kind.lower()}"
    saved.value.save_as(place / kind)
    return (place / kind).read_text("utf-8")


def test_forty_chosen_pictures_become_a_table_and_two_files(panel, tmp_path, shot):
    choose(panel, 40)
    expect(panel.get_by_role("button", name="Cancel")).to_be_visible()
    expect(panel.get_by_text("of 40 done, about")).to_be_visible(timeout=20_000)
    expect(panel.locator(".dfw-scores > p", has_text="39 with a verdict, 1 without")).to_be_visible(
        timeout=60_000
    )
    expect(rows(panel)).to_have_count(40)
    shot("batch-light")
    bad = rows(panel).filter(has_text="onerror")
    expect(bad).to_contain_text("damaged or cut short")
    assert panel.locator("img[src='x']").count() == 0
    expect(panel.get_by_role("img", name="Picture 000.jpg")).to_be_visible()
    table = list(csv.DictReader(download(panel, "CSV", tmp_path).splitlines()))
    assert [row["file"] for row in table] == [one["name"] for one in files(40)]
    assert len([row for row in table if row["verdict"]]) == 39
    assert json.loads(download(panel, "JSON", tmp_path))[1]["error"].startswith(
        "This picture is damaged"
    )


def test_by_keyboard_alone_the_table_is_sorted_and_filtered(panel):
    panel.keyboard.press("Tab")
    expect(button(panel)).to_be_focused()
    with panel.expect_file_chooser() as chooser:
        panel.keyboard.press("Enter")
    chooser.value.set_files(files(6))
    expect(rows(panel)).to_have_count(6, timeout=60_000)
    expect(panel.get_by_role("button", name="Empty the list")).to_be_visible()
    score = panel.get_by_role("columnheader", name="Score")
    for _ in range(12):
        panel.keyboard.press("Tab")
        if score.get_by_role("button").evaluate("it => it === document.activeElement"):
            break
    for way, turn in (("descending", True), ("ascending", False)):
        panel.keyboard.press("Enter")
        expect(score).to_have_attribute("aria-sort", way)
        numbers = panel.locator(".dfw-list tbody td:nth-child(4)").all_text_contents()
        values = [
            float(number.removeprefix("less than ").removeprefix("more than "))
            for number in numbers
            if number
        ]
        assert len(values) == 5 and values == sorted(values, reverse=turn)
        assert names(panel)[-1] == EVIL, "what has no score comes last"
    show = panel.get_by_role("combobox", name="Show")
    show.focus()
    panel.keyboard.press("End")
    expect(show).to_have_value("no verdict")
    expect(rows(panel)).to_have_count(1)
    panel.get_by_role("button", name="Empty the list").press("Enter")
    expect(rows(panel)).to_have_count(0)


def test_pictures_that_are_dropped_and_then_cancelled_leave_what_is_done(panel, shot):
    transfer = panel.evaluate_handle(
        """([text, count]) => {
          const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
          const transfer = new DataTransfer();
          for (let i = 0; i < count; i++) {
            transfer.items.add(new File([bytes], `${i}.jpg`, { type: "image/jpeg" }));
          }
          return transfer;
        }""",
        [base64.b64encode(PHOTOS[0].read_bytes()).decode(), 220],
    )
    button(panel).locator("..").dispatch_event("drop", {"dataTransfer": transfer})
    expect(panel.get_by_text("Of 220 pictures 200 were taken")).to_be_visible()
    expect(rows(panel).nth(3)).to_be_visible(timeout=20_000)
    shot("batch-running")
    panel.get_by_role("button", name="Cancel").click()
    expect(panel.locator(".dfw-error", has_text="Stopped.")).to_be_visible()
    count = rows(panel).count()
    assert 4 <= count < 200
    choose(panel, 3)
    expect(rows(panel)).to_have_count(count + 3, timeout=20_000)


def test_in_jupyterlab_a_folder_is_named_and_judged(page, run_lesson, shot):
    run_lesson("10-many-pictures.ipynb")
    panel = page.locator(".dfw-panel").first
    folder = panel.get_by_role("textbox", name="Or a folder")
    folder.fill("../images/nowhere")
    panel.get_by_role("button", name="Judge this folder").click()
    expect(
        panel.locator(".dfw-error", has_text="There is no folder “../images/nowhere”.")
    ).to_be_visible(timeout=20_000)
    folder.fill("../images/Real")
    folder.press("Tab")
    page.keyboard.press("Enter")
    expect(panel.locator(".dfw-scores > p", has_text="36 with a verdict, 0 without")).to_be_visible(
        timeout=60_000
    )
    panel.get_by_role("columnheader", name="Score").get_by_role("button").click()
    expect(panel.locator(".dfw-list tbody").get_by_role("row").first).to_contain_text(
        "likely fake", ignore_case=True
    )
    panel.scroll_into_view_if_needed()
    shot("batch-lab")


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1400, "dark")])
def test_it_reads_well_on_a_phone_and_in_the_dark(page, batch_url, shot, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto(batch_url)
    choose(page, 8)
    expect(page.locator(".dfw-scores > p", has_text="7 with a verdict, 1 without")).to_be_visible(
        timeout=60_000
    )
    page.get_by_role("columnheader", name="Score").get_by_role("button").click()
    expect(rows(page)).to_have_count(8)
    shot(f"batch-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.get_by_role("cell", name="damaged or cut short")).to_have_count(
        1
    )  # cards are a table, too
    found = Axe().run(page, context=".dfw-panel")
    bad = [v for v in found.response["violations"] if v["impact"] in ("critical", "serious")]
    assert not bad, json.dumps([(v["id"], [n["html"] for n in v["nodes"]]) for v in bad], indent=1)

"""A person keeps what was said: a click makes a sheet, and the browser saves it."""

from __future__ import annotations

import asyncio
import re
import threading
from html import unescape

import ipywidgets as ipw
import numpy as np
import pytest
from ipywidgets.embed import embed_data

import dfwidgets as df
from dfwidgets import markup
from tests.helpers import ROOT, Broken, Redness, Size

GREY = np.full((64, 80, 3), 204, np.uint8)


def opened(detector):
    """A session with a judged picture, its panel, and the files that the browser got."""
    session = df.Session(detector)
    panel = df.EvidencePanel(session)
    files = []
    panel.download.send = lambda message, buffers: files.append((message, buffers[0].decode()))
    session.open(GREY)
    session.judge(None)
    return session, panel, files


def seen(widget):
    return widget.layout.display != "none"


def test_before_a_picture_there_is_nothing_to_press(redness):
    panel = df.EvidencePanel(df.Session(redness))
    assert seen(panel.empty)
    assert not seen(panel.tools)
    panel.make.click()
    assert panel.message.value == ""


def test_a_click_makes_a_sheet_and_the_browser_gets_it(redness):
    session, panel, files = opened(redness)
    assert seen(panel.tools)
    assert "It contains the picture" in panel.tools.children[0].value
    before = session.prediction
    panel.make.click()
    [(message, page)] = files
    assert message["type"] == "text/html"
    assert re.fullmatch(r"evidence-[0-9a-f]{12}\.html", message["name"])
    assert page.startswith("<!DOCTYPE html>")
    assert "Likely fake" in page
    assert f"The sheet is made: {message['name']}" in panel.message.value
    assert panel.download.announcement.startswith("The sheet is made")
    assert not panel.make.disabled
    assert session.prediction is before
    panel.make.click()
    assert len(files) == 2


def test_the_sheet_holds_the_map_and_the_checks_that_the_page_shows(redness):
    redness.methods = ("Grad-CAM", "Second")
    redness.shuffled = lambda seed: Redness()
    session, panel, files = opened(redness)
    session.explain("fake", "Second")
    session.measure_sanity()
    redness.explain = Broken().explain
    panel.make.click()
    assert "The map by Second." in files[0][1]
    assert "rank correlation 1.00" in files[0][1] or "rank correlation 0.00" in files[0][1]
    assert "There is no map" not in files[0][1]


def test_edges_that_were_moved_are_those_of_the_sheet(redness):
    session, panel, files = opened(redness)
    session.set_band((0.1, 0.9))
    panel.make.click()
    assert "0.10 and 0.90, edges that somebody chose" in unescape(files[0][1])


def test_a_verdict_that_flips_is_taken_back_on_the_page_as_on_the_sheet():
    session, panel, files = opened(Size())
    assert session.prediction.verdict == "likely fake"
    panel.make.click()
    assert session.prediction.verdict == "can't tell"
    assert "so this page says" in session.prediction.reason
    assert "Evidence sheet: can't tell" in unescape(files[0][1])
    assert "The sheet is made" in panel.message.value


def test_edges_moved_meanwhile_end_the_sheet_and_another_can_be_made(redness):
    async def story():
        session = df.Session(redness)
        panel = df.EvidencePanel(session)
        files = []
        panel.download.send = lambda message, buffers: files.append(buffers[0].decode())
        session.open(GREY)
        await settled(session)
        session.judge(None)
        await settled(session)
        panel.make.click()
        assert panel.make.disabled
        session.set_band((0.1, 0.9))
        assert "The verdict changed meanwhile" in panel.message.value
        assert not panel.make.disabled
        panel.make.click()
        async with asyncio.timeout(20):
            while not files:
                await asyncio.sleep(0.01)
        assert "The sheet is made" in panel.message.value
        [page] = files
        assert "0.10 and 0.90" in page

    asyncio.run(story())


class Gated(Redness):
    """Draws its map only when it is let, and counts what it is asked after that."""

    def __init__(self):
        self.let = threading.Event()
        self.begun = threading.Event()
        self.after = 0

    def predict(self, image, face="largest"):
        self.after += self.let.is_set()
        return super().predict(image, face)

    def explain(self, image, face="largest", **how):
        self.begun.set()
        assert self.let.wait(20)
        return super().explain(image, face, **how)


def test_a_sheet_gives_way_to_another_picture_when_that_is_asked_for():
    async def story():
        detector = Gated()
        session = df.Session(detector)
        panel = df.EvidencePanel(session)
        session.open(GREY)
        await settled(session)
        session.judge(None)
        await settled(session)
        panel.make.click()
        await asyncio.to_thread(detector.begun.wait, 20)
        session.open(b"dear diary")
        assert "Something else was asked for" in panel.message.value
        assert not panel.make.disabled
        detector.let.set()
        await settled(session)
        assert detector.after == 0, "of the sheet nothing more is asked"
        assert "Something else was asked for" in panel.message.value, "the verdict still stands"
        session.set_band((0.1, 0.9))
        assert "The verdict changed meanwhile" in panel.message.value
        session.set_band(None)
        assert panel.message.value == str(markup.block(markup.quiet("")))

    asyncio.run(story())


def test_pressed_twice_in_a_hurry_it_makes_one_sheet(redness):
    async def story():
        session = df.Session(redness)
        panel = df.EvidencePanel(session)
        files = []
        panel.download.send = lambda message, buffers: files.append(message["name"])
        session.open(GREY)
        await settled(session)
        session.judge(None)
        await settled(session)
        panel.make.click()
        panel.make.click()
        async with asyncio.timeout(20):
            while panel.make.disabled:
                await asyncio.sleep(0.01)
        session.load()  # behind whatever was asked for
        await settled(session)
        assert len(files) == 1

    asyncio.run(story())


async def settled(session):
    async with asyncio.timeout(20):
        while session.busy:
            await asyncio.sleep(0.01)


def test_a_model_whose_folder_is_gone_is_said_on_the_sheet(redness):
    _, panel, files = opened(redness)
    redness.folder = ROOT / "nowhere"
    panel.make.click()
    assert "There is no folder" in files[0][1]


def test_where_no_sheet_can_be_made_a_sentence_says_so_and_it_can_be_tried_again(
    redness, monkeypatch
):
    _, panel, files = opened(redness)
    with monkeypatch.context() as patch:
        patch.setattr("dfwidgets.report.evidence_page._STATIC", ROOT / "nowhere")
        panel.make.click()
    assert files == []
    assert "dfw-error" in panel.message.value
    assert "No such file" in panel.download.announcement
    panel.make.click()
    assert len(files) == 1


def test_nothing_of_the_picture_stays_in_a_widget(redness):
    ipw.Widget.close_all()  # those of other tests
    _, panel, files = opened(redness)
    panel.make.click()
    assert "data:image" in files[0][1]
    assert "data:image" not in str(embed_data([panel]))


def test_it_is_the_last_panel_of_its_tab(redness):
    page = df.dashboard(redness)
    tabs = page.children[1]
    tabs.selected_index = list(tabs.titles).index("Question the verdict")
    assert isinstance(
        tabs.children[tabs.selected_index].children[-1],
        df.EvidencePanel,
    )


@pytest.mark.model
def test_the_shipped_model_s_sheet_comes_out_of_the_panel(shipped):
    session = df.Session(shipped)
    panel = df.EvidencePanel(session)
    files = []
    panel.download.send = lambda message, buffers: files.append((message, buffers[0].decode()))
    session.open((ROOT / "images" / "Real" / "p01.jpg").read_bytes())
    panel.make.click()
    assert files[0][0]["name"] == f"evidence-{session.facts.sha256[:12]}.html"
    assert session.facts.sha256 in files[0][1]

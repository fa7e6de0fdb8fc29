"""The panel for many pictures, by what a page sends to it."""

from __future__ import annotations

import asyncio
import base64
import csv
import json
import re
import threading

import ipywidgets as ipw
import numpy as np
import pytest
from ipywidgets.embed import embed_data

import dfwidgets as df
from dfwidgets.measure.rows import Row
from dfwidgets.panels import batch
from dfwidgets.pictures.images import MAX_BYTES, to_png
from tests.helpers import ROOT, Redness

PHOTOS = sorted((ROOT / "images" / "Real").glob("*.jpg"))


class Page:
    """Stands for the browser: keeps the chosen files until it is asked, then sends them."""

    def __init__(self, panel: df.BatchPanel) -> None:
        self.panel, self.queue, self.sending = panel, [], None
        self.asked = self.stopped = 0
        self.table: list[dict] = []
        self.files: list[tuple[dict, bytes]] = []
        panel.dropzone.send = self._receive
        panel.scores.send = self._receive_rows
        panel.download.send = lambda message, buffers: self.files.append((message, buffers[0]))

    def choose(self, *files: tuple[str, bytes]) -> None:
        taken = files[: self.panel.dropzone.max_files]
        self.queue += taken
        self.say({"kind": "several", "chosen": len(files), "taken": len(taken)})

    def say(self, message: dict, *buffers: bytes) -> None:
        self.panel.dropzone._handle_custom_msg(message, list(buffers))

    def press(self, kind: str) -> str:
        self.panel.scores._handle_custom_msg({"kind": "download", "as": kind}, [])
        message, data = self.files[-1]
        assert message["name"] == f"verdicts.{kind}"
        return data.decode()

    def _receive(self, message: dict, buffers: object = None) -> None:
        if message.get("kind") == "stop":
            self.stopped += 1
            self.queue, self.sending = [], None
        elif message.get("kind") == "next":
            self.asked += 1
            name, data = self.sending = self.queue.pop(0)
            if len(data) > MAX_BYTES:
                self.say({"kind": "too big", "size": len(data), "name": name})
            else:
                self.say({"kind": "start", "id": self.asked, "size": len(data), "name": name})
        elif self.sending and message["received"] < len(self.sending[1]):
            at = message["received"]
            self.say({"kind": "piece", "id": message["id"]}, self.sending[1][at : at + 200_000])

    def _receive_rows(self, message: dict, buffers: list[bytes] | None = None) -> None:
        del self.table[message["start"] :]
        self.table += message["rows"]


@pytest.fixture
def panel(redness) -> df.BatchPanel:
    """The panel of a student's detector."""
    return df.BatchPanel(df.Session(redness))


@pytest.fixture
def page(panel) -> Page:
    """A browser that shows it."""
    return Page(panel)


def photos(count: int) -> list[tuple[str, bytes]]:
    return [(f"{i}.jpg", PHOTOS[i % len(PHOTOS)].read_bytes()) for i in range(count)]


def test_chosen_pictures_become_rows_in_their_order_and_a_bad_one_stops_nobody(panel, page):
    files = photos(5)
    files[2] = ("<b>bad</b>.jpg", files[2][1][:3000])
    page.choose(*files)
    assert [row.file for row in panel.rows] == [name for name, _ in files]
    assert [bool(row.verdict) for row in panel.rows] == [True, True, False, True, True]
    assert [row["file"] for row in page.table] == [name for name, _ in files]
    assert page.table[2]["verdict"] == "no verdict"
    assert "cut short" in page.table[2]["note"]
    assert panel.scores.status == "4 with a verdict, 1 without."
    assert panel.scores.fraction == -1
    assert panel.cancel.layout.display == "none"
    assert panel.session.image is None, "the panel for one picture stays as it is"


def test_a_file_that_is_too_large_or_gone_gets_its_row(panel, page):
    page.choose(("large.jpg", bytes(MAX_BYTES + 1)), *photos(2))
    assert "the limit is 25 MB" in panel.rows[0].error
    assert [row.file for row in panel.rows] == ["large.jpg", "0.jpg", "1.jpg"]


def test_a_browser_that_lies_about_the_size_gets_a_row_with_the_reason(panel, page):
    page.queue = photos(1)
    panel.dropzone.send = lambda message, buffers=None: None
    page.say({"kind": "several", "chosen": 1, "taken": 1})
    page.say({"kind": "start", "id": 1, "size": 10 * MAX_BYTES, "name": "lie.jpg"})
    assert "the limit is 25 MB" in panel.rows[0].error


def test_what_was_dropped_and_is_no_file_gets_a_sentence_and_no_row(panel, page):
    page.say({"kind": "no file"})
    assert "Nothing arrived that is a file" in panel.message.value
    assert panel.rows == ()


def test_more_than_200_are_not_taken_and_it_says_so(panel):
    panel.dropzone.send = lambda message, buffers=None: None  # a page that never sends one
    assert panel.dropzone.max_files == 200
    panel.dropzone._handle_custom_msg({"kind": "several", "chosen": 203, "taken": 203}, [])
    assert "Of 203 pictures 200 were taken: a list holds 200." in panel.message.value
    assert panel.scores.status.startswith("200 pictures")
    assert panel.dropzone.max_files == 0


def test_a_full_list_takes_no_more_until_it_is_emptied(redness, monkeypatch):
    monkeypatch.setattr(batch, "MAX_ROWS", 6)
    panel = df.BatchPanel(df.Session(redness))
    page = Page(panel)
    small = to_png(np.full((40, 40, 3), 128, np.uint8))
    page.choose(*[(f"{i}.png", small) for i in range(6 + 3)])
    assert len(panel.rows) == 6
    assert "Of 9 pictures 6 were taken" in panel.message.value
    page.choose(("late.png", small))
    assert len(panel.rows) == 6
    assert "Of 1 pictures 0 were taken" in panel.message.value
    panel.clear.click()
    assert page.table == []
    page.choose(("late.png", small))
    assert [row.file for row in panel.rows] == ["late.png"]


def test_a_full_list_of_the_model_before_leaves_room_for_a_whole_new_one(redness, monkeypatch):
    monkeypatch.setattr(batch, "MAX_ROWS", 3)
    panel = df.BatchPanel(df.Session(redness))
    page = Page(panel)
    page.choose(*photos(3))
    assert panel.dropzone.max_files == 0
    panel.session.use_detector(Redness())
    assert panel.dropzone.max_files == 3
    page.choose(*photos(2))
    assert len(panel.rows) == 2
    assert panel.dropzone.max_files == 1


def test_while_it_runs_it_says_how_many_are_done_and_reads_nothing_out():
    turns = threading.Semaphore(1)

    class Waits(Redness):
        def predict(self, image, face="largest"):
            assert turns.acquire(timeout=20)
            return super().predict(image, face)

    async def story() -> None:
        panel = df.BatchPanel(df.Session(Waits()))
        page = Page(panel)
        page.choose(*photos(3))
        assert panel.scores.status == "3 pictures, getting ready..."
        while not panel.rows:
            await asyncio.sleep(0.01)
        assert panel.scores.status.startswith("1 of 3 done, about ")
        assert panel.scores.fraction == pytest.approx(1 / 3)
        assert panel.scores.announcement == ""
        assert panel.dropzone.max_files == 200 - 3
        turns.release(2)
        while panel.scores.fraction >= 0:
            await asyncio.sleep(0.01)
        assert panel.scores.announcement == "3 with a verdict, 0 without."
        assert panel.dropzone.max_files == 200 - 3

    asyncio.run(story())


def test_a_page_that_opens_later_gets_all_rows(panel, page):
    page.choose(*photos(3))
    page.table.clear()
    panel.scores._handle_custom_msg({"kind": "all"}, [])
    assert [row["file"] for row in page.table] == ["0.jpg", "1.jpg", "2.jpg"]


def test_the_name_of_version_0_1_is_the_same_panel():
    assert df.ManyPanel is df.BatchPanel


def test_both_downloads_hold_every_row(panel, page):
    page.choose(("=1+1.jpg", PHOTOS[0].read_bytes()), ("bad.jpg", b"text"))
    table = list(csv.DictReader(page.press("csv").splitlines()))
    assert [row["file"] for row in table] == ["./=1+1.jpg", "bad.jpg"]
    assert [row["file"] for row in json.loads(page.press("json"))] == ["=1+1.jpg", "bad.jpg"]
    assert table[1]["error"]


def test_no_picture_of_anybody_is_in_what_a_notebook_saves(panel, page):
    page.choose(*photos(2))
    assert all(row.thumbnail for row in panel.rows)
    saved = json.dumps(embed_data([panel])["manager_state"])
    assert "dfw-panel" in saved
    assert "0.jpg" not in saved
    assert base64.b64encode(panel.rows[0].thumbnail).decode()[:40] not in saved


def test_another_model_ends_the_list_of_the_one_before(panel, page):
    class Other(Redness):
        pass

    page.choose(*photos(2))
    panel.session.use_detector(Other())
    assert len(panel.rows) == 2
    assert "Another model was chosen" in panel.message.value
    page.choose(*photos(1))
    assert [row.model for row in panel.rows] == ["Other"]
    assert "Another model" not in panel.message.value


def test_a_model_that_can_not_be_used_is_said_once(tmp_path, portrait):
    panel = df.BatchPanel(df.Session(df.load_detector(tmp_path)))
    page = Page(panel)
    page.choose(*photos(3))
    assert panel.rows == ()
    assert "manifest.json" in panel.message.value
    assert page.queue == []


def test_cancel_stops_at_once_and_keeps_what_is_done(portrait):
    go, begun = threading.Event(), threading.Event()

    class Waits(Redness):
        def predict(self, image, face="largest"):
            begun.set()
            go.wait(20)
            return super().predict(image, face)

    async def story() -> None:
        panel = df.BatchPanel(df.Session(Waits()))
        page = Page(panel)
        page.choose(*photos(6))
        while not begun.is_set():
            await asyncio.sleep(0.01)
        assert panel.cancel.layout.display is None
        assert page.asked <= 2, "the others wait in the browser"
        panel.cancel.click()
        assert (page.stopped, page.queue) == (1, [])
        assert "Stopped." in panel.message.value
        go.set()
        page.choose(("next.jpg", portrait))
        while not panel.rows:
            await asyncio.sleep(0.01)
        assert [row.file for row in panel.rows] == ["next.jpg"], "a late answer is dropped"

    asyncio.run(story())


def test_what_comes_unasked_or_after_a_stop_makes_no_row(panel, page, portrait):
    page.say({"kind": "start", "id": 1, "size": len(portrait), "name": "unasked.jpg"})
    page.say({"kind": "piece", "id": 1}, portrait)
    page.say({"kind": "too big", "size": 99 * MAX_BYTES, "name": "unasked.jpg"})
    page.say({"kind": "unreadable", "name": "unasked.jpg"})
    assert panel.rows == ()

    panel.dropzone.send = lambda message, buffers=None: None  # a browser that takes its time
    page.say({"kind": "several", "chosen": 2, "taken": 2})
    panel.cancel.click()
    page.say({"kind": "unreadable", "name": "late.jpg"})
    assert panel.rows == ()
    assert "Stopped." in panel.message.value


def test_a_folder_that_is_listed_while_the_list_is_emptied_begins_no_new_one(redness, portrait):
    async def story() -> None:
        panel = df.BatchPanel(df.Session(redness), folders=True)
        page = Page(panel)
        page.choose(("first.jpg", portrait))
        while panel.clear.layout.display == "none":
            await asyncio.sleep(0.01)
        panel.folder.path.value = str(ROOT / "images" / "Real")
        panel.folder.start.click()
        panel.clear.click()
        panel.session.load()  # behind the folder
        while panel.session.busy:
            await asyncio.sleep(0.01)
        assert panel.rows == ()
        assert panel.scores.fraction == -1, "nothing is under way"

    asyncio.run(story())


def test_a_folder_is_asked_for_only_where_that_was_allowed(redness):
    ipw.Widget.close_all()  # those of other tests
    panel = df.BatchPanel(df.Session(redness))
    assert panel.folder is None
    assert "TextModel" not in json.dumps(embed_data([panel])), (
        "a page could write into what is made but not shown"
    )
    allowed = df.BatchPanel(df.Session(redness), folders=True)
    assert "TextModel" in json.dumps(embed_data([allowed]))


def test_a_folder_becomes_rows_and_what_was_left_out_is_said(redness, tmp_path, portrait):
    panel = df.BatchPanel(df.Session(redness), folders=True)
    Page(panel)
    (tmp_path / "a.jpg").write_bytes(portrait)
    (tmp_path / "b.jpg").write_bytes(b"")
    (tmp_path / "c.txt").write_text("a note")
    panel.folder.path.value = str(tmp_path)
    panel.folder.start.click()
    assert [(row.file, bool(row.verdict)) for row in panel.rows] == [
        ("a.jpg", True),
        ("b.jpg", False),
    ]
    assert "c.txt" in panel.message.value


@pytest.mark.parametrize(
    ("path", "said"),
    [("", "Write the path"), ("/no/such/<b>", "There is no folder “/no/such/&lt;b&gt;”")],
)
def test_a_folder_that_is_none_gets_a_sentence(redness, path, said):
    panel = df.BatchPanel(df.Session(redness), folders=True)
    panel.folder.path.value = path
    panel.folder.start.click()
    assert said in panel.message.value


def test_the_list_says_how_often_likely_fake_is_wrong():
    session = df.Session(df.load_detector(ROOT / "models" / "detector"))
    panel = df.BatchPanel(session)
    assert re.match(
        r"Likely fake begins at a score of 0\.\d\d\. A score this high or higher came from",
        panel.scores.rates,
    )

    class Unmeasured:
        def predict(self, image, face="largest"):
            return df.Prediction(p_fake=0.5)

    session.use_detector(Unmeasured())
    assert panel.scores.rates.startswith(
        "How often this model is wrong was never measured. Where fakes are rare"
    )


def test_a_list_keeps_the_rates_of_the_model_that_it_is_of(redness, portrait):
    session = df.Session(df.load_detector(ROOT / "models" / "detector"))
    panel = df.BatchPanel(session)
    page = Page(panel)
    panel.scores.show([Row("a.jpg", 0.95, "likely fake", "", 1)])
    session.use_detector(redness)
    assert "list is of the model before" in panel.message.value
    assert panel.scores.rates.startswith("Likely fake begins")
    page.choose(("next.jpg", portrait))
    assert [row.file for row in panel.rows] == ["next.jpg"]
    assert "never measured" in panel.scores.rates

"""A folder of pictures becomes rows, and bad files become reasons."""

from __future__ import annotations

import gc
import json
import os
import threading
import warnings
import weakref
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest

import dfwidgets as df
from dfwidgets.detector import ModelError
from dfwidgets.detectors.lite import LiteDetector
from dfwidgets.measure import batch
from dfwidgets.measure.batch import time_left
from dfwidgets.measure.listing import find_pictures
from dfwidgets.measure.rows import Row, from_csv, to_csv, to_json
from dfwidgets.pictures.images import MAX_BYTES, to_png
from dfwidgets.quiet import QUIET_WARNINGS
from tests.helpers import ROOT, Redness, as_another_user

PHOTOS = sorted((ROOT / "images" / "Real").glob("*.jpg"))


@pytest.fixture
def folder(tmp_path: Path, portrait: bytes) -> Path:
    """Six files: three good ones, one of them in a folder inside, and three that are broken in
    three ways."""
    (tmp_path / "inside").mkdir()
    (tmp_path / "a.jpg").write_bytes(PHOTOS[0].read_bytes())
    (tmp_path / "b.jpg").write_bytes(portrait[:3000])
    (tmp_path / "c.jpg").write_bytes(b"Dear diary, today I renamed this file.")
    (tmp_path / "d.png").write_bytes(b"")
    (tmp_path / "e.jpg").write_bytes(portrait)
    (tmp_path / "inside" / "f.jpg").write_bytes(PHOTOS[1].read_bytes())
    return tmp_path


def greys(count: int) -> list[tuple[str, bytes]]:
    """So many small pictures with their names, each a little lighter than the one before."""
    levels = [10 * number for number in range(count)]
    return [(f"{level}.png", to_png(np.full((40, 40, 3), level, np.uint8))) for level in levels]


def test_bad_files_become_reasons_and_never_stop_the_rest(folder, redness):
    rows = list(df.score_files(redness, folder))
    assert [row.file for row in rows] == [
        "a.jpg",
        "b.jpg",
        "c.jpg",
        "d.png",
        "e.jpg",
        "inside/f.jpg",
    ]
    assert [bool(row.verdict) for row in rows] == [True, False, False, False, True, True]
    for row, why in zip(
        rows[1:4], ("cut short", "looks like a text file", "This file is empty"), strict=True
    ):
        assert why in row.error
        assert (row.p_fake, row.faces) == (None, None)
    assert rows[4].faces == 1
    assert {row.model for row in rows} == {"Redness"}


@pytest.mark.model
def test_of_200_files_5_broken_ones_give_195_verdicts_and_5_reasons(tmp_path, shipped):
    for i in range(200):
        data = PHOTOS[i % len(PHOTOS)].read_bytes()
        (tmp_path / f"{i:03}.jpg").write_bytes(data[:4000] if i % 40 == 7 else data)
    rows = list(df.score_files(shipped, tmp_path))
    assert len(rows) == 200
    assert sum(bool(row.verdict) for row in rows) == 195
    assert [row.file for row in rows if row.error] == [f"{i:03}.jpg" for i in range(7, 200, 40)]


@pytest.mark.model
def test_a_row_says_what_the_panel_for_one_picture_says(shipped, two_faces, tmp_path):
    from PIL import Image

    Image.fromarray(two_faces).save(tmp_path / "two.png")
    Image.new("RGB", (300, 200), "teal").save(tmp_path / "none.png")
    none, two = df.score_files(shipped, tmp_path)
    session = df.Session(shipped)
    session.open(tmp_path / "two.png")
    assert (two.p_fake, two.verdict, two.faces) == (
        session.prediction.p_fake,
        session.prediction.verdict,
        2,
    )
    assert (none.faces, none.verdict) == (0, "can't tell")
    assert "No face was found" in none.reason
    assert two.model.startswith("dfwidgets Lite0 ")


def test_bytes_with_a_name_are_scored_and_carry_a_small_picture(redness, portrait):
    (row,) = df.score_files(redness, [("me.jpg", portrait)], thumbnail=96)
    assert row.file == "me.jpg"
    assert max(df.open_image(row.thumbnail).shape) == 96
    assert len(row.thumbnail) < 8000
    assert "thumbnail" not in repr(row)


def test_pictures_are_dropped_once_they_are_scored(portrait):
    alive: list[weakref.ref] = []

    class Remembers(Redness):
        def predict(self, image, face="largest"):
            alive.append(weakref.ref(image))
            return super().predict(image, face)

    most = 0
    gc.freeze()  # what the other tests left need not be gone through again and again
    try:
        for _ in df.score_files(Remembers(), ((f"{i}.jpg", portrait) for i in range(12))):
            gc.collect()
            most = max(most, sum(ref() is not None for ref in alive))
    finally:
        gc.unfreeze()
    assert len(alive) == 12
    assert most <= 4, "one a thread"


def test_pictures_are_asked_for_only_a_few_ahead(redness, portrait):
    taken = 0

    def pictures():
        nonlocal taken
        for i in range(50):
            taken += 1
            yield f"{i}.jpg", portrait

    rows = df.score_files(redness, pictures())
    next(rows)
    assert taken <= 5
    rows.close()
    assert taken <= 5


def test_who_closes_early_waits_only_for_what_has_begun(monkeypatch):
    monkeypatch.setattr(batch, "THREADS", 2)
    judged = []
    called_off = []
    all_called_off = threading.Event()
    cancel = Future.cancel

    def note(scoring):
        called_off.append(scoring)
        if len(called_off) == 4:
            all_called_off.set()
        return cancel(scoring)

    class Slow(Redness):
        def on_one_thread(self):
            return self

        def predict(self, image, face="largest"):
            judged.append(image)
            if image[0, 0, 0] > 0:  # all but the first picture, which is waited for
                all_called_off.wait(20)
            return super().predict(image, face)

    monkeypatch.setattr(Future, "cancel", note)
    rows = df.score_files(Slow(), greys(5))
    next(rows)
    rows.close()
    assert len(judged) <= 3, "the first, and one a thread"


def test_one_picture_alone_is_judged_without_a_thread(redness, portrait):
    threads = []

    class Where(Redness):
        def predict(self, image, face="largest"):
            threads.append(threading.get_ident())
            return super().predict(image, face)

    (row,) = df.score_files(Where(), [("me.jpg", portrait)])
    assert row.verdict
    assert threads == [threading.get_ident()]


def test_a_student_s_detector_is_asked_one_question_at_a_time(monkeypatch):
    monkeypatch.setattr(batch, "THREADS", 2)

    class Alone(Redness):
        inside = threading.Lock()
        met = threading.Event()

        def predict(self, image, face="largest"):
            if not self.inside.acquire(blocking=False):
                self.met.set()
            else:
                # Long enough for another thread to come in, were it let in.
                self.met.wait(0.3)
                self.inside.release()
            return super().predict(image, face)

    rows = list(df.score_files(Alone(), greys(4)))
    assert [row.error for row in rows] == [""] * 4
    assert not Alone.met.is_set(), "two at once"


def test_detectors_of_one_thread_each_judge_side_by_side_and_rows_keep_their_order(
    monkeypatch,
):
    monkeypatch.setattr(batch, "THREADS", 2)
    both = threading.Barrier(2, timeout=20)  # nobody goes on before the other has come

    twins = []

    class Pair(Redness):
        def on_one_thread(self):
            twins.append(Pair())
            return twins[-1]

        def predict(self, image, face="largest"):
            both.wait()
            return super().predict(image, face)

    rows = list(df.score_files(Pair(), greys(20)))
    assert not any(row.error for row in rows)
    assert len(twins) == 2
    assert [row.p_fake for row in rows] == [
        pytest.approx(level / 255) for level in range(0, 200, 10)
    ]


@pytest.mark.model
def test_a_detector_made_of_the_shipped_one_gives_its_own_answers(shipped):
    class Opposite(LiteDetector):
        def predict(self, image, face="largest"):
            return df.Prediction(p_fake=1 - super().predict(image, face).p_fake)

    class Around:
        def __init__(self, inner):
            self.inner = inner

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def predict(self, image, face="largest"):
            return df.Prediction(p_fake=1 - self.inner.predict(image, face).p_fake)

    expected = [1 - row.p_fake for row in df.score_files(shipped, PHOTOS[:3])]
    for mine in (Opposite(shipped.folder), Around(shipped)):
        assert [row.p_fake for row in df.score_files(mine, PHOTOS[:3])] == pytest.approx(expected)


def test_a_detector_that_fails_on_one_picture_goes_on_with_the_next(folder):
    class Fails(Redness):
        def predict(self, image, face="largest"):
            if image.shape[0] == 512:
                raise ZeroDivisionError("of my own making")
            return super().predict(image, face)

    rows = {row.file: row for row in df.score_files(Fails(), folder)}
    assert "ZeroDivisionError: of my own making" in rows["e.jpg"].error
    assert rows["inside/f.jpg"].verdict


def test_a_model_that_can_not_be_used_is_said_once(tmp_path, folder):
    with pytest.raises(ModelError, match=r"manifest\.json"):
        next(df.score_files(df.load_detector(tmp_path / "inside"), folder))


def test_links_that_go_round_and_lead_nowhere_do_no_harm(folder, redness):
    (folder / "inside" / "round").symlink_to(folder, target_is_directory=True)
    (folder / "gone.jpg").symlink_to(folder / "never-there.jpg")
    (folder / "notes.txt").write_text("no picture")
    pictures, notices = find_pictures(folder)
    assert [name for name, _ in pictures] == [
        "a.jpg",
        "b.jpg",
        "c.jpg",
        "d.png",
        "e.jpg",
        "gone.jpg",
        "inside/f.jpg",
    ]
    assert len(notices) == 2
    assert any("notes.txt" in notice for notice in notices)
    assert any("inside/round" in notice for notice in notices)
    rows = {row.file: row for row in df.score_files(redness, folder)}
    assert "can't be read" in rows["gone.jpg"].error


def test_a_file_that_is_too_large_gets_a_row_with_the_reason(tmp_path, redness):
    with (tmp_path / "large.jpg").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    (row,) = df.score_files(redness, tmp_path)
    assert "the limit is 25 MB" in row.error


@pytest.mark.parametrize(
    ("name", "sentence"), [("nowhere", "There is no folder"), ("a.jpg", "is a file")]
)
def test_a_folder_that_is_none_gets_a_sentence(folder, redness, name, sentence):
    with pytest.raises(OSError, match=sentence):
        next(df.score_files(redness, folder / name))


def test_no_name_becomes_a_formula_or_a_second_line_in_a_spreadsheet():
    names = [
        "=1+1.jpg",
        "+a.jpg",
        "-a.jpg",
        "@a.jpg",
        "a;=1.jpg",
        'a",=1.jpg',
        "a\n=1.jpg",
        "ä é 面.jpg",
    ]
    rows = [Row(name, 0.25, "likely real", "", 1) for name in names] + [Row("b.jpg", error="=bad")]
    text = to_csv(rows)
    assert text.count("\n") == 1 + len(rows)
    read = from_csv(text)
    assert [row.file for row in read[:4]] == [f"./{name}" for name in names[:4]]
    assert read[5].file == names[5]
    assert read[6].file == "a?=1.jpg"
    assert read[7].file == names[7]
    assert read[8].error == "'=bad"
    # Where a spreadsheet splits at ";" too, what follows one is still inside the quotes.
    assert '"a;=1.jpg"' in text
    assert (read[0].p_fake, read[0].faces, read[8].p_fake, read[8].faces) == (0.25, 1, None, None)


def test_json_keeps_names_as_they_are_and_says_null_for_what_is_unknown():
    rows = [
        Row("=1.jpg", 0.123456, "likely real", "", 2, model="m"),
        Row("b.jpg", error="It is empty."),
    ]
    good, bad = json.loads(to_json(rows))
    assert good == {
        "file": "=1.jpg",
        "p_fake": 0.1235,
        "verdict": "likely real",
        "reason": "",
        "faces": 2,
        "error": "",
        "model": "m",
    }
    assert (bad["p_fake"], bad["faces"], bad["error"]) == (None, None, "It is empty.")


@pytest.mark.parametrize(
    "text", ["", "name,score\na,1\n", "file,p_fake,verdict,reason,faces,error,model\na,b\n"]
)
def test_another_table_is_refused(text):
    with pytest.raises(ValueError, match="line"):
        from_csv(text)


def test_time_is_said_as_people_say_it():
    assert [time_left(s) for s in (0, 20.4, 89, 100, 600)] == [
        "about 1 s left",
        "about 20 s left",
        "about 89 s left",
        "about 2 min left",
        "about 10 min left",
    ]


def test_after_many_threads_warnings_are_what_they_were(redness, portrait):
    before = list(warnings.filters)
    list(df.score_files(redness, [(str(i), portrait) for i in range(8)]))
    assert warnings.filters == before
    with QUIET_WARNINGS, QUIET_WARNINGS:
        warnings.warn("nobody hears this", UserWarning, stacklevel=1)
    with pytest.warns(UserWarning, match="heard"):
        warnings.warn("heard", UserWarning, stacklevel=1)


def test_the_panels_give_their_detector_whole_pictures(portrait):
    shapes = []

    class Looks(Redness):
        def predict(self, image, face="largest"):
            shapes.append((image.shape, image.dtype, isinstance(face, df.Face)))
            return super().predict(image, face)

    list(df.score_files(Looks(), [("a", portrait)]))
    assert shapes == [((512, 512, 3), np.uint8, True)]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_a_locked_file_gets_a_row_with_the_reason(open_place):
    (open_place / "a.jpg").write_bytes(PHOTOS[0].read_bytes())
    (open_place / "a.jpg").chmod(0)
    code = (
        "class Sure:\n"
        "    def predict(self, image, face): return df.Prediction(p_fake=0.9)\n"
        "print(next(df.score_files(Sure(), sys.argv[1])).error)\n"
    )
    assert "can't be read: Permission denied" in as_another_user(code, open_place)

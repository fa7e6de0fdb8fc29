"""`dfwidgets score` does without a browser what the panel does; stopped, it goes on later."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dfwidgets import cli
from dfwidgets.cli import score
from dfwidgets.measure.rows import COLUMNS
from tests.helpers import ROOT, Redness

PHOTOS = sorted((ROOT / "images" / "Real").glob("*.jpg"))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of six pictures, one of them broken."""
    place = tmp_path / "photos"
    place.mkdir()
    for name, photo in zip("abcde", PHOTOS, strict=False):
        shutil.copy(photo, place / f"{name}.jpg")
    (place / "f.jpg").write_bytes(PHOTOS[0].read_bytes()[:2000])
    return place


@pytest.fixture
def asked(monkeypatch) -> list[object]:
    """Has a student's detector answer instead of the shipped one, and notes each question."""
    pictures: list[object] = []

    class Counts(Redness):
        def load(self):
            pass

        def predict(self, image, face="largest"):
            pictures.append(image.shape)
            return super().predict(image, face)

    monkeypatch.setattr(score, "load_detector", lambda folder: Counts())
    return pictures


def rows(table: Path) -> list[dict[str, str]]:
    with table.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.model
def test_a_folder_becomes_a_table_and_a_broken_picture_a_reason(photos, tmp_path):
    command = [
        sys.executable,
        "-m",
        "dfwidgets.cli",
        "score",
        photos,
        "--csv",
        tmp_path / "out.csv",
    ]
    done = subprocess.run(
        [*command, "--json", tmp_path / "out.json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert "5 pictures with a verdict, 1 without" in done.stderr
    assert (
        (tmp_path / "out.csv")
        .read_text()
        .startswith("file,p_fake,verdict,reason,faces,error,model\n")
    )
    table = rows(tmp_path / "out.csv")
    assert [row["file"] for row in table] == [f"{name}.jpg" for name in "abcdef"]
    assert all(0 <= float(row["p_fake"]) <= 1 and row["faces"] == "1" for row in table[:5])
    assert "cut short" in table[5]["error"]
    assert [row["file"] for row in json.loads((tmp_path / "out.json").read_text())] == [
        row["file"] for row in table
    ]


def test_run_again_it_asks_only_what_is_not_there_yet(photos, tmp_path, asked, capsys):
    out = tmp_path / "out.csv"
    assert cli.main(["score", str(photos), "--csv", str(out)]) == 1
    once = out.read_text()
    assert len(asked) == 5
    lines = once.splitlines(keepends=True)
    out.write_text(
        "".join(lines[:3]) + lines[3][:9]
    )  # as if it had been killed in the middle of a line
    assert cli.main(["score", str(photos), "--csv", str(out)]) == 1
    assert out.read_text() == once
    assert len(asked) == 5 + 3
    assert cli.main(["score", str(photos), "--csv", str(out)]) == 1
    assert len(asked) == 5 + 3
    assert "6 of 6 pictures are in" in capsys.readouterr().err


def test_good_pictures_alone_end_with_0(photos, tmp_path, asked):
    (photos / "f.jpg").unlink()
    assert cli.main(["score", str(photos), "--csv", str(tmp_path / "out.csv")]) == 0


def test_a_name_that_a_spreadsheet_would_run_is_written_as_a_path_and_known_again(tmp_path, asked):
    (tmp_path / "in").mkdir()
    shutil.copy(PHOTOS[0], tmp_path / "in" / "=HYPERLINK(1).jpg")
    for _ in range(2):
        assert cli.main(["score", str(tmp_path / "in"), "--csv", str(tmp_path / "out.csv")]) == 0
    (row,) = rows(tmp_path / "out.csv")
    assert row["file"] == "./=HYPERLINK(1).jpg"
    assert (tmp_path / "in" / row["file"]).exists()
    assert len(asked) == 1


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(photos, tmp_path, capsys, monkeypatch):
    for name, photo in zip("ghijkl", PHOTOS, strict=False):
        shutil.copy(photo, photos / f"{name}.jpg")

    class Interrupted(Redness):
        count = 0

        def predict(self, image, face="largest"):
            Interrupted.count += 1
            if (
                Interrupted.count == 9
            ):  # some wait for their turn to be written, those before them are
                signal.raise_signal(signal.SIGINT)
            return super().predict(image, face)

    Interrupted.load = lambda self: None
    monkeypatch.setattr(score, "load_detector", lambda folder: Interrupted())
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert cli.main(["score", str(photos), "--csv", str(tmp_path / "out.csv")]) == 1
    finally:
        signal.signal(signal.SIGINT, before)
    said = capsys.readouterr().err
    assert "Stopped." in said and "Run the same command again" in said and "Traceback" not in said
    names, kept = (
        [f"{name}.jpg" for name in "abcdefghijkl"],
        [row["file"] for row in rows(tmp_path / "out.csv")],
    )
    assert 3 <= len(kept) < len(names)
    assert kept == names[: len(kept)]
    cli.main(["score", str(photos), "--csv", str(tmp_path / "out.csv")])
    assert [row["file"] for row in rows(tmp_path / "out.csv")] == names


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", "--csv", "out.csv"], "There is no folder “nowhere”"),
        (["photos/a.jpg", "--csv", "out.csv"], "is a file"),
        (["empty", "--csv", "out.csv"], "There are no pictures"),
        (["photos", "--csv", "no/such/out.csv"], "Make it, or name another"),
        (["photos", "--csv", "empty"], "Is a directory"),
        (["photos", "--csv", "other.csv"], "is no table of verdicts"),
        (["photos", "--csv", "out.csv", "--model", "nothing"], "Check the path after --model"),
        (["photos", "--csv", "out.csv", "--model", "empty"], "manifest.json"),
    ],
)
def test_what_is_asked_wrongly_gets_one_sentence_and_2(
    photos, tmp_path, monkeypatch, capsys, arguments, said
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "other.csv").write_text("name,age\nanna,7\n")
    assert cli.main(["score", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert (tmp_path / "other.csv").read_text() == "name,age\nanna,7\n"
    assert not (tmp_path / "out.csv").exists()


def test_killed_outright_it_keeps_the_rows_that_were_written(photos, tmp_path):
    for name, photo in zip("ghijkl", PHOTOS, strict=False):
        shutil.copy(photo, photos / f"{name}.jpg")
    # No flush and no handler runs at SIGKILL: what is not in the file by then is lost.
    code = """
import os, signal, sys
from dfwidgets.cli import main, score
from tests.helpers import Redness

class Killed(Redness):
    asked = 0
    def load(self):
        pass
    def predict(self, image, face="largest"):
        Killed.asked += 1
        if Killed.asked == 9:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().predict(image, face)

score.load_detector = lambda folder: Killed()
main(sys.argv[1:])
"""
    out = tmp_path / "out.csv"
    command = [sys.executable, "-c", code, "score", str(photos), "--csv", str(out)]
    killed = subprocess.run(command, cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    kept = [row["file"] for row in rows(out)]
    assert len(kept) >= 3
    assert kept == [f"{name}.jpg" for name in "abcdefghijkl"][: len(kept)]


def test_verdicts_of_two_models_never_stand_in_one_table(photos, tmp_path, asked, capsys):
    out = tmp_path / "out.csv"
    out.write_text(",".join(COLUMNS) + '\n"a.jpg",0.5,"can\'t tell","",1,"","Another 1234abcd"\n')
    assert cli.main(["score", str(photos), "--csv", str(out)]) == 2
    assert "another model, Another 1234abcd; this one is Counts" in capsys.readouterr().err
    assert asked == []


def test_the_command_is_installed_under_its_name():
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"dfwidgets": "dfwidgets.cli:main"}


def test_a_command_without_words_shows_how_it_is_used(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main([])
    assert stopped.value.code == 2
    assert "usage: dfwidgets" in capsys.readouterr().err

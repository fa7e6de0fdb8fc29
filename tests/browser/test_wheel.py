"""The wheel far from the repository is the whole product: command line, page and lessons."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.helpers import choose, expect_answer
from tests.browser.servers import Server, installed
from tests.browser.visits import open_dashboard
from tests.environments import build_wheel, install_elsewhere
from tests.helpers import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree."""
    return build_wheel(tmp_path_factory.mktemp("wheel"), ROOT)


@pytest.fixture(scope="module")
def base(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment with the wheel alone: no Voila and no TensorFlow."""
    return install_elsewhere(wheel, "", tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def apps(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment with the wheel and its extra “apps”."""
    return install_elsewhere(wheel, "apps", tmp_path_factory.mktemp("apps"))


@pytest.fixture(scope="module")
def page_elsewhere(apps: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The dashboard as the wheel's own command serves it."""
    place = tmp_path_factory.mktemp("elsewhere")
    with installed(apps / "dfwidgets", place) as server:
        yield server


def run(command: list[str | Path], place: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command where nothing tells of this repository."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False
    )


def test_three_pictures_get_verdicts_on_the_command_line(base, tmp_path):
    (tmp_path / "photos").mkdir()
    for photo in sorted((ROOT / "images" / "Real").glob("*.jpg"))[:3]:
        shutil.copy(photo, tmp_path / "photos")
    done = run([base / "dfwidgets", "score", "photos", "--csv", "out.csv"], tmp_path)
    assert done.returncode == 0, done.stderr
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3
    assert all(0 <= float(row["p_fake"]) <= 1 for row in rows)


def test_detector_and_pictures_are_there_without_a_path_and_tensorflow_is_not(base, tmp_path):
    code = """
import importlib.util, dfwidgets as df
detector, samples = df.load_detector(), df.load_samples()
image = df.open_image(samples.reals[0].path)
print(df.__file__)
print(len(samples.reals) > 5, len(samples.fakes) > 5, samples.notices)
print(len(df.load_scorecard().sets) > 0, len(df.find_detectors()))
print(type(df.load_scorecard().roc()).__name__)
print(detector.explain(image, method="Occlusion").shape == image.shape[:2])
print(importlib.util.find_spec("tensorflow"), importlib.util.find_spec("voila"))
try:
    detector.explain(image, method="SmoothGrad")
except df.ModelError as error:
    print(error)
"""
    done = run([base / "python", "-c", code], tmp_path)
    assert done.returncode == 0, done.stderr
    place, *lines, error = done.stdout.splitlines()
    assert Path(place).is_relative_to(base.parent)
    assert lines == ["True True ()", "True 1", "Chart", "True", "None None"]
    assert "keras is missing" in error
    assert '-py3-none-any.whl[keras]"' in error


def test_what_the_page_needs_is_named_where_it_is_missing(base, tmp_path):
    done = run([base / "dfwidgets", "dashboard"], tmp_path)
    assert done.returncode == 2
    assert '-py3-none-any.whl[apps]"' in done.stderr
    assert "Traceback" not in done.stderr


def test_the_page_gives_a_verdict_and_deals_a_game(page_elsewhere, page, portrait, shot):
    open_dashboard(page, page_elsewhere.url)
    expect(page).to_have_title("dfwidgets")
    choose(page, portrait)
    expect_answer(page)
    shot("wheel")
    page.get_by_role("tab", name="Can you beat the model?").click()
    expect(page.get_by_role("button", name="Start", exact=False).first).to_be_visible()


def test_other_servers_find_the_page_and_its_settings(apps):
    place = apps.parent
    assert (place / "share/jupyter/voila/templates/dfwidgets/index.html.j2").is_file()
    told = json.loads((place / "etc/jupyter/voila.json").read_text())
    assert told["VoilaConfiguration"]["file_allowlist"] == []


def test_the_lessons_are_copied_and_one_runs(apps, tmp_path):
    done = run([apps / "dfwidgets", "lessons", "my lessons"], tmp_path)
    assert done.returncode == 0, done.stderr
    notebooks = tmp_path / "my lessons" / "notebooks"
    assert str(Path("my lessons") / "notebooks") in done.stderr
    lessons = [path.name for path in (ROOT / "notebooks").glob("*.ipynb")]
    assert sorted(path.name for path in notebooks.glob("*.ipynb")) == sorted(lessons)
    execute = ["-m", "nbconvert", "--to=notebook", "--execute", "--stdout", "01-upload.ipynb"]
    ran = run([apps / "python", *execute], notebooks)
    assert ran.returncode == 0, ran.stderr
    assert "likely" in ran.stdout

"""`dfwidgets dashboard` and `dfwidgets lessons`: what they say, do and refuse."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dfwidgets import cli, shipped
from tests.browser.servers import free_port
from tests.helpers import ROOT


def dashboard(*options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end, which is only reached where it refuses."""
    command = [sys.executable, "-m", "dfwidgets.cli", "dashboard", "--no-browser", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_port_that_is_taken_gets_a_sentence_with_the_next_one():
    with socket.socket() as holder:
        holder.bind(("localhost", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = dashboard(f"--port={port}")
    assert done.returncode == 2
    assert done.stderr == (
        f"Port {port} is taken, perhaps by a dashboard that runs already: look at "
        f"http://localhost:{port}/, or choose another, as --port {port + 1}\n"
    )


def test_without_voila_it_says_how_to_install_it(tmp_path):
    (tmp_path / "voila.py").write_text("raise ModuleNotFoundError(name='voila')")
    done = dashboard(PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert done.returncode == 2
    assert "voila is missing here" in done.stderr
    assert 'pip install ".[apps]"' in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_this_computer_has_not_gets_a_sentence():
    done = dashboard("--host=nowhere.invalid", f"--port={free_port()}")
    assert done.returncode == 2
    assert "This computer has no address “nowhere.invalid”" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "origin", ["school.example", "https://a.example; script-src *", "https://a.example/page"]
)
def test_a_site_that_may_frame_the_page_is_named_in_full_and_adds_no_other_rule(origin, capsys):
    assert cli.main(["dashboard", f"--embed-in={origin}"]) == 2
    assert "Write it as https://school.example" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--samples", "--models"])
def test_a_folder_that_is_not_there_is_said_before_anything_starts(option, capsys):
    assert cli.main(["dashboard", option, "nowhere"]) == 2
    assert f"no folder “nowhere”. Check the path after {option}." in capsys.readouterr().err


def test_a_folder_without_models_is_said_before_anything_starts(tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert cli.main(["dashboard", "--models", str(tmp_path)]) == 2
    assert "There is no model in" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_is_a_number_that_exists(port, capsys):
    with pytest.raises(SystemExit):
        cli.main(["dashboard", "--port", port])
    assert "--port" in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"dfwidgets {shipped.__version__}\n"


def test_lessons_come_with_all_that_they_name_and_nothing_is_overwritten(tmp_path, capsys):
    folder = tmp_path / "mine"
    assert cli.main(["lessons", str(folder)]) == 0
    assert f'jupyter lab "{folder / "notebooks"}"' in capsys.readouterr().err
    for part in ("notebooks", "images", "models/detector"):
        copied = {path.name for path in (folder / part).iterdir()}
        assert copied == {path.name for path in (ROOT / part).iterdir() if path.name[0] != "."}

    (folder / "notebooks" / "01-upload.ipynb").write_text("my own words")
    assert cli.main(["lessons", str(folder)]) == 2
    assert "holds something already" in capsys.readouterr().err
    assert (folder / "notebooks" / "01-upload.ipynb").read_text() == "my own words"


def test_lessons_go_into_a_folder_and_not_into_a_file(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert cli.main(["lessons", str(tmp_path / "file")]) == 2
    assert "is a file. Name a new folder." in capsys.readouterr().err


def test_detector_and_pictures_of_the_checkout_are_those_at_its_top():
    assert (ROOT / "models") == shipped.MODELS
    assert Path(shipped.IMAGES).is_dir()

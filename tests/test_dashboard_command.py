"""`dfwidgets dashboard` and `dfwidgets lessons`: what they say, do and refuse."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dfwidgets import cli, shipped
from tests.browser.servers import JUPYTER_PLACES, free_port, voila
from tests.helpers import ROOT


def get(url: str, path: str = "") -> http.client.HTTPResponse:
    """The whole answer of a server, read to its end."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=60)
    try:
        connection.request("GET", path or address.path)
        response = connection.getresponse()
        response.read()
    finally:
        connection.close()
    return response


def test_the_terminal_of_a_teacher_holds_one_line_at_the_start_and_one_at_the_stop():
    with voila() as server:
        assert get(server.url).status == 200
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(15) == 0
        lines = server.log.read_text().splitlines()
    address = server.url.rstrip("/")
    assert lines == [
        f"The dashboard is at {address}/  (Ctrl+C stops it)",
        "The dashboard has stopped.",
    ]


def test_it_is_served_below_a_path_and_a_named_site_alone_may_frame_it():
    options = ("--base-url=faces/here", "--embed-in=https://school.example")
    with voila(None, *options) as server:
        response = get(server.url, "/faces/here/")
        assert response.status == 200
        policy = response.getheader("Content-Security-Policy") or ""
        assert policy.endswith("frame-ancestors 'self' https://school.example")
        assert get(server.url, "/").status == 404
        assert "/faces/here/  (Ctrl+C" in server.log.read_text()


def test_it_needs_no_home_of_its_own():
    # A service account and a container may have none that can be written to.
    nowhere = dict.fromkeys(JUPYTER_PLACES, "") | {"HOME": "/dev/null/home"}
    with voila(variables=nowhere) as server:
        assert get(server.url).status == 200
        assert len(server.log.read_text().splitlines()) == 1


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


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--embed-in=school.example", "Write it as https://school.example"),
        ("--embed-in=https://a.example; script-src *", "Write it as https://school.example"),
        ("--host=nowhere.invalid", "This computer has no address “nowhere.invalid”"),
    ],
)
def test_what_is_asked_wrongly_gets_one_sentence(option, sentence):
    done = dashboard(option, f"--port={free_port()}")
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


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

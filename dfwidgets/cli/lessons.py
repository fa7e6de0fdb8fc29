"""`dfwidgets lessons FOLDER`: the notebooks, with the pictures and the model that they name."""

from __future__ import annotations

import argparse
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from dfwidgets import shipped
from dfwidgets.cli.terminal import Wrong, say

_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__")


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `lessons` to the commands."""
    parser = commands.add_parser(
        "lessons",
        help="copy the lessons into a folder of yours",
        description="Copy the notebooks into a new folder, with the sample pictures and the model "
        "that they use: yours to run and to change.",
    )
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="where to; it must be new or empty"
    )
    parser.set_defaults(run=lambda options: copy_lessons(options.folder))


def copy_lessons(folder: Path) -> int:
    """Copy notebooks, pictures and the detector into a folder, and say how to open them.

    Raises:
        Wrong: the folder holds something already, or is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise Wrong(f"“{folder}” is a file. Name a new folder.")
    if folder.exists() and any(folder.iterdir()):
        raise Wrong(
            f"“{folder}” holds something already. Name a new folder, so that nothing is lost."
        )

    # The lessons name the others by "../images" and "../models/detector".
    for part in ("notebooks", "images", "models/detector"):
        shutil.copytree(shipped.ROOT / part, folder / part, ignore=_LEFT_OUT, dirs_exist_ok=True)

    notebooks = folder / "notebooks"
    count = len(list(notebooks.glob("[0-9]*.ipynb")))
    say(f'{count} lessons are in {notebooks}. Open them with: {_jupyter()} lab "{notebooks}"')
    if find_spec("jupyterlab") is None:
        say(f"JupyterLab is not installed here. {shipped.how_to_add('apps')}")
    return 0


def _jupyter() -> str:
    """The command as it has to be written: another Jupyter on the path would not know dfwidgets."""
    own = Path(sys.executable).with_name("jupyter")
    found = shutil.which("jupyter")
    return "jupyter" if found and Path(found).parent == own.parent else str(own)

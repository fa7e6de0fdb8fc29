"""`dfwidgets dashboard`: the page, served on this computer."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path

from dfwidgets import shipped
from dfwidgets.cli.terminal import Wrong, up_to
from dfwidgets.detectors import find_detectors

_ORIGIN = re.compile(r"https?://[\w.*:-]+")


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `dashboard` to the commands."""
    parser = commands.add_parser(
        "dashboard",
        help="serve the page and open it in the browser",
        description="Serve the page on this computer and open it in the browser. Ctrl+C stops it.",
    )

    # What it shows.
    parser.add_argument(
        "--samples",
        type=Path,
        metavar="FOLDER",
        help="pictures of yours to play with, in Real/ and Fake/",
    )
    parser.add_argument(
        "--models", type=Path, metavar="FOLDER", help="models of yours, each in a folder of its own"
    )

    # Where it is seen: this computer alone, unless somebody decides otherwise.
    parser.add_argument("--no-browser", action="store_true", help="only say the address")
    parser.add_argument(
        "--port", type=up_to(65535), default=8866, help="a number up to 65535; 8866 if not given"
    )
    parser.add_argument(
        "--host",
        default="localhost",
        metavar="ADDRESS",
        help="0.0.0.0 lets everyone in your network open the page; there is no password",
    )
    parser.add_argument(
        "--base-url",
        default="/",
        metavar="PATH",
        help="where a proxy in front shows the page, as /faces/; at the top if not given",
    )
    parser.add_argument(
        "--embed-in",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="a site that may show the page in a frame, as https://school.example; can be repeated",
    )

    parser.add_argument(
        "--people",
        type=up_to(500),
        metavar="NUMBER",
        help="how many come at once, as a class of 30: as many pages are kept ready",
    )
    parser.add_argument("--notebook", type=Path, help=argparse.SUPPRESS)  # for tests of the page
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    _name_folder("DFWIDGETS_SAMPLES", options.samples, "--samples")
    _name_folder("DFWIDGETS_MODELS", options.models, "--models")
    if options.models and not find_detectors(options.models):
        raise Wrong(
            f"There is no model in “{options.models}”. Each has a folder of its own in there, "
            "which holds its files and their manifest.json."
        )
    for origin in options.embed_in:
        if not _ORIGIN.fullmatch(origin):
            raise Wrong(
                f"“{origin}” is no site. Write it as https://school.example, without a path."
            )

    try:
        from dfwidgets.cli.voila_page import serve
    except ModuleNotFoundError as error:
        missing = (error.name or "").split(".")[0]
        how = shipped.how_to_add("apps")
        raise Wrong(f"Voila serves the page, and {missing} is missing here. {how}") from error

    serve(
        options.notebook or shipped.NOTEBOOKS / "dashboard.ipynb",
        host=options.host,
        port=options.port,
        base_url=options.base_url,
        open_browser=not options.no_browser,
        framed_by=options.embed_in,
        people=options.people,
    )
    return 0


def _name_folder(variable: str, folder: Path | None, option: str) -> None:
    """Tell the notebook where a folder lies, by a variable that its kernel inherits."""
    if folder is None:
        return
    if not folder.is_dir():
        raise Wrong(f"There is no folder “{folder}”. Check the path after {option}.")
    os.environ[variable] = str(folder.resolve())

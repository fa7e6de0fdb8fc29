"""`dfwidgets score FOLDER --csv OUT`: verdicts on a folder of pictures without a browser."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from dfwidgets import shipped
from dfwidgets.cli.terminal import Wrong, say
from dfwidgets.detector import Detector
from dfwidgets.detectors import load_detector, read_record
from dfwidgets.measure import (
    CSV_HEAD,
    Row,
    csv_cells,
    csv_line,
    file_cell,
    find_pictures,
    from_csv,
    score_files,
    time_left,
    to_json,
)

_ENDS = """\
exit status:
  0  every picture has a verdict
  1  some have none (the column "error" says why), or it was stopped before the end
  2  nothing was done: a path or an option is wrong

A score is no proof. Where fakes are rare, many of the pictures called fake are real.
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `score` to the commands."""
    parser = commands.add_parser(
        "score",
        help="judge all pictures of a folder",
        description="Judge the largest face of each picture in a folder, and in the folders in it. "
        "Each verdict is written as soon as it is there. Stopped, and run again with the same "
        "file, it goes on where it was; delete a line to have its picture judged again.",
        epilog=_ENDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,  # keeps the lines of _ENDS
    )

    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the pictures lie")
    parser.add_argument(
        "--csv",
        type=Path,
        required=True,
        metavar="OUT",
        help="the table to write, or to go on with",
    )
    parser.add_argument(
        "--json", type=Path, metavar="OUT", help="the whole table as JSON too, at the end"
    )
    parser.add_argument(
        "--model", type=Path, metavar="FOLDER", help="another model than the one that is shipped"
    )

    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    return _score(options.folder, options.csv, options.json, options.model)


def _score(folder: Path, table: Path, json_file: Path | None, model: Path | None) -> int:
    for file in filter(None, (table, json_file)):
        if not file.parent.is_dir():
            raise Wrong(
                f"There is no folder “{file.parent}” to write {file.name} into. "
                "Make it, or name another."
            )
    if model is not None and not model.is_dir():
        raise Wrong(
            f"There is no folder “{model}” with a model in it. Check the path after --model."
        )
    pictures, notices = find_pictures(folder)
    for notice in notices:
        say(notice)
    if not pictures:
        raise Wrong(f"There are no pictures in “{folder}”. Name a folder that holds some.")

    detector = load_detector(model or shipped.DETECTOR)
    detector.load()
    rows = _earlier(table, read_record(detector).identity)
    known = {row.file for row in rows}
    named = [(file_cell(name), path) for name, path in pictures]
    todo = [picture for picture in named if picture[0] not in known]
    if len(todo) < len(named):
        say(f"{len(named) - len(todo)} of {len(named)} pictures are in {table} already.")

    # The table of an earlier run and this one's pictures are one table.
    stopped = _append(table, detector, todo, rows)

    if json_file:
        json_file.write_text(to_json(rows), "utf-8")
    failed = sum(bool(row.error) for row in rows)
    counts = f"{table}: {len(rows) - failed} pictures with a verdict, {failed} without."
    say(f"Stopped. {counts} Run the same command again to go on." if stopped else counts)
    say(read_record(detector).likely_fake_begins())
    return 1 if stopped or failed else 0


def _append(
    table: Path, detector: Detector, todo: list[tuple[str, bytes | Path]], rows: list[Row]
) -> bool:
    """Write a line for each picture and add it to the rows; returns whether somebody stopped it."""
    with (
        table.open("a", encoding="utf-8", newline="") as out,
        closing(score_files(detector, todo)) as scored,
    ):
        if out.tell() == 0:
            out.write(CSV_HEAD)
        try:
            for row in _with_progress(scored, len(todo)):
                out.write(csv_line(csv_cells(row)))
                out.flush()  # what is written stays, even where the whole program is killed
                rows.append(row)
        except KeyboardInterrupt:
            return True
    return False


def _earlier(table: Path, model: str) -> list[Row]:
    """What an earlier run wrote; a line that was cut short is taken out of the table."""
    if not table.is_file():
        return []
    data = table.read_bytes()
    if CSV_HEAD.encode().startswith(data):  # not even the line of titles was whole
        os.truncate(table, 0)
        return []

    whole = data[: data.rfind(b"\n") + 1]
    try:
        rows = from_csv(whole.decode("utf-8-sig"))
    except ValueError as error:
        raise Wrong(
            f"{table} is there already and is no table of verdicts ({error}). Name another file."
        ) from error
    others = {row.model for row in rows} - {model}
    if others:
        raise Wrong(
            f"{table} holds the verdicts of another model, {min(others)}; this one is {model}. "
            "Name another file, or that model after --model."
        )

    if len(whole) < len(data):
        os.truncate(table, len(whole))
    return rows


def _with_progress(scored: Iterator[Row], total: int) -> Iterator[Row]:
    """Says on a terminal how far it is and how long it may still take."""
    live = sys.stderr.isatty()  # a file or a pipe has no line to write over
    started = time.monotonic()
    for done, row in enumerate(scored, 1):
        yield row
        if live:
            left = time_left((time.monotonic() - started) / done * (total - done))
            line = f"\r{done} of {total}, {left}".ljust(60)
            print(line, end="\n" if done == total else "", file=sys.stderr, flush=True)

"""`dfwidgets score FOLDER --csv OUT`: verdicts on a folder of pictures without a browser."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from dfwidgets.detector import ModelError
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

SHIPPED = Path(__file__).parent.parent / "models" / "detector"
"""The repository's own model: beside the package where that is installed from a copy of the
repository."""

_ENDS = """\
exit status:
  0  every picture has a verdict
  1  some have none (the column "error" says why), or it was stopped before the end
  2  nothing was done: a path or an option is wrong

A score is no proof. Where fakes are rare, many of the pictures called fake are real.
"""


class _Wrong(Exception):
    """What was asked for can't be done; its text is a sentence that says why and what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit status (0, 1 or 2) and prints no traceback."""
    parser = argparse.ArgumentParser(
        "dfwidgets", description="Explore whether pictures of faces are real or deepfakes."
    )
    score = parser.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "score",
        help="judge all pictures of a folder",
        description="Judge the largest face of each picture in a folder, and in the folders inside it. Each verdict "
        "is written as soon as it is there. Stopped, and run again with the same file, it goes on where it was; "
        "delete a line to have its picture judged again.",
        epilog=_ENDS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    score.add_argument("folder", type=Path, metavar="FOLDER", help="where the pictures lie")
    score.add_argument(
        "--csv",
        type=Path,
        required=True,
        metavar="OUT",
        help="the table to write, or to go on with",
    )
    score.add_argument(
        "--json", type=Path, metavar="OUT", help="the whole table as JSON too, at the end"
    )
    score.add_argument(
        "--model", type=Path, metavar="FOLDER", help="another model than the one that is shipped"
    )
    asked = parser.parse_args(argv)
    try:
        return _score(asked.folder, asked.csv, asked.json, asked.model)
    except (_Wrong, ModelError) as error:
        _say(str(error))
    except (
        OSError
    ) as error:  # a sentence of ours, or the system's reason why a file can't be written
        _say(
            f"{error.filename or asked.csv}: {error.strerror}. Check the path."
            if error.strerror
            else str(error)
        )
    except KeyboardInterrupt:
        _say("Stopped.")
        return 1
    return 2


def _score(folder: Path, table: Path, json_file: Path | None, model: Path | None) -> int:
    for file in filter(None, (table, json_file)):
        if not file.parent.is_dir():
            raise _Wrong(
                f"There is no folder “{file.parent}” to write {file.name} into. Make it, or name another."
            )
    if model is None and not SHIPPED.is_dir():
        raise _Wrong(
            "There is no model beside the package. Name the folder that holds one: --model FOLDER"
        )
    if model is not None and not model.is_dir():
        raise _Wrong(
            f"There is no folder “{model}” with a model in it. Check the path after --model."
        )
    pictures, notices = find_pictures(folder)
    for notice in notices:
        _say(notice)
    if not pictures:
        raise _Wrong(f"There are no pictures in “{folder}”. Name a folder that holds some.")
    detector = load_detector(model or SHIPPED)
    detector.load()
    rows, begun = _earlier(table, read_record(detector).identity)
    known = {row.file for row in rows}
    named = [(file_cell(name), path) for name, path in pictures]
    todo = [picture for picture in named if picture[0] not in known]
    if len(todo) < len(named):
        _say(f"{len(named) - len(todo)} of {len(named)} pictures are in {table} already.")
    stopped = False
    with (
        table.open("a", encoding="utf-8", newline="") as out,
        closing(score_files(detector, todo)) as scored,
    ):
        out.write("" if begun else CSV_HEAD)
        try:
            for row in _with_progress(scored, len(todo)):
                out.write(csv_line(csv_cells(row)))
                out.flush()  # what is written stays, whatever comes next
                rows.append(row)
        except KeyboardInterrupt:
            stopped = True
    if json_file:
        json_file.write_text(to_json(rows), "utf-8")
    failed = sum(bool(row.error) for row in rows)
    said = f"{table}: {len(rows) - failed} pictures with a verdict, {failed} without."
    _say(f"Stopped. {said} Run the same command again to go on." if stopped else said)
    _say(read_record(detector).likely_fake_begins())
    return 1 if stopped or failed else 0


def _earlier(table: Path, model: str) -> tuple[list[Row], bool]:
    """What an earlier run wrote, and whether it wrote the line of titles; a line that was cut short
    is taken out."""
    if not table.is_file():
        return [], False
    data = table.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if CSV_HEAD.encode().startswith(data):
        whole = b""
    else:
        try:
            rows = from_csv(whole.decode("utf-8-sig"))
        except ValueError as error:
            raise _Wrong(
                f"{table} is there already and is no table of verdicts ({error}). Name another file."
            ) from error
        others = {row.model for row in rows} - {model}
        if others:
            raise _Wrong(
                f"{table} holds the verdicts of another model, {min(others)}; this one is {model}. "
                "Name another file, or that model after --model."
            )
    if len(whole) < len(data):
        os.truncate(table, len(whole))
    return (rows, True) if whole else ([], False)


def _with_progress(scored: Iterator[Row], of: int) -> Iterator[Row]:
    """Says on a terminal how far it is and how long it may still take."""
    live, started = sys.stderr.isatty(), time.monotonic()
    for done, row in enumerate(scored, 1):
        yield row
        if live:
            left = time_left((time.monotonic() - started) / done * (of - done))
            print(
                f"\r{done} of {of}, {left}".ljust(60),
                end="\n" if done == of else "",
                file=sys.stderr,
                flush=True,
            )


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

"""`dfwidgets score FOLDER --csv OUT`: verdicts on a folder of pictures without a browser."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from dfwidgets import shipped
from dfwidgets.cli import cluster
from dfwidgets.cli.cluster import open_cluster
from dfwidgets.cli.table import Table
from dfwidgets.cli.terminal import Wrong, say
from dfwidgets.detector import Detector, ModelError
from dfwidgets.detectors import load_detector, read_record
from dfwidgets.measure import (
    Listing,
    Row,
    file_cell,
    json_pieces,
    list_pictures,
    score_files,
    time_left,
    write_parquet,
)

if TYPE_CHECKING:
    from distributed import Client

Write: TypeAlias = Callable[[Iterable[Row], Path], None]

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
        "--parquet",
        type=Path,
        metavar="OUT",
        help="the whole table as Parquet too, at the end (needs pyarrow)",
    )
    parser.add_argument(
        "--model", type=Path, metavar="FOLDER", help="another model than the one that is shipped"
    )

    cluster.add_to(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    exports = _exports(options.json, options.parquet)
    for file in (options.csv, *exports):
        if not file.parent.is_dir():
            raise Wrong(
                f"There is no folder “{file.parent}” to write {file.name} into. "
                "Make it, or name another."
            )
    if options.model is not None and not options.model.is_dir():
        raise Wrong(
            f"There is no folder “{options.model}” with a model in it. "
            "Check the path after --model."
        )
    pictures, notices = list_pictures(options.folder)
    for notice in notices:
        say(notice)
    if not pictures:
        raise Wrong(f"There are no pictures in “{options.folder}”. Name a folder that holds some.")

    detector = load_detector(options.model or shipped.DETECTOR)
    detector.load()
    record = read_record(detector)
    table = Table(options.csv, record.identity)
    with open_cluster(options.scheduler, options.workers) as client:
        stopped = _score(detector, pictures, table, client)

    for file, write in exports.items():
        write(table.rows(), file)
    good = table.total - table.failed
    counts = f"{table.path}: {good} pictures with a verdict, {table.failed} without."
    say(f"Stopped. {counts} Run the same command again to go on." if stopped else counts)
    say(record.likely_fake_begins())
    return 1 if stopped or table.failed else 0


def _exports(json: Path | None, parquet: Path | None) -> dict[Path, Write]:
    """What else is written at the end, and how; what is missing for it is said at the beginning."""
    exports: dict[Path, Write] = {}
    if json:
        exports[json] = _write_json
    if parquet:
        if find_spec("pyarrow") is None:
            how = shipped.how_to_add("parquet")
            raise Wrong(f"Parquet is written by pyarrow, which is missing here. {how}")
        exports[parquet] = write_parquet
    return exports


def _write_json(rows: Iterable[Row], file: Path) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.writelines(json_pieces(rows))


def _score(detector: Detector, pictures: Listing, table: Table, client: Client | None) -> bool:
    """Write a row for each picture that has none; returns whether it was stopped before the end."""
    named = ((file_cell(name), path) for name, path in pictures)
    todo = (picture for picture in named if picture[0] not in table.known)
    total = len(pictures)
    if table.known:
        total = sum(file_cell(name) not in table.known for name, _ in pictures)
        say(f"{len(pictures) - total} of {len(pictures)} pictures are in {table.path} already.")

    before = table.total
    with closing(score_files(detector, todo, client=client)) as scored:
        try:
            table.append(_with_progress(scored, total))
        except KeyboardInterrupt:
            return True
        except (ModelError, ConnectionError) as error:
            # What is written is worth to be counted, and can be gone on with.
            if table.total == before:
                raise
            say(str(error))
            return True
    return False


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

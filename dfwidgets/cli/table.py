"""The table that `dfwidgets score` writes, or goes on with."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from dfwidgets.cli.terminal import Wrong
from dfwidgets.measure import CSV_HEAD, Row, csv_cells, csv_line, read_rows


class Table:
    """Rows in a CSV file, each there as soon as it is known; none of them is kept in memory.

    Attributes:
        known: names of the pictures that an earlier run wrote.
        total: how many rows the file has.
        failed: how many of them say why there is no verdict.

    Raises:
        Wrong: the file holds something else, or the verdicts of another model.
    """

    def __init__(self, path: Path, model: str) -> None:
        self.path = path
        self.known: set[str] = set()
        self.total = 0
        self.failed = 0
        if path.is_file():
            self._take_up(model)

    def append(self, rows: Iterable[Row]) -> None:
        """Write a line for each row as it comes."""
        with self.path.open("a", encoding="utf-8", newline="") as out:
            if out.tell() == 0:
                out.write(CSV_HEAD)
            for row in rows:
                out.write(csv_line(csv_cells(row)))
                out.flush()  # what is written stays, even where the whole program is killed
                self._count(row)

    def rows(self) -> Iterator[Row]:
        """All rows, those of earlier runs first, one at a time."""
        return read_rows(line.decode("utf-8-sig") for line in _whole_lines(self.path))

    def _take_up(self, model: str) -> None:
        """Count what an earlier run wrote; a line that was cut short is taken out of the file."""
        with self.path.open("rb") as file:
            start = file.read(len(CSV_HEAD) + 1)
        if CSV_HEAD.encode().startswith(start):  # not even one row was whole
            os.truncate(self.path, 0)
            return

        others = set()
        try:
            for row in self.rows():
                self.known.add(row.file)
                self._count(row)
                if row.model != model:
                    others.add(row.model)
        except ValueError as error:
            raise Wrong(
                f"{self.path} is there already and is no table of verdicts ({error}). "
                "Name another file."
            ) from error
        if others:
            raise Wrong(
                f"{self.path} holds the verdicts of another model, {min(others)}; this one is "
                f"{model}. Name another file, or that model after --model."
            )

        whole = sum(map(len, _whole_lines(self.path)))
        if whole < self.path.stat().st_size:
            os.truncate(self.path, whole)

    def _count(self, row: Row) -> None:
        self.total += 1
        self.failed += bool(row.error)


def _whole_lines(path: Path) -> Iterator[bytes]:
    """The lines of a file, without one at its end that was cut short."""
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line

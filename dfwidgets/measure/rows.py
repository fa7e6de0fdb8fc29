"""What was found out about one file, and a list of such rows as CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

COLUMNS = ("file", "p_fake", "verdict", "reason", "faces", "error", "model")
CSV_HEAD = ",".join(COLUMNS) + "\n"


@dataclass(frozen=True)
class Row:
    """One file and its verdict, or why it has none.

    Attributes:
        file: its name; in a folder, as seen from there, with "/".
        p_fake: probability that its largest face is fake, 0 to 1; None where there is no verdict.
        verdict: "likely real", "can't tell" or "likely fake"; empty where there is none.
        reason: why the answer is "can't tell" whatever the score; empty where there is no such
            reason.
        faces: how many faces were found; None where the file could not be read.
        error: why there is no verdict, as a sentence; empty where there is one.
        model: the model that was asked, by its name and the first digits of its sha256.
        thumbnail: a small JPEG of the whole picture; empty where none was asked for.
    """

    file: str
    p_fake: float | None = None
    verdict: str = ""
    reason: str = ""
    faces: int | None = None
    error: str = ""
    model: str = ""
    thumbnail: bytes = field(default=b"", repr=False)


def to_csv(rows: Iterable[Row]) -> str:
    """A table with a line of titles, to be written as UTF-8; see `csv_line`."""
    return CSV_HEAD + "".join(csv_line(csv_cells(row)) for row in rows)


def from_csv(text: str) -> list[Row]:
    """The rows of a table that `to_csv` wrote.

    Raises:
        ValueError: it is another table; the text says where.
    """
    return list(read_rows(io.StringIO(text, newline="")))


def read_rows(text: Iterable[str]) -> Iterator[Row]:
    """The rows of a table, given line by line; see `from_csv`."""
    lines = csv.reader(text, strict=True)
    try:
        if next(lines, None) != list(COLUMNS):
            raise ValueError("its first line has other titles")
        # An empty line, as an editor leaves one at the end, is no row.
        for file, p_fake, verdict, reason, faces, error, model in filter(None, lines):
            yield Row(
                file,
                p_fake=float(p_fake) if p_fake else None,
                verdict=verdict,
                reason=reason,
                faces=int(faces) if faces else None,
                error=error,
                model=model,
            )
    except (ValueError, csv.Error) as error:
        raise ValueError(f"line {lines.line_num}: {error}") from error


def to_json(rows: Iterable[Row]) -> str:
    """A list of objects with the columns of the table; null for what is unknown.

    Names are as they are: nothing that reads JSON takes them for formulas.
    """
    return "".join(json_pieces(rows))


def json_pieces(rows: Iterable[Row]) -> Iterator[str]:
    """What `to_json` gives, piece by piece: of many rows only one is in memory."""
    before = "[\n"
    for row in rows:
        values = json.dumps(row_values(row), indent=1, ensure_ascii=False)
        yield before + textwrap.indent(values, " ")
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


def csv_cells(row: Row) -> tuple[str | float | None, ...]:
    """One row for `csv_line`: nothing in it is a formula to a spreadsheet."""
    cells = row_values(row)
    for name, value in cells.items():
        if isinstance(value, str):
            cells[name] = _harmless(value, "'")
    # A name with "'" before it would be the name of no file.
    cells["file"] = file_cell(row.file)
    return tuple(cells.values())


def file_cell(name: str) -> str:
    """A file's name as the table holds it.

    A spreadsheet takes "=..." for a formula, and runs it. "./=..." is the same file and no formula.
    """
    return _harmless(name, "./")


def csv_line(values: Iterable[str | float | None]) -> str:
    """One line of a table, its words quoted."""
    line = io.StringIO()
    # Quoted, a ";" in a word ends no cell in a spreadsheet that splits there.
    csv.writer(line, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerow(values)
    return line.getvalue()


def row_values(row: Row) -> dict[str, Any]:
    """What stands in each column; four places of a score are more than it can mean."""
    values = {name: getattr(row, name) for name in COLUMNS}
    if row.p_fake is not None:
        values["p_fake"] = round(row.p_fake, 4)
    return values


def _harmless(text: str, prefix: str) -> str:
    # A line of the file is a row: no name may begin another.
    text = re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]", "?", text)
    if text.startswith(("=", "+", "-", "@")):
        return prefix + text
    return text

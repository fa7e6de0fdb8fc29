"""What was found out about one file, and a list of such rows as CSV or JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

COLUMNS = ("file", "p_fake", "verdict", "reason", "faces", "error", "model")
HEAD = ",".join(COLUMNS) + "\n"


@dataclass(frozen=True)
class Scored:
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


def to_csv(rows: Iterable[Scored]) -> str:
    """A table with a line of titles, to be written as UTF-8; see `csv_line`."""
    return HEAD + "".join(csv_line(cells(row)) for row in rows)


def from_csv(text: str) -> list[Scored]:
    """The rows of a table that `to_csv` wrote.

    Raises:
        ValueError: it is another table; the text says where.
    """
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Scored] = []
    try:
        if next(lines, None) != list(COLUMNS):
            raise ValueError("its first line has other titles")
        for file, p_fake, verdict, reason, faces, error, model in filter(None, lines):
            p, count = float(p_fake) if p_fake else None, int(faces) if faces else None
            rows.append(Scored(file, p, verdict, reason, count, error, model))
    except (ValueError, csv.Error) as error:
        raise ValueError(f"line {lines.line_num}: {error}") from error
    return rows


def to_json(rows: Iterable[Scored]) -> str:
    """A list of objects with the columns of the table; what is unknown is null, names are as they
    are."""
    listed = [
        {name: getattr(row, name) for name in COLUMNS} | {"p_fake": _rounded(row.p_fake)}
        for row in rows
    ]
    return json.dumps(listed, indent=1, ensure_ascii=False) + "\n"


def cells(row: Scored) -> tuple[str | float | None, ...]:
    """One row for `csv_line`: nothing in it is a formula to a spreadsheet."""
    values: dict[str, Any] = {name: getattr(row, name) for name in COLUMNS}
    said = {name: _harmless(value, "'") for name, value in values.items() if isinstance(value, str)}
    return tuple(
        (values | said | {"file": file_cell(row.file), "p_fake": _rounded(row.p_fake)}).values()
    )


def file_cell(name: str) -> str:
    """A file's name as the table holds it.

    A spreadsheet takes "=..." for a formula, and runs it. "./=..." is the same file and no formula.
    """
    return _harmless(name, "./")


def csv_line(values: Iterable[str | float | None]) -> str:
    """One line of a table; words are quoted, so that a ";" in one ends no cell in a spreadsheet
    that splits there."""
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n").writerow(values)
    return line.getvalue()


def _harmless(text: str, before: str) -> str:
    text = re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]", "?", text)  # a line of the file is a row
    return before + text if text.startswith(("=", "+", "-", "@")) else text


def _rounded(p_fake: float | None) -> float | None:
    return None if p_fake is None else round(p_fake, 4)

"""Figures kept as CSV: a dictionary a line."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a CSV file, all text; none where there is no file."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write_lines(path: Path, columns: Sequence[str], lines: Iterable[Mapping[str, Any]]) -> None:
    """Write a CSV file anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        write = csv.DictWriter(file, columns, lineterminator="\n")
        write.writeheader()
        write.writerows(lines)


def add_line(path: Path, line: Mapping[str, Any]) -> None:
    """Write one line more, below a header where the file is new."""
    fresh = not path.exists()
    with path.open("a", newline="") as file:
        write = csv.DictWriter(file, list(line), lineterminator="\n")
        if fresh:
            write.writeheader()
        write.writerow(line)

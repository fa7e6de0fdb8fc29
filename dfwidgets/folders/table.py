"""The file samples.csv: what a teacher tells of the pictures beside it."""

from __future__ import annotations

import csv
import io
import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from dfwidgets.folders.notices import table_left_aside
from dfwidgets.folders.paths import inside
from dfwidgets.folders.samples import LEVELS, Sample
from dfwidgets.pictures import MAX_BYTES

# Others may stand in the table too; and paths may be written with "\\", as Windows does.
_COLUMNS = ("file", "made_from", "how", "level", "mask")
_PATHS = ("file", "made_from", "mask")


@dataclass(frozen=True)
class Table:
    """What samples.csv tells; empty where there is none, or where it is no good.

    Attributes:
        rows: what is told of each file, by its name in small letters; each as if it were a fake,
            its path as it is written.
        masks: where each mask lies with its links followed, by its path.
        missing_masks: paths of masks that are not there, or outside the folder.
        notices: a sentence where the file was left aside.
    """

    rows: dict[str, Sample] = field(default_factory=dict)
    masks: dict[str, str] = field(default_factory=dict)
    missing_masks: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def read_table(folder: Path, root: str) -> Table:
    """Read samples.csv in a folder; `root` is the folder with its links followed. Never raises."""
    path = os.path.join(folder, "samples.csv")
    if not os.path.isfile(path):
        return Table()
    table = Table()
    try:
        for row in _rows(path, root):
            _add(table, row, folder, root)
    except UnicodeDecodeError:
        why = "it is not written in UTF-8"
    except (OSError, ValueError, csv.Error) as error:
        why = getattr(error, "strerror", None) or str(error)
    else:
        return table
    # Half a table would tell of some fakes and not of others, and nobody would see why.
    return Table(missing_masks=table.missing_masks, notices=[table_left_aside(why)])


def _add(table: Table, row: dict[str, str], folder: Path, root: str) -> None:
    file = posixpath.normpath(row["file"])
    level = row["level"].lower()
    sample = Sample(
        path=Path(file),
        label="fake",
        made_from=row["made_from"],
        how=row["how"],
        level=level if level in LEVELS else "",
    )
    if row["mask"]:
        mask = os.fspath(folder / row["mask"])
        # First whether it is there: a name that no file can have has no place either.
        resolved = os.path.realpath(mask) if os.path.isfile(mask) else ""
        if inside(resolved, root):
            table.masks[mask] = resolved
            sample = replace(sample, mask=Path(mask))
        else:
            table.missing_masks.append(mask)
    # In small letters, because on some systems file names are the same in any case.
    table.rows[file.casefold()] = sample


def _rows(path: str, root: str) -> Iterator[dict[str, str]]:
    """The lines that name a file, every column a text."""
    if not inside(os.path.realpath(path), root):
        raise ValueError("it is a link that leads out of the folder")
    if os.path.getsize(path) > MAX_BYTES:
        raise ValueError(f"it has more than {MAX_BYTES // 1024**2} MB")

    # Office programs begin the file with a mark, and write semicolons where a comma is the decimal
    # sign.
    text = Path(path).read_text("utf-8-sig")
    titles = text.partition("\n")[0]
    comma = ";" if titles.count(";") > titles.count(",") else ","
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=comma, strict=True)
    rows.fieldnames = [title.strip().lower() for title in rows.fieldnames or ()]
    if "file" not in rows.fieldnames:
        raise ValueError('its first line has no column "file"')

    for row in rows:
        cells = {column: (row.get(column) or "").strip() for column in _COLUMNS}
        for column in _PATHS:
            cells[column] = cells[column].replace("\\", "/")
        if cells["file"]:
            yield cells

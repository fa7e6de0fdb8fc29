"""The table of many pictures: rows that come one by one, and the files that are made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

import anywidget
import traitlets as t

from dfwidgets.detector import CANT_TELL, LIKELY_FAKE, LIKELY_REAL
from dfwidgets.measure import Row
from dfwidgets.panels.widgets.style import STYLE
from dfwidgets.wording import probability

UNREAD = "no verdict"


class Cells(TypedDict):
    """One row as the page shows it; `p` is what it sorts by."""

    file: str
    verdict: str
    p: float | None
    score: str
    faces: int | None
    note: str


class Rows(TypedDict):
    """What is sent to the page: rows from `start` on; their thumbnails go along as buffers."""

    kind: Literal["rows"]
    start: int
    rows: list[Cells]


class Opened(TypedDict):
    """What a page sends that has just opened: it has no rows yet."""

    kind: Literal["all"]


# Not as a class: one of its keys is a word of the language.
Wanted = TypedDict("Wanted", {"kind": Literal["download"], "as": str})
"""What the page sends when a file is asked for."""


class Scores(anywidget.AnyWidget):
    """Shows rows with small pictures; the browser sorts and filters them.

    Rows and pictures go to the page as messages. As traits they would be saved with a notebook.

    Args:
        on_download: called with the kind of file that is wanted, "csv" or "json".
    """

    _esm = Path(__file__).with_suffix(".js")
    _css = STYLE

    fraction = t.Float(-1.0).tag(sync=True)
    """How much is done, 0 to 1; below 0 nothing is under way."""

    status = t.Unicode("").tag(sync=True)
    """What stands beside the bar."""

    announcement = t.Unicode("").tag(sync=True)
    """What a screen reader reads out next."""

    rates = t.Unicode("").tag(sync=True)
    """How often "likely fake" is wrong."""

    verdicts: t.List[str] = t.List([LIKELY_FAKE, CANT_TELL, LIKELY_REAL, UNREAD]).tag(sync=True)
    """What can be filtered by, in the order in which it sorts."""

    def __init__(self, on_download: Callable[[str], None]) -> None:
        super().__init__()
        self.rows: tuple[Row, ...] = ()
        self._on_download = on_download
        self.on_msg(self._on_message)

    def show(self, rows: Sequence[Row]) -> None:
        """Show these rows; of those that begin as the ones before did, only what is new is sent."""
        # With each picture one row comes: sending all of them again would take longer and longer.
        before = self.rows
        self.rows = tuple(rows)
        goes_on = self.rows[: len(before)] == before
        self._send_rows(len(before) if goes_on else 0)

    def _send_rows(self, start: int) -> None:
        rows = self.rows[start:]
        message: Rows = {"kind": "rows", "start": start, "rows": [_cells(row) for row in rows]}
        self.send(message, [row.thumbnail for row in rows])

    def _on_message(self, _: Any, message: Opened | Wanted, buffers: list[bytes]) -> None:
        if message["kind"] == "all":
            self._send_rows(0)
        elif message["kind"] == "download" and message["as"] in ("csv", "json"):
            self._on_download(message["as"])


def _cells(row: Row) -> Cells:
    return {
        "file": row.file,
        "verdict": row.verdict or UNREAD,
        "p": row.p_fake,
        "score": "" if row.p_fake is None else probability(row.p_fake),
        "faces": row.faces,
        "note": row.error or row.reason,
    }

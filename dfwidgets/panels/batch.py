"""Many pictures at once: a table of verdicts."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import ipywidgets as ipw

from dfwidgets import background, markup
from dfwidgets.answers import sentence
from dfwidgets.background import in_turn
from dfwidgets.detectors import read_record
from dfwidgets.measure import (
    THUMBNAIL,
    NamedFile,
    Row,
    find_pictures,
    score_files,
    time_left,
    to_csv,
    to_json,
)
from dfwidgets.panels.parts import button, row, see
from dfwidgets.panels.run_queue import Line
from dfwidgets.panels.widgets.download import Download
from dfwidgets.panels.widgets.dropzone import Dropzone, kinds
from dfwidgets.panels.widgets.scores import Scores
from dfwidgets.session import Session
from dfwidgets.wording import RARE

MOST = 200
"""How many pictures one list holds."""

_MORE = "In a terminal, “dfwidgets score FOLDER --csv OUT” takes any number."
_CHANGED = (
    "Another model was chosen. This list is of the model before; the next pictures begin a new one."
)


class ManyPanel(ipw.VBox):
    """Judges up to 200 pictures, the largest face of each, and makes a table to sort, filter and download.

    A picture is dropped as soon as it is scored; a small copy stays for the table as long as the
    list does.

    Args:
        session: whose detector is asked; its picture and verdict stay as they are.
        folders: let people name a folder on the computer that runs the kernel. Only where that is
            their own, as in JupyterLab: on a page that is served to others it lets every visitor
            look at the pictures on the server's disk. That is why it is off.
    """

    def __init__(self, session: Session, *, folders: bool = False) -> None:
        self.session = session
        self.dropzone = Dropzone(
            in_turn(self._on_file),
            in_turn(self._on_refusal),
            in_turn(self._on_several),
            in_turn(self._stop),
            words="Choose pictures",
            hint="or drop or paste them here. They are not stored.",
            most=MOST,
        )
        # Not even made where it is not wanted: a page could write into a widget that it does not
        # show.
        self.folder = (
            ipw.Text(description="Or a folder", placeholder="photos/2024") if folders else None
        )
        self.start = button("Judge this folder") if folders else None
        self.message = ipw.HTML()
        self.scores = Scores(in_turn(self._on_download))
        self.download = Download()
        self.cancel, self.clear = button("Cancel"), button("Empty the list")
        asks = [self.dropzone]
        if self.folder is not None and self.start is not None:
            asks.append(row(self.folder, self.start))
            asks[-1].layout.margin = "12px 0 8px"
            self.start.on_click(in_turn(self._on_folder))
        buttons = row(self.cancel, self.clear)
        buttons.layout.margin = self.message.layout.margin = "12px 0 0"
        heading, shown = (
            ipw.HTML(markup.heading("Many pictures")),
            [self.message, buttons, self.scores, self.download],
        )
        super().__init__([heading, *asks, *shown])
        self.add_class("dfw-panel")

        self._line = Line(
            self._add, self._on_model_error, self._ask
        )  # what is in memory and waits to be scored
        self._coming, self._arriving = (
            0,
            False,
        )  # files that the browser keeps, and whether one is on its way
        self._stale = False  # whether the list is of a model that is no longer asked
        self._done, self._of, self._started = 0, 0, 0.0
        self._notes: list[str] = []
        self.cancel.on_click(in_turn(lambda _: self._stop("Stopped.")))
        self.clear.on_click(in_turn(self._on_clear))
        self._show_rates()
        session.observe(self._on_detector, "detector")
        self._show()

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the table holds, in the order in which the pictures came."""
        return self.scores.rows

    def _on_several(self, chosen: int, taken: int) -> None:
        taken = min(taken, self.dropzone.most)
        self._begin(taken)
        self._coming += taken
        if chosen > taken:
            self._notes.append(
                f"Of {chosen} pictures {taken} were taken: a list holds {MOST}. {_MORE}"
            )
        self._ask()

    def _on_file(self, data: bytes, name: str) -> None:
        if self._took_one():
            self._line.add(score_files(self.session.detector, [(name, data)], thumbnail=THUMBNAIL))
        self._ask()

    def _on_refusal(self, why: str, name: str) -> None:
        if not name:  # nothing came that is a file
            self._notes = [why]
        elif self._took_one():
            self._add(Row(name, error=why))
        self._ask()

    def _took_one(self) -> bool:
        """Whether a file was waited for: one that was on its way when all was stopped is not."""
        waited = self._arriving
        self._coming, self._arriving = self._coming - waited, False
        return waited

    def _on_folder(self, _: Any) -> None:
        folder = self.folder.value.strip() if self.folder else ""
        if not folder:
            self._notes = ["Write the path of a folder first."]
            self._show()
            return

        def found(
            answer: tuple[list[NamedFile], list[str]] | None, error: Exception | None
        ) -> None:
            pictures, notices = answer or ([], [])
            taken = pictures[: self.dropzone.most]
            self._begin(len(taken))
            if error is not None:
                self._notes.append(str(error) if isinstance(error, OSError) else sentence(error))
            elif not pictures:
                self._notes.append(
                    "There are no pictures in this folder. Name one that holds some."
                )
            elif len(taken) < len(pictures):
                self._notes.append(
                    f"Of {len(pictures)} pictures {len(taken)} were taken: a list holds {MOST}. {_MORE}"
                )
            self._notes += notices
            if taken:
                self._line.add(score_files(self.session.detector, taken, thumbnail=THUMBNAIL))
            self._show()

        background.submit(partial(find_pictures, folder), found)

    def _begin(self, count: int) -> None:
        if not self._running:
            self._done, self._of, self._started, self._notes = 0, 0, time.monotonic(), []
            if self._stale:
                self.scores.show(())
                self._show_rates()
                self._stale = False
        self._of += count

    @property
    def _running(self) -> bool:
        return bool(len(self._line) or self._coming)

    def _ask(self) -> None:
        """Have the browser send the next picture while the one before it is scored."""
        if self._coming and not self._arriving and len(self._line) < 2:
            self._arriving = True
            self.dropzone.ask()
        self._show()

    def _on_model_error(self, error: Exception) -> None:
        self._stop(sentence(error))

    def _add(self, scored: Row) -> None:
        self._done += 1
        self.scores.show((*self.rows, scored))

    def _stop(self, why: str) -> None:
        self._line.stop()
        if self._coming:
            self.dropzone.stop()
        self._coming, self._arriving, self._notes = 0, False, [why]
        self._show()

    def _on_clear(self, _: Any) -> None:
        self._stop("")
        self.scores.show(())
        self._show()

    def _on_detector(self, _: Any) -> None:
        if self.rows or self._running:
            self._stop(_CHANGED)
            self._stale = True
        else:
            self._show_rates()

    def _show_rates(self) -> None:
        self.scores.note = (
            f"{read_record(self.session.detector).likely_fake_begins()} {RARE}".strip()
        )

    def _on_download(self, kind: str) -> None:
        text, mime = (
            (to_csv(self.rows), "text/csv")
            if kind == "csv"
            else (to_json(self.rows), "application/json")
        )
        self.download.hand_over(f"verdicts.{kind}", mime, text.encode())

    def _show(self) -> None:
        rows, running = self.rows, self._running
        see(self.cancel, running)
        see(self.clear, bool(rows) and not running)
        self.dropzone.most = (
            MOST if self._stale else max(0, MOST - len(rows) - (self._of - self._done) * running)
        )
        bad = sum(bool(one.error) for one in rows)
        said = [markup.error(note) for note in self._notes if note]
        if not rows and not running:
            said.append(markup.quiet(f"{kinds()}, up to 25 MB each, {MOST} pictures at most."))
        self.message.value = markup.block(*said)
        with self.scores.hold_sync():
            self.scores.part = self._done / max(1, self._of) if running else -1.0
            if running and self._done:
                left = time_left(
                    (time.monotonic() - self._started) / self._done * (self._of - self._done)
                )
                self.scores.words = f"{self._done} of {self._of} done, {left}"
            elif running:
                self.scores.words = f"{self._of} pictures, getting ready..."
            else:
                self.scores.words = (
                    f"{len(rows) - bad} with a verdict, {bad} without." if rows else ""
                )
            self.scores.said = (
                "" if running else " ".join([*self._notes, self.scores.words]).strip()
            )

"""Many pictures at once: a table of verdicts."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from dfwidgets import markup
from dfwidgets.answers import sentence
from dfwidgets.background import BESIDE, in_turn
from dfwidgets.detectors import read_record
from dfwidgets.measure import THUMBNAIL, NamedFile, Row, score_files, to_csv, to_json
from dfwidgets.panels.browser_files import BrowserFiles
from dfwidgets.panels.folder_field import FolderField
from dfwidgets.panels.panel import Panel
from dfwidgets.panels.parts import Html, button, row, set_visible
from dfwidgets.panels.progress import LEFT_OUT, Progress, summary
from dfwidgets.panels.run_queue import RunQueue
from dfwidgets.panels.widgets.download import Download
from dfwidgets.panels.widgets.dropzone import kinds
from dfwidgets.panels.widgets.scores import Scores
from dfwidgets.session import Session
from dfwidgets.wording import RARE

MAX_ROWS = 200
"""How many pictures one list holds."""

_CHANGED = (
    "Another model was chosen. This list is of the model before; the next pictures begin a new one."
)
_FORMATS = {"csv": (to_csv, "text/csv"), "json": (to_json, "application/json")}


class BatchPanel(Panel):
    """Judges up to 200 pictures, the largest face of each, and makes a table to sort and download.

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
        self._files = BrowserFiles(
            self._on_chosen, self._on_file, self._on_refusal, self._stop, limit=MAX_ROWS
        )
        self._queue = RunQueue(self._add, lambda error: self._stop(sentence(error)), self._ask)
        self._progress = Progress()
        self._notices: list[str] = []
        self._stale = False  # whether the list is of a model that is no longer asked

        self.dropzone = self._files.dropzone
        # Not even made where it is not wanted: a page could write into a widget that it does not
        # show.
        self.folder: FolderField | None = None
        sources: list[ipw.Widget] = [self.dropzone]
        if folders:
            self.folder = FolderField(self._on_folder, self._on_refusal)
            sources.append(self.folder)

        self.message = Html()
        self.cancel = button("Cancel")
        self.clear = button("Empty the list")
        buttons = row(self.cancel, self.clear)
        buttons.layout.margin = self.message.layout.margin = "12px 0 0"
        self.scores = Scores(in_turn(self._on_download))
        self.download = Download()
        super().__init__(
            "Many pictures", *sources, self.message, buttons, self.scores, self.download
        )

        self.on(self.cancel, lambda _: self._stop("Stopped."))
        self.on(self.clear, self._on_clear)
        self.on(session, self._on_detector, "detector")
        self._show_rates()
        self._show()

    @property
    def rows(self) -> tuple[Row, ...]:
        """What the table holds, in the order in which the pictures came."""
        return self.scores.rows

    @property
    def _running(self) -> bool:
        return bool(len(self._queue) or len(self._files))

    def _on_chosen(self, chosen: int, taken: int) -> None:
        taken = min(taken, self.dropzone.max_files)
        self._begin(taken, of=chosen)
        self._files.take(taken)
        self._ask()

    def _ask(self) -> None:
        """Have the next picture sent while the one before it is scored."""
        # One is scored and one waits: more would only fill the memory.
        if len(self._queue) < 2:
            self._files.ask()
        self._show()

    def _on_file(self, data: bytes, name: str) -> None:
        self._judge([(name, data)])
        self._ask()

    def _on_refusal(self, why: str, name: str = "") -> None:
        if name:
            self._add(Row(name, error=why))
        else:
            self._notices = [why]
        self._ask()

    def _on_folder(self, pictures: list[NamedFile], notices: list[str]) -> None:
        taken = pictures[: self.dropzone.max_files]
        self._begin(len(taken), of=len(pictures))
        self._notices += notices
        if taken:
            self._judge(taken)
        self._show()

    def _begin(self, count: int, of: int) -> None:
        """Take `count` pictures of those that were found; a list that is done begins anew."""
        # While a list is being judged more may join it.
        if not self._running:
            self._progress.restart()
            self._notices = []
            # Verdicts of two models in one table would read as if they could be compared.
            if self._stale:
                self._stale = False
                self.scores.show(())
                self._show_rates()
        self._progress.take(count)
        if of > count:
            self._notices.append(LEFT_OUT.format(found=of, taken=count, limit=MAX_ROWS))

    def _judge(self, pictures: list[NamedFile]) -> None:
        detector = self.session.adapted
        # Where it judges on threads of its own, nobody's picture has to wait for a row.
        worker = BESIDE if detector.on_one_thread else detector.worker("predict")
        run = score_files(self.session.detector, pictures, thumbnail=THUMBNAIL)
        self._queue.add(run, worker)

    def _add(self, scored: Row) -> None:
        self._progress.step()
        self.scores.show((*self.rows, scored))

    def _stop(self, why: str) -> None:
        self._queue.stop()
        if self.folder is not None:
            self.folder.forget()
        self._files.stop()
        self._notices = [why]
        self._show()

    def _on_clear(self, _: Any) -> None:
        self.scores.show(())
        self._stop("")

    def _on_detector(self, _: Any) -> None:
        if self.rows or self._running:
            self._stale = True
            self._stop(_CHANGED)
        else:
            self._show_rates()

    def _on_download(self, kind: str) -> None:
        write, mime_type = _FORMATS[kind]
        self.download.hand_over(f"verdicts.{kind}", mime_type, write(self.rows).encode())

    def _show_rates(self) -> None:
        rates = read_record(self.session.detector).likely_fake_begins()
        self.scores.rates = f"{rates} {RARE}".strip()

    def _show(self) -> None:
        rows = self.rows
        running = self._running
        set_visible(self.cancel, running)
        set_visible(self.clear, bool(rows) and not running)
        # Of a list that is of another model nothing stays, so there is room for a whole one.
        kept = 0 if self._stale else len(rows)
        waiting = self._progress.left if running else 0
        self.dropzone.max_files = max(0, MAX_ROWS - kept - waiting)

        parts = [markup.error(notice) for notice in self._notices if notice]
        if not rows and not running:
            parts.append(markup.quiet(f"{kinds()}, up to 25 MB each, {MAX_ROWS} pictures at most."))
        self.message.show(*parts)

        # Sent together, so that the bar and the words beside it agree.
        with self.scores.hold_sync():
            if running:
                self.scores.fraction = self._progress.fraction
                self.scores.status = self._progress.words
                self.scores.announcement = ""  # else a screen reader would talk all the time
            else:
                self.scores.fraction = -1.0
                self.scores.status = summary(rows)
                self.scores.announcement = " ".join([*self._notices, self.scores.status]).strip()

"""Files that people chose, as they wait in the browser and come one at a time."""

from __future__ import annotations

from collections.abc import Callable

from dfwidgets.background import in_turn
from dfwidgets.panels.widgets.dropzone import Dropzone


class BrowserFiles:
    """Has the browser send its next file when there is room for it in memory.

    Args:
        on_chosen: called with how many files were chosen, and how many of them the browser keeps.
        on_file: called with the bytes of a file, and its name.
        on_refusal: called with a sentence and a name where a file can't be taken; without a name
            where nothing came that is a file.
        on_lost: called with a sentence where the browser gave up.
        limit: how many are taken at most.
    """

    def __init__(
        self,
        on_chosen: Callable[[int, int], None],
        on_file: Callable[[bytes, str], None],
        on_refusal: Callable[[str, str], None],
        on_lost: Callable[[str], None],
        limit: int,
    ) -> None:
        self._on_file = on_file
        self._on_refusal = on_refusal
        self._waiting = 0
        self._arriving = False  # whether the first of those is on its way
        self.dropzone = Dropzone(
            in_turn(self._take_file),
            in_turn(self._refuse),
            in_turn(on_chosen),
            in_turn(on_lost),
            label="Choose pictures",
            hint="or drop or paste them here. They are not stored.",
            max_files=limit,
        )

    def __len__(self) -> int:
        """How many have yet to come."""
        return self._waiting

    def take(self, count: int) -> None:
        """Wait for so many more."""
        self._waiting += count

    def ask(self) -> None:
        """Have the next one sent, if any waits and none is on its way."""
        if self._waiting and not self._arriving:
            self._arriving = True
            self.dropzone.ask()

    def stop(self) -> None:
        """Forget all that have yet to come."""
        if self._waiting:
            self.dropzone.stop()
        self._waiting = 0
        self._arriving = False

    def _take_file(self, data: bytes, name: str) -> None:
        if self._was_awaited():
            self._on_file(data, name)

    def _refuse(self, why: str, name: str) -> None:
        if not name or self._was_awaited():
            self._on_refusal(why, name)

    def _was_awaited(self) -> bool:
        """Whether a file was asked for: one that was on its way when all was stopped is not."""
        awaited = self._arriving
        self._waiting -= awaited
        self._arriving = False
        return awaited

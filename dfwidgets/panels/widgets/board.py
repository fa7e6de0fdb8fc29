"""The pictures of a round side by side, the keys of the game, and what a screen reader is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypedDict

import anywidget
import traitlets as t

from dfwidgets.panels.widgets.style import STYLE


class Item(TypedDict):
    """What stands with one picture: its text, lines as (mark, words), and whether it is a button."""

    alt: str
    lines: list[tuple[str, str]]
    open: bool


class Board(anywidget.AnyWidget):
    """Shows pictures to pick from, and beyond them minds the keys and the focus of the panel it lies in.

    Args:
        on_pick: called with the number of the picture that was picked.
    """

    _esm = Path(__file__).with_suffix(".js")
    _css = STYLE

    pictures: t.List[bytes] = t.List().tag(sync=True)
    items: t.List[Item] = t.List().tag(sync=True)
    said = t.Unicode("").tag(sync=True)
    """What a screen reader reads out next."""
    focus_on: t.List[Any] = t.List([0, ""]).tag(sync=True)
    """Which move of the focus this is, and the CSS selector of where it goes."""

    def __init__(self, on_pick: Callable[[int], None]) -> None:
        super().__init__()
        self._on_pick = on_pick
        self.on_msg(self._on_message)

    def show(self, pictures: Sequence[bytes], items: Sequence[Item]) -> None:
        """Keep the pictures of a round at hand, and show them where there are items."""
        with self.hold_sync():
            self.pictures, self.items = list(pictures), list(items)

    def go_to(self, selector: str) -> None:
        """Take the focus to a part of the panel, if it is in the panel already."""
        self.focus_on = [self.focus_on[0] + 1, selector]

    def _on_message(self, _: Any, message: dict[str, Any], buffers: list[bytes]) -> None:
        index = message.get("index")
        if isinstance(index, int) and 0 <= index < len(self.items) and self.items[index]["open"]:
            self._on_pick(index)

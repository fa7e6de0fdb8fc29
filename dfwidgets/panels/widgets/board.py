"""The pictures of a round side by side, and what a screen reader is told of the game."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

import anywidget
import traitlets as t

from dfwidgets.panels.widgets.style import STYLE


class Item(TypedDict):
    """What stands with one picture: its text, lines as (mark, words), and whether to press it."""

    alt: str
    lines: list[tuple[str, str]]
    open: bool


class Picked(TypedDict):
    """What the page sends when a picture is pressed."""

    kind: Literal["pick"]
    index: int


class Board(anywidget.AnyWidget):
    """Shows pictures to pick from.

    Args:
        on_pick: called with the number of the picture that was picked.
    """

    _esm = Path(__file__).with_suffix(".js")
    _css = STYLE

    pictures: t.List[bytes] = t.List().tag(sync=True)
    """JPEG files, kept at hand whether they are shown or not."""

    items: t.List[Item] = t.List().tag(sync=True)
    """What stands with each of them; none shows no picture."""

    announcement = t.Unicode("").tag(sync=True)
    """What a screen reader reads out next."""

    def __init__(self, on_pick: Callable[[int], None]) -> None:
        super().__init__()
        self._on_pick = on_pick
        self.on_msg(self._on_message)

    def show(self, pictures: Sequence[bytes], items: Sequence[Item]) -> None:
        """Keep the pictures of a round at hand, and show them where there are items."""
        # Sent together: items would be drawn with the pictures of the round before.
        with self.hold_sync():
            self.pictures = list(pictures)
            self.items = list(items)

    def _on_message(self, _: Any, message: Picked, buffers: list[bytes]) -> None:
        # A page can be made to send anything: what was answered already is no longer to be picked.
        index = message.get("index")
        if isinstance(index, int) and 0 <= index < len(self.items) and self.items[index]["open"]:
            self._on_pick(index)

"""Files that are made here and saved by the browser."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import anywidget
import traitlets as t

from dfwidgets.panels.widgets.style import STYLE


class Handed(TypedDict):
    """What is sent to the page; the bytes of the file go along as a buffer."""

    name: str
    type: str


class Download(anywidget.AnyWidget):
    """Hands files to the browser; not to be seen, but it can say something to a screen reader."""

    _esm = Path(__file__).with_suffix(".js")
    _css = STYLE

    announcement = t.Unicode("").tag(sync=True)
    """What a screen reader reads out next."""

    def hand_over(self, name: str, mime_type: str, data: bytes) -> None:
        """Have the browser save a file, made here: nothing is served and nothing is written."""
        # As a message and not as a link, which would be open to whoever knows it.
        message: Handed = {"name": name, "type": mime_type}
        self.send(message, [data])

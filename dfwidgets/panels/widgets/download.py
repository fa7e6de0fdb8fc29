"""Files that are made here and saved by the browser."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets as t

from dfwidgets.panels.widgets.style import STYLE


class Download(anywidget.AnyWidget):
    """Hands files to the browser; nothing is seen of it, but it can say something to a screen
    reader."""

    _esm = Path(__file__).with_suffix(".js")
    _css = STYLE

    said = t.Unicode("").tag(sync=True)
    """What a screen reader reads out next."""

    def hand_over(self, name: str, kind: str, data: bytes) -> None:
        """Have the browser save a file, made here: nothing is served and nothing is written."""
        self.send({"name": name, "type": kind}, [data])

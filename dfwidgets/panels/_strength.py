"""How much each pixel may change, and what a screen reader is told of the answers."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets as t

_STATIC = Path(__file__).parent.parent / "static"


class Strength(anywidget.AnyWidget):
    """A slider over whole grey levels (ipywidgets' own tells a screen reader no name); `most` 0 hides it."""

    _esm = _STATIC / "strength.js"
    _css = _STATIC / "style.css"

    most = t.Int(0).tag(sync=True)
    levels = t.Int(0).tag(sync=True)
    said = t.Unicode("").tag(sync=True)
    """What a screen reader reads out next."""

    @t.validate("levels")
    def _within(self, proposal: t.Bunch) -> int:
        return min(max(proposal["value"], 0), self.most)

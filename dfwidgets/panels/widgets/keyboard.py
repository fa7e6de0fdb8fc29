"""The keys of the game, and where the focus goes when one screen follows another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets as t


class Keyboard(anywidget.AnyWidget):
    """Minds the keys and the focus of the panel it lies in; nothing is seen of it.

    R and F, or the arrows, press the buttons of the panel that are in sight; its script says which.
    """

    _esm = Path(__file__).with_suffix(".js")

    focus_on: t.List[Any] = t.List([0, ""]).tag(sync=True)
    """Which move of the focus this is, and the CSS selector of where it goes."""

    def go_to(self, selector: str) -> None:
        """Take the focus to a part of the panel, if it is in the panel already."""
        # The number makes a change of it even where the focus went to the same place before.
        self.focus_on = [self.focus_on[0] + 1, selector]

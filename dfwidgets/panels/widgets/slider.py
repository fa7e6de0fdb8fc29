"""A slider with a name and a unit."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets as t

from dfwidgets.panels.widgets.style import STYLE


class Slider(anywidget.AnyWidget):
    """A slider that a screen reader can name, which ipywidgets' own can't; it hides while both ends
    are the same."""

    _esm = Path(__file__).with_suffix(".js")
    _css = STYLE

    label = t.Unicode().tag(sync=True)
    min = t.Float(0.0).tag(sync=True)
    max = t.Float(1.0).tag(sync=True)
    step = t.Float(0.01).tag(sync=True)
    value = t.Float(0.0).tag(sync=True)

    digits = t.Int(2).tag(sync=True)
    """Digits after the point of the value that is shown."""

    unit = t.Unicode("").tag(sync=True)
    """What stands behind the value."""

    announcement = t.Unicode("").tag(sync=True)
    """What a screen reader reads out next."""

    @t.validate("value")
    def _within(self, proposal: t.Bunch) -> float:
        # The ends may have moved since the page sent it.
        value: float = proposal["value"]
        if value < self.min:
            return self.min
        if value > self.max:
            return self.max
        return value

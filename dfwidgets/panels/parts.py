"""Small parts that panels are put together from."""

from __future__ import annotations

import ipywidgets as ipw
from markupsafe import Markup

from dfwidgets import markup


class Html(ipw.HTML):
    """Text on a panel, in the type and colours of all panels.

    Args:
        parts: what is shown first.
    """

    def __init__(self, *parts: Markup) -> None:
        super().__init__()
        self.show(*parts)

    def show(self, *parts: Markup) -> None:
        """Show these pieces of markup, one after the other; without any, nothing."""
        # Plain text from here on, which nobody puts together with other text any more.
        self.value = str(markup.block(*parts))


def button(label: str, *classes: str) -> ipw.Button:
    """A button, with CSS classes that say how it looks or which key presses it."""
    made = ipw.Button(description=label)
    for name in classes:
        made.add_class(name)
    return made


def row(*children: ipw.Widget) -> ipw.Box:
    """Buttons side by side, where there is room."""
    return ipw.Box(children).add_class("dfw-row")


def columns(*children: ipw.Widget) -> ipw.Box:
    """A picture and what is said of it side by side, where there is room."""
    return ipw.Box(children).add_class("dfw-columns")


def set_visible(widget: ipw.Widget, visible: bool) -> None:
    """Show a widget, or take it out of sight and out of reach."""
    # It keeps its place among the others, and comes back as it was.
    widget.layout.display = None if visible else "none"

"""Small parts that panels are put together from."""

from __future__ import annotations

import ipywidgets as ipw


def button(words: str, *classes: str) -> ipw.Button:
    """A button, with CSS classes that say how it looks or which key presses it."""
    made = ipw.Button(description=words)
    for name in classes:
        made.add_class(name)
    return made


def row(*children: ipw.Widget) -> ipw.Box:
    """Buttons side by side, where there is room."""
    made = ipw.Box(children)
    made.add_class("dfw-row")
    return made


def see(widget: ipw.Widget, seen: bool) -> None:
    """Show a widget, or take it out of sight and out of reach."""
    widget.layout.display = None if seen else "none"

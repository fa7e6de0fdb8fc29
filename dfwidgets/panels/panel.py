"""What panels have in common: a question, an empty state, and handlers that wait their turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets as ipw

from dfwidgets import markup
from dfwidgets.background import in_turn
from dfwidgets.panels.parts import Html, set_visible


class Part(ipw.VBox):
    """Widgets one below the other that answer to what people do, one after the other."""

    _silent = False

    def on(self, source: Any, handler: Callable[[Any], None], *traits: str) -> None:
        """Have `handler` called when a button is pressed, or when `traits` of a source change.

        It is called where widgets may be touched, and never while another one is half done:
        JupyterLab lets the clicks on one panel be answered on several threads at once.
        """

        def call(event: Any) -> None:
            # Only here: whoever else observes the same widget hears of each change.
            if not self._silent:
                handler(event)

        if traits:
            source.observe(in_turn(call), list(traits))
        else:
            source.on_click(in_turn(call))

    @contextmanager
    def silently(self) -> Iterator[None]:
        """Change widgets of this part without its handlers being called, as if nobody had."""
        self._silent = True
        try:
            yield
        finally:
            self._silent = False


class Panel(Part):
    """A question, and below it what answers it.

    Args:
        question: the heading; without one there is none.
        children: what stands below it, from top to bottom.
        until: a sentence in their place, as long as there is nothing to show; `set_empty` says when
            that is.
    """

    def __init__(self, question: str, *children: ipw.Widget, until: str = "") -> None:
        self._content = children
        self.empty = Html(markup.quiet(until))

        # The heading first: those who can't see the page go from heading to heading.
        self._parts: list[ipw.Widget] = []
        if question:
            self._parts.append(ipw.HTML(markup.heading(question)))
        if until:
            self._parts.append(self.empty)
        self._parts += children
        super().__init__(self._parts)
        self.add_class("dfw-panel")

    def add(self, child: ipw.Widget) -> None:
        """Put something below the rest that is there whether there is something to show or not."""
        self._parts.append(child)
        self.children = self._parts

    def set_empty(self, empty: bool) -> None:
        """Show the sentence that stands for what is not there yet, or what is there."""
        set_visible(self.empty, empty)
        for child in self._content:
            set_visible(child, not empty)

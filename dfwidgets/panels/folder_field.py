"""The field in which people name a folder on the computer that runs the kernel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import ipywidgets as ipw

from dfwidgets.answers import sentence
from dfwidgets.background import BESIDE, Latest
from dfwidgets.measure import NamedFile, find_pictures
from dfwidgets.panels.panel import Part
from dfwidgets.panels.parts import button, row

_EMPTY = "There are no pictures in this folder. Name one that holds some."


class FolderField(Part):
    """Lists the pictures of a folder that somebody names.

    Args:
        on_found: called with the pictures in it, and sentences on what is missing or left out.
        on_refusal: called with a sentence where it can't be listed.
    """

    def __init__(
        self,
        on_found: Callable[[list[NamedFile], list[str]], None],
        on_refusal: Callable[[str], None],
    ) -> None:
        self._on_found = on_found
        self._on_refusal = on_refusal
        self._listing = Latest()

        self.path = ipw.Text(description="Or a folder", placeholder="photos/2024")
        self.start = button("Judge this folder")
        field = row(self.path, self.start)
        field.layout.margin = "12px 0 8px"
        super().__init__([field])
        self.on(self.start, self._on_start)

    def forget(self) -> None:
        """Drop what is on its way."""
        self._listing.forget()

    def _on_start(self, _: Any) -> None:
        folder = self.path.value.strip()
        if not folder:
            self._on_refusal("Write the path of a folder first.")
            return
        # On a worker: a large folder, or one on a slow disk, takes a while.
        self._listing.ask(
            partial(find_pictures, folder),
            lambda found: self._hand_over(*found),
            self._on_error,
            worker=BESIDE,
        )

    def _hand_over(self, pictures: list[NamedFile], notices: list[str]) -> None:
        if not pictures:
            notices = [_EMPTY, *notices]
        self._on_found(pictures, notices)

    def _on_error(self, error: Exception) -> None:
        # An error of the disk is a sentence already, and names the folder as it was written.
        if isinstance(error, OSError):
            self._on_refusal(str(error))
        else:
            self._on_refusal(sentence(error))

"""The field that takes one picture or several by chooser, drop or paste."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets as t

from dfwidgets.panels.widgets import dropzone_messages as messages
from dfwidgets.panels.widgets.style import STYLE
from dfwidgets.pictures import FORMATS, MAX_BYTES, too_many_bytes

_ENDINGS = ".jpg,.jpeg,.png,.webp,.gif,.bmp,.avif,.heic,.heif"

_NO_FILE = "Nothing arrived that is a file. Save the picture first, then drop the file here."
_LOST = "The connection was lost for a while. Choose the pictures again that are missing."
_UNREADABLE = "The browser could not read this file. Is it still there? Choose it again."


class Dropzone(anywidget.AnyWidget):
    """Takes pictures, one at a time, and hands the bytes of each over.

    Args:
        on_file: called with the bytes of a file that has wholly arrived, and its name.
        on_refusal: called with a sentence where there is nothing to hand over, and the file's name.
        on_several: called with how many files were chosen and how many of them are taken. Each then
            comes when `ask` is called, so that those that wait stay in the browser. Without it one
            file is taken, which comes at once.
        on_lost: called with a sentence where the browser gave up on several files.
    """

    _esm = Path(__file__).with_suffix(".js")
    _css = STYLE

    label = t.Unicode("Choose a picture").tag(sync=True)
    """What stands on the button."""

    hint = t.Unicode("or drop or paste one here. It is not stored.").tag(sync=True)
    """What stands beside it."""

    accept = t.Unicode(_ENDINGS).tag(sync=True)
    """The endings of names that the chooser of the browser offers."""

    several = t.Bool(False).tag(sync=True)
    """Whether more than one file may be chosen."""

    max_files = t.Int(1).tag(sync=True)
    """How many of them are taken."""

    max_bytes = t.Int(MAX_BYTES).tag(sync=True)
    """How large a file may be."""

    piece_bytes = t.Int(2 * 1024**2).tag(sync=True)
    """How much of it comes in one message."""

    announcement = t.Unicode("").tag(sync=True)
    """What a screen reader reads out next: a live region has to be on the page before its words
    change."""

    def __init__(
        self,
        on_file: Callable[[bytes, str], None],
        on_refusal: Callable[[str, str], None],
        on_several: Callable[[int, int], None] | None = None,
        on_lost: Callable[[str], None] = lambda sentence: None,
        **traits: Any,
    ) -> None:
        super().__init__(several=on_several is not None, **traits)
        self._on_file = on_file
        self._on_refusal = on_refusal
        self._on_several = on_several
        self._on_lost = on_lost

        # The file that is on its way.
        self._id: int | None = None
        self._name = ""
        self._size = 0
        self._arrived = bytearray()
        self.on_msg(self._on_message)

    def ask(self) -> None:
        """Have the browser send the next of several files."""
        message: messages.Next = {"kind": "next"}
        self.send(message)

    def stop(self) -> None:
        """Have the browser forget all files, those that wait and the one that is on its way."""
        self._forget()
        message: messages.Stop = {"kind": "stop"}
        self.send(message)

    def _on_message(self, _: Any, message: messages.FromPage, buffers: list[bytes]) -> None:
        # What a browser says of a size may be a lie, so every piece is counted here again.
        match message["kind"]:
            # A file on its way, or several that wait for theirs.
            case "several":
                if self._on_several:
                    self._on_several(int(message["chosen"]), int(message["taken"]))
            case "start":
                self._on_start(message)
            case "piece":
                if message["id"] == self._id:
                    self._on_piece(buffers)

            # A file that does not come.
            case "too big":
                self._name = str(message.get("name", ""))
                self._refuse(too_many_bytes(int(message["size"])))
            case "unreadable":
                self._name = str(message.get("name", ""))
                self._refuse(_UNREADABLE)
            case "lost":
                self._forget()
                self._on_lost(_LOST)
            case "no file":
                self._on_refusal(_NO_FILE, "")

    def _on_start(self, message: messages.Start) -> None:
        self._forget()  # a file that begins takes the place of one that is on its way
        self._id = message["id"]
        self._name = str(message.get("name", ""))
        self._size = int(message["size"])
        if self._size > MAX_BYTES:
            self._refuse(too_many_bytes(self._size))
        else:
            self._acknowledge()

    def _on_piece(self, buffers: list[bytes]) -> None:
        if buffers:
            self._arrived += buffers[0]
        if len(self._arrived) > MAX_BYTES or not buffers:
            self._refuse(too_many_bytes(max(len(self._arrived), self._size)))
        else:
            self._acknowledge()

    def _acknowledge(self) -> None:
        """Say how much has arrived, so that the next piece comes; hand over what is whole."""
        message: messages.Received = {
            "kind": "received",
            "id": self._id,
            "received": len(self._arrived),
        }
        self.send(message)
        if len(self._arrived) >= self._size:
            # Forgotten before it is handed over: whoever gets it may ask for the next at once.
            data = bytes(self._arrived)
            self._forget()
            self._on_file(data, self._name)

    def _refuse(self, sentence: str) -> None:
        self._forget()
        self._on_refusal(sentence, self._name)

    def _forget(self) -> None:
        """Nothing is on its way any more; a piece that still comes belongs to nothing."""
        self._id = None
        self._arrived = bytearray()


def kinds() -> str:
    """The kinds of picture that are read, for a person: "JPEG, PNG, ... or HEIC"."""
    names = [name.replace("HEIF", "HEIC").replace("WEBP", "WebP") for name in FORMATS]
    return f"{', '.join(names[:-1])} or {names[-1]}"

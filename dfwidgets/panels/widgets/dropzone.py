"""The field that takes one picture or several by chooser, drop or paste."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets as t

from dfwidgets.panels.widgets.style import STYLE
from dfwidgets.pictures import FORMATS, MAX_BYTES, too_many_bytes

_ENDINGS = ".jpg,.jpeg,.png,.webp,.gif,.bmp,.avif,.heic,.heif"


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

    hint = t.Unicode("or drop or paste one here. It is not stored.").tag(sync=True)
    words = t.Unicode("Choose a picture").tag(sync=True)
    several = t.Bool(False).tag(sync=True)
    most = t.Int(1).tag(sync=True)
    """How many files are taken, where several may be chosen."""
    accept = t.Unicode(_ENDINGS).tag(sync=True)
    limit = t.Int(MAX_BYTES).tag(sync=True)
    piece = t.Int(2 * 1024**2).tag(sync=True)
    said = t.Unicode("").tag(sync=True)
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
        self._on_file, self._on_refusal, self._on_several, self._on_lost = (
            on_file,
            on_refusal,
            on_several,
            on_lost,
        )
        self._name = ""
        self._id: int | None = None
        self._size = 0
        self._arrived = bytearray()
        self.on_msg(self._on_message)

    def ask(self) -> None:
        """Have the browser send the next of several files."""
        self.send({"kind": "next"})

    def stop(self) -> None:
        """Have the browser forget the files that it has not sent, and take no more of the one that
        comes."""
        self._arrived, self._id = bytearray(), None
        self.send({"kind": "stop"})

    def _on_message(self, _: Any, message: dict[str, Any], buffers: list[bytes]) -> None:
        # What a browser says of a size may be a lie, so every piece is counted here again.
        kind = message.get("kind")
        if kind in ("too big", "unreadable", "start"):
            self._name = str(message.get("name", ""))
        if kind == "several" and self._on_several:
            self._on_several(int(message["chosen"]), int(message["taken"]))
        elif kind == "too big":
            self._refuse(too_many_bytes(int(message["size"])))
        elif kind == "no file":
            self._on_refusal(
                "Nothing arrived that is a file. Save the picture first, then drop the file here.",
                "",
            )
        elif kind == "lost":
            self._arrived, self._id = bytearray(), None
            self._on_lost(
                "The connection was lost for a while. Choose the pictures again that are missing."
            )
        elif kind == "unreadable":
            self._refuse(
                "The browser could not read this file. Is it still there? Choose it again."
            )
        elif kind == "start":
            self._id, self._size, self._arrived = message["id"], int(message["size"]), bytearray()
            if self._size > MAX_BYTES:
                self._refuse(too_many_bytes(self._size))
            else:
                self._answer()
        elif kind == "piece" and message.get("id") == self._id:
            self._arrived += buffers[0] if buffers else b""
            if len(self._arrived) > MAX_BYTES or not buffers:
                self._refuse(too_many_bytes(max(len(self._arrived), self._size)))
            else:
                self._answer()

    def _answer(self) -> None:
        self.send({"id": self._id, "received": len(self._arrived)})
        if len(self._arrived) >= self._size:
            data, self._arrived, self._id = bytes(self._arrived), bytearray(), None
            self._on_file(data, self._name)

    def _refuse(self, sentence: str) -> None:
        self._arrived, self._id = bytearray(), None
        self._on_refusal(sentence, self._name)


def kinds() -> str:
    """The kinds of picture that are read, for a person: "JPEG, PNG, ... or HEIC"."""
    names = [name.replace("HEIF", "HEIC").replace("WEBP", "WebP") for name in FORMATS]
    return f"{', '.join(names[:-1])} or {names[-1]}"

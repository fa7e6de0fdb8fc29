"""The field that takes a picture by chooser, drop or paste."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets as t

from dfwidgets.images import FORMATS, MAX_BYTES, too_many_bytes

_STATIC = Path(__file__).parent.parent / "static"
_ENDINGS = ".jpg,.jpeg,.png,.webp,.gif,.bmp,.avif,.heic,.heif"


class Dropzone(anywidget.AnyWidget):
    """Takes one picture at a time and hands its bytes over.

    Args:
        on_file: called with the bytes of a file that has wholly arrived.
        on_refusal: called with a sentence where there is nothing to hand over.
    """

    _esm = _STATIC / "dropzone.js"
    _css = _STATIC / "style.css"

    hint = t.Unicode("or drop or paste one here. It is not stored.").tag(sync=True)
    accept = t.Unicode(_ENDINGS).tag(sync=True)
    limit = t.Int(MAX_BYTES).tag(sync=True)
    piece = t.Int(2 * 1024**2).tag(sync=True)
    said = t.Unicode("").tag(sync=True)
    """What a screen reader reads out next: a live region has to be on the page before its words change."""

    def __init__(self, on_file: Callable[[bytes], None], on_refusal: Callable[[str], None]) -> None:
        super().__init__()
        self._on_file, self._on_refusal = on_file, on_refusal
        self._id: int | None = None
        self._size = 0
        self._arrived = bytearray()
        self.on_msg(self._on_message)

    def _on_message(self, _: Any, message: dict[str, Any], buffers: list[bytes]) -> None:
        # What a browser says of a size may be a lie, so every piece is counted here again.
        kind = message.get("kind")
        if kind == "too big":
            self._on_refusal(too_many_bytes(int(message["size"])))
        elif kind == "no file":
            self._on_refusal("Nothing arrived that is a file. Save the picture first, then drop the file here.")
        elif kind == "unreadable":
            self._on_refusal("The browser could not read this file. Is it still there? Choose it again.")
        elif kind == "start":
            self._id, self._size, self._arrived = message["id"], int(message["size"]), bytearray()
            if self._size > MAX_BYTES:
                self._refuse()
            else:
                self._answer()
        elif kind == "piece" and message.get("id") == self._id:
            self._arrived += buffers[0] if buffers else b""
            if len(self._arrived) > MAX_BYTES or not buffers:
                self._refuse()
            else:
                self._answer()

    def _answer(self) -> None:
        self.send({"id": self._id, "received": len(self._arrived)})
        if len(self._arrived) >= self._size:
            data, self._arrived, self._id = bytes(self._arrived), bytearray(), None
            self._on_file(data)

    def _refuse(self) -> None:
        size = max(len(self._arrived), self._size)
        self._arrived, self._id = bytearray(), None
        self._on_refusal(too_many_bytes(size))


def kinds() -> str:
    """The kinds of picture that are read, for a person: "JPEG, PNG, ... or HEIC"."""
    names = [name.replace("HEIF", "HEIC").replace("WEBP", "WebP") for name in FORMATS]
    return f"{', '.join(names[:-1])} or {names[-1]}"

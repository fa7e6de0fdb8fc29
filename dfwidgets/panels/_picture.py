"""A picture with its text, frames around faces, and heat laid over it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets as t

from dfwidgets.faces import Face
from dfwidgets.images import shrink, to_png, viridis

_STATIC = Path(__file__).parent.parent / "static"
_LONGEST = 900  # pixels that are sent to the browser; more would not be seen
_LONGEST_HEAT = 300  # heat is smooth


class Picture(anywidget.AnyWidget):
    """Shows a picture; with several faces each frame is a button.

    Args:
        on_face: called with the number of the face whose frame was pressed.
    """

    _esm = _STATIC / "picture.js"
    _css = _STATIC / "style.css"

    image = t.Bytes(b"").tag(sync=True)
    alt = t.Unicode("").tag(sync=True)
    boxes: t.List[list[float]] = t.List().tag(sync=True)
    chosen = t.Int(-1).tag(sync=True)
    heat = t.Bytes(b"").tag(sync=True)
    heat_alt = t.Unicode("").tag(sync=True)

    def __init__(self, on_face: Callable[[int], None] | None = None) -> None:
        super().__init__()
        self._on_face = on_face
        self.on_msg(self._on_message)

    def show(self, image: np.ndarray | None, alt: str = "", faces: tuple[Face, ...] = ()) -> None:
        """Show a picture, uint8 (height, width, 3), and frames around faces; None shows nothing."""
        with self.hold_sync():
            self.heat = b""
            self.image = b"" if image is None else to_png(shrink(image, _LONGEST))
            self.alt, self.chosen = alt, -1
            self.boxes = [] if image is None else [_box(face, image) for face in faces]

    def show_heat(self, heatmap: np.ndarray | None, alt: str = "") -> None:
        """Lay a heatmap, float (height, width) 0..1, over the picture; None takes it away."""
        with self.hold_sync():
            self.heat_alt = alt
            self.heat = b"" if heatmap is None else _heat_png(heatmap)

    def _on_message(self, _: Any, message: dict[str, Any], buffers: list[bytes]) -> None:
        index = message.get("index")
        if self._on_face and isinstance(index, int) and 0 <= index < len(self.boxes):
            self._on_face(index)


def _box(face: Face, image: np.ndarray) -> list[float]:
    height, width = image.shape[:2]
    return [
        face.left / width,
        face.top / height,
        (face.right - face.left) / width,
        (face.bottom - face.top) / height,
    ]


def _heat_png(heatmap: np.ndarray) -> bytes:
    step = -(-max(heatmap.shape) // _LONGEST_HEAT)
    small = heatmap[::step, ::step]
    alpha = np.round(255 * np.clip(small, 0, 1)).astype(np.uint8)
    return to_png(np.dstack([viridis(small), alpha]))

"""A picture with its text, and what is laid over it: frames, heat, and where it was changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypedDict

import anywidget
import numpy as np
import traitlets as t
from PIL import Image, ImageFilter, ImageOps

from dfwidgets.panels.widgets.style import STYLE
from dfwidgets.pictures import Face, shrink, to_png, viridis

_LONGEST = 900  # pixels that are sent to the browser; more would not be seen
_LONGEST_HEAT = 300  # heat is smooth
_TINT = (30, 110, 255, 70)  # seen on skin and on hair, and not one of the colours of the heat
_MARGIN = 4  # pixels around a mask, so that what reaches the edge of the picture has an outline too


class FaceChosen(TypedDict):
    """What the page sends when a frame is pressed."""

    kind: Literal["face"]
    index: int


class Picture(anywidget.AnyWidget):
    """Shows a picture; with several faces each frame is a button.

    Args:
        on_face: called with the number of the face whose frame was pressed.
        tells_sight: have the page tell whether the panel around it can be seen: `in_sight`.
    """

    _esm = Path(__file__).with_suffix(".js")
    _css = STYLE

    image = t.Bytes(b"").tag(sync=True)
    """A JPEG or PNG; empty where nothing is shown."""

    alt = t.Unicode("").tag(sync=True)
    """What it shows, in words."""

    boxes: t.List[list[float]] = t.List().tag(sync=True)
    """Frames: left, top, width and height, as fractions of the picture."""

    chosen = t.Int(-1).tag(sync=True)
    """Which frame is the chosen one; -1 for none."""

    heat = t.Bytes(b"").tag(sync=True)
    heat_alt = t.Unicode("").tag(sync=True)
    mask = t.Bytes(b"").tag(sync=True)
    mask_alt = t.Unicode("").tag(sync=True)

    tells_sight = t.Bool(False).tag(sync=True)
    """Whether the page tells when the panel around the picture comes into sight or goes."""

    seen_in: t.List[int] | None = t.List(t.Int(), None, allow_none=True).tag(sync=True)
    """The places on the page where that panel can be seen now; None until a page has told."""

    def __init__(
        self, on_face: Callable[[int], None] | None = None, *, tells_sight: bool = False
    ) -> None:
        super().__init__(tells_sight=tells_sight)
        self._on_face = on_face
        self.on_msg(self._on_message)

    def show(self, image: np.ndarray | None, alt: str = "", faces: tuple[Face, ...] = ()) -> None:
        """Show a picture, uint8 (height, width, 3), and frames around faces; None shows nothing."""
        if image is None:
            self.show_file(b"", alt)
            return
        # The frames are fractions, so that they fit the picture however small it is shown.
        height, width = image.shape[:2]
        with self.hold_sync():
            self.show_file(to_png(shrink(image, _LONGEST)), alt)
            self.boxes = [_box(face, height, width) for face in faces]

    def show_file(self, data: bytes, alt: str = "") -> None:
        """Show the bytes of a JPEG or PNG as they are, with nothing over it."""
        with self.hold_sync():
            self.show_heat(None)
            self.show_mask(None)
            self.image = data
            self.alt = alt
            self.boxes = []
            self.chosen = -1

    def show_heat(self, heatmap: np.ndarray | None, alt: str = "") -> None:
        """Lay a heatmap, float (height, width) 0..1, over the picture; None takes it away."""
        with self.hold_sync():
            self.heat_alt = alt
            self.heat = b"" if heatmap is None else _heat_png(heatmap)

    def show_mask(self, changed: np.ndarray | None, alt: str = "") -> None:
        """Outline and tint where it was changed, bool (height, width); None takes it away."""
        with self.hold_sync():
            self.mask_alt = alt
            self.mask = b"" if changed is None else _mask_png(changed)

    @property
    def in_sight(self) -> bool:
        """Whether a person can see the panel around it; also where no page has told yet."""
        return self.seen_in is None or bool(self.seen_in)

    def _on_message(self, _: Any, message: FaceChosen, buffers: list[bytes]) -> None:
        # A page can be made to send anything.
        index = message.get("index")
        if self._on_face and isinstance(index, int) and 0 <= index < len(self.boxes):
            self._on_face(index)


def _box(face: Face, height: int, width: int) -> list[float]:
    """A face as a frame: left and width as fractions of the width, top and height of the height."""
    return [
        face.left / width,
        face.top / height,
        (face.right - face.left) / width,
        (face.bottom - face.top) / height,
    ]


def _heat_png(heatmap: np.ndarray) -> bytes:
    step = -(-max(heatmap.shape) // _LONGEST_HEAT)  # rounded up
    # What pulled little lets the picture through.
    small = heatmap[::step, ::step]
    alpha = np.round(255 * np.clip(small, 0, 1)).astype(np.uint8)
    return to_png(np.dstack([viridis(small), alpha]))


def _mask_png(changed: np.ndarray) -> bytes:
    """A tint inside, and around it a white line between two dark ones, seen on every ground."""
    grey = ImageOps.expand(Image.fromarray(changed.astype(np.uint8) * 255), _MARGIN)

    def line(width: int) -> np.ndarray:
        wide = np.asarray(grey.filter(ImageFilter.MaxFilter(width)))
        narrow = np.asarray(grey.filter(ImageFilter.MinFilter(width)))
        return (wide != narrow)[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]

    colours = np.zeros((*changed.shape, 4), np.uint8)
    colours[changed] = _TINT
    colours[line(7)] = 0, 0, 0, 255
    colours[line(3)] = 255, 255, 255, 255
    return to_png(colours)

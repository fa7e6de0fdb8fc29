"""The face finder's networks: each searches one square window of a picture.

BlazeFace (Bazarevsky et al., 2019, arXiv:1907.05047) on LiteRT; see weights/README.md.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image

from dfwidgets.pictures.face import Face
from dfwidgets.quiet import QUIET_STDERR

_WEIGHTS = Path(__file__).parents[1] / "weights"
_OWN = threading.local()  # a network answers one caller at a time, so each thread has its own

Range = Literal["short_range", "full_range"]
"""Faces that fill much of the window, or smaller ones too, which takes longer."""

Network = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""A window, float32 (size, size, 3), -1 to 1, to its boxes (n, 16) and logits (n, 1)."""


def search(
    picture: Image.Image, network: Range, left: float, top: float, side: float
) -> list[Face]:
    """Find the faces in a square window, which may reach beyond the picture.

    Args:
        picture: RGB.
        network: which of the two searches.
        left: where the window begins, in pixels; may lie outside the picture.
        top: the same downward.
        side: its width and height in pixels.

    Returns:
        faces in pixels of the picture, in no order; several may show the same one.
    """
    size, anchors, min_score = _NETWORKS[network]
    window = _cut(picture, left, top, side, size)
    boxes, logits = _load(network)(window.astype(np.float32) / 127.5 - 1)
    scores = 1 / (1 + np.exp(-np.clip(logits[:, 0], -80, 80)))
    hits = np.flatnonzero(scores >= min_score)

    # Centres and landmarks are offsets from the anchors, in pixels of the window.
    corner = (left, top)
    centres = (boxes[hits, :2] / size + anchors[hits]) * side + corner
    halves = boxes[hits, 2:4] / size * side / 2
    landmarks = boxes[hits, 4:].reshape(-1, 6, 2)
    landmarks = (landmarks / size + anchors[hits, None]) * side + corner

    boxes_found = np.concatenate([centres - halves, centres + halves], axis=1).tolist()
    faces = []
    for (x0, y0, x1, y1), score, points in zip(
        boxes_found, scores[hits].tolist(), landmarks.tolist(), strict=True
    ):
        faces.append(Face(x0, y0, x1, y1, score, tuple((x, y) for x, y in points)))
    return faces


def _cut(picture: Image.Image, left: float, top: float, side: float, size: int) -> np.ndarray:
    """The square scaled to (size, size, 3), black where it reaches beyond the picture."""
    width, height = picture.size
    scale = size / side
    box = max(left, 0), max(top, 0), min(left + side, width), min(top + side, height)
    inner = max(1, round((box[2] - box[0]) * scale)), max(1, round((box[3] - box[1]) * scale))
    part = picture.resize(inner, Image.Resampling.BILINEAR, box=box, reducing_gap=2)

    canvas = Image.new("RGB", (size, size))
    canvas.paste(part, (round((box[0] - left) * scale), round((box[1] - top) * scale)))
    return np.asarray(canvas)


def _load(network: Range) -> Network:
    """This thread's own copy of a network."""
    own = _OWN.__dict__
    if network not in own:
        from ai_edge_litert.interpreter import Interpreter

        with QUIET_STDERR:
            # On small networks a second core gains little and is taken from whatever runs beside.
            file = _WEIGHTS / f"face_detection_{network}.tflite"
            interpreter = Interpreter(str(file), num_threads=1)
            interpreter.allocate_tensors()
        given = interpreter.get_input_details()[0]["index"]
        # Boxes have 16 numbers each, logits one; which comes first is not said anywhere.
        outputs = sorted(interpreter.get_output_details(), key=lambda output: -output["shape"][2])
        boxes, logits = (output["index"] for output in outputs)

        def run(window: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            interpreter.set_tensor(given, window[None])
            interpreter.invoke()
            return interpreter.get_tensor(boxes)[0], interpreter.get_tensor(logits)[0]

        own[network] = run
    return own[network]


def _anchors(cells: int, boxes_a_cell: int) -> np.ndarray:
    """Centres of the cells of a feature map, once for each box of a cell.

    Returns:
        float (cells * cells * boxes_a_cell, 2): x and y as fractions of the window.
    """
    y, x = np.divmod(np.arange(cells * cells), cells)
    centres = (np.stack([x, y], axis=1) + 0.5) / cells
    return np.repeat(centres, boxes_a_cell, axis=0)


class _Built(NamedTuple):
    """How a network was built, and from which score on its hits count."""

    size: int
    anchors: np.ndarray
    min_score: float


_NETWORKS = {
    "short_range": _Built(128, np.concatenate([_anchors(16, 2), _anchors(8, 6)]), 0.5),
    "full_range": _Built(192, _anchors(48, 1), 0.6),
}

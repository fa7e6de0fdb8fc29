"""Find the faces in a picture, and cut one out with the margin that training, tests and users share.

The finder is BlazeFace (Bazarevsky et al., 2019, arXiv:1907.05047) on LiteRT; see
weights/README.md.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from dfwidgets.quiet import quiet_stderr

MARGIN = 1.15
"""Side of the square that is cut out, in widths (or heights, if more) of the face box."""

_PORTRAIT = (
    1 / 3
)  # of the picture's longer side: beside a face as large, small ones are not searched for

_WEIGHTS = Path(__file__).parents[1] / "weights"
_OWN = threading.local()  # a network answers one caller at a time, so each thread has its own

Network = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Face:
    """A face in a picture: its box in pixels, how sure the finder is, and six landmarks.

    `landmarks` holds (x, y) in pixels of the two eyes (the one on the picture's left first), nose
    tip, mouth, and the points before the two ears.
    """

    left: float
    top: float
    right: float
    bottom: float
    score: float
    landmarks: tuple[tuple[float, float], ...] = ()

    @property
    def size(self) -> float:
        """The longer side of the box, in pixels."""
        return max(self.right - self.left, self.bottom - self.top)


WhichFace = Face | Literal["largest"] | None


def find_faces(image: np.ndarray) -> tuple[Face, ...]:
    """Find the faces in a picture, largest first.

    Args:
        image: uint8 (height, width, 3), RGB.

    Returns:
        a tuple of Face, empty where there is none; boxes lie inside the picture.
    """
    height, width = image.shape[:2]
    picture = Image.fromarray(image)
    large = max(height, width) >= 640
    if large:  # scaled once here, not in each look; no look sees finer than this
        picture.thumbnail((384, 384), Image.Resampling.BILINEAR, reducing_gap=1)
    w, h = picture.size
    side = max(w, h)
    found: list[Face] = []
    # The short-range network expects a face with air around it: a tight crop gets some.
    for zoom in (1.0, 1.7):
        found += _look(
            picture, "short_range", w / 2 - side * zoom / 2, h / 2 - side * zoom / 2, side * zoom
        )
    # The other one finds smaller faces, and takes longer than both looks.
    if not any(face.size > _PORTRAIT * side for face in found):
        found += _look(picture, "full_range", w / 2 - side / 2, h / 2 - side / 2, side)
    if not found or large:
        # Closer looks take most of the time.
        found += _look_closer(picture, 2 if any(face.size > side / 5 for face in found) else 3)
    faces = [_inside(face, width / w, height / h, width, height) for face in _merge(found)]
    return tuple(sorted((f for f in faces if f.size >= 8), key=lambda f: f.size, reverse=True))


def choose_face(image: np.ndarray, face: WhichFace) -> Face | None:
    """Settle which face is judged: the one given, the largest that is found, or None for the whole picture.

    Args:
        image: uint8 (height, width, 3).
        face: a face, None for the whole picture, or "largest" to look for it.
    """
    return next(iter(find_faces(image)), None) if face == "largest" else face


def crop_window(image: np.ndarray, face: Face | None) -> tuple[int, int, int, int]:
    """Say which part of the picture is judged: (left, top, right, bottom) in pixels.

    For a face it is a square of `MARGIN` times its size that always lies inside the picture,
    because anything painted beyond the edges would tell tight portraits from wide ones. Without a
    face it is the whole picture.
    """
    height, width = image.shape[:2]
    if face is None:
        return 0, 0, width, height
    side = max(1, min(height, width, round(face.size * MARGIN)))
    left = min(max(round((face.left + face.right) / 2 - side / 2), 0), width - side)
    top = min(max(round((face.top + face.bottom) / 2 - side / 2), 0), height - side)
    return left, top, left + side, top + side


def crop_face(image: np.ndarray, face: Face | None, size: int) -> np.ndarray:
    """Cut out what is judged and scale it: uint8 (size, size, 3)."""
    left, top, right, bottom = crop_window(image, face)
    part = Image.fromarray(image[top:bottom, left:right])
    return np.asarray(part.resize((size, size), Image.Resampling.BILINEAR))


def place_map(small: np.ndarray, image: np.ndarray, face: Face | None) -> np.ndarray:
    """Lay a detector's small map over the part of the picture that was judged.

    Args:
        small: float (rows, columns), any range.
        image: the whole picture, uint8 (height, width, 3).
        face: the face that was judged; None for the whole picture.

    Returns:
        float32 (height, width): bilinear inside the judged part, 0 outside.
    """
    left, top, right, bottom = crop_window(image, face)
    placed = np.zeros(image.shape[:2], np.float32)
    part = Image.fromarray(small.astype(np.float32)).resize(
        (right - left, bottom - top), Image.Resampling.BILINEAR
    )
    placed[top:bottom, left:right] = np.asarray(part)
    return placed


def _look_closer(picture: Image.Image, steps: int) -> list[Face]:
    # A face a twentieth of the picture wide is too small for the network, so overlapping windows of
    # half the size are searched too, `steps` across and `steps` down.
    width, height = picture.size
    side = max(width, height) / 2
    found: list[Face] = []
    for left in sorted({max(0.0, (width - side) * step / (steps - 1)) for step in range(steps)}):
        for top in sorted(
            {max(0.0, (height - side) * step / (steps - 1)) for step in range(steps)}
        ):
            found += _look(picture, "full_range", left, top, side)
    return found


def _look(picture: Image.Image, model: str, left: float, top: float, side: float) -> list[Face]:
    """Search one square window, which may reach beyond the picture, with one network."""
    size, anchors, least = _KNOWN[model]
    window = _window(picture, left, top, side, size)
    boxes, logits = _network(model)(window.astype(np.float32) / 127.5 - 1)
    scores = 1 / (1 + np.exp(-np.clip(logits[:, 0], -80, 80)))
    hits = np.flatnonzero(scores >= least)
    # Both as offsets from the anchors, in pixels of the window.
    centres = (boxes[hits, :2] / size + anchors[hits]) * side + (left, top)
    halves = boxes[hits, 2:4] / size * side / 2
    points = (boxes[hits, 4:].reshape(-1, 6, 2) / size + anchors[hits, None]) * side + (left, top)
    corners = np.concatenate([centres - halves, centres + halves], axis=1).tolist()
    return [
        Face(x0, y0, x1, y1, float(score), tuple((x, y) for x, y in landmarks))
        for (x0, y0, x1, y1), score, landmarks in zip(
            corners, scores[hits], points.tolist(), strict=True
        )
    ]


def _window(picture: Image.Image, left: float, top: float, side: float, size: int) -> np.ndarray:
    """The square scaled to (size, size, 3), black where it reaches beyond the picture."""
    width, height = picture.size
    scale = size / side
    box = max(left, 0), max(top, 0), min(left + side, width), min(top + side, height)
    inner = max(1, round((box[2] - box[0]) * scale)), max(1, round((box[3] - box[1]) * scale))
    part = picture.resize(inner, Image.Resampling.BILINEAR, box=box, reducing_gap=2)
    canvas = Image.new("RGB", (size, size))
    canvas.paste(part, (round((box[0] - left) * scale), round((box[1] - top) * scale)))
    return np.asarray(canvas)


def _network(model: str) -> Network:
    """One of the networks: a window, float32 (size, size, 3), -1 to 1, to its boxes (n, 16) and
    logits (n, 1)."""
    mine = _OWN.__dict__
    if model not in mine:
        from ai_edge_litert.interpreter import Interpreter

        with quiet_stderr():
            # On small networks a second core gains little and is taken from whatever runs beside
            # it.
            interpreter = Interpreter(
                str(_WEIGHTS / f"face_detection_{model}.tflite"), num_threads=1
            )
            interpreter.allocate_tensors()
        given = interpreter.get_input_details()[0]["index"]
        boxes, logits = (
            o["index"]
            for o in sorted(interpreter.get_output_details(), key=lambda o: -o["shape"][2])
        )

        def run(window: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            interpreter.set_tensor(given, window[None])
            interpreter.invoke()
            return interpreter.get_tensor(boxes)[0], interpreter.get_tensor(logits)[0]

        mine[model] = run
    return mine[model]


def _grid(cells: int, each: int) -> np.ndarray:
    """Centres of the cells, as parts of the window: float (cells * cells * each, 2), x and y."""
    y, x = np.divmod(np.arange(cells * cells), cells)
    return np.repeat((np.stack([x, y], axis=1) + 0.5) / cells, each, axis=0)


# By model: side of its window, anchors (cells of its last feature maps, boxes a cell, as it was
# built), least score.
_KNOWN = {
    "short_range": (128, np.concatenate([_grid(16, 2), _grid(8, 6)]), 0.5),
    "full_range": (192, _grid(48, 1), 0.6),
}


def _merge(faces: list[Face]) -> list[Face]:
    """Of boxes that show the same face keep the surest (non-maximum suppression)."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda f: f.score, reverse=True):
        if all(_overlap(face, other) < 0.4 for other in kept):
            kept.append(face)
    return kept


def _overlap(a: Face, b: Face) -> float:
    """Shared area as a part of the smaller box, so that a box within a box counts as the same."""
    width = min(a.right, b.right) - max(a.left, b.left)
    height = min(a.bottom, b.bottom) - max(a.top, b.top)
    smaller = min((f.right - f.left) * (f.bottom - f.top) for f in (a, b))
    return max(width, 0) * max(height, 0) / smaller if smaller > 0 else 0.0


def _inside(face: Face, right: float, down: float, width: int, height: int) -> Face:
    """The face `right` and `down` times as far from the corner, its box cut at the picture's edges."""
    return Face(
        min(max(face.left * right, 0.0), width),
        min(max(face.top * down, 0.0), height),
        min(max(face.right * right, 0.0), width),
        min(max(face.bottom * down, 0.0), height),
        face.score,
        tuple((x * right, y * down) for x, y in face.landmarks),
    )

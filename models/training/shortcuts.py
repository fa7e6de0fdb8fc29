"""Two classifiers that see no face: one reads the picture's file alone, one what surrounds the face.

What they tell apart, a detector could have learnt in place of faces (Torralba and Efros, "Unbiased
look at dataset bias", CVPR 2011). Fakes that a generator painted whole have a painted background
too, so only where a face was put into a photograph must the background say nothing.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, JpegImagePlugin

from dfwidgets.pictures.faces import Face, crop_face
from dfwidgets.pictures.images import open_image

if TYPE_CHECKING:
    from models.training.data import Row

MOST = 1500  # training pictures of each set and class that the background classifier learns from
BATCH = 32
NEIGHBOURS = 50
STRENGTH = 1.0  # of the ridge, a picture; chosen on the val pictures
GREY = 127  # the middle of the range, 0 after the network's scaling


def file_scores(folder: Path, learn: Sequence[Row], test: Sequence[Row]) -> np.ndarray:
    """Score the files of the test rows by those nearest to them in `learn`: float (N,), higher
    speaks for fake."""
    from models.training.data import read_bytes

    seen, asked = (
        np.array([file_features(read_bytes(folder, row)) for row in rows]) for rows in (learn, test)
    )
    return share_of_fakes(seen, _fakes(learn), asked)


def background_scores(
    folder: Path,
    learn: Sequence[Row],
    test: Sequence[Row],
    faces: dict[str, Face | None],
    size: int,
) -> np.ndarray:
    """Score what surrounds the faces of the test rows, from some of `learn`: float (N,), higher
    speaks for fake."""
    see = frozen_features(size)
    learn = to_learn_from(learn)
    seen, asked = (
        np.concatenate([see(crops) for crops in hidden_crops(folder, rows, faces, size)])
        for rows in (learn, test)
    )
    return ridge(seen, _fakes(learn), asked)


def to_learn_from(rows: Sequence[Row], most: int = MOST) -> list[Row]:
    """At most so many rows of each set and class; a fake and the photograph it was made from come
    together."""
    chosen: list[Row] = []
    for key in sorted({(row.set, row.label) for row in rows}):
        pool = [row for row in rows if (row.set, row.label) == key]
        chosen += sorted(pool, key=lambda row: zlib.crc32(row.group.encode()))[:most]
    return chosen


def hidden_crops(
    folder: Path, rows: Sequence[Row], faces: dict[str, Face | None], size: int
) -> Iterator[np.ndarray]:
    """The detector's crops with the face hidden, in batches: float32 (BATCH, size, size, 3),
    0..255."""
    from models.training.data import read_bytes

    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        crops = [
            crop_face(open_image(read_bytes(folder, row)), faces[row.path], size) for row in part
        ]
        yield np.stack([hide_face(crop) for crop in crops]).astype(np.float32)
        if start // BATCH % 50 == 0:
            print(f"hid the faces of {start + len(part)} of {len(rows)}", flush=True)


def file_features(data: bytes) -> list[float]:
    """What a picture's file says without a look at the picture: 7 numbers.

    Bytes, width, height, bytes a pixel, the sums of the first two quantisation tables, and how JPEG
    thinned out the colour; the last three are 0 for other formats.
    """
    with Image.open(io.BytesIO(data)) as picture:
        width, height = picture.size
        tables, sampling = [0, 0], 0
        if isinstance(picture, JpegImagePlugin.JpegImageFile):
            sums = [sum(table) for _, table in sorted(picture.quantization.items())]
            tables, sampling = [*sums, 0, 0][:2], 1 + JpegImagePlugin.get_sampling(picture)
    return [len(data), width, height, len(data) / (width * height), *tables, sampling]


def share_of_fakes(
    learn: np.ndarray, fakes: np.ndarray, asked: np.ndarray, neighbours: int = NEIGHBOURS
) -> np.ndarray:
    """Of each row asked about, the part of fakes among the nearest rows (Cover and Hart, 1967).

    Args:
        learn: float (N, features); each feature is divided by its spread over these rows.
        fakes: bool (N,), True for fake.
        asked: float (M, features).
        neighbours: how many are looked at, at most N.

    Returns:
        float (M,), 0 to 1.
    """
    from scipy.spatial import cKDTree

    spread = learn.std(0)
    spread[spread == 0] = 1
    count = min(neighbours, len(learn))
    _, nearest = cKDTree(learn / spread).query(asked / spread, k=np.arange(1, count + 1))
    return np.asarray(fakes, float)[nearest].mean(1)


def hide_face(crop: np.ndarray) -> np.ndarray:
    """Paint a disc of one grey over a face crop, uint8 (size, size, 3): only its corners stay.

    The disc is the same in every crop. One cut along the landmarks would itself tell the classes
    apart where photographs are framed otherwise than fakes. It covers brows to chin; of a face
    turned aside, or pushed to the crop's edge by the picture's, a strip of cheek can stay.
    """
    y, x = np.mgrid[-1 : 1 : crop.shape[0] * 1j, -1 : 1 : crop.shape[1] * 1j]
    hidden = crop.copy()
    hidden[np.hypot(x / 0.96, (y - 0.03) / 1.02) < 1] = GREY
    return hidden


def frozen_features(size: int) -> Callable[[np.ndarray], np.ndarray]:
    """A function from crops, float32 (N, size, size, 3) 0..255, to what an ImageNet network sees:
    (N, 1280)."""
    import keras

    from models.training import backbone

    flat = backbone.lite0(size)
    backbone.load_imagenet(flat)
    pooled = keras.layers.GlobalAveragePooling2D()(flat.output)
    network = keras.Model(flat.input, pooled)
    return lambda crops: np.asarray(network.predict_on_batch(crops))


def ridge(
    learn: np.ndarray, fakes: np.ndarray, asked: np.ndarray, strength: float = STRENGTH
) -> np.ndarray:
    """Score rows by a ridge regression of the label (Hoerl and Kennard, 1970); higher speaks for fake.

    Args:
        learn: float (N, features); each feature is centred and divided by its spread over these
            rows.
        fakes: bool (N,), True for fake.
        asked: float (M, features).
        strength: how much large weights cost, a row of `learn`.

    Returns:
        float (M,).
    """
    middle, spread = learn.mean(0), learn.std(0)
    spread[spread == 0] = 1
    x, target = (learn - middle) / spread, np.asarray(fakes, float)
    square = x.T @ x + strength * len(x) * np.eye(x.shape[1])
    weights = np.linalg.solve(square, x.T @ (target - target.mean()))
    return (asked - middle) / spread @ weights + target.mean()


def _fakes(rows: Sequence[Row]) -> np.ndarray:
    return np.array([row.label == "fake" for row in rows])

"""Two classifiers that see no face: one reads the file alone, one what surrounds the face.

What they tell apart, a detector could have learnt in place of faces (Torralba and Efros, "Unbiased
look at dataset bias", CVPR 2011). Fakes that a generator painted whole have a painted background
too, so only where a face was put into a photograph must the background say nothing.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, JpegImagePlugin

from dfwidgets.pictures.faces import Face, crop_face
from models.training.making.dataset import Row, read_bytes, read_image

MAX_ROWS = 1500  # of each set and class that the background classifier learns from
BATCH = 32
NEIGHBOURS = 50
STRENGTH = 1.0  # of the ridge, for each picture; chosen on the val pictures
GREY = 127  # the middle of the range, 0 after the network's scaling


def file_scores(folder: Path, learn: Sequence[Row], test: Sequence[Row]) -> np.ndarray:
    """Score the files of the test rows by those nearest to them in `learn`.

    Returns:
        float (N,), higher speaks for fake.
    """
    # Nearest neighbours: steps in quality or size need not mean the same everywhere.
    known = np.array([file_features(read_bytes(folder, row)) for row in learn])
    unknown = np.array([file_features(read_bytes(folder, row)) for row in test])
    return share_of_fakes(known, _fakes(learn), unknown)


def background_scores(
    folder: Path,
    learn: Sequence[Row],
    test: Sequence[Row],
    faces: dict[str, Face | None],
    size: int,
) -> np.ndarray:
    """Score what surrounds the faces of the test rows, from some of `learn`.

    Returns:
        float (N,), higher speaks for fake.
    """
    features = frozen_features(size)
    learn = to_learn_from(learn)
    known = [features(crops) for crops in hidden_crops(folder, learn, faces, size)]
    unknown = [features(crops) for crops in hidden_crops(folder, test, faces, size)]
    return ridge(np.concatenate(known), _fakes(learn), np.concatenate(unknown))


def to_learn_from(rows: Sequence[Row], max_rows: int = MAX_ROWS) -> list[Row]:
    """At most so many rows of each set and class; a fake comes together with its photograph."""
    chosen: list[Row] = []
    for key in sorted({(row.set, row.label) for row in rows}):
        pool = [row for row in rows if (row.set, row.label) == key]
        chosen += sorted(pool, key=lambda row: zlib.crc32(row.group.encode()))[:max_rows]
    return chosen


def hidden_crops(
    folder: Path, rows: Sequence[Row], faces: dict[str, Face | None], size: int
) -> Iterator[np.ndarray]:
    """The detector's crops with the face hidden, in batches.

    Yields:
        float32 (BATCH, size, size, 3), 0..255; the last one may be shorter.
    """
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        crops = [crop_face(read_image(folder, row), faces[row.path], size) for row in batch]
        yield np.stack([hide_face(crop) for crop in crops]).astype(np.float32)
        if start // BATCH % 50 == 0:
            print(f"hid the faces of {start + len(batch)} of {len(rows)}", flush=True)


def file_features(data: bytes) -> list[float]:
    """What a picture's file gives away without a look at the picture: 7 numbers.

    Bytes, width, height, bytes a pixel, the sums of the first two quantisation tables, and how JPEG
    thinned out the colour; the last three are 0 for other formats.
    """
    with Image.open(io.BytesIO(data)) as picture:
        width, height = picture.size
        tables = [0, 0]
        sampling = 0
        if isinstance(picture, JpegImagePlugin.JpegImageFile):
            sums = [sum(table) for _, table in sorted(picture.quantization.items())]
            tables = [*sums, 0, 0][:2]
            sampling = 1 + JpegImagePlugin.get_sampling(picture)
    return [len(data), width, height, len(data) / (width * height), *tables, sampling]


def share_of_fakes(
    learn: np.ndarray, fakes: np.ndarray, unknown: np.ndarray, neighbours: int = NEIGHBOURS
) -> np.ndarray:
    """Of each unknown row, the fraction of fakes among its nearest neighbours.

    The classifier is Cover and Hart's (1967).

    Args:
        learn: float (N, features); each feature is divided by its spread over these rows.
        fakes: bool (N,), True for fake.
        unknown: float (M, features).
        neighbours: how many are looked at, at most N.

    Returns:
        float (M,), 0 to 1.
    """
    from scipy.spatial import cKDTree

    # A feature that is the same everywhere counts nothing.
    spread = learn.std(0)
    spread[spread == 0] = 1
    count = min(neighbours, len(learn))
    _, nearest = cKDTree(learn / spread).query(unknown / spread, k=np.arange(1, count + 1))
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
    """What an ImageNet network sees: a function from crops to features, float32 (N, 1280).

    The crops are float32 (N, size, size, 3), 0..255.
    """
    import keras

    from models.training.making import backbone

    flat = backbone.lite0(size)
    backbone.load_imagenet(flat)
    # Averaged over the picture: where something stands in the background does not count.
    pooled = keras.layers.GlobalAveragePooling2D()(flat.output)
    network = keras.Model(flat.input, pooled)
    return lambda crops: np.asarray(network.predict_on_batch(crops))


def ridge(
    learn: np.ndarray, fakes: np.ndarray, unknown: np.ndarray, strength: float = STRENGTH
) -> np.ndarray:
    """Score rows by a ridge regression of the label (Hoerl and Kennard, 1970).

    Args:
        learn: float (N, features); each feature is centred and divided by its spread here.
        fakes: bool (N,), True for fake.
        unknown: float (M, features).
        strength: how much large weights cost, a row of `learn`.

    Returns:
        float (M,), higher speaks for fake.
    """
    middle = learn.mean(0)
    spread = learn.std(0)
    spread[spread == 0] = 1

    # The normal equations; the strength stands on their diagonal.
    x = (learn - middle) / spread
    target = np.asarray(fakes, float)
    square = x.T @ x + strength * len(x) * np.eye(x.shape[1])
    weights = np.linalg.solve(square, x.T @ (target - target.mean()))
    return (unknown - middle) / spread @ weights + target.mean()


def _fakes(rows: Sequence[Row]) -> np.ndarray:
    return np.array([row.label == "fake" for row in rows])

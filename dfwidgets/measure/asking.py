"""One picture becomes a row: it is opened, its faces are found, the detector is asked."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TypeAlias

import numpy as np

from dfwidgets.answers import checked_prediction, sentence
from dfwidgets.detector import Adapted, Predict, Prediction
from dfwidgets.measure.rows import Row
from dfwidgets.pictures import WhichFace, find_faces, open_image, shrink, to_jpeg

NamedFile: TypeAlias = tuple[str, bytes | Path]
"""What people call a file, and its bytes or where it lies."""


def named(source: str | Path | NamedFile) -> NamedFile:
    """A picture with its name; a path is a name too."""
    if isinstance(source, tuple):
        return source
    return os.fspath(source), Path(source)


def score_picture(
    predict: Predict, name: str, source: bytes | Path, *, model: str, thumbnail: int
) -> Row:
    """One picture's row; whatever goes wrong with it stands there as a sentence."""
    faces = None
    small = b""
    try:
        image = open_image(source)
        found = find_faces(image)
        faces = len(found)
        if thumbnail:
            small = to_jpeg(shrink(image, thumbnail), 80)
        # Where there is no face the detector looks once more, so that it says itself what that
        # means to it.
        prediction = checked_prediction(predict(image, found[0] if found else "largest"))
    except Exception as error:
        return Row(name, faces=faces, error=sentence(error), model=model, thumbnail=small)
    return Row(
        name,
        p_fake=float(prediction.p_fake),
        verdict=prediction.verdict,
        reason=prediction.reason,
        faces=faces,
        model=model,
        thumbnail=small,
    )


def side_by_side(detector: Adapted) -> Predict:
    """A detector's `predict` for several threads: each asks one of its own, or they take turns."""
    make = detector.on_one_thread
    if make is None:
        return _by_turns(detector)
    own = threading.local()

    def predict(image: np.ndarray, face: WhichFace) -> Prediction:
        # Made by the thread that asks it, at its first picture.
        if not hasattr(own, "detector"):
            own.detector = make()
        return own.detector.predict(image, face)

    return predict


def _by_turns(detector: Adapted) -> Predict:
    """A detector's `predict`, asked one question at a time whatever thread it comes from."""
    turn = threading.Lock()

    def predict(image: np.ndarray, face: WhichFace) -> Prediction:
        with turn:
            return detector.predict(image, face)

    return predict

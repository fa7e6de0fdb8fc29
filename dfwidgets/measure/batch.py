"""Many pictures: each becomes a row, in their order, with its verdict or the reason it has none."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Generator, Iterable, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np

from dfwidgets.answers import checked_prediction, sentence
from dfwidgets.detector import Adapted, Detector, Predict, Prediction, adapt
from dfwidgets.detectors import read_record
from dfwidgets.folders import (
    Reason,
    Scan,
    is_picture,
    list_folder,
    short,
    skipped_sentences,
)
from dfwidgets.measure.rows import Row
from dfwidgets.pictures import WhichFace, find_faces, open_image, shrink, to_jpeg

THUMBNAIL = 96
"""Longer side of the pictures in a table, in pixels."""

THREADS = min(4, os.cpu_count() or 1)
"""Pictures that are opened side by side; each holds 120 MB at most."""
_AHEAD = 4  # files taken before their turn

NamedFile: TypeAlias = tuple[str, bytes | Path]
"""What people call a file, and its bytes or where it lies."""


def score_files(
    detector: Detector,
    sources: str | Path | Iterable[str | Path | NamedFile],
    *,
    thumbnail: int = 0,
) -> Generator[Row, None, None]:
    """Judge many pictures, the largest face of each; a bad one never stops the rest.

    Several threads open pictures side by side, and judge them side by side where the detector has
    `on_one_thread`; another is asked one question at a time. Each picture is dropped once it is
    scored, so that memory stays flat, however many they are. Close the iterator to stop early.

    Args:
        detector: what `load_detector` gives, or anything with `predict` and `explain`.
        sources: a folder (its pictures by name, those in folders inside too), or paths, or pairs of
            a name and the bytes of a file; one by one, so that they may come from a generator.
        thumbnail: longer side, in pixels, of the small JPEG that each row carries; 0 for none.

    Yields:
        one Row for each, in their order; that of a bad one says why it has no verdict.

    Raises:
        ModelError: the model itself can't be used, before the first row.
        OSError: the folder can't be listed; the text is a sentence.
    """
    if isinstance(sources, (str, Path)):
        sources, _ = find_pictures(sources)
    adapted = adapt(detector)
    adapted.load()
    score = partial(_score, model=read_record(adapted).identity, thumbnail=thumbnail)

    # For one picture threads and networks of their own would only cost time.
    if isinstance(sources, Sized) and len(sources) == 1:
        (source,) = sources
        yield score(detector.predict, *_named(source))
        return

    predict = _side_by_side(adapted)
    waiting: deque[Future[Row]] = deque()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="dfwidgets-score") as pool:
        try:
            for source in sources:
                waiting.append(pool.submit(score, predict, *_named(source)))
                del source  # or its bytes would stay until the next
                # In order: the first waits for its turn even where the second is done.
                if len(waiting) > _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            # Somebody closed the iterator: what has not begun never begins.
            for scoring in waiting:
                scoring.cancel()


def find_pictures(folder: str | Path) -> tuple[list[NamedFile], list[str]]:
    """List the pictures in a folder and in those inside it, without opening one.

    Returns:
        pairs of a name as seen from the folder and a path, sorted by name; and a sentence for each
        kind of thing that was left out. What looks like a picture but can't be opened is listed,
        not left out.

    Raises:
        OSError: there is no such folder, or it can't be listed; the text is a sentence.
    """
    folder = Path(os.path.expanduser(folder))
    try:
        list_folder(os.fspath(folder))
    except (OSError, ValueError) as error:
        raise _no_folder(folder, error) from error

    scan = Scan(folder)
    paths = list(scan.pictures(folder))
    # A game leaves these out; here each gets a row that says why it has no verdict.
    for reason in (Reason.HUGE, Reason.LOCKED, Reason.NOWHERE):
        paths += filter(is_picture, scan.skipped.pop(reason, ()))

    notices = skipped_sentences(scan.skipped, folder)
    return sorted((short(path, folder), Path(path)) for path in paths), notices


def time_left(seconds: float) -> str:
    """A guess at the time that is left, as people say it: "about 20 s left"."""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / 60)} min left"


def _no_folder(folder: Path, error: OSError | ValueError) -> OSError:
    if isinstance(error, FileNotFoundError):
        return FileNotFoundError(f"There is no folder “{folder}”. Check its path.")
    if isinstance(error, NotADirectoryError):
        return NotADirectoryError(f"“{folder}” is a file. Name the folder that it lies in.")
    why = (isinstance(error, OSError) and error.strerror) or str(error)
    return OSError(
        f"The folder “{folder}” can't be read: {why}. "
        "Ask for the right to read it, or name another."
    )


def _named(source: str | Path | NamedFile) -> NamedFile:
    if isinstance(source, tuple):
        return source
    return os.fspath(source), Path(source)


def _side_by_side(detector: Adapted) -> Predict:
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


def _score(predict: Predict, name: str, source: bytes | Path, *, model: str, thumbnail: int) -> Row:
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

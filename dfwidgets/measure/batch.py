"""Many pictures: each becomes a row, in their order, with its verdict or the reason it has none."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterable, Sized
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dfwidgets.detector import Detector, adapt
from dfwidgets.detectors import read_record
from dfwidgets.measure.asking import NamedFile, named, score_picture, side_by_side
from dfwidgets.measure.cluster import score_on
from dfwidgets.measure.listing import list_pictures
from dfwidgets.measure.rows import Row

if TYPE_CHECKING:
    from distributed import Client

THUMBNAIL = 96
"""Longer side of the pictures in a table, in pixels."""

THREADS = min(4, os.cpu_count() or 1)
"""Pictures that are opened side by side; each holds 120 MB at most."""
_AHEAD = 4  # files taken before their turn


def score_files(
    detector: Detector,
    sources: str | Path | Iterable[str | Path | NamedFile],
    *,
    thumbnail: int = 0,
    client: Client | None = None,
) -> Generator[Row, None, None]:
    """Judge many pictures, the largest face of each; a bad one never stops the rest.

    Several threads open pictures side by side, and judge them side by side where the detector has
    `on_one_thread`; another is asked one question at a time. Each picture is dropped once it is
    scored, so that memory stays flat, however many they are. Close the iterator to stop early.

    With a `client` the workers of a Dask cluster do it. They need dfwidgets too, and find pictures
    and model under the same paths. A worker that dies loses no row: others take its pictures, and
    one that takes down whoever judges it gets a row that says so.

    Args:
        detector: what `load_detector` gives, or anything with `predict` and `explain`.
        sources: a folder (its pictures by name, those in folders inside too), or paths, or pairs of
            a name and the bytes of a file; one by one, so that they may come from a generator.
        thumbnail: longer side, in pixels, of the small JPEG that each row carries; 0 for none.
        client: a `distributed.Client`; if not given, this process does it alone.

    Yields:
        one Row for each, in their order; that of a bad one says why it has no verdict.

    Raises:
        ModelError: the model itself can't be used, before the first row; or not on a worker.
        OSError: the folder can't be listed, or the cluster has no workers or is gone; the text is
            a sentence.
    """
    if isinstance(sources, (str, Path)):
        sources, _ = list_pictures(sources)
    adapted = adapt(detector)
    if client is not None:
        yield from score_on(client, adapted, map(named, sources), thumbnail)
        return

    adapted.load()
    score = partial(score_picture, model=read_record(adapted).identity, thumbnail=thumbnail)

    # For one picture threads and networks of their own would only cost time.
    if isinstance(sources, Sized) and len(sources) == 1:
        (source,) = sources
        yield score(detector.predict, *named(source))
        return

    predict = side_by_side(adapted)
    waiting: deque[Future[Row]] = deque()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="dfwidgets-score") as pool:
        try:
            for source in sources:
                waiting.append(pool.submit(score, predict, *named(source)))
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


def time_left(seconds: float) -> str:
    """A guess at the time that is left, as people say it: "about 20 s left"."""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / 60)} min left"

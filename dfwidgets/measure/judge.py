"""A detector on its way to other processes, and what judges pictures there."""

from __future__ import annotations

import pickle
import socket
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from dfwidgets.answers import sentence
from dfwidgets.detector import Adapted, ModelError, adapt
from dfwidgets.detectors import read_record
from dfwidgets.measure.asking import NamedFile, score_picture, side_by_side
from dfwidgets.measure.rows import Row

Group: TypeAlias = Sequence[NamedFile]
"""Pictures that a worker is asked about in one go."""

Answer: TypeAlias = tuple[list[Row], float]
"""Their rows, and the seconds that they took."""


class Judge:
    """A detector for all threads of a worker, made there when the first picture comes."""

    def __init__(self, packed: bytes, model: str, thumbnail: int) -> None:
        self.sent = packed, model, thumbnail
        self._lock = threading.Lock()
        self._score: Callable[..., Row] | None = None

    def __reduce__(self) -> tuple[Callable[..., Judge], tuple[bytes, str, int]]:
        # Handed from worker to worker: what was loaded here is loaded anew there.
        return find_judge, self.sent

    def rows(self, group: Group) -> Answer:
        """The rows of some pictures, and the seconds that they took.

        Raises:
            ModelError: no picture can be judged on this machine; the text says why.
        """
        with self._lock:
            if self._score is None:
                self._score = self._ready()
        score = self._score

        began = time.monotonic()
        for _, source in group:
            if isinstance(source, Path) and not source.parent.is_dir():
                raise ModelError(
                    f"The worker on {socket.gethostname()} sees no folder “{source.parent}”. "
                    "Pictures have to lie where each worker finds them under the same path."
                )
        return [score(name, source) for name, source in group], time.monotonic() - began

    def _ready(self) -> Callable[..., Row]:
        packed, model, thumbnail = self.sent
        detector = unpack(packed)
        here = read_record(detector).identity
        if here != model:
            raise ModelError(
                f"The worker on {socket.gethostname()} has another model, {here}; it should be "
                f"{model}. Install the same dfwidgets on every machine."
            )
        try:
            detector.load()
        except Exception as error:
            raise ModelError(
                f"The worker on {socket.gethostname()} can't make the detector ready. "
                f"{sentence(error)}"
            ) from error
        return partial(score_picture, side_by_side(detector), model=model, thumbnail=thumbnail)


_latest: Judge | None = None
_turn = threading.Lock()


def find_judge(packed: bytes, model: str, thumbnail: int) -> Judge:
    """The judge of this process; the one before it stays as long as it is the same.

    Dask drops what few tasks wait for, and brings it again: the model would be loaded each time.
    """
    global _latest
    with _turn:
        if _latest is None or _latest.sent != (packed, model, thumbnail):
            _latest = Judge(packed, model, thumbnail)
        return _latest


def pack(detector: Adapted) -> bytes:
    """A detector as bytes; a class that was written in a notebook comes along.

    Raises:
        ModelError: it holds something that can't leave its process.
    """
    import cloudpickle

    try:
        return cloudpickle.dumps(detector.detector)
    except Exception as error:
        raise ModelError(
            f"“{detector.name}” can't be sent to other processes: {error}. What can't be sent, as "
            "a lock, an open file or a network, can be made in its method `load()`, which each "
            "worker calls. Or score on this computer alone."
        ) from error


def unpack(packed: bytes) -> Adapted:
    """The detector that another process packed.

    Raises:
        ModelError: what it is made of is not there.
    """
    try:
        return adapt(pickle.loads(packed))
    except ModuleNotFoundError as error:
        raise ModelError(
            f"The worker on {socket.gethostname()} has no module “{error.name}”, which the "
            "detector needs. Install it there, or write the detector into the notebook itself."
        ) from error
    except Exception as error:
        raise ModelError(
            f"The detector did not survive the way to the worker on {socket.gethostname()}: "
            f"{type(error).__name__}: {error}"
        ) from error

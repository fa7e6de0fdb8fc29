"""Many pictures on many machines: Dask's workers judge them, their rows come back in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from typing import TYPE_CHECKING

from dfwidgets.detector import Adapted, ModelError
from dfwidgets.detectors import read_record
from dfwidgets.measure.asking import NamedFile
from dfwidgets.measure.judge import Answer, Group, Judge, find_judge, pack
from dfwidgets.measure.rows import Row

if TYPE_CHECKING:
    from distributed import Client, Future

AHEAD = 3
"""Groups of pictures on their way for each thread of the cluster: one is judged, others wait."""

SECONDS = 0.3  # what a worker gets at once should take so long: a message costs a few milliseconds
MOST = 64  # pictures in a group
MOST_BYTES = 4 << 20  # and of their bytes, where these travel along
PATIENCE = 60.0  # seconds for which a cluster may be without any worker
HOPELESS = 5  # pictures in a row that took their workers down: then it is not the pictures

NO_WORKER = (
    "The cluster has no worker. Start one on each machine with “dask worker ADDRESS”, the "
    "scheduler's address, and go on with what is left."
)
GONE = (
    "The scheduler of the cluster doesn't answer any more. See whether it runs, and go on with "
    "what is left."
)
KILLED = (
    "The process that judged this picture died each time, with nothing else in it. The picture "
    "makes the detector crash, or it takes more memory than a worker has."
)
CRASHES = (
    f"{HOPELESS} pictures in a row took the processes down that judged them: it is the detector "
    "that crashes, or a worker has too little memory for it."
)


def score_on(
    client: Client, detector: Adapted, pictures: Iterable[NamedFile], thumbnail: int
) -> Iterator[Row]:
    """Judge pictures on a cluster; see `score_files`.

    Only a few groups of them are on their way at once. A group whose worker dies is given to
    another by Dask. One whose workers died several times is judged again, picture by picture, with
    nothing else on its way; what then still dies with its worker gets a row that says so.

    Raises:
        ModelError: the detector can't be sent, or can't be used on a worker.
        ConnectionError: there are no workers, or the scheduler has gone; the text is a sentence.
    """
    from distributed.comm.core import CommClosedError

    run = _Run(client, detector, thumbnail)
    try:
        yield from _without_hopeless(run.rows(iter(pictures)))
    except (CancelledError, CommClosedError, TimeoutError) as error:
        raise ConnectionError(GONE) from error


def _without_hopeless(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, those of pictures that killed their workers as soon as another has its verdict.

    Resumed after a ModelError, each of them is asked again.
    """
    killed: list[Row] = []
    for row in rows:
        if row.error == KILLED:
            killed.append(row)
            if len(killed) == HOPELESS:
                raise ModelError(CRASHES)
            continue
        yield from killed
        killed.clear()
        yield row
    yield from killed


class _Run:
    """What is on its way to a cluster's workers, in the order of the pictures."""

    def __init__(self, client: Client, detector: Adapted, thumbnail: int) -> None:
        self._client = client
        self._model = read_record(detector).identity
        self._sent = pack(detector), self._model, thumbnail
        self._judge = self._new_judge()
        self._waiting: deque[tuple[Group, Future[Answer]]] = deque()
        self._size = 1  # pictures in the next group; more as soon as it is known how fast it goes

    def rows(self, pictures: Iterator[NamedFile]) -> Generator[Row, None, None]:
        """The rows of pictures that are asked for only a little ahead."""
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise ConnectionError(NO_WORKER) from error

        while group := self._group(pictures):
            self._waiting.append((group, self._send(group)))
            if len(self._waiting) > AHEAD * self._threads():
                yield from self._take()
        while self._waiting:
            yield from self._take()

    def _group(self, pictures: Iterator[NamedFile]) -> Group:
        group: list[NamedFile] = []
        weight = 0
        for name, source in pictures:
            if isinstance(source, Path):
                source = source.absolute()  # a worker may have begun in another folder
            else:
                weight += len(source)
            group.append((name, source))
            if len(group) >= self._size or weight > MOST_BYTES:
                break
        return group

    def _take(self) -> Iterator[Row]:
        """The rows of the group whose turn it is."""
        from distributed import KilledWorker, wait

        group, future = self._waiting.popleft()
        try:
            rows, seconds = self._answer(future)
        except KilledWorker:
            # Whatever else was on those workers is under suspicion too; so nothing else may be.
            wait([other for _, other in self._waiting])
            yield from map(self._alone, group)
        else:
            self._size = max(1, min(MOST, int(SECONDS * len(group) / max(seconds, 1e-6))))
            yield from rows

    def _alone(self, picture: NamedFile) -> Row:
        from distributed import KilledWorker

        # The one before may have gone down with its worker once too often, too.
        self._judge = self._new_judge()
        try:
            (row,), _ = self._answer(self._send([picture]))
        except KilledWorker:
            return Row(picture[0], error=KILLED, model=self._model)
        return row

    def _new_judge(self) -> Future[Judge]:
        return self._client.submit(find_judge, *self._sent, pure=False)

    def _send(self, group: Group) -> Future[Answer]:
        return self._client.submit(Judge.rows, self._judge, group, pure=False)

    def _answer(self, future: Future[Answer]) -> Answer:
        from distributed import KilledWorker

        while True:
            try:
                return future.result(timeout=PATIENCE)
            except TimeoutError as error:
                # It may just take long; but where nobody works on it, nobody will.
                if not self._threads():
                    raise ConnectionError(NO_WORKER) from error
            except (KilledWorker, ModelError, OSError, CancelledError):
                raise
            except Exception as error:
                raise ModelError(
                    f"A worker can't judge pictures: {type(error).__name__}: {error}. Install the "
                    "same Python, Dask and dfwidgets on every machine."
                ) from error

    def _threads(self) -> int:
        return sum(self._client.nthreads().values())

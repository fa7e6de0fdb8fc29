"""What a detector answered about known pictures, and every figure that follows from that."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TextIO

import numpy as np

from dfwidgets import shipped
from dfwidgets.answers import checked_prediction
from dfwidgets.detector import Detector, ModelError
from dfwidgets.detectors import Record, find_pair, manifest_of
from dfwidgets.folders import Samples
from dfwidgets.measure.chart import Chart
from dfwidgets.measure.charts import (
    draw_degradations,
    draw_reliability,
    draw_roc,
    draw_verdicts,
)
from dfwidgets.measure.compare import Comparison
from dfwidgets.measure.predictions import COLUMNS, Predictions, picture_id
from dfwidgets.measure.tables import figures
from dfwidgets.pictures import DEGRADATIONS, ImageError, open_image

_DEGRADATION = COLUMNS.index("degradation")


@dataclass(frozen=True)
class Labelled:
    """A picture of which the truth is known, to be opened when its turn comes."""

    id: str
    set: str
    generator: str
    label: str
    open: Callable[[], np.ndarray]
    group: str = ""
    """The same for pictures that are no strangers, as a fake and its photograph; else empty."""


@dataclass(frozen=True, eq=False)
class Scorecard(Predictions):
    """Every figure that follows from a detector's predictions; shown by Jupyter as tables."""

    def compare(self, other: Scorecard) -> Comparison:
        """Ask whether another detector tells the same pictures apart better, or was lucky.

        Raises:
            ValueError: the two hold no untouched picture in common.
        """
        return Comparison.of(self.degraded(), other.degraded())

    def roc(self, *others: Scorecard) -> Chart:
        """ROC curve of each set, with 95 % bands; those of other detectors beside it."""
        return draw_roc(self, *others)

    def reliability(self) -> Chart:
        """How often a score of 0.7 really was a fake, for all scores, with 95 % intervals."""
        return draw_reliability(self)

    def confusion(self) -> Chart:
        """How many real and fake faces of each set got which verdict."""
        return draw_verdicts(self)

    def degraded_auc(self) -> Chart:
        """What compression, size, blur and noise do to the AUC of each set, with 95 % intervals."""
        return draw_degradations(self)

    def _repr_markdown_(self) -> str:
        return figures(self)


def load_scorecard(folder: str | Path | None = None) -> Scorecard:
    """Read what a model answered about its test pictures; the pictures themselves are not needed.

    Args:
        folder: holds `predictions.csv`, and the model's `manifest.json`, which gives its name and
            band; if not given, it is the model that comes with dfwidgets.

    Raises:
        ModelError: predictions.csv is missing, or one of the two can't be read.
    """
    return _load(Path(shipped.DETECTOR if folder is None else folder))


def _load(folder: Path, degradation: str | None = None) -> Scorecard:
    """What `load_scorecard` gives, or only its rows of one degradation."""
    path = folder / "predictions.csv"
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(_rows(file, degradation))
        scorecard = Scorecard.from_rows(folder.name, rows)
    except FileNotFoundError as error:
        raise ModelError(
            f"“{folder.name}” holds no predictions.csv: nobody has measured this model. "
            "“python -m models.training.judging.evaluate” does, "
            "and df.measure does on pictures of yours."
        ) from error
    except (OSError, ValueError, csv.Error) as error:
        raise ModelError(
            f"{folder.name}/predictions.csv can't be read: "
            f"expected the columns {', '.join(COLUMNS)} ({error})."
        ) from error

    # A detector of one's own may have been measured into a folder without a model.
    if not (folder / "manifest.json").exists() and find_pair(folder) is None:
        return scorecard
    manifest = manifest_of(folder)
    measured = manifest.measured or {}
    return replace(
        scorecard,
        name=manifest.name,
        band=manifest.band,
        reals_for=measured.get("reals_for", {}),
        about=measured.get("about", {}),
    )


def measure(
    detector: Detector,
    pictures: Samples | Iterable[Labelled],
    *,
    name: str = "",
    degradations: Sequence[str] = ("none",),
    progress: Callable[[int], None] = lambda count: None,
) -> Scorecard:
    """Ask any detector about pictures of which the truth is known.

    Args:
        detector: anything with `predict`.
        pictures: what `load_samples` gives (each level of the fakes is a generator), or other
            labelled pictures.
        name: what people call the detector; the name of its class if not given.
        degradations: names out of `dfwidgets.pictures.DEGRADATIONS`; each picture is asked about in
            them.
        progress: called with the number of pictures done.

    Raises:
        ValueError: no picture could be opened.
    """
    unread: list[str] = []
    rows: list[list[str | float]] = []
    band = (0.0, 1.0)
    for count, (picture, image) in enumerate(_opened(pictures), 1):
        if isinstance(image, Exception):
            unread.append(f"{picture.id}: {image}")
            progress(count)
            continue

        for degradation in degradations:
            prediction = checked_prediction(detector.predict(DEGRADATIONS[degradation](image)))
            band = prediction.band  # the detector's own: the same in each of its answers
            known = [picture.id, picture.set, picture.generator, picture.label, degradation]
            # To as many places as evaluate.py writes into predictions.csv.
            scores = [round(prediction.logit, 4), round(prediction.p_fake, 5)]
            rows.append([*known, *scores, picture.group or picture.id])
        progress(count)

    if not rows:
        raise ValueError(f"None of the pictures could be opened. {' '.join(unread[:3])}".strip())
    scorecard = Scorecard.from_rows(name or type(detector).__name__, rows)
    return replace(scorecard, band=band, unread=tuple(unread))


def _opened(
    pictures: Samples | Iterable[Labelled],
) -> Iterator[tuple[Labelled, np.ndarray | Exception]]:
    """Each picture, or why it can't be opened; the next opens while the one before is judged."""
    if isinstance(pictures, Samples):
        pictures = _labelled(pictures)
    waiting: deque[tuple[Labelled, Future[np.ndarray]]] = deque()

    def first() -> tuple[Labelled, np.ndarray | Exception]:
        picture, opening = waiting.popleft()
        try:
            return picture, opening.result()
        except (ImageError, OSError) as error:
            return picture, error

    # One thread opens and this one judges: opened pictures are large, so never more than one waits.
    with ThreadPoolExecutor(1) as pool:
        for picture in pictures:
            waiting.append((picture, pool.submit(picture.open)))
            if len(waiting) > 1:
                yield first()
        while waiting:
            yield first()


def _labelled(samples: Samples) -> Iterator[Labelled]:
    for sample in samples:
        yield Labelled(
            id=picture_id(samples.name(sample)),
            set=samples.folder.name,
            generator=sample.level or "unknown",
            label=sample.label,
            open=partial(open_image, sample.path),
            group=picture_id(Path(sample.made_from or sample.path).stem),
        )


def find_scorecard(record: Record, degradation: str | None = None) -> Scorecard | None:
    """The scorecard that lies beside a detector's model; None where nobody measured it.

    Args:
        record: what `read_record` gives of the detector.
        degradation: the one whose rows are read, "none" for the untouched pictures; all if not
            given, which takes ten times the memory.

    Raises:
        ModelError: as in `load_scorecard`.
    """
    if record.folder is None or not record.was_counted:
        return None
    return _load(record.folder, degradation)


def _rows(file: TextIO, degradation: str | None) -> Iterator[list[str]]:
    """The lines of a predictions.csv, in the order of `COLUMNS`; those of one degradation alone."""
    lines = csv.reader(file)
    header = next(lines, [])
    # In a file from before groups were written down each picture stands by itself.
    named = ["id" if name == "group" and name not in header else name for name in COLUMNS]
    places = [header.index(name) for name in named]
    for line in filter(None, lines):
        line += [""] * (len(header) - len(line))  # one that is cut short
        row = [line[place] for place in places]
        if degradation in (None, row[_DEGRADATION]):
            yield row

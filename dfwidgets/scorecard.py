"""What a detector said of pictures whose truth is known, and every figure that follows from that."""

from __future__ import annotations

import csv
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from dfwidgets import measures
from dfwidgets.ancestor import find_pair, manifest_of
from dfwidgets.answers import checked_prediction
from dfwidgets.charts import Chart, draw_degradations, draw_reliability, draw_roc, draw_verdicts
from dfwidgets.compare import Comparison
from dfwidgets.degrade import DEGRADATIONS
from dfwidgets.detector import Detector, ModelError
from dfwidgets.images import ImageError, open_image
from dfwidgets.samples import Samples
from dfwidgets.tables import figures

COLUMNS = ("id", "set", "generator", "label", "degradation", "logit", "p_fake")


@dataclass(frozen=True)
class Labelled:
    """A picture of which the truth is known, to be opened when its turn comes."""

    id: str
    set: str
    generator: str
    label: str
    open: Callable[[], np.ndarray]


@dataclass(frozen=True, eq=False)
class Scorecard:
    """One row a picture and degradation; shown by Jupyter as the table of its figures.

    Attributes:
        name: what people call the detector.
        ids, sets, generators, degradations: str (N,).
        labels: bool (N,), True for fake.
        logits: float (N,), above 0 toward fake, before calibration.
        p_fake: float (N,), 0 to 1.
        band: the two values of `p_fake` between which the answer is "can't tell".
        reals_for: for a set without real pictures, the sets whose reals stand against its fakes; a set
            that is not named borrows those of all sets.
        about: what a set holds, in plain words, where somebody wrote it down.
        unread: a sentence for each picture that could not be opened.
    """

    name: str
    ids: np.ndarray
    sets: np.ndarray
    generators: np.ndarray
    labels: np.ndarray
    degradations: np.ndarray
    logits: np.ndarray
    p_fake: np.ndarray
    band: tuple[float, float] = (0.3, 0.7)
    reals_for: Mapping[str, Sequence[str]] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    def where(self, chosen: np.ndarray | list[int]) -> Scorecard:
        """Only some rows: `chosen` is bool or int (M,)."""
        names = ("ids", "sets", "generators", "labels", "degradations", "logits", "p_fake")
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})

    def degraded(self, name: str = "none") -> Scorecard:
        """Only the rows of one degradation; "none" for the untouched pictures."""
        return self.where(self.degradations == name)

    def by_set(self) -> Iterator[tuple[str, Scorecard]]:
        """Each set with its rows, and with the reals it borrows where it has none of its own."""
        for name, here in measures.sets_with_reals(self.sets, self.labels, self.reals_for):
            yield name, self.where(here)

    @property
    def weights(self) -> np.ndarray:
        """Weights with which each class counts one half, and every set the same within its class: float (N,)."""
        keys = list(zip(self.labels.tolist(), self.sets.tolist(), strict=True))
        pictures = Counter(keys)
        sets = Counter(label for label, _ in pictures)
        return np.array([0.5 / sets[key[0]] / pictures[key] for key in keys])

    @property
    def verdicts(self) -> np.ndarray:
        """-1 for "likely real", 0 for "can't tell", 1 for "likely fake": int (N,)."""
        low, high = self.band
        return np.where(self.p_fake >= high, 1, np.where(self.p_fake <= low, -1, 0))

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


def picture_id(path: str) -> str:
    """How a picture is named in predictions.csv: a hash of its path, so that no path is written down."""
    return f"{zlib.crc32(path.encode()):08x}"


def load_scorecard(folder: str | Path) -> Scorecard:
    """Read what a model said of its test pictures; the pictures themselves are not needed.

    Args:
        folder: holds `predictions.csv`, and the model's `manifest.json`, which says its name and band.

    Raises:
        ModelError: predictions.csv is missing, or one of the two can't be read.
    """
    folder = Path(folder)
    path = folder / "predictions.csv"
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [[line[name] for name in COLUMNS] for line in csv.DictReader(file)]
        card = _from_rows(folder.name, rows)
    except FileNotFoundError as error:
        raise ModelError(
            f"“{folder.name}” holds no predictions.csv: nobody has measured this model. "
            "“python -m models.training.evaluate” does, and df.measure does on pictures of yours."
        ) from error
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise ModelError(
            f"{folder.name}/predictions.csv can't be read: expected the columns {', '.join(COLUMNS)} ({error})."
        ) from error
    if not (folder / "manifest.json").exists() and find_pair(folder) is None:
        return card  # a detector of one's own, measured into a folder
    manifest = manifest_of(folder)
    known = {key: (manifest.measured or {}).get(key, {}) for key in ("reals_for", "about")}
    return replace(card, name=manifest.name, band=manifest.band, **known)


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
        pictures: what `load_samples` gives (each level of the fakes is a generator), or other labelled pictures.
        name: what people call the detector; the name of its class if not given.
        degradations: names out of `degrade.DEGRADATIONS`; each picture is asked about in each of them.
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
        else:
            for degradation in degradations:
                said = checked_prediction(detector.predict(DEGRADATIONS[degradation](image)))
                band = said.band
                what = [picture.id, picture.set, picture.generator, picture.label, degradation]
                rows.append([*what, round(said.logit, 4), round(said.p_fake, 5)])
        progress(count)
    if not rows:
        raise ValueError(f"None of the pictures could be opened. {' '.join(unread[:3])}".strip())
    card = _from_rows(name or type(detector).__name__, rows)
    return replace(card, band=band, unread=tuple(unread))


def _opened(pictures: Samples | Iterable[Labelled]) -> Iterator[tuple[Labelled, np.ndarray | Exception]]:
    """Each picture, or why it can't be opened; the next is opened while the one before is judged."""
    waiting: deque[tuple[Labelled, Future[np.ndarray]]] = deque()

    def first() -> tuple[Labelled, np.ndarray | Exception]:
        picture, opening = waiting.popleft()
        try:
            return picture, opening.result()
        except (ImageError, OSError) as error:
            return picture, error

    with ThreadPoolExecutor(1) as pool:
        for picture in _of_samples(pictures) if isinstance(pictures, Samples) else pictures:
            waiting.append((picture, pool.submit(picture.open)))
            if len(waiting) > 1:
                yield first()
        while waiting:
            yield first()


def _of_samples(samples: Samples) -> Iterator[Labelled]:
    for sample in samples:
        key = picture_id(samples.name(sample))
        kind = sample.level or "unknown"
        yield Labelled(key, samples.folder.name, kind, sample.label, partial(open_image, sample.path))


def _from_rows(name: str, rows: Sequence[Sequence[str | float]]) -> Scorecard:
    """Columns of rows in the order of `COLUMNS`; ValueError where a number is none or a label is unknown."""
    ids, sets, generators, labels, degradations, logits, p_fake = (np.array(c) for c in zip(*rows, strict=True))
    logits, p_fake = logits.astype(float), p_fake.astype(float)
    if not set(labels.tolist()) <= {"real", "fake"}:
        raise ValueError(f"a label is neither real nor fake: {set(labels.tolist()) - {'real', 'fake'}}")
    if not (np.isfinite(logits).all() and (p_fake >= 0).all() and (p_fake <= 1).all()):
        raise ValueError("a logit is no number, or a p_fake is not from 0 to 1")
    return Scorecard(name, ids, sets, generators, labels == "fake", degradations, logits, p_fake)

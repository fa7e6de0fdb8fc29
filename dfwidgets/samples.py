"""Labelled pictures in a folder: what is in Real/ and Fake/, and what is known of how the fakes were made."""

from __future__ import annotations

import csv
import io
import os
import posixpath
import stat
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal, overload

from PIL import Image

from dfwidgets.images import FORMATS, MAX_BYTES
from dfwidgets.notices import DEPTH, Reason, Skipped, missing, no_folder, sentence

Label = Literal["real", "fake"]
CLASSES: tuple[Label, Label] = ("real", "fake")

LEVELS = ("easy", "medium", "hard")

_FOLDERS: dict[str, Label] = {"real": "real", "fake": "fake"}
_LITTER = {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx"}  # and whatever begins with a dot


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture of which the truth is known, and what is told of it after the guess."""

    path: Path
    label: Label
    made_from: str = ""
    """Name of the real picture that a fake was made from: with or without its folder and ending."""
    how: str = ""
    """How the fake was made, or something about the real picture, as a sentence."""
    level: str = ""
    """How hard the fake is to see, one of `LEVELS`; empty where nobody said."""
    mask: Path | None = None
    """A grey picture of the same size, white where the fake was changed."""


class Samples(Sequence[Sample]):
    """The labelled pictures of a folder, sorted by name, and `notices` of what is missing or was skipped."""

    def __init__(self, folder: str | Path, samples: Iterable[Sample], notices: Iterable[str] = ()) -> None:
        self.folder = Path(folder)
        self.notices = tuple(notices)
        self._all = tuple(samples)
        self.reals = tuple(sample for sample in self._all if sample.label == "real")
        self.fakes = tuple(sample for sample in self._all if sample.label == "fake")

    def name(self, sample: Sample) -> str:
        """Say where a picture lies in the folder, like "Real/anna.jpg"."""
        return _short(os.fspath(sample.path), self.folder)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> Samples: ...
    def __getitem__(self, index: int | slice) -> Sample | Samples:
        if isinstance(index, slice):
            return Samples(self.folder, self._all[index], self.notices)
        return self._all[index]

    def __len__(self) -> int:
        return len(self._all)

    def __repr__(self) -> str:
        return f"<{len(self.reals)} real and {len(self.fakes)} fake pictures in {str(self.folder)!r}>"


def load_samples(folder: str | Path) -> Samples:
    """List the pictures in the folders Real and Fake of a folder; none of them is opened yet.

    The two names may be written in any case, and folders inside are searched too. A file `samples.csv`
    beside them may tell of the fakes: `file,made_from,how,level,mask`, files and masks as seen from there;
    of a real picture it may tell `how` alone. A picture in Real, directly in Fake, or named in the column
    `file` is no mask.

    Returns:
        the Samples, sorted by name. Whatever is missing or was skipped is a sentence in their `notices`;
        nothing is raised, and where the folder is no good they are empty.
    """
    folder = Path(os.path.expanduser(folder))
    try:
        entries = _entries(os.fspath(folder))
    except (OSError, ValueError) as error:
        return Samples(folder, (), [no_folder(folder, error)])
    root = os.path.realpath(folder)
    skipped: Skipped = defaultdict(list)
    told, masks, notices = _read_csv(folder, root, skipped)
    known, tops = {root}, []
    for entry in entries:
        label = _FOLDERS.get(entry.name.casefold())
        if label and os.path.isdir(entry.path):
            real = os.path.realpath(entry.path)
            if real in known or not _inside(real, root):
                skipped[Reason.AGAIN if real in known else Reason.OUT].append(entry.path)
            else:
                known.add(real)
                tops.append((label, entry.path, real))
    hidden = {place for mask, place in masks.items() if _short(os.path.normpath(mask), folder).casefold() not in told}
    samples: dict[str, Sample] = {}
    for label, top, real in tops:
        for path in _pictures(top, real, root, known, hidden if label == "fake" else set(), skipped):
            name = _short(path, folder)
            about = told.pop(name.casefold(), None) if told else None
            samples[name] = Sample(Path(path), label, how=about.how if about else "")
            if about and label == "fake":
                samples[name] = replace(about, path=Path(path))
    if wrong := {mask for mask, place in masks.items() if place in known}:
        skipped[Reason.NOT_MASK] = list(wrong)
        samples = {name: replace(s, mask=None) if str(s.mask) in wrong else s for name, s in samples.items()}
    skipped[Reason.NO_NAME] = [os.path.join(folder, about.path) for about in told.values()]
    found = Samples(folder, [samples[name] for name in sorted(samples)])
    notices = missing(found, {label for label, *_ in tops}, not entries) + notices
    for reason in Reason:
        if paths := skipped[reason]:
            notices.append(sentence(reason, [_short(path, folder) for path in sorted(paths)]))
    return Samples(folder, found, notices)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """What lies in a folder, sorted by name, without what systems hide there."""
    with os.scandir(folder) as entries:
        visible = [e for e in entries if not e.name.startswith(".") and e.name.casefold() not in _LITTER]
    return sorted(visible, key=lambda entry: entry.name)


def _pictures(top: str, real: str, root: str, known: set[str], masks: set[str], skipped: Skipped) -> Iterator[str]:
    """Paths of the pictures in a folder and those in it; `real` is where it lies once links are followed.

    Masks in folders inside are none of them.
    """
    folders = [(top, real, 0)]
    while folders:
        folder, real, depth = folders.pop()
        try:
            entries = _entries(folder)
        except OSError:
            skipped[Reason.LOCKED_FOLDER].append(folder)
            continue
        for entry in entries:
            place = os.path.join(real, entry.name)
            if entry.is_symlink():
                place = os.path.realpath(place)
            if depth and place in masks:
                continue
            reason = (
                Reason.AGAIN if place in known else Reason.OUT if not _inside(place, root) else _wrong(entry, depth)
            )
            if reason:
                skipped[reason].append(entry.path)
                continue
            # Pictures reached twice would be dealt twice, and links that go round would never end.
            known.add(place)
            if entry.is_dir():
                folders.append((entry.path, place, depth + 1))
            else:
                yield entry.path


def _wrong(entry: os.DirEntry[str], depth: int) -> Reason | None:
    try:
        if entry.is_dir():
            return Reason.DEEP if depth == DEPTH else None
        status = entry.stat()
    except OSError:
        return Reason.NOWHERE if entry.is_symlink() else Reason.LOCKED
    if not stat.S_ISREG(status.st_mode):
        return Reason.NO_FILE
    if os.path.splitext(entry.name)[1].lower() not in _endings():
        return Reason.NO_PICTURE
    if status.st_size > MAX_BYTES:
        return Reason.HUGE
    return None if os.access(entry.path, os.R_OK) else Reason.LOCKED


@cache
def _endings() -> frozenset[str]:
    return frozenset(ending for ending, kind in Image.registered_extensions().items() if kind in FORMATS)


def _inside(place: str, root: str) -> bool:
    return place.startswith(os.path.join(root, ""))


def _short(path: str, folder: Path) -> str:
    """The path as seen from the folder, with "/"; letters that no text can hold (of an old disk) become "?"."""
    name = path.removeprefix(os.path.join(folder, "")).replace(os.sep, "/")
    return name.encode("utf-8", "replace").decode("utf-8")


def _read_csv(folder: Path, root: str, skipped: Skipped) -> tuple[dict[str, Sample], dict[str, str], list[str]]:
    """What samples.csv tells: of each file (its name in small letters), where masks really lie, and what is wrong."""
    path = os.path.join(folder, "samples.csv")
    told: dict[str, Sample] = {}
    masks: dict[str, str] = {}
    if not os.path.isfile(path):
        return told, masks, []
    try:
        for row in _rows(path, root):
            mask = os.fspath(folder / row["mask"]) if row["mask"] else ""
            place = os.path.realpath(mask) if os.path.isfile(mask) else ""
            if place and _inside(place, root):
                masks[mask] = place
            elif mask:
                skipped[Reason.NO_MASK].append(mask)
                mask = ""
            file = posixpath.normpath(row["file"])
            level = row["level"].lower()
            fake = Sample(Path(file), "fake", row["made_from"], row["how"], level if level in LEVELS else "")
            told[file.casefold()] = replace(fake, mask=Path(mask) if mask else None)
    except (OSError, ValueError, csv.Error) as error:
        why = getattr(error, "strerror", None) or str(error)
        if isinstance(error, UnicodeDecodeError):
            why = "it is not written in UTF-8"
        return {}, {}, [f"samples.csv was left aside: {why}. Mend it, and the game can say how fakes were made."]
    return told, masks, []


def _rows(path: str, root: str) -> Iterator[dict[str, str]]:
    """The lines of samples.csv that name a file, every column a text."""
    if not _inside(os.path.realpath(path), root):
        raise ValueError("it is a link that leads out of the folder")
    if os.path.getsize(path) > MAX_BYTES:
        raise ValueError(f"it has more than {MAX_BYTES // 1024**2} MB")
    text = Path(path).read_text("utf-8-sig")
    titles = text.partition("\n")[0]
    # Office programs write semicolons where a comma is the decimal sign.
    comma = ";" if titles.count(";") > titles.count(",") else ","
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=comma, strict=True)
    rows.fieldnames = [title.strip().lower() for title in rows.fieldnames or ()]
    if "file" not in rows.fieldnames:
        raise ValueError('its first line has no column "file"')
    for row in rows:
        told = {column: (row.get(column) or "").strip() for column in ("file", "made_from", "how", "level", "mask")}
        if told["file"]:
            yield told | {column: told[column].replace("\\", "/") for column in ("file", "made_from", "mask")}

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

Label = Literal["real", "fake"]
CLASSES: tuple[Label, Label] = ("real", "fake")

DEPTH = 4
"""How many folders deep pictures are looked for inside Real and Fake."""

LEVELS = ("easy", "medium", "hard")

_FOLDERS: dict[str, Label] = {"real": "real", "fake": "fake"}
_LITTER = {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx"}  # and whatever begins with a dot

# Why something was skipped: what it is, what is wrong with it, what to do.
_Reason = tuple[str, str, str]
_NO_PICTURE = ("file", "no picture, going by its ending", "Save pictures as JPEG or PNG.")
_NO_FILE = ("file", "a pipe, a device or the like, not a plain file", "Remove it.")
_HUGE = ("file", f"more than {MAX_BYTES // 1024**2} MB", "Put a smaller copy there.")
_LOCKED = ("file", "not allowed to be read", "Ask its owner for the right to read it.")
_LOCKED_FOLDER = ("folder", "not allowed to be read", "Ask its owner for the right to read it.")
_DEEP = ("folder", f"more than {DEPTH} folders deep", "Move its pictures further up.")
_OUT = ("link", "leading out of the folder", "Put a copy of what it leads to there.")
_NOWHERE = ("link", "leading nowhere", "Mend or remove it.")
_AGAIN = ("link", "leading to what is there already", "Remove it.")
_NO_MASK = ("mask", "named in samples.csv, but missing or outside the folder", "Put it there or mend the name.")
_NOT_MASK = ("mask", "a picture in play", "Mend the name in samples.csv, or put masks into a folder of their own.")
_NO_NAME = ("name", "in samples.csv, but no picture is called so", "Write it like Fake/anna.jpg.")
_REASONS = (
    *(_NO_PICTURE, _NO_FILE, _HUGE, _LOCKED, _LOCKED_FOLDER, _DEEP),
    *(_OUT, _NOWHERE, _AGAIN, _NO_MASK, _NOT_MASK, _NO_NAME),
)
_Skipped = defaultdict[_Reason, list[str]]


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
        return Samples(folder, (), [_no_folder(folder, error)])
    root = os.path.realpath(folder)
    skipped: _Skipped = defaultdict(list)
    told, masks, notices = _read_csv(folder, root, skipped)
    known, tops = {root}, []
    for entry in entries:
        label = _FOLDERS.get(entry.name.casefold())
        if label and os.path.isdir(entry.path):
            real = os.path.realpath(entry.path)
            if real in known or not _inside(real, root):
                skipped[_AGAIN if real in known else _OUT].append(entry.path)
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
        skipped[_NOT_MASK] = list(wrong)
        samples = {name: replace(s, mask=None) if str(s.mask) in wrong else s for name, s in samples.items()}
    skipped[_NO_NAME] = [os.path.join(folder, about.path) for about in told.values()]
    found = Samples(folder, [samples[name] for name in sorted(samples)])
    notices = _missing(found, {label for label, *_ in tops}, not entries) + notices
    for reason in _REASONS:
        if paths := skipped[reason]:
            notices.append(_skipped(reason, [_short(path, folder) for path in sorted(paths)]))
    return Samples(folder, found, notices)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """What lies in a folder, sorted by name, without what systems hide there."""
    with os.scandir(folder) as entries:
        visible = [e for e in entries if not e.name.startswith(".") and e.name.casefold() not in _LITTER]
    return sorted(visible, key=lambda entry: entry.name)


def _pictures(top: str, real: str, root: str, known: set[str], masks: set[str], skipped: _Skipped) -> Iterator[str]:
    """Paths of the pictures in a folder and those in it; `real` is where it lies once links are followed.

    Masks in folders inside are none of them.
    """
    folders = [(top, real, 0)]
    while folders:
        folder, real, depth = folders.pop()
        try:
            entries = _entries(folder)
        except OSError:
            skipped[_LOCKED_FOLDER].append(folder)
            continue
        for entry in entries:
            place = os.path.join(real, entry.name)
            if entry.is_symlink():
                place = os.path.realpath(place)
            if depth and place in masks:
                continue
            reason = _AGAIN if place in known else _OUT if not _inside(place, root) else _wrong(entry, depth)
            if reason:
                skipped[reason].append(entry.path)
                continue
            # Pictures reached twice would be dealt twice, and links that go round would never end.
            known.add(place)
            if entry.is_dir():
                folders.append((entry.path, place, depth + 1))
            else:
                yield entry.path


def _wrong(entry: os.DirEntry[str], depth: int) -> _Reason | None:
    try:
        if entry.is_dir():
            return _DEEP if depth == DEPTH else None
        status = entry.stat()
    except OSError:
        return _NOWHERE if entry.is_symlink() else _LOCKED
    if not stat.S_ISREG(status.st_mode):
        return _NO_FILE
    if os.path.splitext(entry.name)[1].lower() not in _endings():
        return _NO_PICTURE
    if status.st_size > MAX_BYTES:
        return _HUGE
    return None if os.access(entry.path, os.R_OK) else _LOCKED


@cache
def _endings() -> frozenset[str]:
    return frozenset(ending for ending, kind in Image.registered_extensions().items() if kind in FORMATS)


def _inside(place: str, root: str) -> bool:
    return place.startswith(os.path.join(root, ""))


def _short(path: str, folder: Path) -> str:
    """The path as seen from the folder, with "/"; letters that no text can hold (of an old disk) become "?"."""
    name = path.removeprefix(os.path.join(folder, "")).replace(os.sep, "/")
    return name.encode("utf-8", "replace").decode("utf-8")


def _read_csv(folder: Path, root: str, skipped: _Skipped) -> tuple[dict[str, Sample], dict[str, str], list[str]]:
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
                skipped[_NO_MASK].append(mask)
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


def _no_folder(folder: Path, error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"There is no folder {folder}. Check the path, or make it, with the folders Real and Fake in it."
    if isinstance(error, NotADirectoryError):
        return f"{folder} is a file. Choose the folder that holds the folders Real and Fake."
    why = error.strerror if isinstance(error, OSError) else str(error)
    return f"The folder {folder} can't be read: {why}. Ask for the right to read it, or choose another."


def _missing(samples: Samples, tops: set[Label], empty: bool) -> list[str]:
    """What has to be added before a round can be played: one sentence, or none."""
    put = "Put pictures of faces into the folders Real and Fake, at least 5 into each."
    absent = "Fake" if "real" in tops and not samples.fakes else "Real"
    if empty:
        lack = f"The folder {samples.folder} is empty"
    elif not tops:
        lack = f"There are no folders Real and Fake in {samples.folder}"
    elif len(tops) == 1:
        lack = f"There is no folder {absent} in {samples.folder}"
    elif not samples:
        lack = "There are no pictures in Real and Fake"
    elif len(samples) == 1:
        lack = f"There is only one picture, {samples.name(samples[0])}"
    elif not (samples.reals and samples.fakes):
        lack = f"There are no pictures in {absent}"
    else:
        return []
    return [f"{lack}. {put}"]


def _skipped(reason: _Reason, names: list[str]) -> str:
    noun, why, advice = reason
    count = f"1 {noun} was" if len(names) == 1 else f"{len(names)} {noun}s were"
    some = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    return f"{count} skipped ({some}): {why}. {advice}"

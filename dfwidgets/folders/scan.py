"""Walk a folder for pictures: links that go round, locked folders and what systems hide there do no
harm."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import cache

from PIL import Image

from dfwidgets.folders.notices import DEPTH, Reason, Skipped
from dfwidgets.folders.paths import inside
from dfwidgets.pictures import FORMATS, MAX_BYTES

_LITTER = {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx"}  # and whatever begins with a dot


def list_folder(folder: str) -> list[os.DirEntry[str]]:
    """What lies in a folder, sorted by name, without what systems hide there."""
    with os.scandir(folder) as entries:
        visible = [
            e for e in entries if not e.name.startswith(".") and e.name.casefold() not in _LITTER
        ]
    return sorted(visible, key=lambda entry: entry.name)


def walk(
    top: str, real: str, root: str, known: set[str], masks: set[str], skipped: Skipped
) -> Iterator[str]:
    """Paths of the pictures in a folder and those in it; `real` is where it lies once links are followed.

    Masks in folders inside are none of them.
    """
    folders = [(top, real, 0)]
    while folders:
        folder, real, depth = folders.pop()
        try:
            entries = list_folder(folder)
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
                Reason.AGAIN
                if place in known
                else Reason.OUT
                if not inside(place, root)
                else _wrong(entry, depth)
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
    if not is_picture(entry.name):
        return Reason.NO_PICTURE
    if status.st_size > MAX_BYTES:
        return Reason.HUGE
    return None if os.access(entry.path, os.R_OK) else Reason.LOCKED


def is_picture(name: str) -> bool:
    """Whether a file's ending is that of a picture."""
    return os.path.splitext(name)[1].lower() in _endings()


@cache
def _endings() -> frozenset[str]:
    return frozenset(
        ending for ending, kind in Image.registered_extensions().items() if kind in FORMATS
    )

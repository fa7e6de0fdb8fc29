"""Go through a folder for pictures: links that go round, locked folders and litter do no harm."""

from __future__ import annotations

import os
import stat
from collections import defaultdict, deque
from collections.abc import Iterator, Set
from functools import cache

from PIL import Image

from dfwidgets.folders.notices import DEPTH, Reason, Skipped
from dfwidgets.folders.paths import inside
from dfwidgets.pictures import FORMATS, MAX_BYTES

# What systems hide in folders, besides whatever begins with a dot.
_LITTER = {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx"}


def list_folder(folder: str) -> list[os.DirEntry[str]]:
    """What lies in a folder, sorted by name, without what systems hide there."""
    visible = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith(".") and entry.name.casefold() not in _LITTER:
                visible.append(entry)
    return sorted(visible, key=lambda entry: entry.name)


class Scan:
    """Goes through one folder for pictures, and comes to no place twice.

    Example:
        scan = Scan("holiday")
        paths = list(scan.pictures("holiday"))
        scan.skipped[Reason.HUGE]  # ["holiday/film.jpg"]

    Attributes:
        root: the folder with its links followed; what a link finds outside is skipped.
        reached: every place that was come to, with its links followed.
        skipped: paths of what was left out, by the reason.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.root = os.path.realpath(folder)
        self.reached = {self.root}
        self.skipped: Skipped = defaultdict(list)

    def enter(self, path: str) -> bool:
        """Come to a folder in the root; False where it is skipped, because a link leads astray."""
        resolved = os.path.realpath(path)
        if reason := self._wrong_place(resolved):
            self.skipped[reason].append(path)
            return False
        self.reached.add(resolved)
        return True

    def pictures(self, top: str | os.PathLike[str], masks: Set[str] = frozenset()) -> Iterator[str]:
        """Paths of the pictures in a folder that was entered, and in the folders inside it.

        Args:
            top: the folder; the paths begin with it.
            masks: pictures that are masks, their links followed. Those in folders inside `top`
                are passed by without a word; directly in it lies nothing but pictures to show.
        """
        # (path, the same with its links followed, how many folders deep)
        folders = [(os.fspath(top), os.path.realpath(top), 0)]
        while folders:
            folder, resolved_folder, depth = folders.pop()
            try:
                entries = deque(list_folder(folder))
            except OSError:
                self.skipped[Reason.LOCKED_FOLDER].append(folder)
                continue

            while entries:
                entry = entries.popleft()  # not kept, because it holds all that the disk said of it

                # Only a link has to be followed, and asking the disk for each file takes long.
                resolved = os.path.join(resolved_folder, entry.name)
                if entry.is_symlink():
                    resolved = os.path.realpath(resolved)
                if depth and resolved in masks:
                    continue
                if reason := self._wrong_place(resolved) or _wrong_kind(entry, depth):
                    self.skipped[reason].append(entry.path)
                    continue

                # Pictures reached twice would be dealt twice, and links that go round never end.
                self.reached.add(resolved)
                if entry.is_dir():
                    folders.append((entry.path, resolved, depth + 1))
                else:
                    yield entry.path

    def _wrong_place(self, resolved: str) -> Reason | None:
        if resolved in self.reached:
            return Reason.AGAIN
        if not inside(resolved, self.root):
            return Reason.OUT
        return None


def _wrong_kind(entry: os.DirEntry[str], depth: int) -> Reason | None:
    """Why an entry is neither a folder to go into nor a picture that can be opened."""
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
    if not os.access(entry.path, os.R_OK):
        return Reason.LOCKED
    return None


def is_picture(name: str) -> bool:
    """Whether a file's ending is that of a picture."""
    return os.path.splitext(name)[1].lower() in _endings()


@cache
def _endings() -> frozenset[str]:
    # As Pillow and its plugins name them, so that whatever can be opened is listed.
    return frozenset(
        ending for ending, kind in Image.registered_extensions().items() if kind in FORMATS
    )

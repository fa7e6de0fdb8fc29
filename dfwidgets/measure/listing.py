"""The pictures in a folder, listed without opening one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from dfwidgets.folders import Reason, Scan, is_picture, list_folder, short, skipped_sentences
from dfwidgets.measure.asking import NamedFile


class Listing:
    """Pictures by name, each a pair of its name as seen from the folder and its path.

    Only their paths are kept: a million of them take 0.1 GB.
    """

    def __init__(self, paths: Sequence[str], folder: Path) -> None:
        self._folder = folder
        self._paths = sorted(paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __iter__(self) -> Iterator[NamedFile]:
        return ((short(path, self._folder), Path(path)) for path in self._paths)


def list_pictures(folder: str | Path) -> tuple[Listing, list[str]]:
    """List the pictures in a folder and in those inside it; see `find_pictures`."""
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
    return Listing(paths, folder), skipped_sentences(scan.skipped, folder)


def find_pictures(folder: str | Path) -> tuple[list[NamedFile], list[str]]:
    """List the pictures in a folder and in those inside it, without opening one.

    Returns:
        pairs of a name as seen from the folder and a path, sorted by name; and a sentence for each
        kind of thing that was left out. What looks like a picture but can't be opened is listed,
        not left out.

    Raises:
        OSError: there is no such folder, or it can't be listed; the text is a sentence.
    """
    listing, notices = list_pictures(folder)
    return list(listing), notices


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

"""Where a file lies in a folder."""

from __future__ import annotations

import os
from pathlib import Path


def inside(place: str, root: str) -> bool:
    """Whether a place, its links followed, lies in the folder `root`."""
    return place.startswith(os.path.join(root, ""))


def short(path: str, folder: Path) -> str:
    """The path as seen from the folder, with "/"; letters that no text can hold (of an old disk)
    become "?"."""
    name = path.removeprefix(os.path.join(folder, "")).replace(os.sep, "/")
    return name.encode("utf-8", "replace").decode("utf-8")

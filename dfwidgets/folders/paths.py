"""Where a file lies in a folder."""

from __future__ import annotations

import os
from pathlib import Path


def inside(place: str, root: str) -> bool:
    """Whether a place, its links followed, lies in the folder `root`."""
    # With the separator, or "samples-secret" would lie in "samples".
    return place.startswith(os.path.join(root, ""))


def short(path: str, folder: Path) -> str:
    """The path as seen from the folder, with "/" on every system."""
    name = path.removeprefix(os.path.join(folder, "")).replace(os.sep, "/")
    # Old disks have names in no encoding; what no text can hold becomes "?".
    return name.encode("utf-8", "replace").decode("utf-8")

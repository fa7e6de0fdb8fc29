"""What people read of a folder of samples that lacks something, or of which something was skipped."""

from __future__ import annotations

from collections import defaultdict
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from dfwidgets.pictures import MAX_BYTES

if TYPE_CHECKING:
    from dfwidgets.folders.samples import Label, Samples

DEPTH = 4
"""How many folders deep pictures are looked for inside Real and Fake."""


class Reason(Enum):
    """Why something was skipped: what it is, what is wrong with it, what to do. Notices come in
    this order."""

    NO_PICTURE = ("file", "no picture, going by its ending", "Save pictures as JPEG or PNG.")
    NO_FILE = ("file", "a pipe, a device or the like, not a plain file", "Remove it.")
    HUGE = ("file", f"more than {MAX_BYTES // 1024**2} MB", "Put a smaller copy there.")
    LOCKED = ("file", "not allowed to be read", "Ask its owner for the right to read it.")
    LOCKED_FOLDER = ("folder", "not allowed to be read", "Ask its owner for the right to read it.")
    DEEP = ("folder", f"more than {DEPTH} folders deep", "Move its pictures further up.")
    OUT = ("link", "leading out of the folder", "Put a copy of what it leads to there.")
    NOWHERE = ("link", "leading nowhere", "Mend or remove it.")
    AGAIN = ("link", "leading to what is there already", "Remove it.")
    NO_MASK = (
        "mask",
        "named in samples.csv, but missing or outside the folder",
        "Put it there or mend the name.",
    )
    NOT_MASK = (
        "mask",
        "a picture in play",
        "Mend the name in samples.csv, or put masks into a folder of their own.",
    )
    NO_NAME = (
        "name",
        "in samples.csv, but no picture is called so",
        "Write it like Fake/anna.jpg.",
    )


Skipped = defaultdict[Reason, list[str]]


def no_folder(folder: Path, error: OSError | ValueError) -> str:
    """Why a folder can't be listed."""
    if isinstance(error, FileNotFoundError):
        return f"There is no folder {folder}. Check the path, or make it, with the folders Real and Fake in it."
    if isinstance(error, NotADirectoryError):
        return f"{folder} is a file. Choose the folder that holds the folders Real and Fake."
    why = error.strerror if isinstance(error, OSError) else str(error)
    return f"The folder {folder} can't be read: {why}. Ask for the right to read it, or choose another."


def missing(samples: Samples, tops: set[Label], empty: bool) -> list[str]:
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


def skipped_sentence(reason: Reason, names: list[str]) -> str:
    """Say how many were skipped for a reason, which, and what to do."""
    noun, why, advice = reason.value
    count = f"1 {noun} was" if len(names) == 1 else f"{len(names)} {noun}s were"
    some = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
    return f"{count} skipped ({some}): {why}. {advice}"

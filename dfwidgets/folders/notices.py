"""What people read of a folder of samples that lacks something, and of what was skipped in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence, Set
from enum import Enum
from pathlib import Path

from dfwidgets.folders.paths import short
from dfwidgets.folders.samples import Label, Samples
from dfwidgets.pictures import MAX_BYTES

DEPTH = 4
"""How many folders deep pictures are looked for inside Real and Fake."""

_MAX_NAMED = 3  # of those skipped, in a sentence that is still read


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
"""Paths of what was skipped, by the reason."""


def no_folder(folder: Path, error: OSError | ValueError) -> str:
    """Why a folder can't be listed."""
    if isinstance(error, FileNotFoundError):
        return (
            f"There is no folder {folder}. Check the path, or make it, with the folders Real and "
            "Fake in it."
        )
    if isinstance(error, NotADirectoryError):
        return f"{folder} is a file. Choose the folder that holds the folders Real and Fake."
    why = getattr(error, "strerror", None) or str(error)
    return (
        f"The folder {folder} can't be read: {why}. "
        "Ask for the right to read it, or choose another."
    )


def table_left_aside(why: str) -> str:
    """Say that samples.csv was not used; `why` is half a sentence."""
    return f"samples.csv was left aside: {why}. Mend it, and the game can say how fakes were made."


def missing(samples: Samples, labels: Set[Label], *, empty: bool) -> list[str]:
    """What has to be added before a round can be played: one sentence, or none.

    Args:
        samples: what was found.
        labels: the classes that have a folder.
        empty: there is nothing at all in the samples' folder.
    """
    put = "Put pictures of faces into the folders Real and Fake, at least 5 into each."
    absent = "Real"
    if "real" in labels and not samples.fakes:
        absent = "Fake"

    # From what lacks most to what lacks least.
    if empty:
        lack = f"The folder {samples.folder} is empty"
    elif not labels:
        lack = f"There are no folders Real and Fake in {samples.folder}"
    elif len(labels) == 1:
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


def skipped_sentences(skipped: Skipped, folder: Path) -> list[str]:
    """A sentence for each reason for which something in the folder was skipped, in their order."""
    sentences = []
    for reason in Reason:
        if paths := skipped.get(reason):
            names = [short(path, folder) for path in sorted(paths)]
            sentences.append(_skipped_sentence(reason, names))
    return sentences


def _skipped_sentence(reason: Reason, names: Sequence[str]) -> str:
    """Say how many were skipped for a reason, which, and what to do."""
    noun, why, advice = reason.value
    count = f"{len(names)} {noun}s were"
    if len(names) == 1:
        count = f"1 {noun} was"
    some = ", ".join(names[:_MAX_NAMED])
    if len(names) > _MAX_NAMED:
        some += ", ..."
    return f"{count} skipped ({some}): {why}. {advice}"

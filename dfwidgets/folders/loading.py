"""From a folder with Real/ and Fake/ to its labelled pictures, and what is wrong with it."""

from __future__ import annotations

import csv
import io
import os
import posixpath
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from dfwidgets.folders.notices import Reason, Skipped, missing, no_folder, skipped_sentence
from dfwidgets.folders.paths import inside, short
from dfwidgets.folders.samples import LEVELS, Label, Sample, Samples
from dfwidgets.folders.scan import list_folder, walk
from dfwidgets.pictures import MAX_BYTES

_FOLDERS: dict[str, Label] = {"real": "real", "fake": "fake"}


def load_samples(folder: str | Path) -> Samples:
    """List the pictures in the folders Real and Fake of a folder; none of them is opened yet.

    The two names may be written in any case, and folders inside are searched too. A file
    `samples.csv` beside them may tell of the fakes: `file,made_from,how,level,mask`, files and
    masks as seen from there; of a real picture it may tell `how` alone. A picture in Real, directly
    in Fake, or named in the column `file` is no mask.

    Returns:
        the Samples, sorted by name. Whatever is missing or was skipped is a sentence in their
        `notices`; nothing is raised, and where the folder is no good they are empty.
    """
    folder = Path(os.path.expanduser(folder))
    try:
        entries = list_folder(os.fspath(folder))
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
            if real in known or not inside(real, root):
                skipped[Reason.AGAIN if real in known else Reason.OUT].append(entry.path)
            else:
                known.add(real)
                tops.append((label, entry.path, real))
    hidden = {
        place
        for mask, place in masks.items()
        if short(os.path.normpath(mask), folder).casefold() not in told
    }
    samples: dict[str, Sample] = {}
    for label, top, real in tops:
        for path in walk(top, real, root, known, hidden if label == "fake" else set(), skipped):
            name = short(path, folder)
            about = told.pop(name.casefold(), None) if told else None
            samples[name] = Sample(Path(path), label, how=about.how if about else "")
            if about and label == "fake":
                samples[name] = replace(about, path=Path(path))
    if wrong := {mask for mask, place in masks.items() if place in known}:
        skipped[Reason.NOT_MASK] = list(wrong)
        samples = {
            name: replace(s, mask=None) if str(s.mask) in wrong else s
            for name, s in samples.items()
        }
    skipped[Reason.NO_NAME] = [os.path.join(folder, about.path) for about in told.values()]
    found = Samples(folder, [samples[name] for name in sorted(samples)])
    notices = missing(found, {label for label, *_ in tops}, not entries) + notices
    for reason in Reason:
        if paths := skipped[reason]:
            notices.append(
                skipped_sentence(reason, [short(path, folder) for path in sorted(paths)])
            )
    return Samples(folder, found, notices)


def _read_csv(
    folder: Path, root: str, skipped: Skipped
) -> tuple[dict[str, Sample], dict[str, str], list[str]]:
    """What samples.csv tells: of each file (its name in small letters), where masks really lie, and
    what is wrong."""
    path = os.path.join(folder, "samples.csv")
    told: dict[str, Sample] = {}
    masks: dict[str, str] = {}
    if not os.path.isfile(path):
        return told, masks, []
    try:
        for row in _rows(path, root):
            mask = os.fspath(folder / row["mask"]) if row["mask"] else ""
            place = os.path.realpath(mask) if os.path.isfile(mask) else ""
            if place and inside(place, root):
                masks[mask] = place
            elif mask:
                skipped[Reason.NO_MASK].append(mask)
                mask = ""
            file = posixpath.normpath(row["file"])
            level = row["level"].lower()
            fake = Sample(
                Path(file), "fake", row["made_from"], row["how"], level if level in LEVELS else ""
            )
            told[file.casefold()] = replace(fake, mask=Path(mask) if mask else None)
    except (OSError, ValueError, csv.Error) as error:
        why = getattr(error, "strerror", None) or str(error)
        if isinstance(error, UnicodeDecodeError):
            why = "it is not written in UTF-8"
        return (
            {},
            {},
            [
                f"samples.csv was left aside: {why}. Mend it, and the game can say how fakes were made."
            ],
        )
    return told, masks, []


def _rows(path: str, root: str) -> Iterator[dict[str, str]]:
    """The lines of samples.csv that name a file, every column a text."""
    if not inside(os.path.realpath(path), root):
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
        told = {
            column: (row.get(column) or "").strip()
            for column in ("file", "made_from", "how", "level", "mask")
        }
        if told["file"]:
            yield told | {
                column: told[column].replace("\\", "/") for column in ("file", "made_from", "mask")
            }

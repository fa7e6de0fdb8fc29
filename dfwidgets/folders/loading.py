"""From a folder with Real/ and Fake/ to its labelled pictures, and what is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from dfwidgets import shipped
from dfwidgets.folders.notices import Reason, missing, no_folder, skipped_sentences
from dfwidgets.folders.paths import short
from dfwidgets.folders.samples import Label, Sample, Samples
from dfwidgets.folders.scan import Scan, list_folder
from dfwidgets.folders.table import Table, read_table

# By their names in small letters.
_LABELS: dict[str, Label] = {"real": "real", "fake": "fake"}


def load_samples(folder: str | Path | None = None) -> Samples:
    """List the pictures in the folders Real and Fake of a folder; none of them is opened yet.

    The two names may be written in any case, and folders inside are searched too. A file
    `samples.csv` beside them may tell of the fakes: `file,made_from,how,level,mask`, files and
    masks as seen from there; of a real picture it may tell `how` alone. A picture in Real, directly
    in Fake, or named in the column `file` is no mask.

    Args:
        folder: holds Real and Fake; if not given, it is that of the pictures that come with
            dfwidgets.

    Returns:
        the Samples, sorted by name. Whatever is missing or was skipped is a sentence in their
        `notices`; nothing is raised, and where the folder is no good they are empty.
    """
    folder = Path(os.path.expanduser(folder or shipped.IMAGES))
    try:
        entries = list_folder(os.fspath(folder))
    except (OSError, ValueError) as error:
        return Samples(folder, (), [no_folder(folder, error)])
    scan = Scan(folder)
    table = read_table(folder, scan.root)

    # Both are entered before either is searched, so that a link in one never brings in pictures of
    # the other under its own label.
    class_folders = _enter_class_folders(entries, scan)
    # Teachers keep masks beside the fakes; in Real there are only pictures to show.
    masks = {"fake": _masks_to_hide(table, folder), "real": frozenset[str]()}

    rows = dict(table.rows)  # those whose picture was not found stay
    listed = {}
    for label, path in class_folders:
        for picture in scan.pictures(path, masks[label]):
            name = short(picture, folder)
            listed[name] = _sample(Path(picture), label, rows.pop(name.casefold(), None))
    samples = _without_wrong_masks([listed[name] for name in sorted(listed)], table, scan)

    scan.skipped[Reason.NO_MASK] += table.missing_masks
    scan.skipped[Reason.NO_NAME] += [os.path.join(folder, row.path) for row in rows.values()]
    lacking = missing(
        Samples(folder, samples), {label for label, _ in class_folders}, empty=not entries
    )
    notices = lacking + table.notices + skipped_sentences(scan.skipped, folder)
    return Samples(folder, samples, notices)


def _enter_class_folders(
    entries: Iterable[os.DirEntry[str]], scan: Scan
) -> list[tuple[Label, str]]:
    found = []
    for entry in entries:
        label = _LABELS.get(entry.name.casefold())
        if label and os.path.isdir(entry.path) and scan.enter(entry.path):
            found.append((label, entry.path))
    return found


def _masks_to_hide(table: Table, folder: Path) -> frozenset[str]:
    """Where masks lie that are no pictures to show: all that the table does not list as files."""
    hidden = set()
    for mask, resolved in table.masks.items():
        name = short(os.path.normpath(mask), folder)
        if name.casefold() not in table.rows:
            hidden.add(resolved)
    return frozenset(hidden)


def _sample(path: Path, label: Label, row: Sample | None) -> Sample:
    """A picture with what the table tells of it; of a real one that may be a sentence alone."""
    if row is None:
        return Sample(path, label)
    if label == "real":
        return Sample(path, label, how=row.how)
    return replace(row, path=path)


def _without_wrong_masks(samples: Iterable[Sample], table: Table, scan: Scan) -> list[Sample]:
    """The samples without masks that are pictures in play, because they are dealt."""
    wrong = {mask for mask, resolved in table.masks.items() if resolved in scan.reached}
    scan.skipped[Reason.NOT_MASK] += wrong
    checked = []
    for sample in samples:
        if str(sample.mask) in wrong:
            sample = replace(sample, mask=None)
        checked.append(sample)
    return checked

"""Labelled pictures: where they lie, what they are, their faces, and their bytes."""

from __future__ import annotations

import csv
import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from dfwidgets.detectors.model_file import sha256_of
from dfwidgets.measure.predictions import picture_id
from dfwidgets.measure.scorecard import Labelled
from dfwidgets.pictures.faces import Face, find_faces
from dfwidgets.pictures.images import ImageError, open_image

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".avif", ".heic")


@dataclass(frozen=True)
class Row:
    """One labelled picture: where it is, what it is, and which side of the split it is on."""

    path: str
    archive: str
    label: str
    set: str
    generator: str
    split: str
    group: str


def read_rows(folder: Path) -> list[Row]:
    """Read `manifest.csv` in a folder, or, where there is none, the pictures below Real/ and Fake/.

    In a plain folder the split follows from a hash of the file's name without its ending, so that a
    fake and the real it was made from stay together: 80 % train, 10 % val, 10 % test.
    """
    manifest = folder / "manifest.csv"
    if manifest.exists():
        with manifest.open(newline="") as file:
            return [Row(**line) for line in csv.DictReader(file)]

    rows = []
    for label in ("real", "fake"):
        for path in sorted((folder / label.capitalize()).rglob("*.*")):
            if path.suffix.lower() in ENDINGS:
                name = path.relative_to(folder).as_posix()
                split = _split_of(path.stem)
                rows.append(Row(name, "", label, folder.name, label, split, path.stem))
    if not rows:
        raise ValueError(f"expected manifest.csv, or Real/ and Fake/ with pictures, in {folder}")
    return rows


def read_bytes(folder: Path, row: Row) -> bytes:
    """The bytes of a picture's file, out of its archive where it is in one."""
    if not row.archive:
        return (folder / row.path).read_bytes()
    return _archive(folder / row.archive).read(row.path)


def read_image(folder: Path, row: Row) -> np.ndarray:
    """A picture as the product opens it: uint8 (height, width, 3), upright."""
    return open_image(read_bytes(folder, row))


def fingerprint(folder: Path, rows: Iterable[Row]) -> dict[str, str]:
    """The sha256 of each archive that the rows lie in, and of the list of rows.

    Of pictures that lie in no archive the second holds the bytes as well.
    """
    # Archives are read as files, not picture by picture: seconds instead of minutes.
    rows = list(rows)
    archives = sorted({row.archive for row in rows if row.archive})
    prints = {name: sha256_of(folder / name) for name in archives}

    listed = "".join(f"{row}\n" for row in rows)
    plain = "".join(
        f"{row.path} {sha256_of(folder / row.path)}\n" for row in rows if not row.archive
    )
    return prints | {"rows": hashlib.sha256((listed + plain).encode()).hexdigest()}


def find_all_faces(folder: Path, rows: Iterable[Row], store: Path) -> dict[str, Face | None]:
    """The largest face of each picture, by path.

    Those that the CSV file `store` knows are taken from there; the others are found and kept there.
    """
    known = _read_faces(store)
    missing = [row for row in rows if row.path not in known]
    if not missing:
        return known

    # Started anew, not forked: a child of a process that has run TensorFlow hangs.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        faces = pool.map(_largest_face, [folder] * len(missing), missing, chunksize=64)
        for count, (row, face) in enumerate(zip(missing, faces, strict=True), 1):
            known[row.path] = face
            if count % 2000 == 0 or count == len(missing):
                print(f"faces: {count} of {len(missing)}", flush=True)

    store.parent.mkdir(parents=True, exist_ok=True)
    with store.open("w", newline="") as file:
        write = csv.writer(file)
        for path, found in known.items():
            write.writerow([path, *_as_numbers(found)])
    return known


def labelled(folder: Path, rows: Iterable[Row]) -> Iterator[Labelled]:
    """Rows as pictures that a detector can be asked about."""
    for row in rows:
        yield Labelled(
            id=picture_id(row.path),
            set=row.set,
            generator=row.generator,
            label=row.label,
            open=partial(read_image, folder, row),
            group=picture_id(f"{row.set} {row.group}"),
        )


def progress(total: int) -> Callable[[int], None]:
    """What prints now and then how many pictures are done."""

    def tell(count: int) -> None:
        if count % 500 == 0 or count == total:
            print(f"scored {count} of {total}", flush=True)

    return tell


def _split_of(stem: str) -> str:
    # Stable for ever and on every machine, which Python's own hash is not.
    place = int(hashlib.sha256(stem.encode()).hexdigest(), 16) % 10
    if place < 8:
        return "train"
    return "val" if place == 8 else "test"


def _read_faces(store: Path) -> dict[str, Face | None]:
    if not store.exists():
        return {}
    with store.open(newline="") as file:
        return {path: _as_face(numbers) for path, *numbers in csv.reader(file)}


def _as_numbers(face: Face | None) -> list[float]:
    if face is None:
        return []
    box = [face.left, face.top, face.right, face.bottom, face.score]
    return box + [round(value, 1) for point in face.landmarks for value in point]


def _as_face(numbers: list[str]) -> Face | None:
    if not any(numbers):
        return None
    left, top, right, bottom, score, *points = map(float, numbers)
    return Face(left, top, right, bottom, score, tuple(zip(points[::2], points[1::2], strict=True)))


def _largest_face(folder: Path, row: Row) -> Face | None:
    try:
        faces = find_faces(read_image(folder, row))
    except ImageError as error:
        raise ImageError(f"{row.path}: {error}") from error
    return next(iter(faces), None)


@cache
def _archive(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)

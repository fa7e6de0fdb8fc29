"""Labelled pictures for training: reading them, finding their faces once, and batches that are balanced.

Every picture, whatever its set and label, goes through one path: `open_image`, the product's own
face finder and crop, the same random degradations, one resize.
"""

from __future__ import annotations

import csv
import hashlib
import zipfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from dfwidgets.detectors.model_file import sha256_of
from dfwidgets.pictures import degrade
from dfwidgets.pictures.faces import Face, find_faces
from dfwidgets.pictures.images import ImageError, open_image
from models.training.augment import blend_of, cut, degraded

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
    fake
    and the real it was made from stay together: 80 % train, 10 % val, 10 % test.
    """
    manifest = folder / "manifest.csv"
    if manifest.exists():
        with manifest.open(newline="") as file:
            return [Row(**line) for line in csv.DictReader(file)]
    rows = []
    for label in ("real", "fake"):
        for path in sorted((folder / label.capitalize()).rglob("*.*")):
            if path.suffix.lower() not in ENDINGS:
                continue
            place = int(hashlib.sha256(path.stem.encode()).hexdigest(), 16) % 10
            split = "train" if place < 8 else ("val" if place == 8 else "test")
            name = path.relative_to(folder).as_posix()
            rows.append(Row(name, "", label, folder.name, label, split, path.stem))
    if not rows:
        raise ValueError(f"expected manifest.csv, or Real/ and Fake/ with pictures, in {folder}")
    return rows


def read_bytes(folder: Path, row: Row) -> bytes:
    """The bytes of a picture's file, out of its archive where it is in one."""
    if not row.archive:
        return (folder / row.path).read_bytes()
    return _archive(folder / row.archive).read(row.path)


def fingerprint(folder: Path, rows: list[Row]) -> dict[str, str]:
    """The sha256 of each archive the rows lie in, and of the list of rows; of plain files, one for
    all together."""
    archives = sorted({row.archive for row in rows if row.archive})
    prints = {name: sha256_of(folder / name) for name in archives}
    plain = "".join(
        f"{row.path} {sha256_of(folder / row.path)}\n" for row in rows if not row.archive
    )
    listed = "".join(f"{row}\n" for row in rows)
    return prints | {"rows": hashlib.sha256((listed + plain).encode()).hexdigest()}


def find_all_faces(folder: Path, rows: list[Row], store: Path) -> dict[str, Face | None]:
    """The largest face of each picture, from the CSV file `store` where it is there, else found and
    kept there."""
    known: dict[str, Face | None] = {}
    if store.exists():
        with store.open(newline="") as file:
            for path, *numbers in csv.reader(file):
                known[path] = _as_face(numbers) if any(numbers) else None
    missing = [row for row in rows if row.path not in known]
    if missing:
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
                write.writerow([path, *(_as_numbers(found) if found else ())])
    return known


class Batches(keras.utils.PyDataset):
    """Endless balanced training batches; the batch of a given number is always the same one.

    Half of each batch is real, half fake. `weights` says how often each set is drawn as a fake.
    Each
    fake comes with a real: the one of its group where there is one, else any of its set; for a set
    without reals `reals_for` names the sets that lend theirs. A part `self_blends` of the fakes is
    made on the fly of the real beside it (Shiohara and Yamasaki, CVPR 2022), which teaches what all
    blended faces share rather than what one generator does. Where a set has no fakes among the
    rows, all of its fakes are made so.

    Gives:
        float32 (batch, size, size, 3), 0..255, and float32 (batch, 1): 1 for fake.
    """

    def __init__(
        self,
        folder: Path,
        rows: list[Row],
        faces: dict[str, Face | None],
        *,
        weights: dict[str, float],
        reals_for: dict[str, list[str]],
        self_blends: float,
        degradations: bool,
        size: int,
        batch: int,
        steps: int,
        seed: int,
    ) -> None:
        super().__init__(workers=2, max_queue_size=8)
        self.folder, self.faces, self.size, self.seed = folder, faces, size, seed
        self.half, self.steps, self.start, self.self_blends = batch // 2, steps, 0, self_blends
        self.degradations = degradations
        self.fakes = {
            name: [r for r in rows if r.set == name and r.label == "fake"] for name in weights
        }
        self.names = list(self.fakes)
        self.shares = np.array([weights[name] for name in self.names]) / sum(weights.values())
        reals = [r for r in rows if r.label == "real"]
        self.by_group = {(r.set, r.group): r for r in reals}
        self.reals = {
            name: [
                r
                for r in reals
                if r.set in reals_for.get(name, [name]) and (self.fakes[name] or faces[r.path])
            ]
            for name in self.names
        }

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([self.seed, self.start + index])
        pictures, labels = [], []
        for _ in range(self.half):
            name = str(rng.choice(self.names, p=self.shares))
            fake = _draw(rng, self.fakes[name]) if self.fakes[name] else None
            real = self.by_group.get((name, fake.group)) if fake else None
            photo, face = self._open(real or _draw(rng, self.reals[name]))
            pictures.append(self._augment(photo, face, rng))
            if face and (fake is None or rng.random() < self.self_blends):
                pictures.append(self._augment(blend_of(photo, face, rng), face, rng))
            else:
                pictures.append(self._augment(*self._open(fake), rng))
            labels += [False, True]
        return np.stack(pictures).astype(np.float32), np.array(labels, np.float32)[:, None]

    def _augment(
        self, image: np.ndarray, face: Face | None, rng: np.random.Generator
    ) -> np.ndarray:
        x = cut(image, face, rng)
        x = degrade.flip(x) if rng.random() < 0.5 else x
        x = degraded(x, rng) if self.degradations else x
        return np.asarray(
            Image.fromarray(x).resize((self.size, self.size), Image.Resampling.BILINEAR)
        )

    def _open(self, row: Row) -> tuple[np.ndarray, Face | None]:
        return open_image(read_bytes(self.folder, row)), self.faces[row.path]


def _draw(rng: np.random.Generator, rows: list[Row]) -> Row:
    return rows[rng.integers(len(rows))]


def _as_numbers(face: Face) -> list[float]:
    box = [face.left, face.top, face.right, face.bottom, face.score]
    return box + [round(value, 1) for point in face.landmarks for value in point]


def _as_face(numbers: list[str]) -> Face:
    left, top, right, bottom, score, *points = map(float, numbers)
    return Face(left, top, right, bottom, score, tuple(zip(points[::2], points[1::2], strict=True)))


def _largest_face(folder: Path, row: Row) -> Face | None:
    try:
        faces = find_faces(open_image(read_bytes(folder, row)))
    except ImageError as error:
        raise ImageError(f"{row.path}: {error}") from error
    return faces[0] if faces else None


@cache
def _archive(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)

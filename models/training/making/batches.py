"""Balanced batches: half real and half fake, families and kinds of fakes alike, pairs together."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dfwidgets.pictures import degrade
from dfwidgets.pictures.faces import Face
from models.training.making import augment, reconstruct
from models.training.making.dataset import Row, read_image

View = tuple[np.ndarray, Face | None]
"""A face cut out with room around it, uint8 (height, width, 3), and where it lies there."""


@dataclass(frozen=True)
class Mix:
    """What batches are made of; settings.toml tells what each number means."""

    families: Mapping[str, Mapping[str, float]]
    photographs: Mapping[str, float]
    reals_for: Mapping[str, Sequence[str]]
    fakes: Mapping[str, float]
    soft_reals: float
    twins: int
    twin_sets: Sequence[str]
    degradations: bool
    size: int
    batch: int
    seed: int

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Mix:
        """Those of the settings that concern batches."""
        return cls(**{field.name: settings[field.name] for field in fields(cls)})


class Batches:
    """Endless training batches; the batch of a given number is always the same one.

    Most of a batch is pairs of a real and a fake that go through the same degradations. The fake
    is, as often as `mix.fakes` has it:

    - "own": one of the folder's, its family drawn by equal chances, its kind by the numbers in
      `mix.families`; beside it the photograph it was made from where that is there, else one of the
      sets in `mix.reals_for`;
    - "blends": made on the fly of the photograph beside it (Shiohara and Yamasaki, CVPR 2022),
      which teaches what all blended faces share rather than what one generator does;
    - "reconstructions": the photograph beside it, drawn anew by a generator (`reconstruct`).

    A way for which nothing is there is left out; where none is left, all fakes are blends. The last
    2 * `mix.twins` pictures are twins: a face clean, and smaller with the grain of a JPEG, both
    real or both fake.

    Args:
        folder: the labelled pictures.
        rows: those to learn from.
        faces: by path, for all of them.
        mix: what batches are made of.
        reconstructions: folder that `reconstruct` wrote, if any.
    """

    def __init__(
        self,
        folder: Path,
        rows: Sequence[Row],
        faces: Mapping[str, Face | None],
        mix: Mix,
        reconstructions: Path | None = None,
    ) -> None:
        self.folder = folder
        self.faces = faces
        self.mix = mix
        self.reconstructions = reconstructions or folder

        # A photograph is found by its set, by its group (its fake's partner), and by its path.
        reals = [row for row in rows if row.label == "real"]
        self.reals = _by_set(reals)
        self.fakes = _by_set([row for row in rows if row.label == "fake"])
        self.by_path = {row.path: row for row in reals}
        self.by_group = {(row.set, row.group): row for row in reals}

        # Each way to a fake has something to draw from, or is left out.
        families = mix.families.values()
        self.families = [kept for kinds in families if (kept := _only(kinds, self.fakes))]
        to_blend = _by_set([row for row in reals if faces[row.path]])
        self.photographs = _only(mix.photographs, to_blend)
        self.to_blend = to_blend
        self.made = []
        if reconstructions:
            made = reconstruct.read(reconstructions)
            self.made = [how for how in made if how.photograph in self.by_path]
        there = {"own": self.families, "reconstructions": self.made, "blends": self.photographs}
        self.ways = {way: share for way, share in mix.fakes.items() if share and there[way]}
        self.ways = self.ways or {"blends": 1.0}

        # Twins of fakes stand in for those of photographs where a folder lacks one or the other.
        pools = [_flat(self.reals, mix.twin_sets), _flat(self.fakes, mix.twin_sets)]
        self.twin_pools = [pool for pool in pools if pool]

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """A batch.

        Returns:
            float32 (batch, size, size, 3), 0..255, and float32 (batch, 1): 1 for fake.
        """
        rng = np.random.default_rng([self.mix.seed, index])
        pictures: list[np.ndarray] = []
        labels: list[bool] = []
        for _ in range(self.mix.batch // 2 - self.mix.twins):
            pictures += self._pair(rng)
            labels += [False, True]

        # Real and fake twins in turn.
        for number in range(self.mix.twins):
            row = _draw(rng, self.twin_pools[number % len(self.twin_pools)])
            pictures += self._twins(row, rng)
            labels += [row.label == "fake"] * 2
        return np.stack(pictures).astype(np.float32), np.array(labels, np.float32)[:, None]

    def _pair(self, rng: np.random.Generator) -> list[np.ndarray]:
        """A real and a fake, through the same chain."""
        make = {"own": self._own, "blends": self._blend, "reconstructions": self._reconstruction}
        way = _weighted(rng, self.ways)
        photo, fake = make[way](rng)

        # Smooth must not mean fake: beside blends and reconstructions some photographs are soft.
        if way != "own" and rng.random() < self.mix.soft_reals:
            photo = augment.softened(photo[0], rng), photo[1]

        # The same seed twice, the same cut, flip and chain.
        seed = int(rng.integers(2**31))
        return [self._seen(view, np.random.default_rng(seed)) for view in (photo, fake)]

    def _own(self, rng: np.random.Generator) -> tuple[View, View]:
        """A fake of the folder's, and a photograph."""
        kind = _weighted(rng, self.families[rng.integers(len(self.families))])
        fake = _draw(rng, self.fakes[kind])
        partner = self.by_group.get((kind, fake.group))
        if partner:
            return self._open(partner), self._open(fake)

        # A stranger: how large the files of a set are must say nothing.
        pool = _flat(self.reals, self.mix.reals_for.get(kind, [kind]))
        real = _draw(rng, pool) if pool else self._photograph(rng)
        return _equal_size(self._open(real), self._open(fake), rng)

    def _blend(self, rng: np.random.Generator) -> tuple[View, View]:
        """A photograph, and what blending makes of it."""
        photo, face = self._open(self._photograph(rng))
        return (photo, face), (augment.blend_of(photo, face, rng), face)

    def _reconstruction(self, rng: np.random.Generator) -> tuple[View, View]:
        """A photograph, and how a generator drew it anew."""
        # The photograph is brought to the fake's size by the filter that the network got it with.
        how = self.made[rng.integers(len(self.made))]
        cut, face = self._open(self.by_path[how.photograph])
        face = augment.scaled_face(face, how.size / cut.shape[0])
        fake = np.asarray(Image.open(self.reconstructions / how.path))
        return (reconstruct.before(cut, how), face), (fake, face)

    def _twins(self, row: Row, rng: np.random.Generator) -> list[np.ndarray]:
        """One face twice: clean, and as a smaller file with grain."""
        clean = augment.cut(*self._open(row), rng)
        if rng.random() < 0.5:
            clean = degrade.flip(clean)
        return [self._scaled(clean), self._scaled(augment.grained(clean, rng))]

    def _photograph(self, rng: np.random.Generator) -> Row:
        return _draw(rng, self.to_blend[_weighted(rng, self.photographs)])

    def _open(self, row: Row) -> View:
        return augment.wide_cut(read_image(self.folder, row), self.faces[row.path])

    def _seen(self, view: View, rng: np.random.Generator) -> np.ndarray:
        """What the network sees of a face: uint8 (size, size, 3)."""
        x = augment.cut(*view, rng)
        if rng.random() < 0.5:
            x = degrade.flip(x)
        if self.mix.degradations:
            x = augment.degraded(x, rng)
        return self._scaled(x)

    def _scaled(self, x: np.ndarray) -> np.ndarray:
        size = (self.mix.size, self.mix.size)
        return np.asarray(Image.fromarray(x).resize(size, Image.Resampling.BILINEAR))


def ahead(
    batches: Batches, first: int, last: int, workers: int | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The batches from one number up to another, prepared while the network learns from others."""
    workers = workers or os.cpu_count() or 2
    with ThreadPoolExecutor(workers) as pool:
        waiting = deque(
            pool.submit(batches.__getitem__, number)
            for number in range(first, min(first + 4 * workers, last))
        )
        # Never more than these in memory.
        following = first + len(waiting)
        while waiting:
            ready = waiting.popleft()
            if following < last:
                waiting.append(pool.submit(batches.__getitem__, following))
                following += 1
            yield ready.result()


def _equal_size(one: View, other: View, rng: np.random.Generator) -> tuple[View, View]:
    """Two pictures brought to equally many pixels, fewer than the smaller one has."""
    smaller = min(min(image.shape[:2]) for image, _ in (one, other))
    side = max(16, round(smaller * rng.uniform(0.75, 1.0)))
    resample = augment.FILTERS[rng.integers(1, len(augment.FILTERS))]
    return augment.brought_to(*one, side, resample), augment.brought_to(*other, side, resample)


def _by_set(rows: Sequence[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.set, []).append(row)
    return grouped


def _only(weights: Mapping[str, float], pools: Mapping[str, list[Row]]) -> dict[str, float]:
    return {name: weight for name, weight in weights.items() if name in pools}


def _flat(pools: Mapping[str, list[Row]], names: Sequence[str]) -> list[Row]:
    return [row for name in names for row in pools.get(name, [])]


def _weighted(rng: np.random.Generator, weights: Mapping[str, float]) -> str:
    shares = np.array(list(weights.values()), float)
    return str(rng.choice(list(weights), p=shares / shares.sum()))


def _draw(rng: np.random.Generator, rows: Sequence[Row]) -> Row:
    return rows[rng.integers(len(rows))]

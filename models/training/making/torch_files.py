"""PyTorch's files of weights, read without PyTorch and without running any code in them."""

from __future__ import annotations

import collections
import pickle
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np


def read_torch(path: Path) -> dict[str, np.ndarray]:
    """Read the tensors of a file of weights, of the zip layout or of the older one.

    Raises:
        pickle.UnpicklingError: the file asks for something that no weights need.
    """
    layout, storages = _read_zip(path) if zipfile.is_zipfile(path) else _read_old(path)

    tensors = {}
    for name, (_, key, offset, shape, strides) in layout.items():
        base = storages[key][offset:]
        # Convolutions are stored with strides that are not contiguous.
        steps = [step * base.itemsize for step in strides]
        tensors[name] = np.lib.stride_tricks.as_strided(base, shape, steps).copy()
    return tensors


def _read_zip(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The layout of the tensors, and their numbers by key: `data/KEY` holds raw bytes."""
    with zipfile.ZipFile(path) as archive:
        listed = next(name for name in archive.namelist() if name.endswith("data.pkl"))
        with archive.open(listed) as file:
            layout = _TensorsOnly(file).load()
        # The archive's one folder is called after the file that was saved.
        folder = listed.removesuffix("data.pkl")
        kinds = {key: kind for kind, key, *_ in layout.values()}
        storages = {
            key: np.frombuffer(archive.read(f"{folder}data/{key}"), kind)
            for key, kind in kinds.items()
        }
    return layout, storages


def _read_old(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The same of the older layout: pickles one after the other, then the numbers."""
    with path.open("rb") as file:
        for _ in range(3):  # magic number, version, machine
            _TensorsOnly(file).load()
        layout = _TensorsOnly(file).load()
        kinds = {key: kind for kind, key, *_ in layout.values()}

        storages = {}
        for key in _TensorsOnly(file).load():
            count = int(np.fromfile(file, "<i8", 1)[0])
            storages[key] = np.fromfile(file, kinds[key], count)
    return layout, storages


class _TensorsOnly(pickle.Unpickler):
    """Knows the names that a state dict needs and refuses every other."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)

    def find_class(self, module: str, name: str) -> Any:
        known = {
            ("collections", "OrderedDict"): collections.OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _tensor,
            ("torch", "HalfStorage"): "<f2",
            ("torch", "FloatStorage"): "<f4",
            ("torch", "LongStorage"): "<i8",
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(
                f"this file asks for {module}.{name}, which no weights need"
            )
        return known[module, name]

    def persistent_load(self, place: Any) -> tuple[str, str]:
        _, kind, key, *_ = place
        return kind, key


def _tensor(storage: Any, offset: int, shape: Any, strides: Any, *_: Any) -> tuple[Any, ...]:
    return (*storage, offset, shape, strides)

"""Importing Keras and TensorFlow without keeping the other threads waiting."""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dfwidgets.detector import ModelError
from dfwidgets.quiet import QUIET_STDERR
from dfwidgets.shipped import how_to_add

_LIBRARIES = ("libtensorflow_framework.so.2", "libtensorflow_cc.so.2")


def import_keras() -> Any:
    """Keras on TensorFlow; what TensorFlow's C++ writes at its start stays out of the notebook.

    Raises:
        ModelError: one of them is not installed, or Keras runs on something else.
    """
    # Read at the first import; two lines come even before that, hence `QUIET_STDERR`.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        with QUIET_STDERR, _in_short_steps():
            import keras
            import tensorflow  # noqa: F401
    except ImportError as error:
        missing = (error.name or "").split(".")[0]
        raise ModelError(
            f"This model needs Keras on TensorFlow, and {missing} is missing. "
            f"{how_to_add('keras')} Leave KERAS_BACKEND unset, and start again."
        ) from error

    backend = keras.config.backend()
    if backend != "tensorflow":
        raise ModelError(
            f"Keras runs on {backend} here, and heatmaps need TensorFlow. "
            "Leave KERAS_BACKEND unset and start again."
        )
    return keras


@contextmanager
def _in_short_steps() -> Iterator[None]:
    """Import without a stop that other threads would notice.

    An import makes hundreds of thousands of objects that stay. To go through all of them, again and
    again, for some that don't holds up every thread, for up to a second: so that is left out
    meanwhile, and what has come is never gone through again.
    """
    if "tensorflow" in sys.modules:
        yield
        return

    _load_libraries()
    collects = gc.isenabled()
    gc.collect()  # what nobody needs shall not stay with the rest
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()


def _load_libraries() -> None:
    """Have the system load TensorFlow's libraries, 850 MB, while other threads go on.

    An import would load them too, but no Python runs meanwhile: a quarter of a second where they
    lie in memory already, and as long as the disk takes where they don't. What is not found here,
    as on other systems, is left to the import.
    """
    package = importlib.util.find_spec("tensorflow")
    if sys.platform != "linux" or package is None or package.origin is None:
        return
    load = ctypes.CDLL(None).dlopen
    load.restype = ctypes.c_void_p
    load.argtypes = [ctypes.c_char_p, ctypes.c_int]
    for name in _LIBRARIES:
        load(os.fsencode(Path(package.origin).parent / name), os.RTLD_LAZY)

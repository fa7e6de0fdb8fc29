"""Keep what native libraries write on their own out of the notebook."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LOCK = threading.RLock()  # two at once would restore each other's nowhere


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Send the process's stderr nowhere for a while: C++ writes to it past Python, and a notebook would show it."""
    with _LOCK:
        kept = os.dup(2)
        try:
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)

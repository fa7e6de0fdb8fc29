"""Networks that are loaded before a process is forked, so that its forks share them."""

from __future__ import annotations

from pathlib import Path

from dfwidgets.detectors.lite_network import Network

# By the file that each was loaded from: its path, when it was changed, its bytes.
_AHEAD: dict[tuple[Path, int, int], Network] = {}


def load_ahead(path: Path, size: int) -> None:
    """Load a network for the forks of this process.

    It runs on one core: threads do not outlive a fork. The arguments are those of `Network`, and so
    are the errors.
    """
    _AHEAD[_version(path)] = Network(path, size, threads=1)


def open_network(path: Path, size: int, *, threads: int) -> Network:
    """Load a network, or take the one that was loaded ahead; see `Network`."""
    # For one asker only: a network answers one question at a time.
    ahead = _AHEAD.pop(_version(path), None) if _AHEAD else None
    return ahead or Network(path, size, threads=threads)


def _version(path: Path) -> tuple[Path, int, int]:
    state = path.stat()
    return path.resolve(), state.st_mtime_ns, state.st_size

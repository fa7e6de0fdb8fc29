"""Dask's processes, here or on other machines, as `dfwidgets score` asks for them."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dfwidgets import shipped
from dfwidgets.cli.terminal import Wrong, up_to

if TYPE_CHECKING:
    from distributed import Client

# A terminal sends Ctrl+C to every process; the one that was asked stops the others.
_DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"

_SETTINGS = {
    # A picture has two tries: somebody else may have killed the first.
    "distributed.scheduler.allowed-failures": 1,
    # Nobody reads what Dask writes down of its workers a hundred times a second.
    "distributed.worker.profile.enabled": False,
}

_PATIENCE = "15s"  # until nobody answers at an address


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose who judges."""
    who = parser.add_mutually_exclusive_group()
    who.add_argument(
        "--workers",
        type=up_to(999),
        metavar="N",
        help="so many processes on this computer, one a core; a picture that makes one crash "
        "gets a line that says so (needs Dask)",
    )
    who.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="a Dask cluster, by its scheduler's address, as tcp://10.0.0.5:8786; dfwidgets, "
        "pictures and model have to be on each machine, under the same paths",
    )


@contextmanager
def open_cluster(scheduler: str | None, workers: int | None) -> Iterator[Client | None]:
    """A client of the cluster that was asked for; None where this process does it alone.

    Raises:
        Wrong: Dask is not installed, or nobody answers at the address.
    """
    if scheduler is None and workers is None:
        yield None
        return
    try:
        import dask
        from distributed import Client, LocalCluster
    except ModuleNotFoundError as error:
        missing = (error.name or "").split(".")[0]
        how = shipped.how_to_add("cluster")
        raise Wrong(f"Dask hands out the pictures, and {missing} is missing here. {how}") from error

    # A worker that died is a row with a reason, not a page of messages.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if scheduler is not None:
        with _client(Client, scheduler) as client:
            yield client
        return

    with (
        dask.config.set(_SETTINGS),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
            preload=_DEAF,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def _client(client: type[Client], address: str) -> Client:
    try:
        return client(address, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise Wrong(
            f"No scheduler of Dask answers at “{address}”. Start one with “dask scheduler”, and "
            "write the address that it says, as tcp://10.0.0.5:8786."
        ) from error

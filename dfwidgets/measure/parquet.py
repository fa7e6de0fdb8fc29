"""Rows as a Parquet file, for programs that read columns."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from dfwidgets.measure.rows import COLUMNS, Row, row_values

_AT_ONCE = 10_000  # rows that are in memory


def write_parquet(rows: Iterable[Row], path: Path) -> None:
    """Write a table with the columns and types of a Row; null for what is unknown.

    Raises:
        ModuleNotFoundError: pyarrow is not installed.
    """
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    kinds = {"p_fake": pyarrow.float64(), "faces": pyarrow.int32()}
    schema = pyarrow.schema([(name, kinds.get(name, pyarrow.string())) for name in COLUMNS])

    rows = iter(rows)
    with ParquetWriter(path, schema) as writer:
        while some := [row_values(row) for row in islice(rows, _AT_ONCE)]:
            writer.write_batch(pyarrow.RecordBatch.from_pylist(some, schema))

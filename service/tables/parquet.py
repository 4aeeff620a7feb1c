"""Parquet files of evidence, whole or some row groups of them, as Arrow tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine import Fault, InvalidInput
from engine.domain.columns import RESPONSES, TableShape
from engine.domain.frames import name_columns

from .csv_text import check_file

__all__ = ["is_parquet", "read_parquet", "row_group_sizes"]

_INDEX_BYTES = 6  # per row: an index and its share of the values


def is_parquet(path: Path) -> bool:
    """Return whether a file is named as Parquet files are."""
    return path.suffix in (".parquet", ".pq")


def row_group_sizes(path: Path) -> list[int]:
    """Return how many rows each row group of a file has."""
    with _reading(path, RESPONSES.what) as parquet:
        told = parquet.read_metadata(path)
        return [told.row_group(k).num_rows for k in range(told.num_row_groups)]


def read_parquet(
    path: Path,
    columns: Mapping[str, str],
    shape: TableShape,
    row_groups: Sequence[int] | None = None,
) -> tuple[Any, dict[str, str]]:
    """Return the columns of a log that a file has, and how it names them.

    Parameters
    ----------
    path : Path
    columns : mapping of str to str
        Where a column has another name there.
    shape : TableShape
        Which columns there have to be.
    row_groups : sequence of int, optional
        All of them unless given.
    """
    with _reading(path, shape.what) as parquet:
        told = parquet.read_metadata(path)
        wanted = name_columns(told.schema.to_arrow_schema().names, columns, shape)
        needed = sorted(set(wanted.values()))
        indexed = _indexed(told, needed)
        if row_groups is None:
            return parquet.read_table(path, columns=needed, read_dictionary=indexed), wanted
        with parquet.ParquetFile(path, read_dictionary=indexed) as file:
            return file.read_row_groups(list(row_groups), columns=needed), wanted


@contextmanager
def _reading(path: Path, what: str) -> Iterator[Any]:
    """Give pyarrow's reader, and tell what fails under it as a fault of the file."""
    check_file(path, what)
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        problem = "is Parquet, which takes pyarrow to read, and pyarrow is not installed"
        remedy = "pip install 'attain[fit]', or save the log as CSV"
        raise InvalidInput(what, [Fault(path.name, problem, remedy)]) from None
    try:
        yield parquet
    except (pa.ArrowException, OSError) as error:
        problem = f"is no readable Parquet file: {error}".splitlines()[0]
        raise InvalidInput(what, [Fault(path.name, problem)]) from None


def _indexed(told: Any, needed: Sequence[str]) -> list[str]:
    """Return the columns that a Parquet file holds as numbers into a list of their values.

    They are taken as such, which is several times as fast. A writer gives a column of many
    values up half-way, and then it takes as much room as its text.
    """
    sizes: Counter[str] = Counter()
    for group in map(told.row_group, range(told.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            sizes[column.path_in_schema] += column.total_uncompressed_size
    return [name for name in needed if 0 < sizes[name] < _INDEX_BYTES * told.num_rows]

"""Response logs in files: CSV, JSON Lines and Parquet into a ResponseLog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import Fault, InvalidInput, ResponseLog
from engine.domain.columns import RESPONSES, response_shape
from engine.domain.frames import name_columns

from .arrow_csv import text_table
from .csv_text import check_file
from .jsonl import JSONL_ENDINGS, is_jsonl
from .parquet import is_parquet, read_parquet
from .text_columns import READERS, column_values, text_columns

if TYPE_CHECKING:
    from engine import Curriculum

__all__ = ["read_log", "refuse_ending"]


def read_log(
    path: Path | str,
    columns: Mapping[str, str] | None = None,
    skill_separator: str = "~",
    *,
    curriculum: Curriculum | None = None,
    row_groups: Sequence[int] | None = None,
) -> ResponseLog:
    """Read a response log from ``.csv``, ``.jsonl`` or ``.ndjson`` (also gzipped), or ``.parquet``.

    Parameters
    ----------
    path : Path or str
        A table with the columns ``learner, item, skills`` and ``correct`` or ``score``, optionally
        ``level, order, timestamp`` (or ``answered_at``) and ``fold``. Ids in a CSV stay the text
        that they are. Of JSON Lines, each line is an object with a row's columns as its keys: one
        that is missing, or null, is an empty cell, other keys are let be, and ``skills`` may be a
        list.
    columns : mapping of str to str, optional
        Where a column has another name there: ``{"learner": "user_id"}``.
    skill_separator : str, default "~"
        What stands between two skills of one response.
    curriculum : Curriculum, optional
        Says which skills an item exercises where there is no column ``skills``.
    row_groups : sequence of int, optional
        Of a Parquet file; all of them unless given.

    Raises
    ------
    InvalidInput
        The file is missing or unreadable, the log is empty, a column is missing (with near matches
        among those present), or values are at fault (with the line or row of the first).

    Examples
    --------
    >>> log = read_log(getfixture("tmp_path") / "log.csv")
    Traceback (most recent call last):
    engine.errors.InvalidInput: invalid response log: ...log.csv: does not exist
    """
    where = Path(path)
    names = columns or {}
    if is_parquet(where):
        table, wanted = read_parquet(where, names, response_shape(curriculum), row_groups)
        return ResponseLog.from_frame(
            table, columns=wanted, skill_separator=skill_separator, curriculum=curriculum
        )
    refuse_ending(where, RESPONSES.what)
    return _read_text_log(where, names, skill_separator, curriculum)


def refuse_ending(path: Path, what: str) -> None:
    """Raise :class:`InvalidInput` unless a file is named as CSV or JSON Lines; say what is not."""
    if path.name.endswith((".csv", ".csv.gz", *JSONL_ENDINGS)):
        return
    check_file(path, what)
    endings = ".csv, .jsonl or .ndjson (also with .gz) or .parquet"
    problem = f"ends in {path.suffix or 'nothing'}, expected {endings}"
    raise InvalidInput(what, [Fault(path.name, problem)])


def _read_text_log(
    path: Path, columns: Mapping[str, str], separator: str, curriculum: Curriculum | None
) -> ResponseLog:
    quick = None if is_jsonl(path) else text_table(path)
    if quick is not None:
        with suppress(InvalidInput):  # the careful reader knows the lines
            return _log_of_text(quick, columns, separator, curriculum)
    with text_columns(path, columns, response_shape(curriculum)) as given:
        return ResponseLog.from_columns(**given, skill_separator=separator, curriculum=curriculum)


def _log_of_text(
    table: Any, columns: Mapping[str, str], separator: str, curriculum: Curriculum | None
) -> ResponseLog:
    import pyarrow as pa

    names = name_columns(table.column_names, columns, response_shape(curriculum))
    read = pa.table({ours: _distinct_values(ours, table[text]) for ours, text in names.items()})
    return ResponseLog.from_frame(read, skill_separator=separator, curriculum=curriculum)


def _distinct_values(ours: str, column: Any) -> Any:
    """Return what :func:`column_values` does of a column of pyarrow's, each distinct text once."""
    if ours not in READERS:
        return column
    coded = column.combine_chunks().dictionary_encode()
    values = column_values(ours, coded.dictionary.to_pylist())
    return values[coded.indices.to_numpy()] if isinstance(values, np.ndarray) else column

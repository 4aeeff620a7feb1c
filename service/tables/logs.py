"""Response logs in files: CSV, gzipped CSV and Parquet into a ResponseLog."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import Fault, InvalidInput, ResponseLog
from engine.domain.frames import name_columns

from .arrow_csv import text_table
from .csv_text import CsvTable, check_file, read_csv
from .parquet import is_parquet, read_parquet

if TYPE_CHECKING:
    from engine import Curriculum

__all__ = ["read_log"]

_WHAT = "response log"
_TRUTH = {"true": "1", "false": "0", "yes": "1", "no": "0"}
_NUMERIC = ("level", "order", "fold")


def read_log(
    path: Path | str,
    columns: Mapping[str, str] | None = None,
    skill_separator: str = "~",
    *,
    curriculum: Curriculum | None = None,
    row_groups: Sequence[int] | None = None,
) -> ResponseLog:
    """Read a response log from ``.csv``, ``.csv.gz`` or ``.parquet``.

    Parameters
    ----------
    path : Path or str
        A table with the columns ``learner, item, skills`` and ``correct`` or ``score``, optionally
        ``level, order, timestamp`` (or ``answered_at``) and ``fold``. Ids in a CSV stay the text
        that they are.
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
        table, wanted = read_parquet(
            where, names, need_skills=curriculum is None, row_groups=row_groups
        )
        return ResponseLog.from_frame(
            table, columns=wanted, skill_separator=skill_separator, curriculum=curriculum
        )
    if where.name.endswith((".csv", ".csv.gz")):
        return _read_csv_log(where, names, skill_separator, curriculum)
    check_file(where, _WHAT)
    problem = f"ends in {where.suffix or 'nothing'}, expected .csv, .csv.gz or .parquet"
    raise InvalidInput(_WHAT, [Fault(where.name, problem)])


def _read_csv_log(
    path: Path, columns: Mapping[str, str], separator: str, curriculum: Curriculum | None
) -> ResponseLog:
    quick = text_table(path)
    if quick is not None:
        with suppress(InvalidInput):  # the careful reader knows the lines
            return _log_of_text(quick, columns, separator, curriculum)
    table = read_csv(path, _WHAT)
    names = name_columns(list(table.columns), columns, curriculum is None)
    values = {ours: _values(ours, table.columns[theirs]) for ours, theirs in names.items()}
    try:
        return ResponseLog.from_columns(**values, skill_separator=separator, curriculum=curriculum)
    except InvalidInput as error:
        raise InvalidInput(_WHAT, [_with_line(fault, table) for fault in error.faults]) from None


def _log_of_text(
    table: Any, columns: Mapping[str, str], separator: str, curriculum: Curriculum | None
) -> ResponseLog:
    import pyarrow as pa

    names = name_columns(table.column_names, columns, curriculum is None)
    read = pa.table({ours: _distinct_values(ours, table[text]) for ours, text in names.items()})
    return ResponseLog.from_frame(read, skill_separator=separator, curriculum=curriculum)


def _distinct_values(ours: str, column: Any) -> Any:
    """Return what :func:`_values` does of a column of pyarrow's, each distinct text read once."""
    if ours not in _READERS:
        return column
    coded = column.combine_chunks().dictionary_encode()
    values = _values(ours, coded.dictionary.to_pylist())
    return values[coded.indices.to_numpy()] if isinstance(values, np.ndarray) else column


def _values(ours: str, texts: list[str]) -> Any:
    """Return numbers where the column is of numbers and all of them read as such, else the text."""
    read = _READERS.get(ours)
    if read is None:
        return texts
    try:
        return read(texts)
    except ValueError:
        return texts  # the log names the values that do not read


def _numbers(texts: list[str]) -> Any:
    return np.array(texts, dtype=np.float64)


def _scores(texts: list[str]) -> Any:
    if any(text.strip().lower() in _TRUTH for text in set(texts)):
        texts = [_TRUTH.get(text.strip().lower(), text) for text in texts]
    return _numbers(texts)


_READERS: Mapping[str, Callable[[list[str]], Any]] = {
    "score": _scores,
    "answered_at": _numbers,
    **dict.fromkeys(_NUMERIC, _numbers),
}


def _with_line(fault: Fault, table: CsvTable) -> Fault:
    """Return the fault with lines of the file in place of rows of the log."""

    def line(found: re.Match[str]) -> str:
        row = int(found[1])
        return f"in line {table.lines[row]}" if row < len(table.lines) else found[0]

    return Fault(fault.where, re.sub(r"in row (\d+)", line, fault.problem), fault.remedy)

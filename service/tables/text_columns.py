"""Columns of a CSV or JSON Lines by their names here: numbers where all of one read as such."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from engine import Fault, InvalidInput
from engine.domain.columns import TableShape
from engine.domain.frames import name_columns

from .csv_text import CsvTable
from .jsonl import read_table

__all__ = ["READERS", "column_values", "text_columns"]

_TRUTH = {"true": "1", "false": "0", "yes": "1", "no": "0"}


@contextmanager
def text_columns(
    path: Path, columns: Mapping[str, str], shape: TableShape
) -> Iterator[dict[str, Any]]:
    """Give the columns of a file; what is found to be wrong with a row is told by its line."""
    wanted = {*shape.columns, *shape.aliases, *columns.values()}
    table = read_table(path, shape.what, wanted)
    names = name_columns(list(table.columns), columns, shape)
    try:
        yield {ours: column_values(ours, table.columns[theirs]) for ours, theirs in names.items()}
    except InvalidInput as error:
        faults = [_with_line(fault, table) for fault in error.faults]
        raise InvalidInput(shape.what, faults) from None


def column_values(ours: str, texts: list[Any]) -> Any:
    """Return numbers where the column is of numbers and all of them read as such, else the text."""
    read = READERS.get(ours)
    if read is None or set(map(type, texts)) != {str}:
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


READERS: Mapping[str, Callable[[list[str]], Any]] = {
    "score": _scores,
    **dict.fromkeys(("answered_at", "completed_at", "level", "order", "fold"), _numbers),
}
"""What reads the columns that are not of text."""


def _with_line(fault: Fault, table: CsvTable) -> Fault:
    """Return the fault with lines of the file in place of rows of the log."""

    def line(found: re.Match[str]) -> str:
        row = int(found[1])
        return f"in line {table.lines[row]}" if row < len(table.lines) else found[0]

    return Fault(fault.where, re.sub(r"in row (\d+)", line, fault.problem), fault.remedy)

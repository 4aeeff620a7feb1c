"""Data frames of any kind, through narwhals: the only module that knows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import did_you_mean, near_matches
from .coding import Coded, Column
from .columns import TableShape
from .records import Faults

__all__ = ["columns_of_frame", "name_columns"]

_TEXT = ("String", "Categorical", "Enum")
_IDS = ("learner", "item", "skills", "module")
_INSTANTS = ("answered_at", "completed_at")


def columns_of_frame(frame: Any, columns: Mapping[str, str], shape: TableShape) -> dict[str, Any]:
    """Return the columns of a log that a data frame holds, as arrays and lists.

    Parameters
    ----------
    frame : data frame
        pandas, polars, pyarrow, or anything else that narwhals reads eagerly.
    columns : mapping of str to str
        What a column is called in the frame, where it is called otherwise.
    shape : TableShape
        Which columns there have to be.

    Raises
    ------
    InvalidInput
        Every column that is missing, with near matches among those present.
    TypeError
        When `frame` is no data frame.

    Examples
    --------
    >>> import polars
    >>> from .columns import RESPONSES
    >>> frame = polars.DataFrame(
    ...     {"user": ["ada"], "item": ["q1"], "skills": ["sql"], "correct": [1]}
    ... )
    >>> sorted(columns_of_frame(frame, {"learner": "user"}, RESPONSES))
    ['item', 'learner', 'score', 'skills']
    """
    import narwhals as nw

    table = nw.from_native(frame, eager_only=True)
    names = name_columns(table.columns, columns, shape)
    return {ours: _values(table[theirs], ours) for ours, theirs in names.items()}


def name_columns(
    present: list[str], columns: Mapping[str, str], shape: TableShape
) -> dict[str, str]:
    """Return what each column of a table is called among those present; raise for gaps."""
    faults = Faults()
    called = {shape.aliases.get(ours, ours): theirs for ours, theirs in columns.items()}
    names: dict[str, str] = {}
    for ours in called:
        if ours not in shape.columns:
            near = did_you_mean(near_matches(ours, shape.columns))
            faults.add(f"columns[{ours!r}]", f"is no column of a {shape.what}{near}")
    for ours in shape.columns:
        spellings = _spellings(ours, called, shape)
        theirs = next((name for name in spellings if name in present), None)
        if theirs is not None:
            names[ours] = theirs
        elif ours in shape.required or ours in called:
            wanted, *others = spellings
            near = did_you_mean(near_matches(wanted, present))
            also = "".join(f" (or {other!r})" for other in others)
            faults.add(
                f"column {wanted!r}{also}", f"is missing; there are {', '.join(present)}{near}"
            )
    faults.raise_if_any(shape.what)
    return names


def _spellings(ours: str, called: Mapping[str, str], shape: TableShape) -> list[str]:
    """Return what a column may be called: only what the caller says, where the caller does."""
    if ours in called:
        return [called[ours]]
    return [ours, *(alias for alias, known in shape.aliases.items() if known == ours)]


def _values(series: Any, ours: str) -> Column:
    """Return a column as an array where it has numbers or instants, else as ids or a list."""
    dtype = series.dtype
    if dtype.is_temporal():
        # A naive time stays a datetime object, so that it is refused with its remedy.
        if getattr(dtype, "time_zone", None) is None:
            return series.to_list()  # type: ignore[no-any-return]  # narwhals leaves it open
        utc = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        return np.asarray(utc.to_numpy()).astype("datetime64[us]", copy=False)
    if dtype.is_numeric() and series.null_count() == 0:
        return np.asarray(series.to_numpy())
    if ours in _IDS and str(dtype).startswith(_TEXT):
        return _coded(series)
    if ours in _INSTANTS and str(dtype).startswith("String"):
        return _instants(series)
    if dtype.is_nested() or ours in _IDS + _INSTANTS:
        return series.to_list()  # type: ignore[no-any-return]
    return np.asarray(series.to_list())


def _coded(series: Any) -> Column:
    """Return a column of text by its distinct values; row by row where pyarrow is missing."""
    try:
        import pyarrow as pa
    except ImportError:
        return series.to_list()  # type: ignore[no-any-return]
    native = series.to_native()
    column = native if isinstance(native, pa.ChunkedArray) else series.to_arrow()
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    values = column.dictionary.to_pylist()
    codes = column.indices.cast(pa.int32())
    if codes.null_count:
        codes = codes.fill_null(len(values))
        values.append(None)
    return Coded(values, codes.to_numpy())


def _instants(series: Any) -> Column:
    """Return instants told as text, all at once where pyarrow can read every one of them."""
    try:
        import pyarrow as pa
    except ImportError:
        return series.to_list()  # type: ignore[no-any-return]
    try:
        instants = series.to_arrow().cast(pa.timestamp("us", "UTC"))
    except pa.ArrowInvalid:
        return series.to_list()  # type: ignore[no-any-return]
    if instants.null_count:
        return series.to_list()  # type: ignore[no-any-return]
    return np.asarray(instants.cast(pa.timestamp("us")).to_numpy(zero_copy_only=False))

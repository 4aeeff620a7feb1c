"""Numbers and instants of a log's columns, each value looked at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from .coding import Column, bounds
from .records import Faults

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["note_rows", "read_instants", "read_scores", "read_whole_numbers"]

_MOST = 2**53 - 1  # as far as floats tell whole numbers apart
_EARLIEST = np.datetime64("1970-01-01T00:00:00", "us")
_LATEST = np.datetime64("2200-01-01T00:00:00", "us")


def note_rows(
    where: str, rows: NDArray[np.int64], first: Any, expected: str, faults: Faults
) -> None:
    told = f"is {first!r} in row {rows[0]}"
    if len(rows) > 1:
        told += f" and at fault in {len(rows) - 1} more rows"
    faults.add(where, f"{told}, expected {expected}")


def _numbers(
    where: str, column: Column, expected: str, faults: Faults
) -> NDArray[np.float64] | None:
    try:
        values = np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        listed = list(column)
        at = [row for row, value in enumerate(listed) if not _reads_as_number(value)]
        note_rows(where, np.array(at or [0]), listed[at[0] if at else 0], expected, faults)
        return None
    if values.ndim != 1:
        faults.add(where, f"has {values.ndim} dimensions, expected one")
        return None
    return values


def _reads_as_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def read_scores(column: Column, faults: Faults) -> NDArray[np.float64]:
    values = _numbers("score", column, "a number from 0 to 1", faults)
    if values is None:
        return np.zeros(len(column))
    if (
        len(values) and np.min(values) >= 0.0 and np.max(values) <= 1.0
    ):  # false where one is missing
        return values
    wrong = np.flatnonzero(~((values >= 0.0) & (values <= 1.0)))
    if len(wrong):
        note_rows("score", wrong, float(values[wrong[0]]), "a number from 0 to 1", faults)
    return values


def read_whole_numbers(
    where: str, column: Column | None, faults: Faults, *, low: int | None = None
) -> NDArray[np.signedinteger[Any]] | None:
    """Return whole numbers, in 32 bits where all of them fit."""
    if column is None:
        return None
    least = -_MOST if low is None else low
    if _is_whole(column) and least <= bounds(column)[0] and bounds(column)[1] <= _MOST:
        return _narrowed(column)
    expected = "a whole number" if low is None else f"a whole number from {low}"
    values = _numbers(where, column, expected, faults)
    if values is None:
        return None
    wrong = np.flatnonzero(
        ~((values == np.round(values)) & (np.abs(values) <= _MOST) & (values >= least))
    )
    if len(wrong):
        note_rows(where, wrong, float(values[wrong[0]]), expected, faults)
        return None
    return _narrowed(values)


def _is_whole(column: Column) -> TypeGuard[NDArray[np.integer[Any]]]:
    return isinstance(column, np.ndarray) and column.dtype.kind in "iu" and column.ndim == 1


def _narrowed(values: NDArray[Any]) -> NDArray[np.signedinteger[Any]]:
    low, high = bounds(values)
    return values.astype(np.int32 if max(-low, high) < 2**31 else np.int64, copy=False)


def read_instants(
    where: str, column: Column | None, faults: Faults
) -> NDArray[np.datetime64] | None:
    if column is None:
        return None
    values = column if isinstance(column, np.ndarray) else _as_instants(where, column, faults)
    if values is None:
        return None
    if values.dtype.kind in "iuf":
        values = _from_seconds(values)
    elif values.dtype.kind != "M":
        return read_instants(where, values.tolist(), faults)
    values = values.astype("datetime64[us]", copy=False)
    low, high = bounds(values.view(np.int64))  # NaT is the lowest; several times as fast
    if len(values) and low >= _EARLIEST.astype(np.int64) and high < _LATEST.astype(np.int64):
        return values
    wrong = np.flatnonzero(np.isnat(values) | (values < _EARLIEST) | (values >= _LATEST))
    if len(wrong):
        note_rows(where, wrong, str(values[wrong[0]]), "a time from 1970 to 2200", faults)
    return values


def _from_seconds(seconds: NDArray[Any]) -> NDArray[np.datetime64]:
    if _is_whole(seconds) and max(-bounds(seconds)[0], bounds(seconds)[1]) < 1e11:
        return (seconds.astype(np.int64) * 1_000_000).view("datetime64[us]")
    real = seconds.astype(np.float64)
    sane = np.isfinite(real) & (np.abs(real) < 1e11)
    micro = np.where(sane, np.round(real * 1e6), 0).astype("datetime64[us]")
    micro[~sane] = np.datetime64("NaT", "us")
    return micro


def _as_instants(where: str, column: Sequence[Any], faults: Faults) -> NDArray[Any] | None:
    listed = list(column)
    if all(isinstance(one, int | float) and not isinstance(one, bool) for one in listed):
        return np.array(listed, dtype=np.float64)
    read = [_instant(one) for one in listed]
    wrong = np.array([row for row, one in enumerate(read) if one is None])
    if len(wrong):
        expected = "an instant with its offset, e.g. 2026-03-01T09:30:00Z"
        note_rows(where, wrong, listed[wrong[0]], expected, faults)
        return None
    return np.array([one.replace(tzinfo=None) for one in read if one], dtype="datetime64[us]")


def _instant(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime) or value.utcoffset() is None:
        return None
    return value.astimezone(UTC)

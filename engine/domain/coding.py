"""Columns told by their distinct values: each of them looked at once, however many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Coded", "Column", "bounds", "distinct", "encoded"]


@dataclass(frozen=True, eq=False)
class Coded(Sequence[Any]):
    """A column as its distinct values, and for each row the place of its value among them.

    Parameters
    ----------
    values : sequence
        Some of them may be in no row.
    codes : ndarray of int32, shape (n_rows,)

    Examples
    --------
    >>> list(Coded(["ada", "bo"], np.array([0, 1, 0])))
    ['ada', 'bo', 'ada']
    """

    values: Sequence[Any]
    codes: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: Any) -> Any:
        return self.values[self.codes[row]]


Column = Sequence[Any] | np.ndarray
"""What a column may be given as."""


def encoded(column: Column) -> Coded:
    """Return a column by those of its values that are in some row.

    Examples
    --------
    >>> encoded(["bo", "ada", "bo"])
    Coded(values=['bo', 'ada'], codes=array([0, 1, 0], dtype=int32))
    >>> encoded(Coded(["ada", "bo", "cy"], np.array([2, 2])))
    Coded(values=['cy'], codes=array([0, 0], dtype=int32))
    """
    if isinstance(column, Coded):
        used, codes = distinct(column.codes, len(column.values))
        return Coded([column.values[k] for k in used.tolist()], codes)
    if isinstance(column, np.ndarray) and column.dtype.kind in "iu":
        return _of_whole_numbers(column)
    listed = column.tolist() if isinstance(column, np.ndarray) else column
    seen: dict[Any, int] = {}
    codes = np.fromiter((seen.setdefault(one, len(seen)) for one in listed), np.int32, len(listed))
    return Coded(list(seen), codes)


def _of_whole_numbers(column: NDArray[np.integer[Any]]) -> Coded:
    low, high = bounds(column)
    if high - low > 4 * len(column) or high >= 2**63:
        values, codes = np.unique(column, return_inverse=True)
        return Coded(values.tolist(), codes.astype(np.int32))
    used, codes = distinct(column.astype(np.int64) - low, high - low + 1)
    return Coded((used + low).tolist(), codes)


def bounds(numbers: NDArray[Any]) -> tuple[int, int]:
    """Return the least and the greatest of whole numbers; 0 and 0 where there are none."""
    return (int(numbers.min()), int(numbers.max())) if len(numbers) else (0, 0)


def distinct(
    codes: NDArray[np.integer[Any]], n: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return which of n codes there are, in order, and each row's place among them."""
    if n > 4 * len(codes):
        used, places = np.unique(codes, return_inverse=True)
        return used.astype(np.int64), places.astype(np.int32)
    present = np.zeros(n, dtype=np.bool_)
    present[codes] = True
    if present.all():
        return np.arange(n), codes.astype(np.int32, copy=False)
    return np.flatnonzero(present), (np.cumsum(present, dtype=np.int32) - np.int32(1))[codes]

"""Sums of counts over rows that belong together, each weighed: plain loops, compiled if they can.

Imported lazily, by :mod:`.nodes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

__all__ = ["add_weighted"]


@compiled
def add_weighted(values: F64, row: I64, weight: F64, total: F64) -> None:
    """Add weighed values to the rows that they belong to; rows of −1 are left out.

    Parameters
    ----------
    values : ndarray, shape (n, n_columns)
    row : ndarray of int, shape (n,)
    weight : ndarray, shape (n,)
    total : ndarray, shape (n_rows, n_columns)

    Examples
    --------
    >>> total = np.zeros((2, 1))
    >>> values, row = np.array([[1.0], [2.0], [4.0]]), np.array([1, -1, 1])
    >>> add_weighted(values, row, np.array([1.0, 1.0, 0.5]), total)
    >>> total
    array([[0.],
           [3.]])
    """
    for i in range(len(row)):
        if row[i] >= 0:
            for j in range(values.shape[1]):
                total[row[i], j] += weight[i] * values[i, j]

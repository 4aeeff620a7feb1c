"""Logistic regression on sparse features, with a ridge: what AFM, PFA and Best-LR share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import Fault, InvalidInput
from .contract import Baseline
from .newton import fit_logistic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...domain.responses import ResponseLog

    Array = NDArray[np.float64]

__all__ = ["Block", "Columns", "LogisticBaseline"]

# So weak that it only keeps the intercept finite where all answers are alike.
_INTERCEPT_RIDGE = 0.01


@dataclass(frozen=True)
class Block:
    """Features of one kind: entries (row, key, value), each key with a weight of its own.

    Parameters
    ----------
    keys : sequence of hashable
        What the codes stand for.
    row, code : ndarray of int, shape (n_entries,)
        A row that exercises several skills has several entries; it stays one row.
    value : ndarray of float, shape (n_entries,), optional
        One where None.
    """

    keys: Sequence[Hashable]
    row: NDArray[np.integer[Any]]
    code: NDArray[np.integer[Any]]
    value: Array | None = None

    @classmethod
    def number(cls, value: Array) -> Block:
        """Return the block of one number per row, all under one weight."""
        return cls(("",), np.arange(len(value)), np.zeros(len(value), np.int64), value)


class Columns:
    """The columns of a design matrix, fixed when a model is fitted.

    A key that was not there then has no column, which is a weight of 0: that of an average one.

    Examples
    --------
    >>> columns = Columns([Block(("p", "q"), row=np.array([0, 1]), code=np.array([0, 1]))])
    >>> new = Block(("q", "r"), row=np.array([0, 1]), code=np.array([0, 1]))
    >>> columns.matrix([new], 2).toarray()
    array([[0., 1.],
           [0., 0.]])
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._places: list[dict[Hashable, int]] = []
        self.n = 0
        for block in blocks:
            present = np.unique(block.code).tolist()
            self._places.append({block.keys[code]: self.n + k for k, code in enumerate(present)})
            self.n += len(present)

    def matrix(self, blocks: Sequence[Block], n_rows: int) -> Any:
        """Return the design matrix of the same kinds of blocks over any log, (n_rows, n) sparse."""
        from scipy.sparse import csr_array

        rows, columns, values = [], [], []
        for block, place in zip(blocks, self._places, strict=True):
            known = np.array([place.get(key, -1) for key in block.keys], np.int64)
            column = known[block.code]
            value = np.ones(len(column)) if block.value is None else block.value
            kept = (column >= 0) & (value != 0.0)
            rows.append(block.row[kept])
            columns.append(column[kept])
            values.append(value[kept])
        where = np.concatenate(rows), np.concatenate(columns)
        return csr_array((np.concatenate(values), where), shape=(n_rows, self.n))


class LogisticBaseline(Baseline):
    """P(right) = σ(sum of weighted features); a kind says which features, in `_blocks`.

    The weights maximise the likelihood less ½·l2·Σ w², the intercept all but free.
    """

    l2: float
    _columns: Columns
    _weights: Array

    def _check_options(self) -> None:
        super()._check_options()
        if not self.l2 > 0.0:
            problem = "is 0, expected a number above 0"
            remedy = "it keeps the weights of rare items finite"
            raise InvalidInput(f"options of {type(self).__name__}", [Fault("l2", problem, remedy)])

    @abstractmethod
    def _blocks(self, log: ResponseLog) -> list[Block]:
        """Return the features of every response, from what went before it."""

    def _learn(self, log: ResponseLog) -> None:
        blocks = self._with_intercept(log)
        self._columns = Columns(blocks)
        ridge = np.full(self._columns.n, float(self.l2))
        ridge[0] = _INTERCEPT_RIDGE
        self._weights = fit_logistic(self._columns.matrix(blocks, len(log)), log.score, ridge)

    def _predict(self, log: ResponseLog) -> Array:
        from scipy.special import expit

        matrix = self._columns.matrix(self._with_intercept(log), len(log))
        p: Array = expit(matrix @ self._weights)
        return p

    def _with_intercept(self, log: ResponseLog) -> list[Block]:
        return [Block.number(np.ones(len(log))), *self._blocks(log)]

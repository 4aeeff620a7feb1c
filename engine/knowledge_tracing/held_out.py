"""The responses to be predicted, and what sets them apart: early or late, known items or new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from ..errors import Fault, InvalidInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ..domain.responses import ResponseLog

__all__ = ["HeldOut"]

_FIRST_ANSWERS = 10


@dataclass(frozen=True)
class HeldOut:
    """Responses that no model has learned from, in the order of their splits.

    Parameters
    ----------
    score : ndarray of float, shape (n_responses,)
    learner : ndarray of int, shape (n_responses,)
        Codes; a learner is in one split only.
    opportunity : ndarray of int, shape (n_responses,)
        Which of the learner's responses to a skill it is, from 1; the newest skill's where it
        exercises several.
    position : ndarray of int, shape (n_responses,)
        Which of the learner's responses it is, from 1.
    seen_item : ndarray of bool, shape (n_responses,)
        Whether a model has learned from responses to its item.

    Examples
    --------
    >>> from ..domain.responses import ResponseLog
    >>> log = ResponseLog.from_columns(
    ...     learner=list("abbb"), item=list("ppqp"), skills=list("xxyx"), score=[1, 0, 1, 1]
    ... )
    >>> held_out = HeldOut.of_splits(log, [([0], [1, 2, 3])])
    >>> held_out.opportunity, held_out.position, held_out.seen_item
    (array([1, 1, 2]), array([1, 2, 3]), array([ True, False,  True]))
    """

    score: NDArray[np.float64]
    learner: NDArray[np.int32]
    opportunity: NDArray[np.int64]
    position: NDArray[np.int64]
    seen_item: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.score)

    @classmethod
    def of_splits(cls, log: ResponseLog, splits: Iterable[tuple[ArrayLike, ArrayLike]]) -> Self:
        """Gather the test rows of pairs (train, test) of masks or row numbers.

        Raises
        ------
        InvalidInput
            A row is both learned from and predicted, or a side of a split is empty.
        """
        parts = []
        for train, test in splits:
            rows = np.arange(len(log))
            train_rows, test_rows = rows[np.asarray(train)], rows[np.asarray(test)]
            _check_split(train_rows, test_rows)
            parts.append(_described(log.select(test_rows), np.unique(log.item[train_rows])))
        return cls(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))

    def parts(self) -> dict[str, NDArray[np.bool_]]:
        """Return the responses told apart, by name; three pairs, each of them everything.

        ``cold_learners`` are the first ten answers of each learner, ``cold_items`` the answers to
        items that no model has learned from.
        """
        first, cold = self.opportunity == 1, self.position <= _FIRST_ANSWERS
        return {
            "first_opportunities": first,
            "later_opportunities": ~first,
            "cold_learners": cold,
            "warm_learners": ~cold,
            "cold_items": ~self.seen_item,
            "warm_items": self.seen_item,
        }


def _described(test: ResponseLog, known: NDArray[np.int32]) -> tuple[NDArray[np.generic], ...]:
    opportunity = np.full(len(test), np.iinfo(np.int64).max)
    np.minimum.at(opportunity, test.practice.row, test.practice.opportunity)
    order = test.time_order
    learner = test.learner[order]
    starts = np.flatnonzero(np.r_[True, learner[1:] != learner[:-1]])
    within = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    position = np.empty(len(test), np.int64)
    position[order] = within + 1
    return test.score, test.learner, opportunity, position, np.isin(test.item, known)


def _check_split(train: NDArray[np.int64], test: NDArray[np.int64]) -> None:
    faults = [
        Fault(name, "is empty, expected at least one row")
        for name, rows in (("train", train), ("test", test))
        if not len(rows)
    ]
    both = np.intersect1d(train, test)
    if len(both):
        problem = f"shares {len(both)} rows with train, row {both[0]} first"
        faults.append(Fault("test", problem, "a row is either learned from or predicted"))
    if faults:
        raise InvalidInput("split", faults)

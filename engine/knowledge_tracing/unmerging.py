"""The sequences that a forest was made of. Imported lazily, by :mod:`.sequences`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .forest import Forest

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    I32 = NDArray[np.int32]

__all__ = ["unmerged"]


def unmerged(forest: Forest) -> tuple[F64, I64, I64]:
    """Return the sequences that were merged, skill by skill, in no order that means anything.

    Returns
    -------
    score : ndarray, shape (n_responses,)
    start, skill_start : ndarray of int
        As in :class:`Sequences`.

    Examples
    --------
    >>> from .forest import forest_of
    >>> score, start = np.array([1.0, 0.0, 1.0, 1.0, 1.0]), np.array([0, 2, 4, 5])
    >>> unmerged(forest_of(score, start, np.array([0, 3]), np.array([True])))
    (array([1., 1., 1., 1., 0.]), array([0, 1, 3, 5]), array([0, 3]))
    """
    step_of_run = np.repeat(np.arange(len(forest.step_start) - 1), np.diff(forest.step_start))
    block_of_step = np.repeat(np.arange(len(forest.size)), np.diff(forest.block_start))
    depth = np.arange(len(block_of_step)) - forest.block_start[block_of_step] + 1
    n_nodes = np.diff(forest.run_start)
    length = np.repeat(np.repeat(depth[step_of_run], n_nodes), forest.ends)
    start = np.concatenate([[0], np.cumsum(length)])
    skill_start = np.concatenate([[0], np.cumsum(forest.ends)])[
        forest.run_start[forest.step_start[forest.block_start[forest.skill_start]]]
    ]
    node_score = np.repeat(forest.run_score, n_nodes)
    before = forest.parent.astype(np.int64) + np.repeat(
        forest.run_start[forest.step_start[forest.block_start[:-1]]], forest.size
    )
    score = np.empty(start[-1])
    _unroll(node_score, before, forest.ends, start, score)
    return score, start, skill_start


@compiled
def _unroll(node_score: F64, before: I64, ends: I32, start: I64, score: F64) -> None:
    """Write out each sequence from its end; one is added to the places of nodes in `before`."""
    i = 0
    for last in range(len(ends)):
        for _ in range(ends[last]):
            node = last
            for t in range(start[i + 1] - 1, start[i] - 1, -1):
                score[t] = node_score[node]
                node = before[node] - 1
            i += 1

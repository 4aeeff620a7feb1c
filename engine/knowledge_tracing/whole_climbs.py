"""Whole climbs compiled: all passes of a skill, and all steps between them, as one piece of work.

Skills climb without regard to each other, so threads need not wait for each other at each pass.
The same steps (:mod:`.ascent`) over the same counts (:mod:`.two_states`, :mod:`.kernels`) as in
:func:`.expectation_maximisation.climb`, which has the loop in Python. Imported lazily, by
:mod:`.compute`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .ascent import see
from .compiling import compiled
from .kernels import count_levels
from .two_states import count_block, count_chunk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

__all__ = ["Evidence", "climb_on"]

_N = 5


class Evidence(NamedTuple):
    """The answers of skills: the blocks of a forest where they are merged, else chunks.

    The names are those of :class:`Forest`, :class:`Chunks` and :class:`Sequences`;
    ``skill_block`` and ``skill_chunk`` say which blocks and chunks a skill owns.
    """

    skill_block: I64
    block_start: I64
    step_start: I64
    run_start: I64
    run_score: F64
    parent: NDArray[np.uint32]
    ends: NDArray[np.int32]
    skill_chunk: I64
    chunk_start: I64
    lane: I64
    start: I64
    rank: NDArray[np.int32]
    packed: F64


@compiled
def climb_on(
    evidence: Any,
    skill: I64,
    task: I64,
    low: int,
    high: int,
    state: Any,
    tolerance: float,
    trace: F64,
) -> None:
    """Let some tasks climb on for as many passes as `trace` has rows, one task after the other.

    Parameters
    ----------
    evidence : Evidence
    skill : ndarray of int, shape (n_tasks,)
    task : ndarray of int, shape (n,)
    low, high : int
        The places in `task` of the first, and of the one after the last.
    state : State
    tolerance : float
        As in :class:`.ascent.Ascent`.
    trace : ndarray, shape (n_passes, n_tasks)
        Takes the highest objective at each pass.
    """
    size, longest = _most(evidence, skill, task[low:high])
    work, most = np.empty((8, size + 1)), 0
    for i in range(low, high):
        most = max(most, state.first[task[i] + 1] - state.first[task[i]])
    alpha, inverse = np.empty((longest, most // _N + 1)), np.empty(longest)
    counts = np.empty((most, 2))
    for i in range(low, high):
        j = task[i]
        first, last = state.first[j], state.first[j + 1]
        found = counts[: last - first]
        for n in range(len(trace)):
            if not state.climbing[j]:
                break
            for v in range(last - first):
                found[v, 0] = found[v, 1] = 0.0
            here = state.trial[first:last]
            log_likelihood = _count(evidence, skill[j], here, found, work, alpha, inverse)
            see(state, j, found, log_likelihood, tolerance)
            trace[n, j] = state.objective[j]


@compiled
def _most(evidence: Any, skill: I64, task: I64) -> tuple[int, int]:
    """Return the most answers that a piece has, and the most of a sequence where levels need it."""
    of, size, longest = evidence, 1, 1
    for j in task:
        k = skill[j]
        for b in range(of.skill_block[k], of.skill_block[k + 1]):
            nodes = of.run_start[of.step_start[of.block_start[b + 1]]]
            size = max(size, nodes - of.run_start[of.step_start[of.block_start[b]]])
        for c in range(of.skill_chunk[k], of.skill_chunk[k + 1]):
            size = max(size, of.start[of.chunk_start[c + 1]] - of.start[of.chunk_start[c]])
            for i in range(of.chunk_start[c], of.chunk_start[c + 1]):
                longest = max(longest, of.start[i + 1] - of.start[i])
    return size, longest


@compiled
def _count(
    evidence: Any, k: int, theta: F64, counts: F64, work: F64, alpha: F64, inverse: F64
) -> float:
    """Add the expected counts of a skill, piece by piece; return its log-likelihood."""
    of, log_likelihood = evidence, 0.0
    for b in range(of.skill_block[k], of.skill_block[k + 1]):
        first, last = of.block_start[b], of.block_start[b + 1]
        log_likelihood += count_block(
            of.parent, of.ends, of.step_start, of.run_start, of.run_score,
            first, last, theta, counts, work,
        )  # fmt: skip
    if of.skill_block[k + 1] > of.skill_block[k]:
        return log_likelihood
    for c in range(of.skill_chunk[k], of.skill_chunk[k + 1]):
        first, last = of.chunk_start[c], of.chunk_start[c + 1]
        if len(theta) == _N:
            answers, lane = of.packed[of.start[first] : of.start[last]], of.lane[first:last]
            log_likelihood += count_chunk(answers, of.start, lane, theta, counts, work)
        else:
            levels = theta.reshape(-1, _N), counts.reshape(-1, _N, 2)
            log_likelihood += count_levels(
                of.packed, of.rank, of.start, first, last, levels[0], levels[1], alpha, inverse
            )
    return log_likelihood

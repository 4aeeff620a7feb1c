"""Sequences of scores merged where they begin alike: exact, and several times smaller.

What is expected of the hidden states after the same answers is the same for all who gave them,
and how many of them went on in which way adds up. So a pass need not go over every answer of
every learner, but only over every distinct history once. Imported lazily, by :mod:`.layout`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    I32 = NDArray[np.int32]
    U32 = NDArray[np.uint32]
    U8 = NDArray[np.uint8]

__all__ = ["Forest", "forest_of"]

_BLOCK = 1 << 14  # answers: what a pass keeps of as many steps stays in a core's own cache
_MOST_LETTERS = 8  # distinct scores of a skill; with more of them hardly any histories are equal
_KEY_BITS = 16


@dataclass(frozen=True)
class Forest:
    """Distinct histories of answers, skill by skill, in blocks that are passed over on their own.

    A node is an answer after a history, all within one block. Nodes lie by time step, within a
    step by score, and within a score as their histories lie: such runs of nodes have one score,
    and distinct parents in rising order. It takes 8 bytes per node and 16 per run; that came to
    1.7 bytes per response of assist2015 and 4.4 of assist2009.

    Parameters
    ----------
    skill_start : ndarray of int, shape (n_skills + 1,)
        Skill k owns the blocks ``skill_start[k]:skill_start[k + 1]``; none where it is not merged.
    block_start : ndarray of int, shape (n_blocks + 1,)
        Block b owns the steps ``block_start[b]:block_start[b + 1]``.
    step_start : ndarray of int, shape (n_steps + 1,)
        Step s owns the runs ``step_start[s]:step_start[s + 1]``.
    run_start : ndarray of int, shape (n_runs + 1,)
        Run r owns the nodes ``run_start[r]:run_start[r + 1]``.
    run_score : ndarray of float, shape (n_runs,)
    parent : ndarray of uint32, shape (n_nodes,)
        The place in the block of the answer before, from 1; 0 where there was none.
    ends : ndarray of int32, shape (n_nodes,)
        How many sequences end there.
    """

    skill_start: I64
    block_start: I64
    step_start: I64
    run_start: I64
    run_score: F64
    parent: U32
    ends: I32

    @cached_property
    def size(self) -> I64:
        """How many nodes each block has, shape (n_blocks,)."""
        return np.diff(self.run_start[self.step_start[self.block_start]])


def forest_of(score: F64, start: I64, skill_start: I64, wanted: NDArray[np.bool_]) -> Forest:
    """Merge the sequences of the skills that are wanted and have few distinct scores.

    Parameters
    ----------
    score : ndarray, shape (n_responses,)
    start, skill_start : ndarray of int
        As in :class:`Sequences`.
    wanted : ndarray of bool, shape (n_skills,)

    Examples
    --------
    >>> score, start = np.array([1.0, 0.0, 1.0, 1.0, 1.0]), np.array([0, 2, 4, 5])
    >>> forest = forest_of(score, start, np.array([0, 3]), np.array([True]))
    >>> forest.run_score, forest.parent, forest.ends  # 1 (all three), then 1 and 0 after it
    (array([1., 1., 0.]), array([0, 1, 1], dtype=uint32), array([1, 1, 1], dtype=int32))
    """
    n = int(np.diff(start[skill_start])[wanted].sum())
    blocks = np.empty(n // _BLOCK + int(wanted.sum()) + 1, np.int64)
    step_start, run_start = np.empty(n + 1, np.int64), np.empty(n + 1, np.int64)
    run_score = np.empty(n)
    parent, ends = np.empty(n, np.uint32), np.empty(n, np.int32)
    block_of_skill, n_blocks, n_steps, n_runs, n_nodes = _plant(
        score, start, skill_start, wanted, blocks, step_start, run_start, run_score, parent, ends
    )
    return Forest(
        block_of_skill,
        blocks[: n_blocks + 1].copy(),
        step_start[: n_steps + 1].copy(),
        run_start[: n_runs + 1].copy(),
        run_score[:n_runs].copy(),
        parent[:n_nodes].copy(),
        ends[:n_nodes].copy(),
    )


@compiled
def _plant(
    score: F64,
    start: I64,
    skill_start: I64,
    wanted: NDArray[np.bool_],
    blocks: I64,
    step_start: I64,
    run_start: I64,
    run_score: F64,
    parent: U32,
    ends: I32,
) -> tuple[I64, int, int, int, int]:
    """Fill in a forest; return the skills' blocks, and the numbers of its parts."""
    n_skills = len(wanted)
    block_of_skill = np.zeros(n_skills + 1, np.int64)
    most = 0
    for k in range(n_skills):
        if wanted[k]:
            most = max(most, start[skill_start[k + 1]] - start[skill_start[k]])
    code, letters = np.empty(most, np.uint8), np.empty(_MOST_LETTERS)
    n_blocks = n_steps = n_runs = n_nodes = 0
    blocks[0] = step_start[0] = run_start[0] = 0
    for k in range(n_skills):
        here = start[skill_start[k] : skill_start[k + 1] + 1]
        n_letters = _spell(score[here[0] : here[-1]], letters, code) if wanted[k] else 0
        order = _by_prefix(code, here, n_letters)
        low = 0
        while n_letters > 0 and low < len(order):
            high, size = low, 0
            while high < len(order) and (size < _BLOCK or high == low):
                size += here[order[high] + 1] - here[order[high]]
                high += 1
            n_steps, n_runs, n_nodes = _grow(
                code, letters, n_letters, here, order[low:high], n_steps, n_runs, n_nodes,
                step_start, run_start, run_score, parent, ends,
            )  # fmt: skip
            n_blocks += 1
            blocks[n_blocks] = n_steps
            low = high
        block_of_skill[k + 1] = n_blocks
    return block_of_skill, n_blocks, n_steps, n_runs, n_nodes


@compiled
def _spell(score: F64, letters: F64, code: U8) -> int:
    """Number a skill's scores; return how many there are, 0 where they are too many."""
    n = 0
    for t in range(len(score)):
        i = 0
        while i < n and letters[i] != score[t]:
            i += 1
        if i == n:
            if n == len(letters):
                return 0
            letters[n] = score[t]
            n += 1
        code[t] = i
    return n


@compiled
def _by_prefix(code: U8, start: I64, n_letters: int) -> I64:
    """Return a skill's sequences with like beginnings together, so that blocks share few."""
    n = len(start) - 1
    if start[n] - start[0] <= _BLOCK or n_letters == 0:
        return np.arange(n)
    width = 1
    while 1 << width < n_letters:
        width += 1
    key, place = np.zeros(n, np.int64), np.zeros((1 << _KEY_BITS) + 1, np.int64)
    for i in range(n):
        first = start[i] - start[0]
        for t in range(_KEY_BITS // width):
            key[i] <<= width
            if t < start[i + 1] - start[i]:
                key[i] |= code[first + t]
        place[key[i] + 1] += 1
    place = np.cumsum(place)
    order = np.empty(n, np.int64)
    for i in range(n):
        order[place[key[i]]] = i
        place[key[i]] += 1
    return order


@compiled
def _grow(
    code: U8,
    letters: F64,
    n_letters: int,
    start: I64,
    order: I64,
    n_steps: int,
    n_runs: int,
    n_nodes: int,
    step_start: I64,
    run_start: I64,
    run_score: F64,
    parent: U32,
    ends: I32,
) -> tuple[int, int, int]:
    """Add a block of sequences, time step by time step; return how many parts there are now.

    The sequences are kept together by their histories; each step parts them by their next score,
    and those that share both share a node.
    """
    base = n_nodes - 1
    going, above = order.copy(), np.zeros(len(order), np.int64)
    parted, parted_above = np.empty_like(going), np.empty_like(above)
    place = np.empty(n_letters + 1, np.int64)
    n, step = len(order), 0
    while n > 0:
        place[:] = 0
        for i in range(n):
            place[code[start[going[i]] - start[0] + step] + 1] += 1
        for v in range(n_letters):
            place[v + 1] += place[v]
        for i in range(n):
            v = code[start[going[i]] - start[0] + step]
            parted[place[v]] = going[i]
            parted_above[place[v]] = above[i]
            place[v] += 1
        step += 1
        n, i = 0, 0
        for v in range(n_letters):
            last = -1
            if i < place[v]:
                run_score[n_runs] = letters[v]
            while i < place[v]:
                if parted_above[i] != last:
                    last = parted_above[i]
                    parent[n_nodes] = last
                    ends[n_nodes] = 0
                    n_nodes += 1
                if start[parted[i] + 1] - start[parted[i]] == step:
                    ends[n_nodes - 1] += 1
                else:
                    going[n] = parted[i]
                    above[n] = n_nodes - 1 - base
                    n += 1
                i += 1
            if last >= 0:
                n_runs += 1
                run_start[n_runs] = n_nodes
        n_steps += 1
        step_start[n_steps] = n_runs
    return n_steps, n_runs, n_nodes

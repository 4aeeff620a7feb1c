"""Evidence by skill and learner: the sequences that fitting passes over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..domain.sorting import are_in_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.responses import ResponseLog
    from .forest import Forest
    from .layout import Layout
    from .level_table import LevelTable

__all__ = ["Chunks", "Sequences", "sequences_in", "sequences_of"]

_CHUNK = 1 << 13  # responses: what a pass keeps of as many stays in a core's own cache


@dataclass(frozen=True)
class Chunks:
    """The sequences cut into pieces of some thousand responses, each within one skill.

    The cuts depend on the log alone, so that what is summed piece by piece is the same to the
    last bit however many threads there are.

    Parameters
    ----------
    skill_start : ndarray of int, shape (n_skills + 1,)
        Skill k owns the chunks ``skill_start[k]:skill_start[k + 1]``.
    start : ndarray of int, shape (n_chunks + 1,)
        Chunk c owns the sequences ``start[c]:start[c + 1]``.
    lane : ndarray of int, shape (n_sequences,)
        The sequences, the longest of each chunk first.
    size : ndarray of int, shape (n_chunks,)
        How many responses each has.
    """

    skill_start: NDArray[np.int64]
    start: NDArray[np.int64]
    lane: NDArray[np.int64]
    size: NDArray[np.int64]


@dataclass(frozen=True)
class Sequences:
    """The pairs of a layout by skill, learner and time: one sequence per skill and learner.

    It takes 12 bytes per response beside the layout's order, and 8 per sequence.

    Parameters
    ----------
    pair : ndarray of int, shape (n_pairs,)
        The pairs of the layout in this order; empty where none goes with it.
    rank : ndarray of int32, shape (n_pairs,)
        The place of the level looked at, from 0.
    start : ndarray of int, shape (n_sequences + 1,)
        Sequence i owns ``start[i]:start[i + 1]``.
    skill_start : ndarray of int, shape (n_skills + 1,)
        Skill k owns the sequences ``skill_start[k]:skill_start[k + 1]``.
    n_levels : ndarray of int, shape (n_skills,)
    score : ndarray of float, shape (n_pairs,), optional
    credited : ndarray of bool, shape (n_skills,), optional
        The skills that shared an item with another, so that their weights may differ from the
        scores. Those of all others are the scores; without `score` nothing is known of them.
    trees : Forest, optional
        The histories of all skills, merged, where the sequences themselves are not kept.
    """

    pair: NDArray[np.int64]
    rank: NDArray[np.int32]
    start: NDArray[np.int64]
    skill_start: NDArray[np.int64]
    n_levels: NDArray[np.int64]
    score: NDArray[np.float64] | None = None
    credited: NDArray[np.bool_] | None = None
    trees: Forest | None = None

    @cached_property
    def n_responses(self) -> NDArray[np.int64]:
        """How many responses exercised each skill, shape (n_skills,)."""
        return np.diff(self.start[self.skill_start])

    @cached_property
    def n_learners(self) -> NDArray[np.int64]:
        """How many learners met each skill, shape (n_skills,)."""
        return np.diff(self.skill_start)

    @cached_property
    def forest(self) -> Forest:
        """The skills of one level that are not credited, merged where histories are equal."""
        from .forest import forest_of

        if self.trees is not None:
            return self.trees
        if self.score is None or self.credited is None:
            none = np.zeros(len(self.n_levels), dtype=np.bool_)
            return forest_of(np.zeros(0), self.start, self.skill_start, none)
        wanted = (self.n_levels == 1) & ~self.credited
        return forest_of(self.score, self.start, self.skill_start, wanted)

    @cached_property
    def is_merged(self) -> NDArray[np.bool_]:
        """Which skills the forest has, shape (n_skills,)."""
        merged: NDArray[np.bool_] = np.diff(self.forest.skill_start) > 0
        return merged

    @cached_property
    def n_nodes(self) -> NDArray[np.int64]:
        """How many nodes of the forest each skill has, shape (n_skills,)."""
        before = np.concatenate([[0], np.cumsum(self.forest.size)])
        return np.diff(before[self.forest.skill_start])

    @cached_property
    def chunks(self) -> Chunks:
        """The sequences in pieces."""
        skill = np.repeat(np.arange(len(self.n_levels)), self.n_learners)
        number = (self.start[:-1] - self.start[self.skill_start[skill]]) // _CHUNK
        new = np.ones(len(skill), dtype=np.bool_)
        new[1:] = (skill[1:] != skill[:-1]) | (number[1:] != number[:-1])
        start = np.append(np.flatnonzero(new), len(skill))
        lane = np.lexsort((-np.diff(self.start), np.cumsum(new)))
        skill_start = np.searchsorted(skill[start[:-1]], np.arange(len(self.n_levels) + 1))
        return Chunks(skill_start, start, lane, np.diff(self.start[start]))

    def packed(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return weights as kernels take them: chunk by chunk, time step by time step.

        Skills of several levels keep them sequence by sequence.
        """
        from .two_states import pack

        pieces, found = self.chunks, weight.copy()
        one_level = np.repeat(self.n_levels == 1, np.diff(pieces.skill_start))
        pack(weight, self.start, pieces.lane, pieces.start, np.flatnonzero(one_level), found)
        return found

    @cached_property
    def packed_score(self) -> NDArray[np.float64]:
        """The scores as kernels take them."""
        return self.packed(np.zeros(0) if self.score is None else self.score)

    def merged(self) -> Sequences:
        """Return the same without the sequences, where all of them are merged in the forest."""
        if self.n_responses[~self.is_merged].any():
            return self
        none = np.zeros(1, np.int64), np.zeros_like(self.skill_start)
        return replace(_whole(np.zeros(0), *none, self.n_levels), trees=self.forest)

    def spread_out(self) -> Sequences:
        """Return the same with the sequences apart again; whose they were is not known any more."""
        from .unmerging import unmerged

        return self if self.trees is None else _whole(*unmerged(self.trees), self.n_levels)

    def over(self, table: LevelTable, row: NDArray[np.int64]) -> Sequences:
        """Return the same over a larger table of levels, where `row` is where ours are."""
        first = np.cumsum(self.n_levels) - self.n_levels
        skill = table.skill_of_row[row[first]]
        ours = np.searchsorted(skill, np.arange(len(table.n_levels) + 1))
        credited = np.zeros(len(table.n_levels), dtype=np.bool_)
        credited[skill] = False if self.credited is None else self.credited
        trees = self.trees
        return replace(
            self,
            rank=table.ranks[row[np.repeat(first, self.n_responses) + self.rank]].astype(np.int32),
            skill_start=self.skill_start[ours],
            n_levels=table.n_levels,
            credited=credited,
            trees=trees and replace(trees, skill_start=trees.skill_start[ours]),
        )


def _whole(
    score: NDArray[np.float64],
    start: NDArray[np.int64],
    skill_start: NDArray[np.int64],
    n_levels: NDArray[np.int64],
) -> Sequences:
    """Return sequences that look at the lowest level, of skills that share no items."""
    return _apart(np.zeros(len(score), np.int32), score, start, skill_start, n_levels)


def _apart(
    rank: NDArray[np.int32],
    score: NDArray[np.float64],
    start: NDArray[np.int64],
    skill_start: NDArray[np.int64],
    n_levels: NDArray[np.int64],
) -> Sequences:
    """Return sequences without a layout, of skills that share no items."""
    credited = np.zeros(len(n_levels), dtype=np.bool_)
    none = np.zeros(0, np.int64)
    return Sequences(none, rank, start, skill_start, n_levels, score, credited)


def sequences_in(log: ResponseLog, table: LevelTable) -> Sequences:
    """Sort a log in which every response exercised one skill, over the table of its levels.

    The sequences are those of its layout, which is not needed for them.
    """
    from .skill_sort import by_skill

    skill, rank = np.zeros((2, len(log.skill_sets)), np.int32)
    place = {one: k for k, one in enumerate(table.rows)}
    for code, (one, *_) in enumerate(log.skill_sets):
        if one in place:
            skill[code], rank[code] = table.skill_of_row[place[one]], table.ranks[place[one]]
    columns: list[NDArray[Any]] = [log.score]
    if len(table.rows) > len(table.skill_ids):
        columns.append(rank[log.skill_set])
    first, learner, (score, *ranks) = by_skill(
        skill[log.skill_set], len(table.skill_ids), log.learner, columns, _when(log)
    )
    new = np.ones(len(log), dtype=np.bool_)
    np.not_equal(learner[1:], learner[:-1], out=new[1:])
    new[first[np.flatnonzero(np.diff(first))]] = True
    begins = np.flatnonzero(new)
    return _apart(
        ranks[0] if ranks else np.zeros(len(log), np.int32),
        score,
        np.append(begins, len(log)),
        np.searchsorted(begins, first),
        table.n_levels,
    )


def _when(log: ResponseLog) -> list[NDArray[np.int64]] | None:
    """Return what says when a learner's responses happened; None where they lie as they did."""
    if are_in_order([log.learner, *log.when]):
        return None
    return [one.view("int64") if one.dtype.kind == "M" else one for one in log.when]


def sequences_of(layout: Layout) -> Sequences:
    """Sort the pairs of a layout by skill, keeping learners and time in order."""
    n_skills, pair = len(layout.row_start) - 1, layout.skill_order
    skill = layout.pair_skill[pair]
    event = layout.pair_response[pair]
    learner = layout.learner[event]
    new = np.ones(len(pair), dtype=np.bool_)
    new[1:] = (skill[1:] != skill[:-1]) | (learner[1:] != learner[:-1])
    first = np.flatnonzero(new)
    credited = np.zeros(n_skills, dtype=np.bool_)
    if layout.has_conjunctions:
        credited[layout.pair_skill[np.diff(layout.pair_start)[layout.pair_response] > 1]] = True
    return Sequences(
        pair=pair,
        rank=layout.pair_rank[pair],
        start=np.append(first, len(pair)).astype(np.int64),
        skill_start=np.searchsorted(skill[first], np.arange(n_skills + 1)).astype(np.int64),
        n_levels=np.diff(layout.row_start),
        score=layout.score[event],
        credited=credited,
    )

"""A response log laid out for the passes over it: by learner for replay, by skill for fitting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.responses import ResponseLog
    from .chain import LevelChain

__all__ = ["Layout", "Sequences", "sequences_of"]


@dataclass(frozen=True)
class Layout:
    """The pairs (response, exercised skill) of a log, in time order, over a table of levels.

    The table of levels has one row per skill and level; skill k owns the rows
    ``row_start[k]:row_start[k + 1]``, lowest level first.

    Parameters
    ----------
    response : ndarray of int, shape (n_responses,)
        The rows of the log by learner and time.
    learner : ndarray of int, shape (n_responses,)
        Their learners.
    score : ndarray of float, shape (n_responses,)
    pair_start : ndarray of int, shape (n_responses + 1,)
        Response t owns the pairs ``pair_start[t]:pair_start[t + 1]``.
    pair_skill : ndarray of int32, shape (n_pairs,)
    pair_rank : ndarray of int32, shape (n_pairs,)
        The place of the item's level among the skill's levels, from 0.
    row_start : ndarray of int, shape (n_skills + 1,)
    """

    response: NDArray[np.int64]
    learner: NDArray[np.int32]
    score: NDArray[np.float64]
    pair_start: NDArray[np.int64]
    pair_skill: NDArray[np.int32]
    pair_rank: NDArray[np.int32]
    row_start: NDArray[np.int64]

    @classmethod
    def of(cls, log: ResponseLog, chains: Mapping[str, LevelChain]) -> Layout:
        """Lay out a log over the chains of all its skills."""
        code = {skill_id: k for k, skill_id in enumerate(log.skill_ids)}
        sizes = np.array([len(one) for one in log.skill_sets], dtype=np.int64)
        flat = [k for one in log.skill_sets for k in one]
        skill = np.array([code[k.skill_id] for k in flat], dtype=np.int32)
        rank = np.array([chains[k.skill_id].rank(k.level) for k in flat], dtype=np.int32)
        response = log.time_order
        sets = log.skill_set[response]
        pair_start = np.concatenate([[0], np.cumsum(sizes[sets])])
        set_start = np.concatenate([[0], np.cumsum(sizes)])
        within = np.arange(pair_start[-1]) - np.repeat(pair_start[:-1], sizes[sets])
        at = np.repeat(set_start[sets], sizes[sets]) + within
        n_levels = [len(chains[skill_id].levels) for skill_id in log.skill_ids]
        row_start = np.concatenate([[0], np.cumsum(n_levels)]).astype(np.int64)
        return cls(
            response,
            log.learner[response],
            log.score[response],
            pair_start,
            skill[at],
            rank[at],
            row_start,
        )

    @cached_property
    def pair_response(self) -> NDArray[np.int64]:
        """The place in time order of each pair's response, shape (n_pairs,)."""
        return np.repeat(np.arange(len(self.score)), np.diff(self.pair_start))

    @property
    def has_conjunctions(self) -> bool:
        """Whether some response exercised several skills."""
        return len(self.pair_skill) > len(self.score)


@dataclass(frozen=True)
class Sequences:
    """The same pairs by skill, learner and time: one sequence per skill and learner.

    Parameters
    ----------
    pair : ndarray of int, shape (n_pairs,)
        The pairs of the layout in this order.
    rank : ndarray of int32, shape (n_pairs,)
        The place of the level looked at, from 0.
    start : ndarray of int, shape (n_sequences + 1,)
        Sequence i owns ``start[i]:start[i + 1]``.
    skill_start : ndarray of int, shape (n_skills + 1,)
        Skill k owns the sequences ``skill_start[k]:skill_start[k + 1]``.
    n_levels : ndarray of int, shape (n_skills,)
    """

    pair: NDArray[np.int64]
    rank: NDArray[np.int32]
    start: NDArray[np.int64]
    skill_start: NDArray[np.int64]
    n_levels: NDArray[np.int64]

    @cached_property
    def n_responses(self) -> NDArray[np.int64]:
        """How many responses exercised each skill, shape (n_skills,)."""
        return np.diff(self.start[self.skill_start])

    @cached_property
    def n_learners(self) -> NDArray[np.int64]:
        """How many learners met each skill, shape (n_skills,)."""
        return np.diff(self.skill_start)


def sequences_of(layout: Layout) -> Sequences:
    """Sort the pairs of a layout by skill, keeping learners and time in order."""
    n_skills = len(layout.row_start) - 1
    narrow = np.uint16 if n_skills < 2**16 else np.int32  # 16 bits are sorted by counting
    pair = np.argsort(layout.pair_skill.astype(narrow), kind="stable")
    skill = layout.pair_skill[pair]
    learner = layout.learner[layout.pair_response[pair]]
    new = np.ones(len(pair), dtype=np.bool_)
    new[1:] = (skill[1:] != skill[:-1]) | (learner[1:] != learner[:-1])
    first = np.flatnonzero(new)
    start = np.append(first, len(pair)).astype(np.int64)
    skill_start = np.searchsorted(skill[first], np.arange(n_skills + 1)).astype(np.int64)
    return Sequences(
        pair.astype(np.int64), layout.pair_rank[pair], start, skill_start, np.diff(layout.row_start)
    )

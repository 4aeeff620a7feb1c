"""Evidence laid out for the passes over it: by learner for replay, by skill for fitting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .pairs import Pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.responses import ResponseLog
    from .chain import LevelChain
    from .lessons import Lessons
    from .level_table import LevelTable

__all__ = ["Layout"]


@dataclass(frozen=True)
class Layout:
    """What moves beliefs, in time order, as pairs (event, skill) over a table of levels.

    An event is a response, or a module completed: silent, a chance to learn without an answer.
    The table of levels has one row per skill and level; skill k owns the rows
    ``row_start[k]:row_start[k + 1]``, lowest level first. Guess and slip have a table of their
    own, one row per class of noise: a level, or an item or kind of item at a level.

    A response to an item of one skill takes 52 bytes, of which 8 are the log's own order and 8
    are never written where no days pass; the order by skill takes 16 more once it is asked for.

    Parameters
    ----------
    response : ndarray of int, shape (n_events,)
        The rows of the log by learner and time; −1 where the event is silent.
    learner : ndarray of int, shape (n_events,)
        Their learners.
    score : ndarray of float, shape (n_events,)
    pair_start : ndarray of int, shape (n_events + 1,)
        Event t owns the pairs ``pair_start[t]:pair_start[t + 1]``.
    pair_skill : ndarray of int32, shape (n_pairs,)
    pair_rank : ndarray of int32, shape (n_pairs,)
        The place of the item's, or module's, level among the skill's levels, from 0.
    pair_noise : ndarray of int32, shape (n_pairs,)
        The row of the table of noise; −1 where the event is silent.
    pair_effect : ndarray of int32, shape (n_pairs,)
        The row of the table of what modules teach; −1 for responses.
    pair_days : ndarray of float, shape (n_pairs,)
        Days since the learner's last dated event with the skill; 0 for the first one.
    row_start : ndarray of int, shape (n_skills + 1,)
    noise_source, noise_level : ndarray of int, shape (n_noise,)
        The item or kind of each row of noise, by its code, and its row in the table of levels.
    """

    response: NDArray[np.int64]
    learner: NDArray[np.int32]
    score: NDArray[np.float64]
    pair_start: NDArray[np.int64]
    pair_skill: NDArray[np.int32]
    pair_rank: NDArray[np.int32]
    pair_noise: NDArray[np.int32]
    pair_effect: NDArray[np.int32]
    pair_days: NDArray[np.float64]
    row_start: NDArray[np.int64]
    noise_source: NDArray[np.int64]
    noise_level: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        log: ResponseLog,
        chains: Mapping[str, LevelChain],
        *,
        source: NDArray[np.int64] | None = None,
        lessons: Lessons | None = None,
        timed: bool = False,
    ) -> Layout:
        """Lay out a log, and the modules completed between its responses.

        Parameters
        ----------
        log : ResponseLog
        chains : mapping of str to LevelChain
            One for each skill of the log.
        source : ndarray of int, shape (n_items,), optional
            What guess and slip belong to, as a code per item of the log; without it they belong
            to the skill's level.
        lessons : Lessons, optional
        timed : bool, default False
            Whether the days between events matter; without, none pass.
        """
        n_levels = [len(chains[skill_id].levels) for skill_id in log.skill_ids]
        row_start = np.concatenate([[0], np.cumsum(n_levels)]).astype(np.int64)
        response = log.time_order
        event, skill, rank = _practised(log, chains)
        row = row_start[skill] + rank
        noise, sources, levels = _noise_classes(log, event, row, source, int(row_start[-1]))
        pairs = Pairs(event, skill, rank, noise, np.full(len(event), -1, np.int32))
        learner, when = log.learner[response], log.answered_at
        happened = None if when is None else when[response]
        score = log.score[response]
        if lessons is not None:
            response, learner, happened, pairs = lessons.between(response, learner, happened, pairs)
            score = np.where(response >= 0, log.score[response], 0.5)
        days = _days_between(pairs, learner, happened if timed else None)
        n_pairs = np.bincount(pairs.event, minlength=len(response))
        pair_start = np.concatenate([[0], np.cumsum(n_pairs)]).astype(np.int64)
        return cls(
            response=response,
            learner=learner,
            score=score,
            pair_start=pair_start,
            pair_skill=pairs.skill,
            pair_rank=pairs.rank,
            pair_noise=pairs.noise,
            pair_effect=pairs.effect,
            pair_days=days,
            row_start=row_start,
            noise_source=sources,
            noise_level=levels,
        )

    @cached_property
    def pair_response(self) -> NDArray[np.int64]:
        """The place in time order of each pair's event, shape (n_pairs,)."""
        return np.repeat(np.arange(len(self.score)), np.diff(self.pair_start))

    @cached_property
    def skill_order(self) -> NDArray[np.int64]:
        """The pairs by skill, learner and time, shape (n_pairs,)."""
        n_skills = len(self.row_start) - 1
        narrow = np.uint16 if n_skills < 2**16 else np.int32  # 16 bits are sorted by counting
        return np.argsort(self.pair_skill.astype(narrow), kind="stable").astype(np.int64)

    @cached_property
    def by_skill(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
        """The noise, effect and days of the pairs by skill, learner and time."""
        order = self.skill_order
        return self.pair_noise[order], self.pair_effect[order], self.pair_days[order]

    @cached_property
    def has_conjunctions(self) -> bool:
        """Whether some response exercised several skills."""
        several = np.diff(self.pair_start) > 1
        return bool(several.any() and several[self.response >= 0].any())

    def over(self, table: LevelTable, row: NDArray[np.int64]) -> Layout:
        """Return the same over a larger table of levels, where `row` is where ours are.

        Guess and slip belong to levels.
        """
        of_pair = row[self.row_start[self.pair_skill] + self.pair_rank]
        n = len(table.rows)
        return replace(
            self,
            pair_skill=table.skill_of_row[of_pair].astype(np.int32),
            pair_rank=table.ranks[of_pair].astype(np.int32),
            pair_noise=of_pair.astype(np.int32),
            row_start=table.row_start,
            noise_source=np.full(n, -1),
            noise_level=np.arange(n),
        )


def _practised(
    log: ResponseLog, chains: Mapping[str, LevelChain]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Return the event, skill and rank of each pair (response, exercised skill) in time order.

    Combinations of skills that no response has may be of skills without a chain.
    """
    code = {skill_id: k for k, skill_id in enumerate(log.skill_ids)}
    sizes = np.array([len(one) for one in log.skill_sets], dtype=np.int64)
    flat = [k for one in log.skill_sets for k in one]
    skill = np.array([code.get(k.skill_id, -1) for k in flat], dtype=np.int32)
    rank = np.array(
        [chains[k.skill_id].rank(k.level) if k.skill_id in chains else -1 for k in flat],
        dtype=np.int32,
    )
    sets = log.skill_set[log.time_order]
    set_start = np.concatenate([[0], np.cumsum(sizes)])
    if (sizes == 1).all():
        return np.arange(len(sets)), skill[sets], rank[sets]
    ends = np.cumsum(sizes[sets])
    within = np.arange(sizes[sets].sum()) - np.repeat(ends - sizes[sets], sizes[sets])
    at = np.repeat(set_start[sets], sizes[sets]) + within
    return np.repeat(np.arange(len(sets)), sizes[sets]), skill[at], rank[at]


def _noise_classes(
    log: ResponseLog,
    event: NDArray[np.int64],
    row: NDArray[np.int64],
    source: NDArray[np.int64] | None,
    n_rows: int,
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Return each pair's class of noise, and of each class its source and its row of levels."""
    if source is None:
        return row.astype(np.int32), np.full(n_rows, -1), np.arange(n_rows)
    of_pair = source[log.item[log.time_order]][event] * n_rows + row
    classes, noise = np.unique(of_pair, return_inverse=True)
    sources, levels = np.divmod(classes, n_rows)
    return noise.astype(np.int32), sources, levels


def _days_between(
    pairs: Pairs, learner: NDArray[np.int32], happened: NDArray[np.datetime64] | None
) -> NDArray[np.float64]:
    """Return the days since the same learner's last event with the same skill, 0 for the first."""
    days = np.zeros(len(pairs.event))
    if happened is None or not len(days):
        return days
    order = np.lexsort((pairs.event, pairs.skill, learner[pairs.event]))
    who, skill = learner[pairs.event][order], pairs.skill[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (who[1:] != who[:-1]) | (skill[1:] != skill[:-1])
    at = (happened - np.min(happened)) / np.timedelta64(1, "D")
    at = at[pairs.event][order]
    # The latest instant so far within each run: runs are lifted apart, then accumulated.
    lift = np.cumsum(new) * (np.max(at) + 1.0)
    latest = np.maximum.accumulate(at + lift) - lift
    days[order[1:]] = np.where(new[1:], 0.0, latest[1:] - latest[:-1])
    return days

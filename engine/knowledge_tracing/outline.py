"""What is to be known of evidence before a fit: little, so that it may travel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..domain.framework import SkillLevel
from ..domain.joining import OPTIONAL, learner_marks
from ..domain.summary import LogSummary
from .fitted import count_items
from .level_table import LevelTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.responses import ResponseLog
    from .sequences import Sequences

    Array = NDArray[np.float64]

__all__ = ["Outline"]


@dataclass(frozen=True)
class Outline:
    """How much evidence there is of what.

    Parameters
    ----------
    table : LevelTable
        The levels that responses looked at.
    of_level : ndarray, shape (n_levels, 2)
        How many answers each of them had, and the sum of their scores.
    of_skill : ndarray of int, shape (n_skills, 2)
        How many responses exercised each skill, and how many learners met it.
    items : Counter of tuple
        How many responses each item had with each combination of skills.
    summary : LogSummary
    marks : ndarray of uint64, shape (n_learners,)
        Who the learners are: see :func:`learner_marks`. Empty where nobody asked.
    columns : tuple of frozenset of str
        The optional columns of each log that has rows.
    """

    table: LevelTable
    of_level: Array
    of_skill: NDArray[np.int64]
    items: Counter[tuple[str, tuple[SkillLevel, ...]]]
    summary: LogSummary
    marks: NDArray[np.uint64]
    columns: tuple[frozenset[str], ...]

    @classmethod
    def of(
        cls,
        log: ResponseLog,
        table: LevelTable,
        sequences: Sequences,
        summary: LogSummary,
        *,
        marked: bool,
    ) -> Outline:
        """Outline a log that was laid out over its own levels; `marked` asks who is in it."""
        return cls(
            table,
            _of_level(log, table),
            np.stack([sequences.n_responses, sequences.n_learners], axis=1),
            count_items(log),
            summary,
            learner_marks(log) if marked else np.zeros(0, dtype=np.uint64),
            (frozenset(one for one in OPTIONAL if getattr(log, one) is not None),) * (len(log) > 0),
        )

    @classmethod
    def together(cls, parts: Sequence[Outline], known: Iterable[SkillLevel] = ()) -> Outline:
        """Outline all parts together, over levels that are `known` of their skills as well."""
        exercised = {row for one in parts for row in one.table.rows}
        skill_ids = {row.skill_id for row in exercised}
        table = LevelTable.of(exercised.union(row for row in known if row.skill_id in skill_ids))
        of_level = np.zeros((len(table.rows), 2))
        of_skill = np.zeros((len(table.skill_ids), 2), dtype=np.int64)
        items: Counter[tuple[str, tuple[SkillLevel, ...]]] = Counter()
        for one in parts:
            rows = table.rows_of(one.table)
            of_level[rows] += one.of_level
            of_skill[table.skill_of_row[rows[one.table.ranks == 0]]] += one.of_skill
            items.update(one.items)
        summary = LogSummary.of_parts(
            [one.summary for one in parts],
            n_items=len({item_id for item_id, _ in items}),
            n_skills=len(table.skill_ids),
        )
        marks = np.concatenate([np.zeros(0, dtype=np.uint64), *(one.marks for one in parts)])
        columns = tuple(columns for one in parts for columns in one.columns)
        return cls(table, of_level, of_skill, items, summary, marks, columns)


def _of_level(log: ResponseLog, table: LevelTable) -> Array:
    """Return how many answers each level had, and the sum of their scores, shape (n_levels, 2)."""
    place, n = {one: k for k, one in enumerate(table.rows)}, log.n_of_skill_set
    of_set = np.stack([n, np.bincount(log.skill_set, log.score, len(n))], axis=1)
    found = np.zeros((len(place), 2))
    for code in np.flatnonzero(n).tolist():
        found[[place[one] for one in log.skill_sets[code]]] += of_set[code]
    return found

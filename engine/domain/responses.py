"""Logs: the responses of many learners in columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .columns import columns_of_records, read_columns, response_shape
from .frames import columns_of_frame
from .framework import SkillLevel
from .sorting import in_order_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from .curriculum import Curriculum
    from .evidence import Response

__all__ = ["Practice", "ResponseLog"]


@dataclass(frozen=True)
class Practice:
    """The pairs (response, exercised skill) of a log, by learner, skill and time.

    Parameters
    ----------
    row : ndarray of int, shape (n_pairs,)
        The row of the log.
    learner, skill, level : ndarray of int, shape (n_pairs,)
        Codes of learner and skill; the level of the item.
    opportunity : ndarray of int, shape (n_pairs,)
        From 1 for the learner's first response that exercised the skill.
    """

    row: NDArray[np.int64]
    learner: NDArray[np.int32]
    skill: NDArray[np.int32]
    level: NDArray[np.int32]
    opportunity: NDArray[np.int64]


@dataclass(frozen=True)
class ResponseLog:
    """Responses of many learners in columns, in the order in which they were given.

    Rows keep the caller's order, so that what is computed per response lines up with the caller's
    own table; `time_order` says in which order they happened. Build one with :meth:`from_frame`,
    :meth:`from_records` or :meth:`from_columns`, which check every row.

    A response takes 20 bytes, 4 more for `order` and for `fold` (8 where a number needs more than
    32 bits), 8 for `answered_at`, and 8 for `time_order` once it was asked for.

    Parameters
    ----------
    learner_ids, item_ids, skill_ids : tuple of str
        What the codes stand for.
    skill_sets : tuple of tuple of SkillLevel
        Every combination of skills that some response exercised.
    learner, item, skill_set : ndarray of int32, shape (n_responses,)
        Codes into the tuples above.
    score : ndarray of float64, shape (n_responses,)
        In [0, 1].
    answered_at : ndarray of datetime64[us], shape (n_responses,), or None
        UTC.
    order : ndarray of int, shape (n_responses,), or None
        Position in the learner's history; goes before `answered_at` where both are given.
    fold : ndarray of int, shape (n_responses,), or None
        The fold of the response's learner.

    Examples
    --------
    >>> log = ResponseLog.from_records(
    ...     [
    ...         {"learner": "ada", "item": "q1", "skills": "sql", "correct": 1},
    ...         {"learner": "ada", "item": "q2", "skills": "sql~charts", "correct": 0},
    ...     ]
    ... )
    >>> len(log), log.skill_ids
    (2, ('charts', 'sql'))
    >>> log.practice.opportunity
    array([1, 1, 2])
    """

    learner_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    skill_ids: tuple[str, ...]
    skill_sets: tuple[tuple[SkillLevel, ...], ...]
    learner: NDArray[np.int32]
    item: NDArray[np.int32]
    skill_set: NDArray[np.int32]
    score: NDArray[np.float64]
    answered_at: NDArray[np.datetime64] | None = field(default=None)
    order: NDArray[np.signedinteger[Any]] | None = field(default=None)
    fold: NDArray[np.signedinteger[Any]] | None = field(default=None)

    def __len__(self) -> int:
        return len(self.score)

    @cached_property
    def n_of_skill_set(self) -> NDArray[np.int64]:
        """How many responses exercised each combination of skills, shape (n_skill_sets,)."""
        return np.bincount(self.skill_set, minlength=len(self.skill_sets))

    @property
    def when(self) -> list[NDArray[Any]]:
        """What says in which order a learner's responses happened, the first before all others."""
        return [one for one in (self.order, self.answered_at) if one is not None]

    @cached_property
    def time_order(self) -> NDArray[np.int64]:
        """The rows by learner, and within a learner as they happened, shape (n_responses,)."""
        return in_order_of(self.learner, *self.when)

    @cached_property
    def practice(self) -> Practice:
        """The pairs (response, exercised skill), by learner, skill and time."""
        sizes = np.array([len(one) for one in self.skill_sets], dtype=np.int64)
        starts = np.concatenate([[0], np.cumsum(sizes)])
        code = {skill_id: k for k, skill_id in enumerate(self.skill_ids)}
        flat_skill = np.array([code[k.skill_id] for one in self.skill_sets for k in one], np.int32)
        flat_level = np.array([k.level for one in self.skill_sets for k in one], np.int32)
        counts = sizes[self.skill_set[self.time_order]]
        row = np.repeat(self.time_order, counts)
        ends = np.cumsum(counts)
        within = np.arange(len(row)) - np.repeat(ends - counts, counts)
        flat = starts[self.skill_set[row]] + within
        skill = flat_skill[flat]
        by_skill = in_order_of(self.learner[row], skill)
        row, skill, level = row[by_skill], skill[by_skill], flat_level[flat][by_skill]
        learner = self.learner[row]
        return Practice(row, learner, skill, level, _count_within(learner, skill))

    def select(self, rows: ArrayLike) -> ResponseLog:
        """Return the log of some rows, by mask or row numbers; codes stay as they are."""
        at = np.asarray(rows)
        if not at.size:
            at = at.astype(np.int64)  # an empty list arrives as floats
        return replace(
            self,
            learner=self.learner[at],
            item=self.item[at],
            skill_set=self.skill_set[at],
            score=self.score[at],
            answered_at=None if self.answered_at is None else self.answered_at[at],
            order=None if self.order is None else self.order[at],
            fold=None if self.fold is None else self.fold[at],
        )

    @classmethod
    def from_columns(
        cls,
        *,
        learner: Sequence[Any] | NDArray[Any],
        item: Sequence[Any] | NDArray[Any],
        score: Sequence[Any] | NDArray[Any],
        skills: Sequence[Any] | NDArray[Any] | None = None,
        level: Sequence[Any] | NDArray[Any] | None = None,
        answered_at: Sequence[Any] | NDArray[Any] | None = None,
        order: Sequence[Any] | NDArray[Any] | None = None,
        fold: Sequence[Any] | NDArray[Any] | None = None,
        skill_separator: str = "~",
        curriculum: Curriculum | None = None,
    ) -> ResponseLog:
        """Make a log of columns of equal length.

        Parameters
        ----------
        learner, item : sequence
            Ids; numbers are read as their text.
        score : sequence of float or bool
            In [0, 1].
        skills : sequence of str or of sequences of str, optional
            The skills exercised; a string is split at `skill_separator`. Without them the
            curriculum says which skills an item exercises.
        level : sequence of int, optional
            The proficiency level of the item, 1 where nothing says otherwise.
        answered_at : sequence, optional
            Aware datetimes, ISO 8601 text with an offset, datetime64 (UTC) or seconds since 1970.
        order, fold : sequence of int, optional
        skill_separator : str, default "~"
        curriculum : Curriculum, optional

        Raises
        ------
        InvalidInput
            Naming, for each column, how many values are at fault and the first of them.
        """
        given = {
            "learner": learner,
            "item": item,
            "score": score,
            "skills": skills,
            "level": level,
            "answered_at": answered_at,
            "order": order,
            "fold": fold,
        }
        present = {name: column for name, column in given.items() if column is not None}
        return cls(**read_columns(present, skill_separator, curriculum))

    @classmethod
    def from_records(
        cls,
        rows: Iterable[Mapping[str, Any] | Response],
        *,
        skill_separator: str = "~",
        curriculum: Curriculum | None = None,
    ) -> ResponseLog:
        """Make a log of mappings with the columns of :meth:`from_frame`, or of responses.

        Raises
        ------
        InvalidInput
            As :meth:`from_columns`; a column that only some rows have is a fault too.
        """
        return cls.from_columns(
            **columns_of_records(rows), skill_separator=skill_separator, curriculum=curriculum
        )

    @classmethod
    def from_frame(
        cls,
        frame: Any,
        *,
        columns: Mapping[str, str] | None = None,
        skill_separator: str = "~",
        curriculum: Curriculum | None = None,
    ) -> ResponseLog:
        """Make a log of a data frame: pandas, polars, pyarrow, whatever narwhals reads.

        Parameters
        ----------
        frame : data frame
            With columns ``learner``, ``item``, ``skills`` and ``correct`` or ``score``, optionally
            ``level``, ``order``, ``timestamp`` or ``answered_at``, ``fold``.
        columns : mapping, optional
            Where a column has another name there: ``{"learner": "user_id"}``.
        skill_separator : str, default "~"
        curriculum : Curriculum, optional
            Says which skills an item exercises where there is no column ``skills``.

        Raises
        ------
        InvalidInput
            A column is missing, or values are at fault.
        """
        return cls.from_columns(
            **columns_of_frame(frame, columns or {}, response_shape(curriculum)),
            skill_separator=skill_separator,
            curriculum=curriculum,
        )


def _count_within(learner: NDArray[np.int32], skill: NDArray[np.int32]) -> NDArray[np.int64]:
    """Number the members of each run of equal (learner, skill) from 1."""
    if not len(learner):
        return np.zeros(0, dtype=np.int64)
    new = np.r_[True, (learner[1:] != learner[:-1]) | (skill[1:] != skill[:-1])]
    starts = np.flatnonzero(new)
    sizes = np.diff(np.r_[starts, len(learner)])
    return np.arange(len(learner)) - np.repeat(starts, sizes) + 1

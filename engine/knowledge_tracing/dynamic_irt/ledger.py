"""A response log laid out for the passes: flat arrays, by learner and time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..fitted import items_of
from .filtering import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ...domain.framework import SkillLevel
    from ...domain.responses import ResponseLog

__all__ = ["Exercise", "Ledger", "exercise_of"]

Exercise = tuple[str, ...]
"""A combination of skills that items exercise together, in the order of their ids."""


def exercise_of(skills: Iterable[SkillLevel]) -> Exercise:
    """Return the combination of skills, whatever their order and level.

    Examples
    --------
    >>> from ...domain.framework import SkillLevel
    >>> exercise_of([SkillLevel("sql", 2), SkillLevel("charts")])
    ('charts', 'sql')
    """
    return tuple(sorted({one.skill_id for one in skills}))


@dataclass(frozen=True)
class Ledger:
    """The responses of a log by learner and time, with the codes of the log.

    Parameters
    ----------
    response : ndarray of int, shape (n_responses,)
        Their rows in the log.
    learner, item, exercise : ndarray of int, shape (n_responses,)
    start : ndarray of int, shape (n_responses + 1,)
        Response t exercises the skills ``skill[start[t]:start[t + 1]]``.
    skill : ndarray of int, shape (n_pairs,)
    score : ndarray of float, shape (n_responses,)
    seconds : ndarray of float, shape (n_responses,)
        When answered, since 1970; `UNKNOWN` where not said.
    item_level : ndarray of int, shape (n_items,)
    exercises : tuple of Exercise
        What the codes of `exercise` stand for.
    nudge : ndarray of float, shape (n_pairs,)
        What modules completed since the last response to the skill have moved its ability by.
    """

    response: NDArray[np.int64]
    learner: NDArray[np.int64]
    item: NDArray[np.int64]
    exercise: NDArray[np.int64]
    start: NDArray[np.int64]
    skill: NDArray[np.int64]
    score: NDArray[np.float64]
    seconds: NDArray[np.float64]
    item_level: NDArray[np.int64]
    exercises: tuple[Exercise, ...]
    nudge: NDArray[np.float64]

    @classmethod
    def of(cls, log: ResponseLog) -> Ledger:
        """Lay out a log."""
        code = {skill_id: k for k, skill_id in enumerate(log.skill_ids)}
        of_set = [exercise_of(one) for one in log.skill_sets]
        exercises = tuple(dict.fromkeys(of_set))
        number = {one: x for x, one in enumerate(exercises)}
        rows = log.time_order
        exercise = np.array([number[one] for one in of_set], np.int64)[log.skill_set[rows]]
        start, skill = _flat([[code[k] for k in one] for one in exercises], exercise)
        return cls(
            rows,
            log.learner[rows].astype(np.int64),
            log.item[rows].astype(np.int64),
            exercise,
            start,
            skill,
            log.score[rows],
            _seconds(log)[rows],
            _item_levels(log),
            exercises,
            np.zeros(len(skill)),
        )

    def __len__(self) -> int:
        return len(self.score)

    def select(self, chosen: ArrayLike) -> Ledger:
        """Return some of the responses, by mask; codes stay as they are."""
        mask = np.asarray(chosen, dtype=np.bool_)
        sizes = np.diff(self.start)
        return replace(
            self,
            response=self.response[mask],
            learner=self.learner[mask],
            item=self.item[mask],
            exercise=self.exercise[mask],
            start=np.concatenate([[0], np.cumsum(sizes[mask])]).astype(np.int64),
            skill=self.skill[np.repeat(mask, sizes)],
            nudge=self.nudge[np.repeat(mask, sizes)],
            score=self.score[mask],
            seconds=self.seconds[mask],
        )

    @cached_property
    def first(self) -> NDArray[np.bool_]:
        """Whether each response is its learner's first, shape (n_responses,)."""
        new = np.ones(len(self), dtype=np.bool_)
        new[1:] = self.learner[1:] != self.learner[:-1]
        return new

    def before(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the code of the learner's response before each, −1 where there is none."""
        shifted = np.roll(codes, 1)
        shifted[self.first] = -1
        return shifted


def _flat(
    members: list[list[int]], chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the members of the chosen sets one after the other, and where each begins."""
    sizes = np.array([len(one) for one in members], dtype=np.int64)
    flat = np.array([k for one in members for k in one], dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    counts = sizes[chosen]
    begin = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    within = np.arange(begin[-1]) - np.repeat(begin[:-1], counts)
    return begin, flat[np.repeat(starts[chosen], counts) + within]


def _seconds(log: ResponseLog) -> NDArray[np.float64]:
    if log.answered_at is None:
        return np.full(len(log), UNKNOWN)
    at = log.answered_at.astype("datetime64[us]")
    return np.where(np.isnat(at), UNKNOWN, at.astype(np.int64) / 1e6)


def _item_levels(log: ResponseLog) -> NDArray[np.int64]:
    levels = np.ones(len(log.item_ids), dtype=np.int64)
    of_item = items_of(log) if len(log) else {}
    code = {item_id: i for i, item_id in enumerate(log.item_ids)}
    for item_id, skills in of_item.items():
        levels[code[item_id]] = max(one.level for one in skills)
    return levels

"""Bulk replay under BKT: whole histories into the states of their learners, on every core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..domain.framework import SkillLevel
from .bulk_columns import Columns, Subjects, in_parts

if TYPE_CHECKING:
    from ..domain.history import History
    from ..domain.states import KnowledgeStates
    from .binding import Binding

__all__ = ["states_after"]


def states_after(history: History, binding: Binding) -> KnowledgeStates:
    """Return the state of every learner after all of their evidence.

    It is what :meth:`BKT.update` and :meth:`BKT.complete` come to, one event after the other.

    Raises
    ------
    UnknownId
        An item or a module that the binding does not know.
    """
    from .bulk_passes import fold

    def exercised(item_id: str) -> Sequence[SkillLevel]:
        return [SkillLevel(one.skill_id, one.level) for one in binding.exercised(item_id)]

    subjects = Subjects.of(
        history, binding.curriculum, exercised, lambda skill_id: binding.chain(skill_id).levels
    )
    columns = Columns.of(history, subjects)
    moves = _moves(history, subjects, binding)
    rank, parameters = np.array([one[0] for one in moves], np.int32), [one[1:] for one in moves]
    p_start = [p for skill_id in subjects.skill_ids for p in binding.chain(skill_id).p_start]
    happened = history.happened_at
    arguments = (
        history.start,
        history.subject,
        history.score,
        np.zeros(0, np.int64) if happened is None else happened.view(np.int64),
        len(history.item_ids),
        subjects.start,
        subjects.skill,
        rank,
        np.array(parameters, np.float64).reshape(-1, 4),
        subjects.row_start,
        np.array(p_start, np.float64),
        np.array([binding.decay_of(skill_id) for skill_id in subjects.skill_ids], np.float64),
        *columns,
    )
    in_parts(lambda first, last: fold(first, last, *arguments), history)
    return columns.states(history, subjects)


def _moves(
    history: History, subjects: Subjects, binding: Binding
) -> list[tuple[int, float, float, float, float]]:
    """Return the rank of the level that each move is about, and its parameters."""
    answers = [
        (one.rank, one.learn, one.forget, one.guess, one.slip)
        for item_id, exercised in zip(history.item_ids, subjects.exercised, strict=True)
        if exercised
        for one in binding.exercised(item_id)
    ]
    lessons = [
        (
            binding.chain(one.skill_id).rank(one.level),
            binding.taught_by(module_id, one.reached, one.learn),
            0.0,
            0.0,
            0.0,
        )
        for module_id, effects in zip(history.module_ids, subjects.taught, strict=True)
        for one in effects
    ]
    return answers + lessons

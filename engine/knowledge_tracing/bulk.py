"""Bulk replay under BKT: whole histories into the states of their learners, on every core."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .bulk_columns import Columns, Subjects, in_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.history import History
    from ..domain.states import KnowledgeStates
    from .binding import Binding

    F64 = NDArray[np.float64]
    I32 = NDArray[np.int32]

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

    subjects = Subjects.of(
        history, binding.curriculum, binding, lambda skill_id: binding.chain(skill_id).levels
    )
    columns = Columns.of(history, subjects)
    rank, parameters = _moves(history, subjects, binding)
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
        parameters,
        subjects.row_start,
        np.array(p_start, np.float64),
        np.array([binding.decay_of(skill_id) for skill_id in subjects.skill_ids], np.float64),
        *columns,
    )
    in_parts(lambda first, last: fold(first, last, *arguments), history)
    return columns.states(history, subjects)


def _moves(history: History, subjects: Subjects, binding: Binding) -> tuple[I32, F64]:
    """Return the rank of the level that each move is about, and its parameters."""
    answers = [
        (one.rank, one.learn, one.forget, one.guess, one.slip)
        for item_id in subjects.examples
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
    moves = np.array(answers + lessons, np.float64).reshape(-1, 5)
    moves = np.concatenate([moves[subjects.like], moves[len(answers) :]])
    return moves[:, 0].astype(np.int32), np.ascontiguousarray(moves[:, 1:])

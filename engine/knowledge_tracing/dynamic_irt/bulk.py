"""Bulk replay under DynamicIRT: whole histories into states, latent values and all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from ..bulk_columns import Columns, Subjects, in_parts
from .abilities import Question, item_name, skill_name
from .bulk_passes import LESSON_FIELDS
from .filtering import EXERCISE_FIELDS, ITEM_FIELDS, LEARNER_FIELDS, SKILL_FIELDS, N
from .settings import Settings

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

    from ...domain.curriculum import Curriculum
    from ...domain.history import History
    from ...domain.states import KnowledgeStates
    from .binding import Binding

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    I32 = NDArray[np.int32]

__all__ = ["LatentColumns", "states_after"]

_NOTHING = (0.0, 0.0)


@dataclass(frozen=True)
class LatentColumns:
    """The latent values of many learners in columns.

    Parameters
    ----------
    skill_ids, item_ids : sequence of str
    exercises : sequence of Question
        An item of each exercise.
    exercise_of : ndarray of int32, shape (n_items,)
    learner : ndarray, shape (n_learners, LEARNER_FIELDS)
    previous : ndarray of int32, shape (n_learners,)
        The item answered last.
    skill_start, skill, skill_rows : ndarray
        Learner i owns the rows ``skill_start[i]:skill_start[i + 1]``, of these skills.
    start : ndarray of int64, shape (n_learners + 1, 2)
        Likewise of exercises and items, by column.
    exercise, exercise_rows, item, item_rows : ndarray
    """

    skill_ids: Sequence[str]
    item_ids: Sequence[str]
    exercises: Sequence[Question]
    exercise_of: I32
    learner: F64
    previous: I32
    skill_start: I64
    skill: I32
    skill_rows: F64
    start: I64
    exercise: I32
    exercise_rows: F64
    item: I32
    item_rows: F64

    def of(self, i: int) -> dict[str, tuple[float | str, ...]]:
        """Return the latent values of the learner with a code."""
        low, high = self.skill_start[i : i + 2].tolist()
        skills = [skill_name(self.skill_ids[k]) for k in self.skill[low:high].tolist()]
        found = _named(skills, self.skill_rows[low:high])
        if not self.learner[i, N]:
            return found  # modules completed, nothing answered
        last = int(self.previous[i])
        found["learner"] = tuple(self.learner[i].tolist())
        found["previous"] = (self.exercises[self.exercise_of[last]].mark[0], self.item_ids[last])
        low, high = self.start[i : i + 2, 0].tolist()
        exercises = [self.exercises[k].exercise_name for k in self.exercise[low:high].tolist()]
        found |= _named(exercises, self.exercise_rows[low:high])
        low, high = self.start[i : i + 2, 1].tolist()
        items = [item_name(self.item_ids[k]) for k in self.item[low:high].tolist()]
        return found | _named(items, self.item_rows[low:high])


def _named(names: Sequence[str], rows: F64) -> dict[str, tuple[float | str, ...]]:
    return dict(zip(names, map(tuple, rows.tolist()), strict=True))


def states_after(
    history: History, binding: Binding, curriculum: Curriculum | None
) -> KnowledgeStates:
    """Return the state of every learner after all of their evidence.

    It is what :meth:`DynamicIRT.update` and :meth:`DynamicIRT.complete` come to, one event after
    the other.

    Raises
    ------
    UnknownId
        An item or a module that is not known.
    """

    scale = binding.scale
    subjects = Subjects.of(history, curriculum, binding, lambda one: scale(one).levels)
    columns = Columns.of(history, subjects)
    asked = [binding.question(item_id) for item_id in subjects.examples]
    latent = _room(history, subjects, columns, asked)
    fitted, happened = binding.fitted, history.happened_at
    arguments = (
        history.start,
        history.subject,
        history.score,
        np.zeros(0, np.int64) if happened is None else happened.view(np.int64),
        subjects.start,
        subjects.skill,
        _lessons(history, subjects, binding),
        latent.exercise_of,
        len(latent.exercises),
        _easiness(history, subjects, binding, asked),
        np.array([fitted.skill(one) for one in subjects.skill_ids]).reshape(-1, 4),
        np.array([fitted.typical.get(one, 0.0) for one in subjects.skill_ids], np.float64),
        Settings(*map(float, fitted.settings)),
        binding.fades,
        subjects.row_start,
        np.array([cut for one in subjects.skill_ids for cut in scale(one).cuts], np.float64),
        *columns,
        latent.learner,
        latent.previous,
        latent.skill_rows,
        latent.start,
        latent.exercise,
        latent.exercise_rows,
        latent.item,
        latent.item_rows,
    )
    fold = _fastest().fold
    in_parts(lambda first, last: fold(first, last, *arguments), history)
    return columns.states(history, subjects, latent)


def _room(
    history: History, subjects: Subjects, columns: Columns, asked: Sequence[Question]
) -> LatentColumns:
    """Return latent columns to fill in; `asked` has an item of each group."""
    of_name = {one.exercise_name: one for one in reversed(asked)}
    code = {name: k for k, name in enumerate(of_name)}
    of_group = np.array([0, *(code[one.exercise_name] for one in asked)], np.int32)
    exercise_of = of_group[subjects.group]
    n_learners, count = len(history.learner_ids), _fastest().count
    sizes = np.zeros((n_learners + 1, 2), np.int64)
    events = (history.start, history.subject, exercise_of, len(code))
    in_parts(lambda first, last: count(first, last, *events, sizes), history)
    start = np.cumsum(sizes, axis=0)
    n_exercises, n_items = start[-1].tolist()
    return LatentColumns(
        subjects.skill_ids,
        history.item_ids,
        list(of_name.values()),
        exercise_of,
        np.empty((n_learners, LEARNER_FIELDS)),
        np.empty(n_learners, np.int32),
        columns.start[:, 0],
        columns.skill,
        np.empty((len(columns.skill), SKILL_FIELDS)),
        start,
        np.empty(n_exercises, np.int32),
        np.empty((n_exercises, EXERCISE_FIELDS)),
        np.empty(n_items, np.int32),
        np.empty((n_items, ITEM_FIELDS)),
    )


def _easiness(
    history: History, subjects: Subjects, binding: Binding, asked: Sequence[Question]
) -> F64:
    """Return mean and variance of each item's easiness, shape (n_items, 2)."""
    fitted = binding.fitted
    usual = [_NOTHING, *(fitted.usual_item(max(one.levels)) for one in asked)]
    known = map(fitted.items.get, history.item_ids)
    found = [one or usual[group] for one, group in zip(known, subjects.group.tolist(), strict=True)]
    return np.fromiter(chain.from_iterable(found), np.float64, 2 * len(found)).reshape(-1, 2)


def _lessons(history: History, subjects: Subjects, binding: Binding) -> F64:
    """Return what each move of a module does, behind empty rows for those of items."""
    lessons = [
        (binding.learn_of(module_id, one), *binding.cuts_of(one.skill_id, one.level))
        for module_id, effects in zip(history.module_ids, subjects.taught, strict=True)
        for one in effects
    ]
    answers = np.zeros((len(subjects.skill) - len(lessons), LESSON_FIELDS))
    return np.concatenate([answers, np.array(lessons).reshape(-1, LESSON_FIELDS)])


def _fastest() -> ModuleType:
    """Return the compiled passes where numba is installed, else the reference."""
    try:
        from . import kernels
    except ImportError:
        from . import bulk_passes

        return bulk_passes
    return kernels

"""What every bulk replay shares: subjects looked up once, and columns filled in by threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..domain.framework import SkillLevel
from ..domain.states import KnowledgeStates
from ..errors import UnknownId
from .threads import share, usual_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.curriculum import Curriculum, ModuleEffect
    from ..domain.history import History
    from ..domain.states import Latents

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    I32 = NDArray[np.int32]

__all__ = ["Columns", "Subjects", "in_parts"]


@dataclass(frozen=True)
class Subjects:
    """What the items and modules of a history are about, as moves: a subject moves a skill.

    Parameters
    ----------
    skill_ids : tuple of str
        Those that some subject moves.
    levels : tuple of tuple of int, shape (n_skills,)
    exercised : tuple of tuple of SkillLevel, shape (n_items,)
    taught : tuple of tuple of ModuleEffect, shape (n_modules,)
        Lower levels first.
    start : ndarray of int64, shape (n_subjects + 1,)
        Subject s owns the moves ``start[s]:start[s + 1]``.
    skill : ndarray of int32, shape (n_moves,)
    row_start : ndarray of int64, shape (n_skills + 1,)
        Skill k owns the levels ``row_start[k]:row_start[k + 1]``.
    """

    skill_ids: tuple[str, ...]
    levels: tuple[tuple[int, ...], ...]
    exercised: tuple[tuple[SkillLevel, ...], ...]
    taught: tuple[tuple[ModuleEffect, ...], ...]
    start: I64
    skill: I32
    row_start: I64

    @classmethod
    def of(
        cls,
        history: History,
        curriculum: Curriculum | None,
        exercised: Callable[[str], Sequence[SkillLevel]],
        levels_of: Callable[[str], tuple[int, ...]],
    ) -> Subjects:
        """Look up once what occurs; raise UnknownId for what is not known."""
        happens = np.zeros(len(history.item_ids) + len(history.module_ids), dtype=np.bool_)
        happens[history.subject] = True
        used = zip(history.item_ids, happens.tolist(), strict=False)
        of_items = tuple(tuple(exercised(one)) if occurs else () for one, occurs in used)
        modules = curriculum.modules if curriculum else {}
        for module_id in history.module_ids:
            if module_id not in modules:
                raise UnknownId("module", module_id, modules)
        of_modules = tuple(
            tuple(sorted(modules[module_id].teaches, key=lambda one: one.level))
            for module_id in history.module_ids
        )
        moves: list[Sequence[SkillLevel | ModuleEffect]] = [*of_items, *of_modules]
        moved = [one.skill_id for subject in moves for one in subject]
        code = {skill_id: k for k, skill_id in enumerate(dict.fromkeys(moved))}
        levels = tuple(map(levels_of, code))
        return cls(
            tuple(code),
            levels,
            of_items,
            of_modules,
            np.cumsum([0, *map(len, moves)], dtype=np.int64),
            np.array([code[skill_id] for skill_id in moved], np.int32),
            np.cumsum([0, *map(len, levels)], dtype=np.int64),
        )


class Columns(NamedTuple):
    """The columns of states, of the right size, for passes to fill in.

    Parameters
    ----------
    start : ndarray of int64, shape (n_learners + 1, 3)
        Where each learner's entries, beliefs and successes begin.
    skill, belief_start, p_at_least, opportunities, success : ndarray
        As in :class:`.KnowledgeStates`.
    answered, failed, believed : ndarray of int64, shape (n_entries,)
        Microseconds since 1970.
    """

    start: I64
    skill: I32
    belief_start: I64
    p_at_least: F64
    opportunities: I32
    answered: I64
    failed: I64
    believed: I64
    success: I32

    @classmethod
    def of(cls, history: History, subjects: Subjects) -> Columns:
        """Count what each learner comes to, and make room for it."""
        from .bulk_passes import count

        sizes = np.zeros((len(history.learner_ids) + 1, 3), np.int64)
        arguments = (
            history.start,
            history.subject,
            history.score,
            len(history.item_ids),
            subjects.start,
            subjects.skill,
            np.diff(subjects.row_start),
            sizes,
        )
        in_parts(lambda first, last: count(first, last, *arguments), history)
        start = np.cumsum(sizes, axis=0)
        n_entries, n_beliefs, n_successes = start[-1].tolist()
        return cls(
            start,
            np.empty(n_entries, np.int32),
            np.full(n_entries + 1, n_beliefs, np.int64),
            np.empty(n_beliefs),
            np.empty(n_entries, np.int32),
            np.empty(n_entries, np.int64),
            np.empty(n_entries, np.int64),
            np.empty(n_entries, np.int64),
            np.empty(n_successes, np.int32),
        )

    def states(
        self, history: History, subjects: Subjects, latent: Latents | None = None
    ) -> KnowledgeStates:
        """Return the states that the columns say, once they are filled in."""
        return KnowledgeStates(
            history.learner_ids,
            subjects.skill_ids,
            history.item_ids,
            history.module_ids,
            subjects.levels,
            subjects.exercised,
            np.ascontiguousarray(self.start[:, 0]),
            self.belief_start,
            self.skill,
            self.p_at_least,
            self.opportunities,
            self.answered.view("datetime64[us]"),
            self.failed.view("datetime64[us]"),
            self.believed.view("datetime64[us]"),
            np.ascontiguousarray(self.start[:, 2]),
            self.success,
            *_completed(history),
            latent,
        )


def _completed(history: History) -> tuple[I64, I32, NDArray[np.datetime64]]:
    """Return where each learner's completed modules start, which they are, and when last."""
    events = history.completed
    n_modules = max(len(history.module_ids), 1)
    pair = history.learner[events] * np.int64(n_modules)
    pair += history.subject[events] - len(history.item_ids)
    pairs, from_the_end = np.unique(pair[::-1], return_index=True)
    learner, module = np.divmod(pairs, n_modules)
    start = np.searchsorted(learner, np.arange(len(history.learner_ids) + 1)).astype(np.int64)
    last = events[::-1][from_the_end]
    none = np.full(len(last), "NaT", "datetime64[us]")
    at = none if history.happened_at is None else history.happened_at[last]
    return start, module.astype(np.int32), at


def in_parts(work: Callable[[int, int], None], history: History) -> None:
    """Do the work for all learners, some of them at a time, in threads.

    What a learner comes to depends on nobody else, so neither the parts nor the number of threads
    change a digit.
    """
    share(work, np.diff(history.start), usual_number())

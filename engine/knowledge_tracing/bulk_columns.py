"""What every bulk replay shares: subjects looked up once, and columns filled in by threads."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress, count
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from ..domain.framework import SkillLevel
from ..domain.states import KnowledgeStates
from ..errors import UnknownId
from .threads import share, usual_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.curriculum import Curriculum, Module, ModuleEffect
    from ..domain.history import History
    from ..domain.states import Latents

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    I32 = NDArray[np.int32]

__all__ = ["Columns", "Known", "Subjects", "in_parts"]


class Known(Protocol):
    """What a tracer knows of items."""

    def alike(self, item_ids: Sequence[str]) -> Iterable[Hashable]:
        """Return of each item what it has in common with those that are alike but for the name."""

    def skills_at(self, item_id: str) -> Sequence[SkillLevel]:
        """Return the skills that an item exercises, in the tracer's order."""


@dataclass(frozen=True)
class Subjects:
    """What the items and modules of a history are about, as moves: a subject moves a skill.

    Items of which the tracer knows the same are looked up once, as a group.

    Parameters
    ----------
    skill_ids : tuple of str
        Those that some subject moves.
    levels : tuple of tuple of int, shape (n_skills,)
    examples : tuple of str, shape (n_groups,)
        An item of each group.
    group : ndarray of int32, shape (n_items,)
        One more than the group of each item; 0 where it does not occur.
    like : ndarray of int64, shape (n_item_moves,)
        Of each move of an item the one of its group that it is like.
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
    examples: tuple[str, ...]
    group: I32
    like: I64
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
        known: Known,
        levels_of: Callable[[str], tuple[int, ...]],
    ) -> Subjects:
        """Look up once what occurs; raise UnknownId for what is not known."""
        examples, group = _grouped(history, known)
        of_group = [(), *(tuple(known.skills_at(one)) for one in examples)]
        taught = tuple(_taught(history.module_ids, curriculum.modules if curriculum else {}))
        moves: list[Sequence[SkillLevel | ModuleEffect]] = [*of_group, *taught]
        moved = [one.skill_id for one in chain.from_iterable(moves)]
        code = {skill_id: k for k, skill_id in enumerate(dict.fromkeys(moved))}
        levels = tuple(map(levels_of, code))
        size = np.array([len(one) for one in of_group])
        sizes = size[group]
        like = np.arange(sizes.sum()) + np.repeat(
            (np.cumsum(size) - size)[group] - (np.cumsum(sizes) - sizes), sizes
        )
        skill = np.array([code[skill_id] for skill_id in moved], np.int32)
        return cls(
            tuple(code),
            levels,
            tuple(examples),
            group,
            like,
            tuple(map(of_group.__getitem__, group.tolist())),
            taught,
            np.cumsum(np.concatenate([[0], sizes, [len(one) for one in taught]]), dtype=np.int64),
            np.concatenate([skill[like], skill[size.sum() :]]),
            np.cumsum([0, *map(len, levels)], dtype=np.int64),
        )


def _grouped(history: History, known: Known) -> tuple[list[str], I32]:
    """Return an item of each group, and one more than the group of each item that occurs."""
    happens = np.zeros(len(history.item_ids) + len(history.module_ids), dtype=np.bool_)
    happens[history.subject] = True
    happens = happens[: len(history.item_ids)]
    items = list(compress(history.item_ids, happens.tolist()))
    first: dict[Hashable, int] = {}
    told = list(map(first.setdefault, known.alike(items), count()))
    examples, groups = np.unique(np.array(told, np.int64), return_inverse=True)
    group = np.zeros(len(happens), np.int32)
    group[happens] = groups + 1
    return [items[k] for k in examples.tolist()], group


def _taught(
    module_ids: Sequence[str], modules: Mapping[str, Module]
) -> Iterator[tuple[ModuleEffect, ...]]:
    """Yield what each module teaches, lower levels first."""
    for module_id in module_ids:
        if module_id not in modules:
            raise UnknownId("module", module_id, modules)
        yield tuple(sorted(modules[module_id].teaches, key=lambda one: one.level))


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
        from .bulk_passes import count as count_states

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
        in_parts(lambda first, last: count_states(first, last, *arguments), history)
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
            *_completed(history, subjects),
            latent,
        )


def _completed(
    history: History, subjects: Subjects
) -> tuple[I64, I32, NDArray[np.datetime64], I32]:
    """Return where each learner's completed modules start, which they are, when last, and more.

    The last are how often each was completed, and how many answers to what it teaches were given
    before it last was.
    """
    events = history.completed
    n_modules = max(len(history.module_ids), 1)
    pair = history.learner[events] * np.int64(n_modules)
    pair += history.subject[events] - len(history.item_ids)
    pairs, from_the_end, times = np.unique(pair[::-1], return_index=True, return_counts=True)
    learner, module = np.divmod(pairs, n_modules)
    start = np.searchsorted(learner, np.arange(len(history.learner_ids) + 1)).astype(np.int64)
    last = events[::-1][from_the_end]
    none = np.full(len(last), "NaT", "datetime64[us]")
    at = none if history.happened_at is None else history.happened_at[last]
    lessons = np.stack([times, _answered_before(history, subjects, last)], axis=1)
    return start, module.astype(np.int32), at, lessons.astype(np.int32)


def _answered_before(history: History, subjects: Subjects, events: I64) -> I64:
    """Return how many answers exercised what modules teach before events that complete them.

    One to several of its skills counts once for each, as their opportunities do.
    """
    found = np.zeros(len(events), np.int64)
    if not len(events):
        return found
    n_skills = np.int64(len(subjects.skill_ids))
    answers = np.flatnonzero(history.subject < len(history.item_ids))
    row, skill = _moves(subjects, history.subject[answers])
    learner = history.learner[answers][row]
    when = np.int64(len(history) + 1)
    exercised = np.sort((learner * n_skills + skill) * when + answers[row])
    row, skill = _moves(subjects, history.subject[events])
    repeated = np.zeros(len(row), np.bool_)  # a module that teaches several levels of a skill
    repeated[1:] = (row[1:] == row[:-1]) & (skill[1:] == skill[:-1])
    row, skill = row[~repeated], skill[~repeated]
    owner = (history.learner[events][row] * n_skills + skill) * when
    n = np.searchsorted(exercised, owner + events[row]) - np.searchsorted(exercised, owner)
    np.add.at(found, row, n)
    return found


def _moves(subjects: Subjects, subject: I32) -> tuple[I64, I64]:
    """Return the skills that subjects move, sorted within each: of which row, and which skill."""
    first, sizes = subjects.start[subject], np.diff(subjects.start)[subject]
    row = np.repeat(np.arange(len(subject)), sizes)
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    skill = subjects.skill[np.repeat(first, sizes) + within].astype(np.int64)
    order = np.lexsort((skill, row))
    return row[order], skill[order]


def in_parts(work: Callable[[int, int], None], history: History) -> None:
    """Do the work for all learners, some of them at a time, in threads.

    What a learner comes to depends on nobody else, so neither the parts nor the number of threads
    change a digit.
    """
    share(work, np.diff(history.start), usual_number())

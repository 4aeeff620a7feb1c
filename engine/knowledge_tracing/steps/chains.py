"""A log and its completions as chains: per learner and skill, what happened in order of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..lessons import completions_among
from .binding import DAY_SECONDS, UNKNOWN, Binding, seconds_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...domain.curriculum import Curriculum, Module
    from ...domain.evidence import Completion
    from ...domain.framework import SkillLevel
    from ...domain.responses import ResponseLog

__all__ = ["Chains", "Event", "events_of"]


class Event(NamedTuple):
    """An answer of a learner, by its row of the log; or a module completed, and no row."""

    learner: int
    row: int
    item_id: str
    skills: tuple[SkillLevel, ...]
    score: float
    module: Module | None
    seconds: float


def events_of(
    log: ResponseLog, completions: Iterable[Completion] | None, curriculum: Curriculum | None
) -> Iterator[Event]:
    """Yield all that happened, learner by learner; completions before answers at their instant.

    Raises
    ------
    InvalidInput
        Completions are given without instants in the log, or of modules that are not known.
    """
    coming: dict[str, list[Completion]] = defaultdict(list)
    if completions is not None:
        for one in completions_among(completions, log, curriculum):
            coming[one.learner_id].append(one)
    modules = curriculum.modules if curriculum else {}
    seconds = np.full(len(log), UNKNOWN)
    if log.answered_at is not None:
        known = ~np.isnat(log.answered_at)
        seconds[known] = log.answered_at[known].astype("datetime64[us]").astype(np.int64) / 1e6
    rows = log.time_order
    learner = log.learner[rows]
    latest, last = UNKNOWN, -1
    waiting: list[Completion] = []
    for row, code in zip(rows.tolist(), learner.tolist(), strict=True):
        if code != last:
            yield from (_completed(last, one, modules) for one in waiting)
            waiting, latest, last = coming.get(log.learner_ids[code], []), UNKNOWN, code
        latest = max(latest, float(seconds[row]))
        while waiting and seconds_of(waiting[0].completed_at) <= latest:
            yield _completed(code, waiting[0], modules)
            waiting = waiting[1:]
        skills = log.skill_sets[int(log.skill_set[row])]
        item_id = log.item_ids[log.item[row]]
        yield Event(code, row, item_id, skills, float(log.score[row]), None, float(seconds[row]))
    yield from (_completed(last, one, modules) for one in waiting)


def _completed(learner: int, one: Completion, modules: Any) -> Event:
    return Event(learner, -1, "", (), 0.0, modules[one.module_id], seconds_of(one.completed_at))


@dataclass(frozen=True)
class Chains:
    """What happened, in columns: one row per event and skill that it is about.

    Attributes
    ----------
    size, skill, rank, learner : ndarray of int, shape (n_rows,)
        Number of states of the chain's skill, the skill, the place of the level, and whose it is.
    days : ndarray of float, shape (n_rows,)
        Since the row before in the chain.
    score : ndarray of float, shape (n_rows,)
        Of an answer.
    effect : ndarray of int, shape (n_rows,)
        Which effect of a module it is; -1 of answers.
    item : ndarray of int, shape (n_rows,)
        Which item was answered; -1 of lessons.
    steps : dict of int to list of ndarray
        By number of states, per position in the chain the rows there; longer chains come first.
    beside : list of (int, list of int)
        Rows of answers to several skills, and the rows of the other skills.
    required : list of (int, list of (int, int, int))
        Rows of lessons, and per prerequisite the latest row about it before or -1, its skill, and
        the place of the level.
    begins : list of (int, list of list of (int, int, int))
        First rows of chains of skills that require others, and per level, as of lessons, what is
        required; the rows are the latest before any lesson.
    skill_ids, item_ids, effects
        What the codes stand for.
    """

    size: NDArray[np.int64]
    skill: NDArray[np.int64]
    rank: NDArray[np.int64]
    learner: NDArray[np.int64]
    days: NDArray[np.float64]
    score: NDArray[np.float64]
    effect: NDArray[np.int64]
    item: NDArray[np.int64]
    steps: dict[int, list[NDArray[np.int64]]]
    beside: list[tuple[int, list[int]]]
    required: list[tuple[int, list[tuple[int, int, int]]]]
    begins: list[tuple[int, list[list[tuple[int, int, int]]]]]
    skill_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    effects: tuple[tuple[str, SkillLevel, float, str], ...]

    @classmethod
    def of(cls, events: Iterable[Event], bound: Binding) -> Chains:
        """Lay events out."""
        return _Layout(bound).laid(events)


class _Layout:
    def __init__(self, bound: Binding) -> None:
        self.bound = bound
        self.skill: dict[str, int] = {}
        self.item: dict[str, int] = {}
        self.effect: dict[tuple[str, SkillLevel], int] = {}
        self.declared: list[tuple[float, str]] = []
        # skill, rank, learner, days, score, item, effect
        self.rows: list[tuple[int, int, int, float, float, int, int]] = []
        self.chain: dict[tuple[int, int], list[int]] = defaultdict(list)
        self.since: dict[tuple[int, int], float] = {}
        self.beside: list[tuple[int, list[int]]] = []
        self.required: list[tuple[int, list[tuple[int, int, int]]]] = []

    def laid(self, events: Iterable[Event]) -> Chains:
        for one in events:
            if one.module is None:
                self._answer(one)
            else:
                self._lesson(one, one.module)
        begins = self._begins()  # before the skills are counted: it may name more
        columns = np.array(self.rows, np.float64).reshape(-1, 7).T
        skill, rank, learner, item, effect = (columns[i].astype(np.int64) for i in (0, 1, 2, 5, 6))
        ids = tuple(self.skill)
        sizes = np.array([len(self.bound.prior(one)) for one in ids], np.int64)
        size = sizes[skill] if len(ids) else skill
        effects = tuple(
            (*name, *learn) for name, learn in zip(self.effect, self.declared, strict=True)
        )
        return Chains(
            size, skill, rank, learner, columns[3], columns[4], effect, item,
            self._steps(sizes), self.beside, self.required, begins, ids, tuple(self.item), effects,
        )  # fmt: skip

    def _row(self, event: Event, one: SkillLevel, effect: int) -> int:
        skill = self.skill.setdefault(one.skill_id, len(self.skill))
        key = (event.learner, skill)
        before = self.since.get(key, UNKNOWN)
        dated = before > UNKNOWN and event.seconds > before
        days = (event.seconds - before) / DAY_SECONDS if dated else 0.0
        self.since[key] = max(before, event.seconds)
        row, rank = len(self.rows), self.bound.rank(one)
        item = -1 if effect >= 0 else self.item.setdefault(event.item_id, len(self.item))
        self.rows.append((skill, rank, event.learner, days, event.score, item, effect))
        self.chain[key].append(row)
        return row

    def _answer(self, event: Event) -> None:
        rows = [self._row(event, one, -1) for one in event.skills]
        if len(rows) > 1:
            self.beside += [(row, [other for other in rows if other != row]) for row in rows]

    def _lesson(self, event: Event, module: Module) -> None:
        for one in sorted(module.teaches, key=lambda effect: effect.level):
            requirements = self._requirements(event.learner, one.reached)
            name = (module.module_id, one.reached)
            if name not in self.effect:
                self.effect[name] = len(self.effect)
                self.declared.append((one.learn, module.format))
            row = self._row(event, one.reached, self.effect[name])
            if requirements:
                self.required.append((row, requirements))

    def _requirements(self, learner: int, reached: SkillLevel) -> list[tuple[int, int, int]]:
        assert self.bound.curriculum is not None  # which has the module
        found = []
        for one in self.bound.curriculum.requirements(reached):
            skill = self.skill.setdefault(one.skill_id, len(self.skill))
            rows = self.chain.get((learner, skill), [-1])
            found.append((rows[-1], skill, self.bound.rank(one)))
        return found

    def _begins(self) -> list[tuple[int, list[list[tuple[int, int, int]]]]]:
        """Return for chains of skills that require others what their beginning depends on."""
        ids, found = tuple(self.skill), []
        for (learner, skill), rows in tuple(self.chain.items()):
            required = self.bound.required(ids[skill])
            if required is not None:
                of_levels = [
                    [self._begun(learner, one) for one in of_level] for of_level in required
                ]
                found.append((rows[0], of_levels))
        return found

    def _begun(self, learner: int, one: SkillLevel) -> tuple[int, int, int]:
        skill = self.skill.setdefault(one.skill_id, len(self.skill))
        before = -1
        for row in self.chain.get((learner, skill), ()):
            if self.rows[row][-1] >= 0:
                break
            before = row
        return before, skill, self.bound.rank(one)

    def _steps(self, sizes: NDArray[np.int64]) -> dict[int, list[NDArray[np.int64]]]:
        by_size: dict[int, list[Sequence[int]]] = defaultdict(list)
        for (_, skill), rows in self.chain.items():
            by_size[int(sizes[skill])].append(rows)
        found = {}
        for size, chains in by_size.items():
            chains.sort(key=len, reverse=True)
            found[size] = [
                np.array([rows[t] for rows in chains if len(rows) > t], np.int64)
                for t in range(len(chains[0]))
            ]
        return found

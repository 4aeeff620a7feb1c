"""Modules completed between the responses of a log: silent events, each a chance to learn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

import numpy as np

from ..domain.evidence import Completion
from ..domain.framework import SkillLevel
from ..errors import Fault, InvalidInput, did_you_mean, near_matches
from .pairs import Pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.curriculum import Curriculum, Module
    from ..domain.responses import ResponseLog
    from .chain import LevelChain

__all__ = ["Effects", "Lessons", "completions_among"]

Effects = Mapping[str, Mapping[SkillLevel, float]]
"""What modules teach: P(a completion lifts onto the level) by module, skill and level."""


@dataclass(frozen=True)
class Lessons:
    """The completions that speak about the learners and skills of a log, by learner and time.

    Parameters
    ----------
    learner : ndarray of int32, shape (n_completions,)
        Codes of the log.
    completed_at : ndarray of datetime64, shape (n_completions,)
    taught : tuple of tuple of int, shape (n_completions,)
        The effects of each completion, lower levels first.
    effects : tuple of (str, SkillLevel), shape (n_effects,)
        Which module reaches which level of which skill.
    skill, rank : ndarray of int32, shape (n_effects,)
        Where each effect stands in the log's table of levels.
    declared : ndarray of float, shape (n_effects,)
        What the curriculum says that it teaches.
    """

    learner: NDArray[np.int32]
    completed_at: NDArray[np.datetime64]
    taught: tuple[tuple[int, ...], ...]
    effects: tuple[tuple[str, SkillLevel], ...]
    skill: NDArray[np.int32]
    rank: NDArray[np.int32]
    declared: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        completions: Iterable[Completion | Mapping[str, Any]],
        log: ResponseLog,
        curriculum: Curriculum | None,
        chains: Mapping[str, LevelChain],
    ) -> Lessons:
        """Match completions to a log.

        Completions of learners without responses, and effects on levels that the log does not
        have, say nothing about answers and are left out.

        Raises
        ------
        InvalidInput
            The log has no instants, a completion has none, or a module is not in the curriculum.
        """
        known = completions_among(completions, log, curriculum)
        modules = curriculum.modules if curriculum else {}
        code = {skill_id: k for k, skill_id in enumerate(log.skill_ids)}
        number: dict[tuple[str, SkillLevel], int] = {}
        skill, rank, declared = [], [], []
        for module in {one.module_id: modules[one.module_id] for one in known}.values():
            for effect in sorted(module.teaches, key=lambda one: one.level):
                chain = chains.get(effect.skill_id)
                if chain is None or effect.level not in chain.levels:
                    continue
                number[module.module_id, effect.reached] = len(number)
                skill.append(code[effect.skill_id])
                rank.append(chain.rank(effect.level))
                declared.append(effect.learn)
        who = {learner_id: i for i, learner_id in enumerate(log.learner_ids)}
        return cls(
            np.array([who[one.learner_id] for one in known], dtype=np.int32),
            np.array([_utc(one) for one in known], dtype="datetime64[us]"),
            tuple(_taught(modules[one.module_id], number) for one in known),
            tuple(number),
            np.array(skill, dtype=np.int32),
            np.array(rank, dtype=np.int32),
            np.array(declared, dtype=np.float64),
        )

    def between(
        self,
        response: NDArray[np.int64],
        learner: NDArray[np.int32],
        happened: NDArray[np.datetime64] | None,
        pairs: Pairs,
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.datetime64], Pairs]:
        """Return the events of a layout with the completions put in where they happened.

        A completion comes before a response at the same instant: people are tested on what they
        have just been taught.
        """
        assert happened is not None  # Lessons.of has seen to it
        n, m = len(response), len(self.learner)
        place = self._places(learner, happened)
        # Event order: by learner, then by the response that comes next, completions first.
        position = np.concatenate([np.arange(n), place])
        silent = np.repeat([1, 0], [n, m])
        who = np.concatenate([learner, self.learner])
        when = np.concatenate([happened, self.completed_at])
        order = np.lexsort((when, silent, position, who))
        new_place = np.empty(n + m, dtype=np.int64)
        new_place[order] = np.arange(n + m)
        lessons = self._pairs(new_place[n:])
        event = np.concatenate([new_place[pairs.event], lessons.event])
        by_event = np.argsort(event, kind="stable")
        skill, rank, noise, effect = (
            np.concatenate([old, new])[by_event]
            for old, new in zip(pairs[1:], lessons[1:], strict=True)
        )
        ordered = Pairs(event[by_event], skill, rank, noise, effect)
        rows = np.concatenate([response, np.full(m, -1, dtype=np.int64)])
        return rows[order], who[order], when[order], ordered

    def _places(
        self, learner: NDArray[np.int32], happened: NDArray[np.datetime64]
    ) -> NDArray[np.int64]:
        """Return for each completion how many responses of the layout come before it."""
        instants = np.concatenate([happened, self.completed_at])
        first, last = np.min(instants), np.max(instants)
        span = int((last - first) / np.timedelta64(1, "ms")) + 2
        answered = learner * np.int64(span) + ((happened - first) // np.timedelta64(1, "ms"))
        completed = self.learner * np.int64(span) + (
            (self.completed_at - first) // np.timedelta64(1, "ms")
        )
        latest = np.maximum.accumulate(answered)
        places: NDArray[np.int64] = np.searchsorted(latest, completed, side="left")
        return places

    def _pairs(self, place: NDArray[np.int64]) -> Pairs:
        sizes = [len(one) for one in self.taught]
        effect = np.array([e for one in self.taught for e in one], dtype=np.int32)
        return Pairs(
            np.repeat(place, sizes),
            self.skill[effect],
            self.rank[effect],
            np.full(len(effect), -1, dtype=np.int32),
            effect,
        )


def completions_among(
    completions: Iterable[Completion | Mapping[str, Any]],
    log: ResponseLog,
    curriculum: Curriculum | None,
) -> list[Completion]:
    """Return the completions of a log's learners in order of time; refuse what cannot be placed."""
    known, faults = [], []
    modules = curriculum.modules if curriculum else {}
    # The log of some rows keeps the ids of all: who has none of them is left out.
    learners = {log.learner_ids[k] for k in np.unique(log.learner)}
    if log.answered_at is None:
        problem = "has no column answered_at, so completions cannot be put between its responses"
        faults.append(Fault("response log", problem))
    for number, given in enumerate(completions):
        one = given if isinstance(given, Completion) else Completion(**given)
        if one.module_id not in modules:
            near = did_you_mean(near_matches(one.module_id, modules))
            problem = f"names an unknown module, {one.module_id!r}{near}"
            faults.append(Fault(f"row {number}, module_id", problem, "give it in curriculum="))
        if one.completed_at is None:
            faults.append(Fault(f"row {number}, completed_at", "is missing"))
        if one.learner_id in learners:
            known.append(one)
    if faults:
        raise InvalidInput("completions", faults)
    return sorted(known, key=lambda one: (_utc(one), one.completion_id))


def _utc(one: Completion) -> np.datetime64:
    assert one.completed_at is not None
    return np.datetime64(one.completed_at.astimezone(UTC).replace(tzinfo=None), "us")


def _taught(module: Module, number: Mapping[tuple[str, SkillLevel], int]) -> tuple[int, ...]:
    effects = sorted(module.teaches, key=lambda one: one.level)
    found = (number.get((module.module_id, effect.reached)) for effect in effects)
    return tuple(one for one in found if one is not None)

"""What is believed of many learners, in columns, and of each of them on request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Protocol

import numpy as np

from .framework import SkillLevel
from .history import aware
from .knowledge import KnowledgeState, Lesson, SkillKnowledge

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Codes = NDArray[np.int32]
    Starts = NDArray[np.int64]
    Instants = NDArray[np.datetime64]

__all__ = ["KnowledgeStates", "Latents"]


class Latents(Protocol):
    """A tracer's own values about many learners."""

    def of(self, i: int) -> Mapping[str, tuple[float | str, ...]]:
        """Return those about the learner with a code."""


@dataclass(frozen=True, eq=False)
class KnowledgeStates(Mapping[str, KnowledgeState]):
    """The states of many learners: a mapping from learner ids whose values are made on request.

    Learner i owns the entries ``start[i]:start[i + 1]``, one per skill with evidence, and
    likewise successes and completions; entry j owns ``belief_start[j]:belief_start[j + 1]`` of
    `p_at_least`. With one level per skill an entry takes 56 bytes and a success 4.

    Parameters
    ----------
    learner_ids, skill_ids, item_ids, module_ids : tuple of str
        What the codes stand for.
    levels : tuple of tuple of int, shape (n_skills,)
        The proficiency levels told apart, by skill, lowest first.
    exercised : tuple of tuple of SkillLevel, shape (n_items,)
        What a success with an item counts for.
    start, belief_start : ndarray of int64, shape (n_learners + 1,) and (n_entries + 1,)
    skill : ndarray of int32, shape (n_entries,)
    p_at_least : ndarray of float64, shape (n_beliefs,)
        P(level attained ≥ each of the skill's levels).
    opportunities : ndarray of int32, shape (n_entries,)
    last_answered_at, last_failed_at, believed_at : ndarray of datetime64[us], shape (n_entries,)
        NaT where there is none.
    success_start : ndarray of int64, shape (n_learners + 1,)
    success : ndarray of int32, shape (n_successes,)
        The different items answered with a score of at least 0.5.
    completed_start : ndarray of int64, shape (n_learners + 1,)
    completed : ndarray of int32, shape (n_completed,)
        The different modules completed.
    completed_at : ndarray of datetime64[us], shape (n_completed,)
        When last.
    lessons : ndarray of int32, shape (n_completed, 2)
        How often, and after how many answers to what the module teaches last.
    latent : Latents, optional
        A tracer's own values.

    Examples
    --------
    >>> from ..knowledge_tracing import BKT
    >>> from .responses import ResponseLog
    >>> log = ResponseLog.from_columns(
    ...     learner=["bo", "ada"], item=["q1", "q2"], score=[1, 0], skills=["sql", "sql"]
    ... )
    >>> states = BKT().fit(log).replay(log)
    >>> states["bo"].skills["sql"].opportunities, len(states)
    (1, 2)
    """

    learner_ids: tuple[str, ...]
    skill_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    module_ids: tuple[str, ...]
    levels: tuple[tuple[int, ...], ...]
    exercised: tuple[tuple[SkillLevel, ...], ...]
    start: Starts
    belief_start: Starts
    skill: Codes
    p_at_least: NDArray[np.float64]
    opportunities: Codes
    last_answered_at: Instants
    last_failed_at: Instants
    believed_at: Instants
    success_start: Starts
    success: Codes
    completed_start: Starts
    completed: Codes
    completed_at: Instants
    lessons: Codes
    latent: Latents | None = None

    def __len__(self) -> int:
        return len(self.learner_ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self.learner_ids)

    def __getitem__(self, learner_id: str) -> KnowledgeState:
        i = self._place[learner_id]
        latent = {} if self.latent is None else self.latent.of(i)
        modules = self._modules(i)
        return KnowledgeState(
            learner_id,
            self._skills(i),
            self._completed(i, modules),
            latent,
            self._lessons(i, modules),
        )

    @cached_property
    def _place(self) -> Mapping[str, int]:
        return {learner_id: i for i, learner_id in enumerate(self.learner_ids)}

    def _skills(self, i: int) -> dict[str, SkillKnowledge]:
        low, high = self.start[i : i + 2].tolist()
        beliefs = iter(self.p_at_least[self.belief_start[low] : self.belief_start[high]].tolist())
        successes, known = self._successes(i), {}
        for k, opportunities, *instants in zip(
            self.skill[low:high].tolist(),
            self.opportunities[low:high].tolist(),
            aware(self.last_answered_at[low:high]),
            aware(self.last_failed_at[low:high]),
            aware(self.believed_at[low:high]),
            strict=True,
        ):
            skill_id, levels = self.skill_ids[k], self.levels[k]
            belief = tuple(islice(beliefs, len(levels)))
            won = successes.get(skill_id, {})
            known[skill_id] = SkillKnowledge(levels, belief, opportunities, won, *instants)
        return known

    def _successes(self, i: int) -> dict[str, dict[str, int]]:
        low, high = self.success_start[i : i + 2].tolist()
        found: dict[str, dict[str, int]] = {}
        for item in self.success[low:high].tolist():
            for skill_id, level in self.exercised[item]:
                found.setdefault(skill_id, {})[self.item_ids[item]] = level
        return found

    def _modules(self, i: int) -> list[str]:
        low, high = self.completed_start[i : i + 2].tolist()
        return [self.module_ids[one] for one in self.completed[low:high].tolist()]

    def _completed(self, i: int, modules: list[str]) -> dict[str, datetime | None]:
        low, high = self.completed_start[i : i + 2].tolist()
        return dict(zip(modules, aware(self.completed_at[low:high]), strict=True))

    def _lessons(self, i: int, modules: list[str]) -> dict[str, Lesson]:
        low, high = self.completed_start[i : i + 2].tolist()
        told = zip(modules, self.lessons[low:high].tolist(), strict=True)
        return {module_id: Lesson(*one) for module_id, one in told}

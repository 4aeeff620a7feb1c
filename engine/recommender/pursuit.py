"""The policy that pursues one target at a time, and asks where asking is cheaper than teaching.

Every target that is not certain has a plan: for what it still requires, and then for itself, the
module that brings it nearest per minute. A plan is worth the readiness that is missing at all
targets on its way, per minute that it is expected to take. What is known with probability p takes
1 − p of the lessons that it would take if it were not, and some minutes of asking: so what may be
known already costs little to make sure of, and what was begun is finished, where a rule that looks
one module ahead spreads over everything. The plan worth most is pursued, first things first.

Before a lesson come questions, which take a minute. A skill that may be known already is asked
about instead of taught; what a lesson builds on is asked about until it is certain enough; and
where a lesson has not had its effect, each direct prerequisite in doubt is asked about once, since
that is where the reason most often lies. A target that seems attained is asked about until it is
certain, once that is worth more than all else; what many answers have not made certain is taught
once more, since whoever stands just below what counts answers rightly often enough to seem above
it.

It goes by readiness and minutes alone: what others completed, formats that somebody prefers and
other weights of the score are the ranking's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1, log
from typing import TYPE_CHECKING, NamedTuple

from .offer import Offer
from .projector import attained, attained_after

if TYPE_CHECKING:
    import numpy as np

    from ..domain.curriculum import Item, Module
    from ..domain.framework import SkillLevel
    from .role_map import RoleMap
    from .situation import Situation

__all__ = ["Pursue", "Pursuit"]

_LEAST = 1e-6
_MOST_AHEAD = 2  # lessons that a module is judged by: the first may bring next to nothing alone


class Way(NamedTuple):
    """The module that leads to something wanted most quickly, and the minutes to be expected."""

    module: int
    minutes: float


class Plan(NamedTuple):
    """What a target still takes: pairs of something wanted and a module, first things first."""

    steps: tuple[tuple[int, int], ...]
    density: float


@dataclass(frozen=True)
class Pursue:
    """The target whose whole way promises most readiness per minute, step by step.

    Parameters
    ----------
    ask_from : float, default 0.3
        The attainment from which a skill is asked about before it is taught.
    most_doubted : float, default 5
        Answers since the last lesson on a skill, or ever, times the chance that it is not attained:
        with that many it is taught before it is asked about again. The likelier it is attained, the
        likelier a lesson would be lost on it.
    most_answers : int, default 30
        The same, however likely it is.
    sure : float, default 0.9
        The attainment up to which a met prerequisite is asked about before a lesson builds on it.
    certain : float, default 0.999
        The attainment of every target at which there is nothing more to do.
    minutes_beside : float, default 5
        What a lesson takes beside its own minutes, such as the questions after it.
    minutes_asking : float, default 3
        What it takes to find out whether something is known, in a plan.
    minutes_a_question : float, default 1
        After a lesson without effect a prerequisite is asked about where the doubt about it, times
        the minutes of a lesson, is as much.
    repetition : float, default 0.8
        What each repetition of a module is expected to bring of the time before.

    Examples
    --------
    >>> import numpy as np
    >>> from engine.domain import Curriculum, KnowledgeState, Role, SkillTarget
    >>> from engine.recommender import Situation, role_map
    >>> class Halved:
    ...     def attainment(self, state, targets, *, at=None):
    ...         return [1 - 0.9 * 0.5 ** len(state.skills) for _ in targets]
    ...
    ...     def project(self, state, module, *, at=None):
    ...         return KnowledgeState(state.learner_id, {**state.skills, module.module_id: None})
    >>> curriculum = Curriculum.from_records(
    ...     skills=[{"skill_id": "sql"}],
    ...     modules=[
    ...         {"module_id": "long", "teaches": [{"skill_id": "sql"}], "minutes": 30},
    ...         {"module_id": "short", "teaches": [{"skill_id": "sql"}], "minutes": 10},
    ...     ],
    ... )
    >>> where = role_map(curriculum, Role("analyst", [SkillTarget("sql")]))
    >>> ada = Situation(where, KnowledgeState("ada"), Halved())
    >>> Pursue().offer(ada, np.random.default_rng(0)).propensities
    {'short': 1.0}
    """

    ask_from: float = 0.3
    most_doubted: float = 5.0
    most_answers: int = 30
    sure: float = 0.9
    certain: float = 0.999
    minutes_beside: float = 5.0
    minutes_asking: float = 3.0
    minutes_a_question: float = 1.0
    repetition: float = 0.8
    name: str = "pursue"

    def offer(self, situation: Situation, rng: np.random.Generator) -> Offer:  # noqa: ARG002
        """Return the next module of the plan worth most, or the item to ask first."""
        pursuit = Pursuit(self, situation)
        plan = pursuit.best()
        if plan is None:
            return Offer({})
        asked = pursuit.before(*plan.steps[0])
        item_id = next((one for one in map(pursuit.item_on, asked) if one), None)
        if item_id is not None:
            return Offer({item_id: 1.0}, "item")
        return Offer({pursuit.module_id(plan.steps[0][1]): 1.0})


class Pursuit:
    """One learner's plans in one situation; numbers are those of the role map."""

    def __init__(self, by: Pursue, situation: Situation) -> None:
        self.by, self.situation = by, situation
        where, state = situation.where, situation.state
        self.where: RoleMap = where
        self.p = attained(situation.projector, state, where.wanted, situation.at)
        self.done = [one.module_id in state.completed for one in where.modules]
        self.ways = self._ways()

    # -- plans --------------------------------------------------------------------------------

    def best(self) -> Plan | None:
        """Return the plan worth most, ties to the first target; None where nothing is open."""
        enough = max(self.by.certain, self.where.role.mastery_threshold)
        plans = [self.plan(i) for i in range(len(self.where.role.targets)) if self.p[i] < enough]
        return max((one for one in plans if one), key=lambda one: one.density, default=None)

    def plan(self, target: int) -> Plan | None:
        """Return what a target still takes; None where it cannot be reached."""
        steps = self._towards(target, ())
        if not steps:
            return None
        minutes = sum(self.ways[k].minutes for k, _ in steps)
        aims = {k for k, _ in steps if k < len(self.where.role.targets)}
        gain = sum(self.where.shares[k] * (1.0 - self.p[k]) for k in aims)
        return Plan(tuple(steps), gain / minutes)

    def _towards(self, k: int, on_the_way: tuple[int, ...]) -> dict[tuple[int, int], None]:
        """Return the steps to something wanted; none where there is no way."""
        way = self.ways.get(k)
        if way is None or k in on_the_way:
            return {}
        m, behind = way.module, (*on_the_way, k)
        steps: dict[tuple[int, int], None] = {}
        for needed in self.where.needs[m]:
            if not self._met(needed):
                first = self._towards(needed, behind)
                if not first:
                    return {}
                steps |= first
        for needed in self.where.builds[m]:
            if not self._met(needed):
                steps |= self._towards(needed, behind)
        for other in self.where.comes_after[m]:
            if not self.done[other]:
                return {}  # such a module is not a way: see `_open`
        return {**steps, (k, m): None}

    def _met(self, k: int) -> bool:
        return self.p[k] >= self.situation.prerequisite_threshold

    def _minutes(self, m: int) -> float:
        return self.where.minutes[m] + self.by.minutes_beside

    def _ways(self) -> dict[int, Way]:
        """Return the quickest way to everything wanted that some module on offer leads to."""
        pairs = [(k, m) for k, led in enumerate(self.where.led_to_by) for m in led if self._open(m)]
        modules, wanted = self.where.modules, self.where.wanted
        asked = [(wanted[k], (modules[m],) * _MOST_AHEAD) for k, m in pairs]
        situation = self.situation
        after = attained_after(situation.projector, situation.state, asked, situation.at)
        found: dict[int, tuple[float, Way]] = {}
        for (k, m), then in zip(pairs, after, strict=True):
            speed = self._speed(self.p[k], then, m)
            if speed > 0.0 and (k not in found or speed > found[k][0]):
                found[k] = speed, Way(m, self._expected(k, m, speed))
        return {k: way for k, (_, way) in found.items()}

    def _speed(self, p: float, then: float, m: int) -> float:
        """Return by how much a minute of a module lowers the logarithm of what is missing."""
        missing, left = max(1.0 - p, _LEAST), max(1.0 - then, _LEAST)
        if left >= missing:
            return 0.0
        times = self.situation.state.times(self.where.modules[m].module_id)
        weaker: float = self.by.repetition**times
        return weaker * log(missing / left) / _MOST_AHEAD / self._minutes(m)

    def _expected(self, k: int, m: int, speed: float) -> float:
        """Return the minutes until something wanted is attained and known to be.

        A whole lesson at least where enough was asked already.
        """
        lesson = self._minutes(m)
        lessons = (1.0 - self.p[k]) / -expm1(-speed * lesson)
        minutes = self.by.minutes_asking + lessons * lesson
        return minutes if self._few_answers(k) else max(lesson, minutes)

    def _open(self, m: int) -> bool:
        """Whether a module is on offer, and all modules that it names are done."""
        module, allowed = self.where.modules[m], self.situation.allowed
        if module.retired or (allowed is not None and module.module_id not in allowed):
            return False
        return all(self.done[other] for other in self.where.comes_after[m])

    # -- questions ----------------------------------------------------------------------------

    def before(self, k: int, m: int) -> list[SkillLevel]:
        """Return what to ask about, in this order, before a module is taken for something."""
        asked = []
        if self.p[k] >= self.by.ask_from and self._few_answers(k):
            asked.append(k)
        needs = sorted(self.where.needs[m], key=lambda j: (self.p[j], j))
        asked += [j for j in needs if self.p[j] < self.by.sure and self._few_answers(j)]
        asked += [j for j in needs if self._in_vain(m, j) and self._silent_since(k, j)]
        return [self.where.wanted[one] for one in asked]

    def _in_vain(self, m: int, j: int) -> bool:
        """Whether a lesson that lacks a prerequisite may be feared to cost more than a question."""
        return (1.0 - self.p[j]) * self._minutes(m) >= self.by.minutes_a_question

    def _few_answers(self, k: int) -> bool:
        """Whether little was answered since the last lesson on something, or ever."""
        state, skill_id = self.situation.state, self.where.wanted[k].skill_id
        since = [state.opportunities_of([skill_id])]
        for module in self._taught(k):
            taught = {effect.skill_id for effect in module.teaches}
            since.append(state.answered_since(module.module_id, taught))
        enough = self.by.most_doubted / max(1.0 - self.p[k], _LEAST)
        return min(since) < min(enough, self.by.most_answers)

    def _silent_since(self, k: int, j: int) -> bool:
        """Whether something was taught, and nothing was answered on a prerequisite since."""
        state = self.situation.state
        known = state.skills.get(self.where.wanted[j].skill_id)
        answered_at = None if known is None else known.last_answered_at
        at = [state.completed[one.module_id] for one in self._taught(k)]
        taught_at = max((one for one in at if one is not None), default=None)
        return taught_at is not None and (answered_at is None or answered_at < taught_at)

    def _taught(self, k: int) -> list[Module]:
        """Return the completed modules that lead to something wanted."""
        return [self.where.modules[m] for m in self.where.led_to_by[k] if self.done[m]]

    def item_on(self, one: SkillLevel) -> str | None:
        """Return an item on a skill: one not answered rightly yet, else they take turns."""
        items = [item.item_id for item in self._items(one)]
        known = self.situation.state.skills.get(one.skill_id)
        if not items or known is None:
            return items[0] if items else None
        fresh = [item_id for item_id in items if item_id not in known.successes] or items
        return fresh[known.opportunities % len(fresh)]

    def _items(self, one: SkillLevel) -> Sequence[Item]:
        """Return the items in use on this skill alone at the lowest level that can show one.

        Those above say little of it where they are answered wrongly.
        """
        items = self.where.items_by_skill.get(one.skill_id, ())
        found = [item for item in items if len(item.skills) == 1 and item.level >= one.level]
        lowest = min((item.level for item in found), default=one.level)
        return [item for item in found if item.level == lowest]

    def module_id(self, m: int) -> str:
        """Return the id of a module."""
        return self.where.modules[m].module_id

"""Modules completed between the responses of a log: by how much they move abilities.

Learners who completed something are followed one response at a time, as a tracer follows them
online, so that a log and its replay come to the same. What a completion moves is noted as a nudge
of the next response that exercises the skill; the passes over the log then take it along.

What a module teaches is learned in one scoring step from what is declared: a further shift of the
lasting ability per module and skill, with a normal prior around none, judged by the responses after
it as far as they still feel it. It is told as the share of those just below the level who reached
it, on average over the completions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from math import exp
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...domain.framework import SkillLevel
from ..lessons import Effects, completions_among
from .abilities import Ability, Question, Sitting, learner_row, p_above
from .binding import Binding, seconds_of
from .filtering import DAY_SECONDS, SLOW, SLOW_V, T_SPREAD, T_TOTAL, surprise

if TYPE_CHECKING:
    from ...domain.curriculum import Curriculum, Module, ModuleEffect
    from ...domain.evidence import Completion
    from ...domain.responses import ResponseLog
    from .ledger import Ledger

__all__ = ["Lessons"]

_SPREAD = 0.5  # of what a module teaches around what it declares, in probit units
_Key = tuple[str, SkillLevel]


class _Lift(NamedTuple):
    """What one completion did to one ability."""

    key: _Key
    before: Ability
    cut: float
    p_below: float
    shift: float
    seconds: float


@dataclass
class _Evidence:
    """What the responses after the completions of a module say about it."""

    slope: float = 0.0
    curvature: float = 0.0
    lifts: list[_Lift] = field(default_factory=list)

    @property
    def learn(self) -> float:
        """The share of those just below who reached the level, on average."""
        more = self.slope / (self.curvature + 1.0 / _SPREAD**2)
        shares = []
        for one in self.lifts:
            p = p_above(one.before, one.cut)
            moved = one.before._replace(mean=one.before.mean + one.shift + more)
            if one.p_below > p:
                shares.append((p_above(moved, one.cut) - p) / (one.p_below - p))
        return min(max(sum(shares) / len(shares), 0.0), 1.0) if shares else 0.0


@dataclass(frozen=True)
class Lessons:
    """The completions of a log's learners.

    Parameters
    ----------
    of_learner : mapping of int to sequence of Completion
        By the code of the learner, in order of time.
    modules : mapping of str to Module
    """

    of_learner: Mapping[int, Sequence[Completion]]
    modules: Mapping[str, Module]

    @classmethod
    def of(
        cls, completions: Iterable[Completion], log: ResponseLog, curriculum: Curriculum | None
    ) -> Lessons:
        """Match completions to a log.

        Raises
        ------
        InvalidInput
            The log has no instants, a completion has none, or a module is not in the curriculum.
        """
        code = {learner_id: n for n, learner_id in enumerate(log.learner_ids)}
        found: dict[int, list[Completion]] = {}
        for one in completions_among(completions, log, curriculum):
            found.setdefault(code[one.learner_id], []).append(one)
        return cls(found, curriculum.modules if curriculum else {})

    def nudged(self, log: ResponseLog, ledger: Ledger, bound: Binding) -> tuple[Ledger, Effects]:
        """Return a ledger with what the completions move, and what modules appear to teach."""
        following = _Following(log, ledger, bound, self.modules)
        bounds = np.append(np.flatnonzero(ledger.first), len(ledger)).tolist()
        for begin, end in pairwise(bounds):
            mine = self.of_learner.get(int(ledger.learner[begin]))
            if mine:
                following.learner(begin, end, mine)
        effects: dict[str, dict[SkillLevel, float]] = {}
        for (module_id, reached), one in following.evidence.items():
            effects.setdefault(module_id, {})[reached] = float(f"{one.learn:.7g}")
        return replace(ledger, nudge=following.nudge), effects


class _Following:
    """Follows learners response by response, and notes what completions do."""

    def __init__(
        self, log: ResponseLog, ledger: Ledger, bound: Binding, modules: Mapping[str, Module]
    ) -> None:
        self.log, self.ledger, self.bound, self.modules = log, ledger, bound, modules
        self.nudge = np.zeros(len(ledger.skill))
        self.evidence: dict[_Key, _Evidence] = {}
        self._questions: dict[tuple[int, int], Question] = {}

    def learner(self, begin: int, end: int, completions: Sequence[Completion]) -> None:
        """Follow one learner through the responses of the ledger's rows."""
        latent: dict[str, tuple[float | str, ...]] = {}
        waiting: dict[str, list[_Lift]] = {}
        felt: dict[str, list[tuple[_Key, float]]] = {}
        coming = list(completions)
        for t in range(begin, end):
            seconds = float(self.ledger.seconds[t])
            while coming and seconds_of(coming[0].completed_at) <= seconds:
                one = coming.pop(0)
                assert one.completed_at is not None  # completions_among has seen to it
                for effect in sorted(self.modules[one.module_id].teaches, key=lambda e: e.level):
                    lift = self._teach(latent, one.module_id, effect, one.completed_at)
                    waiting.setdefault(effect.skill_id, []).append(lift)
            self._answer(t, seconds, latent, waiting, felt)

    def _teach(
        self,
        latent: dict[str, tuple[float | str, ...]],
        module_id: str,
        effect: ModuleEffect,
        at: datetime,
    ) -> _Lift:
        bound, seconds, skill_id = self.bound, seconds_of(at), effect.skill_id
        before = bound.row(latent, skill_id, seconds)
        learner = learner_row(latent, bound.fitted.settings)
        one = bound.ability(learner, before, skill_id)
        cut, p_below = bound.rung(skill_id, effect.level, one)
        name, row = bound.moved(latent, module_id, effect, seconds)
        latent[name] = tuple(row)
        key = (module_id, effect.reached)
        lift = _Lift(key, one, cut, p_below, row[SLOW] - before[SLOW], seconds)
        self.evidence.setdefault(key, _Evidence()).lifts.append(lift)
        return lift

    def _answer(
        self,
        t: int,
        seconds: float,
        latent: dict[str, tuple[float | str, ...]],
        waiting: dict[str, list[_Lift]],
        felt: dict[str, list[tuple[_Key, float]]],
    ) -> None:
        ledger, settings = self.ledger, self.bound.fitted.settings
        question, score = self._question(int(ledger.response[t])), float(ledger.score[t])
        for p in range(int(ledger.start[t]), int(ledger.start[t + 1])):
            skill_id = self.log.skill_ids[int(ledger.skill[p])]
            for lift in waiting.pop(skill_id, ()):
                days = max(seconds - lift.seconds, 0.0) / DAY_SECONDS
                left = exp(-settings.skill_slow_fade * days)
                self.nudge[p] += left * lift.shift
                felt.setdefault(skill_id, []).append((lift.key, left))
        sitting = Sitting(latent, question, settings, seconds)
        first, second = surprise(sitting.terms[T_TOTAL], score)
        share = 1.0 / len(question.exercise)
        weight = share / sitting.terms[T_SPREAD]
        for place, skill_id in enumerate(question.exercise):
            taken = 1.0 - weight * weight * sitting.skills[place][SLOW_V] * second
            for i, (key, left) in enumerate(felt.get(skill_id, ())):
                self.evidence[key].slope += first * weight * left
                self.evidence[key].curvature += second * (weight * left) ** 2
                felt[skill_id][i] = (key, left * taken)
        latent.update(sitting.answer(score)[0])

    def _question(self, row: int) -> Question:
        item, skills = int(self.log.item[row]), int(self.log.skill_set[row])
        if (item, skills) not in self._questions:
            self._questions[item, skills] = Question.of(
                self.log.item_ids[item],
                self.log.skill_sets[skills],
                self.bound.fitted,
                self.bound.scale,
            )
        return self._questions[item, skills]

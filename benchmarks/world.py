"""What all worlds to learn in have in common: a curriculum, a role, learners, and time that passes.

Forty minutes are studied a day. A curriculum has 30 skills with prerequisites, three modules on
each (a course, a drill, a talk) and eight items; a role wants nine of the skills. What modules
declare is not what they teach, a repetition teaches less, and so does a module whose prerequisites
the learner lacks. How a skill is known, learned, shown and forgotten is each world's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from engine import Curriculum, Item, Module, ModuleEffect, Prerequisite, Role, Skill, SkillTarget

__all__ = ["N_SKILLS", "READY", "Array", "Effect", "Learner", "World"]

Array = NDArray[np.float64]
Effect = tuple[int, float]
"""A skill's number, and the share of what is missing that a module really brings."""

N_SKILLS, N_TARGETS, ITEMS_PER_SKILL = 30, 9, 8
MINUTES_A_DAY = 40.0
ANSWER_MINUTES = 1.0
READY = 0.9
"""The share of the targets, by weight, that somebody has who is ready for the role."""

_STARTED = datetime(2026, 1, 5, 9, tzinfo=UTC)
_FORMATS: dict[str, tuple[float, float, float, float]] = {
    # minutes from, to; true effect from, to
    "course": (15.0, 25.0, 0.40, 0.65),
    "drill": (5.0, 9.0, 0.15, 0.35),
    "talk": (8.0, 14.0, 0.05, 0.45),
}
_REPEATED, _LEAST_REPEATED = 0.85, 0.5  # what a repetition brings of the time before, and the least


@dataclass(slots=True)
class Learner:
    """The truth about one learner.

    Parameters
    ----------
    learner_id : str
    rate : float
        How fast they learn; 1 is usual.
    strength : ndarray, shape (n_skills,)
        What a world makes of it: a degree, what was encoded, or a step.
    half_life : ndarray, shape (n_skills,)
        In days.
    peak : ndarray, shape (n_skills,)
        The highest that the strength has been.
    minutes : float
        Studied so far.
    taken : dict of int to int
        How often each module was.
    """

    learner_id: str
    rate: float
    strength: Array
    half_life: Array
    peak: Array
    minutes: float = 0.0
    taken: dict[int, int] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The date that the minutes studied have brought."""
        return _STARTED + timedelta(days=self.minutes / MINUTES_A_DAY)


class World:
    """A curriculum, a role, and what really happens to those who study it.

    Parameters
    ----------
    seed : int
        Of the curriculum, the role and what modules truly teach.

    Attributes
    ----------
    curriculum : Curriculum
        As declared.
    role : Role
    teaches : list of list of Effect
        What each module truly teaches.
    minutes : ndarray, shape (n_modules,)
        What each module truly takes.
    needs : list of list of int
        The direct prerequisites of each skill.
    """

    name = ""
    cut = 0.7
    rate_spread = 0.25

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.skills = [f"s{k:02d}" for k in range(N_SKILLS)]
        self.needs = [_drawn_needs(k, rng) for k in range(N_SKILLS)]
        self.teaches: list[list[Effect]] = []
        self.minutes: Array = np.zeros(0)
        modules = self._drawn_modules(rng)
        items = [Item(f"{one}-{n}", (one,)) for one in self.skills for n in range(ITEMS_PER_SKILL)]
        self.difficulty = rng.normal(0.5, 0.1, (N_SKILLS, ITEMS_PER_SKILL))
        self.curriculum = Curriculum.from_records(
            skills=[Skill(one) for one in self.skills],
            prerequisites=[
                Prerequisite(self.skills[k], self.skills[j])
                for k, needed in enumerate(self.needs)
                for j in needed
            ],
            items=items,
            modules=modules,
        )
        chosen = np.sort(rng.choice(np.arange(4, N_SKILLS), N_TARGETS, replace=False))
        weights = rng.integers(1, 6, N_TARGETS).astype(np.float64)
        self.role = Role(
            "role",
            tuple(
                SkillTarget(self.skills[k], 1, float(w))
                for k, w in zip(chosen, weights, strict=True)
            ),
        )
        self.targets, self.shares = chosen, weights / weights.sum()
        self.number = {module.module_id: m for m, module in enumerate(modules)}

    def _drawn_modules(self, rng: np.random.Generator) -> list[Module]:
        """Draw what modules truly teach and take, and what they declare instead."""
        modules, true_minutes = [], []
        for k in range(N_SKILLS):
            for form, (short, long, weak, strong) in _FORMATS.items():
                effect = float(rng.uniform(weak, strong))
                declared = float(np.clip(effect * rng.lognormal(0.0, 0.5), 0.02, 0.95))
                minutes = float(np.rint(rng.uniform(short, long)))
                effects, true = self._mislabelled(k, effect, minutes, rng)
                self.teaches.append(effects)
                true_minutes.append(true)
                taught = (ModuleEffect(self.skills[k], 1, declared),)
                modules.append(Module(f"{self.skills[k]}-{form}", taught, minutes, format=form))
        self.minutes = np.array(true_minutes)
        return modules

    def _mislabelled(
        self,
        k: int,
        effect: float,
        minutes: float,
        rng: np.random.Generator,  # noqa: ARG002  # for those that draw
    ) -> tuple[list[Effect], float]:
        """Return what a module truly teaches, and the minutes that it truly takes."""
        return [(k, effect)], minutes

    # -- learners -----------------------------------------------------------------------------

    def newcomer(self, learner_id: str, rng: np.random.Generator) -> Learner:
        """Draw a learner, who knows a skill only where they know what it requires."""
        share = rng.uniform(0.45, 0.9)
        knows = np.zeros(N_SKILLS, np.bool_)
        for k in range(N_SKILLS):
            knows[k] = all(knows[j] for j in self.needs[k]) and rng.random() < share
        rate = float(rng.lognormal(0.0, self.rate_spread))
        return self._born(learner_id, rate, knows, rng)

    def _born(
        self, learner_id: str, rate: float, knows: NDArray[np.bool_], rng: np.random.Generator
    ) -> Learner:
        raise NotImplementedError

    def study(self, learner: Learner, module_id: str, rng: np.random.Generator) -> None:
        """Let a learner take a module: time passes, then they learn what they are ready for."""
        m = self.number[module_id]
        self._spend(learner, float(self.minutes[m]), rng)
        for k, effect in self.teaches[m]:
            ready = float(np.prod([self._readiness_from(learner, j) for j in self.needs[k]]))
            self._learn(learner, k, self._left_of(learner, m, effect) * ready, rng)
        learner.taken[m] = learner.taken.get(m, 0) + 1

    def answer(self, learner: Learner, item_id: str, rng: np.random.Generator) -> bool:
        """Let a learner answer an item; return whether rightly."""
        self._spend(learner, ANSWER_MINUTES, rng)
        skill_id, _, n = item_id.rpartition("-")
        k = int(skill_id[1:])
        right = bool(rng.random() < self._p_right(learner, k, float(self.difficulty[k, int(n)])))
        self._practised(learner, k)
        return right

    def attained(self, learner: Learner) -> NDArray[np.bool_]:
        """Return which skills are known now, shape (n_skills,)."""
        return self._degree(learner) >= self.cut

    def readiness(self, learner: Learner) -> float:
        """Return the share of the role's targets that are known now, by weight."""
        return float(self.shares @ self.attained(learner)[self.targets])

    def minutes_left(self, learner: Learner) -> tuple[Array, NDArray[np.int64]]:
        """Return what only an oracle can know, each of shape (n_skills,).

        The minutes that a skill takes until it is known, once its prerequisites are, with the
        quickest of its modules again and again; and that module. Zero for what is known.
        """
        least, quickest = np.full(N_SKILLS, np.inf), np.zeros(N_SKILLS, np.int64)
        for m, effects in enumerate(self.teaches):
            for k, effect in effects:
                share = min(0.95, learner.rate * self._left_of(learner, m, effect))
                minutes = self.minutes[m] * self._sessions(learner, k, share)
                if minutes < least[k]:
                    least[k], quickest[k] = minutes, m
        least[self.attained(learner)] = 0.0
        return least, quickest

    def _left_of(self, learner: Learner, m: int, effect: float) -> float:
        return effect * max(_LEAST_REPEATED, float(_REPEATED ** learner.taken.get(m, 0)))

    def _spend(self, learner: Learner, minutes: float, rng: np.random.Generator) -> None:
        learner.minutes += minutes
        self._fade(learner, minutes / MINUTES_A_DAY, rng)

    # -- what differs from world to world -----------------------------------------------------

    def _degree(self, learner: Learner) -> Array:
        """Return how well each skill is known now, in [0, 1]."""
        return learner.strength

    def _readiness_from(self, learner: Learner, j: int) -> float:
        """Return the share of an effect that is left, given how a prerequisite is known."""
        raise NotImplementedError

    def _learn(self, learner: Learner, k: int, effect: float, rng: np.random.Generator) -> None:
        raise NotImplementedError

    def _p_right(self, learner: Learner, k: int, difficulty: float) -> float:
        raise NotImplementedError

    def _fade(self, learner: Learner, days: float, rng: np.random.Generator) -> None:
        raise NotImplementedError

    def _practised(self, learner: Learner, k: int) -> None:
        """Let an answer leave its trace."""

    def _sessions(self, learner: Learner, k: int, share: float) -> float:
        """Return how often a module must be taken that brings a share of what is missing."""
        raise NotImplementedError


def _drawn_needs(k: int, rng: np.random.Generator) -> list[int]:
    """Draw Poisson(1.3) prerequisites among the eight skills before."""
    low = max(0, k - 8)
    n = min(k - low, int(rng.poisson(1.3)))
    return sorted(int(low + j) for j in rng.choice(k - low, size=n, replace=False)) if n else []

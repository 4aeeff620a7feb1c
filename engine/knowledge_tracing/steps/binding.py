"""What was learned, bound to a curriculum: beliefs about steps, and what moves them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...domain.framework import SkillLevel
from ...errors import UnknownId
from .beginning import beginning, begun, readiness_told
from .difficulty import by_item
from .fitted import StepFitted, usual_curve, usual_prior
from .grid import MOST, Grid, attained_from, climbing, falling, moved, shown

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from ...domain.curriculum import Curriculum, ModuleEffect
    from .options import StepOptions

    Array = NDArray[np.float64]

__all__ = ["Belief", "Binding", "Known", "seconds_of"]

DAY_SECONDS = 86_400.0
UNKNOWN = -1e18
_DOUBT, _NEWS = 0.01, 0.1  # what there must be of a beginning to look back for it


class Belief(NamedTuple):
    """What is believed of one skill.

    Parameters
    ----------
    p : ndarray, shape (n_speeds, n_states)
        How probable each number of steps is, for those who learn at each of the speeds.
    begun : tuple of float, shape (n_levels,)
        P(attained) before the first lesson, as far as answers until then have told.
    met : tuple of float, shape (n_levels,)
        P(had what the level requires) that `p` began with.
    lessons : int
        How many there were on the skill.
    seconds : float
        Of which instant `p` speaks.
    """

    p: Array
    begun: tuple[float, ...]
    met: tuple[float, ...]
    lessons: int = 0
    seconds: float = UNKNOWN


class Known(NamedTuple):
    """What is believed of one learner.

    Parameters
    ----------
    skills : mapping of str to Belief
        Those never touched are absent.
    speeds : ndarray, shape (n_speeds,)
        How probable each of the speeds is at which people learn.
    fresh : dict
        What was derived already of skills never touched, by skill and number of levels.
    """

    skills: Mapping[str, Belief]
    speeds: Array
    fresh: dict[tuple[str, int], tuple[Array, tuple[float, ...]]]


class Binding:
    """A fit over one curriculum; what is asked for twice is derived once."""

    def __init__(
        self, fitted: StepFitted, curriculum: Curriculum | None, options: StepOptions
    ) -> None:
        self.fitted, self.curriculum = fitted, curriculum
        self.curve = fitted.curve or usual_curve(options.steps)
        self.steps = len(self.curve) - 1
        self.speeds = np.array([speed for speed, _ in fitted.speeds])
        self.usual_speeds = np.array([weight for _, weight in fitted.speeds])
        self.grid = Grid(self.steps, attained_from(self.curve, options.p_correct_at_mastery))
        self._requires: dict[str, tuple[tuple[SkillLevel, ...], ...] | None] = {}
        self._levels: dict[str, tuple[int, ...]] = {}
        self._priors: dict[str, Array] = {}
        self._shown: dict[tuple[str, int, int], Array] = {}
        self._ranks: dict[SkillLevel, int] = {}
        self._practices: dict[SkillLevel, Array] = {}
        self._lessons: dict[tuple[str, SkillLevel], Array] = {}

    # -- what there is ------------------------------------------------------------------------

    def skills_of(self, item_id: str) -> tuple[SkillLevel, ...]:
        """Return the skills that an item exercises, at its level; raise UnknownId if unknown."""
        items = self.curriculum.items if self.curriculum else {}
        if item_id in items:
            return items[item_id].exercised
        if item_id in self.fitted.items:
            return self.fitted.items[item_id]
        raise UnknownId("item", item_id, [*items, *self.fitted.items])

    def levels_of(self, skill_id: str) -> tuple[int, ...]:
        """Return the levels told apart of a skill, lowest first."""
        found = self._levels.get(skill_id)
        if found is None:
            declared = self.curriculum.levels_of(skill_id) if self.curriculum else ()
            known = self.fitted.levels.get(skill_id, ())
            found = self._levels[skill_id] = tuple(sorted({*declared, *known})) or (1,)
        return found

    def rank(self, one: SkillLevel) -> int:
        """Return the place of a level; of one that is not told apart, that of the next there is."""
        found = self._ranks.get(one)
        if found is None:
            levels = self.levels_of(one.skill_id)
            above = [rank for rank, level in enumerate(levels) if level >= one.level]
            found = self._ranks[one] = above[0] if above else len(levels) - 1
        return found

    def prior(self, skill_id: str) -> Array:
        """Return how probable each number of steps is before any evidence."""
        found = self._priors.get(skill_id)
        if found is None:
            n_levels = len(self.levels_of(skill_id))
            learned = self.fitted.priors.get(skill_id, ())
            fits = len(learned) == n_levels * self.steps + 1
            usual = learned if fits else usual_prior(n_levels, self.steps)
            found = self._priors[skill_id] = np.array(usual, np.float64)
        return found

    def learn_of(self, module_id: str, effect: ModuleEffect) -> float:
        """Return the share of missing steps that a module brings to those who are ready for it."""
        learned = self.fitted.effects.get(module_id, {}).get(effect.reached)
        if learned is not None:
            return learned
        modules = self.curriculum.modules if self.curriculum else {}
        form = modules[module_id].format if module_id in modules else ""
        return self.fitted.expected.of(effect.learn, form)

    # -- beliefs ------------------------------------------------------------------------------

    def belief(self, known: Known, skill_id: str, seconds: float) -> Belief:
        """Return what is believed of a skill at an instant, or after the last evidence."""
        found = known.skills.get(skill_id) or self.beginning(known, skill_id)
        if seconds <= found.seconds:
            return found
        if found.seconds == UNKNOWN or not self.fitted.fade:
            return found._replace(seconds=seconds)
        days = (seconds - found.seconds) / DAY_SECONDS
        lost = -math.expm1(-self.fitted.fade * days)
        return found._replace(p=found.p @ falling(lost, found.p.shape[1]), seconds=seconds)

    def beginning(self, known: Known, skill_id: str) -> Belief:
        """Return what is believed of a skill never touched, given what it requires."""
        n_levels = len(self.levels_of(skill_id))
        p, met = self._start(known, skill_id, n_levels)
        by_speed = np.repeat(p[None], len(self.speeds), axis=0)
        return Belief(by_speed, begun(p, n_levels, self.grid), met)

    def _start(self, known: Known, skill_id: str, n_levels: int) -> tuple[Array, tuple[float, ...]]:
        """Return a beginning given what the lowest levels require, and how far that is met."""
        name = (skill_id, n_levels)
        found = known.fresh.get(name)
        if found is None:
            p, required, met = self.prior(skill_id), self.required(skill_id), (1.0,) * n_levels
            if required is not None and self.fitted.rare < 1.0:
                met = tuple(
                    [
                        math.prod([self._begun(known, one) for one in of_level])
                        for of_level in required[:n_levels]
                    ]
                )
                p = beginning(p, np.array([met]), self.fitted.rare, self.grid)[0]
            found = known.fresh[name] = p, met
        return found

    def _begun(self, known: Known, one: SkillLevel) -> float:
        b, rank = known.skills.get(one.skill_id), self.rank(one)
        if b is not None:
            return b.begun[rank]
        # The levels above require what may require this one: they are left out.
        start, _ = self._start(known, one.skill_id, rank + 1)
        return float(start[self.grid.first(rank) :].sum())

    def required(self, skill_id: str) -> tuple[tuple[SkillLevel, ...], ...] | None:
        """Return what each level requires of other skills; None where that is nothing."""
        if skill_id not in self._requires:
            found: tuple[tuple[SkillLevel, ...], ...] = ()
            if self.curriculum is not None:
                wanted = [SkillLevel(skill_id, level) for level in self.levels_of(skill_id)]
                found = tuple(self.curriculum.requirements(one) for one in wanted)
            self._requires[skill_id] = found if any(found) else None
        return self._requires[skill_id]

    def attained(self, known: Known, b: Belief, rank: int) -> float:
        """Return P(a level is attained)."""
        return float(known.speeds @ b.p[:, self.grid.first(rank) :].sum(axis=1))

    def right(self, item_id: str, size: int, rank: int) -> Array:
        """Return P(right) of an item of a level in every state."""
        found = self._shown.get((item_id, size, rank))
        if found is None:
            difficulty = np.array([self.fitted.difficulties.get(item_id, 0.0)])
            curve = by_item(np.array(self.curve), difficulty)[0]
            found = self._shown[item_id, size, rank] = shown(curve, size, rank)
        return found

    def p_right(
        self, known: Known, item_id: str, skills: Sequence[SkillLevel], seconds: float
    ) -> float:
        """Return P(right) of an item: every skill has to do its part."""
        parts = self._works(known, item_id, skills, seconds)
        return float(known.speeds @ math.prod(works for _, _, works in parts))

    def _works(
        self, known: Known, item_id: str, skills: Sequence[SkillLevel], seconds: float
    ) -> list[tuple[Belief, Array, Array]]:
        """Return per skill the belief, P(it does its part) by state, and by speed."""
        found = []
        for one in skills:
            b = self.belief(known, one.skill_id, seconds)
            right = self.right(item_id, b.p.shape[1], self.rank(one))
            found.append((b, right, b.p @ right))
        return found

    def answered(
        self,
        known: Known,
        item_id: str,
        skills: Sequence[SkillLevel],
        score: float,
        seconds: float,
    ) -> Known:
        """Return what an answer changes: of each skill the exact marginal posterior."""
        parts = self._works(known, item_id, skills, seconds)
        changed, total = {}, known.speeds
        for i, (one, (b, right, _)) in enumerate(zip(skills, parts, strict=True)):
            p = right
            for others in (works for j, (_, _, works) in enumerate(parts) if j != i):
                p = p * others[:, None]
            after = b.p * (score * p + (1.0 - score) * (1.0 - p))
            total = after.sum(axis=1)
            after /= total[:, None]
            told = b.begun if b.lessons else begun(after[0], len(b.begun), self.grid)
            changed[one.skill_id] = b._replace(p=after, begun=told)
        for one, (b, _, _) in zip(skills, parts, strict=True):
            self._look_back(known, changed, one.skill_id, b)
        for one in skills:
            b = changed[one.skill_id]
            changed[one.skill_id] = b._replace(p=b.p @ self._practised(one, b.p.shape[1]))
        speeds = known.speeds * total
        return Known(changed, speeds / speeds.sum(), {})

    def _practised(self, one: SkillLevel, size: int) -> Array:
        """Return how an answer moves by what it teaches, whatever the speed, shape (n, n)."""
        found = self._practices.get(one)
        if found is None:
            share = self.fitted.practice.get(one.skill_id, self.fitted.usual_practice)
            found = self._practices[one] = climbing(share, size, self.steps, self.rank(one))
        return found

    def _look_back(
        self, known: Known, changed: dict[str, Belief], skill_id: str, before: Belief
    ) -> None:
        """Let what was told of a beginning tell whether what it requires was there."""
        required, rare = self.required(skill_id), self.fitted.rare
        if required is None or before.lessons or rare >= 1.0:
            return
        now, prior = changed[skill_id].p[0], self.prior(skill_id)
        for rank, of_level in enumerate(required):
            met = before.met[rank]
            if of_level and _DOUBT < met < 1.0 - _DOUBT:
                ready = readiness_told(prior, met, rare, rank, self.grid)
                ratio = _odds(float(now @ ready)) / _odds(float(before.p[0] @ ready))
                if abs(ratio - 1.0) > _NEWS:
                    self._reconsider(known, changed, of_level, ratio, before.seconds)

    def _reconsider(
        self,
        known: Known,
        changed: dict[str, Belief],
        required: Sequence[SkillLevel],
        ratio: float,
        seconds: float,
    ) -> None:
        """Weigh beginnings, where that all of them were there has become so much more likely."""
        of = [
            (one, changed.get(one.skill_id) or self.belief(known, one.skill_id, seconds))
            for one in required
        ]
        had = [b.begun[self.rank(one)] for one, b in of]
        for i, (one, b) in enumerate(of):
            if b.lessons or not _DOUBT < had[i] < 1.0 - _DOUBT:
                continue
            others = math.prod(had[:i] + had[i + 1 :])
            lacked = 1.0 / (others * ratio + 1.0 - others)
            p = b.p.copy()
            p[:, : self.grid.first(self.rank(one))] *= lacked
            p /= p.sum(axis=1, keepdims=True)
            changed[one.skill_id] = b._replace(p=p, begun=begun(p[0], len(b.begun), self.grid))
            self._look_back(known, changed, one.skill_id, b)

    def taught(self, known: Known, effect: ModuleEffect, share: float, seconds: float) -> Belief:
        """Return the belief about a skill after a module's effect on it."""
        b = self.belief(known, effect.skill_id, seconds)
        moves = self._moves(share, b.p.shape[1], self.rank(effect.reached))
        return b._replace(p=moved(b.p, moves), lessons=b.lessons + 1)

    def _moves(self, share: float, size: int, rank: int) -> Array:
        return climbing(np.minimum(share * self.speeds, MOST), size, self.steps, rank)

    def lesson(self, module_id: str, effect: ModuleEffect) -> Array:
        """Return how a module moves those who are ready, by speed, shape (n_speeds, n, n)."""
        name = (module_id, effect.reached)
        found = self._lessons.get(name)
        if found is None:
            share, size = self.learn_of(module_id, effect), len(self.prior(effect.skill_id))
            found = self._lessons[name] = self._moves(share, size, self.rank(effect.reached))
        return found

    def readiness(self, known: Known, effect: ModuleEffect, seconds: float) -> float:
        """Return the share of an effect that is to be expected, given what it requires."""
        left, unmet = 1.0, self.fitted.unmet
        for one in self.curriculum.requirements(effect.reached) if self.curriculum else ():
            b = self.belief(known, one.skill_id, seconds)
            left *= unmet + (1.0 - unmet) * self.attained(known, b, self.rank(one))
        return left


def _odds(p: float) -> float:
    return p / max(1.0 - p, 1e-12)


def seconds_of(at: datetime | None) -> float:
    """Return an instant as seconds since 1970; `UNKNOWN` where there is none."""
    return UNKNOWN if at is None else at.timestamp()

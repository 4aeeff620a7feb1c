"""What was learned, bound to a curriculum: beliefs about steps, and what moves them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...domain.framework import SkillLevel
from ...errors import UnknownId
from .fitted import StepFitted, usual_curve, usual_prior
from .grid import attained_from, climbing, falling, shown

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from ...domain.curriculum import Curriculum, ModuleEffect
    from .options import StepOptions

    Array = NDArray[np.float64]

__all__ = ["Belief", "Beliefs", "Binding", "seconds_of"]

DAY_SECONDS = 86_400.0
UNKNOWN = -1e18
_MOST = 0.97  # of a step's probability of being climbed, whatever is declared


class Belief(NamedTuple):
    """How probable each number of steps is, and of which instant that speaks, in seconds."""

    p: Array
    seconds: float = UNKNOWN


Beliefs = Mapping[str, Belief]
"""By skill; those never touched are absent."""


class Binding:
    """A fit over one curriculum; what is asked for twice is derived once."""

    def __init__(
        self, fitted: StepFitted, curriculum: Curriculum | None, options: StepOptions
    ) -> None:
        self.fitted, self.curriculum = fitted, curriculum
        self.curve = fitted.curve or usual_curve(options.steps)
        self.steps = len(self.curve) - 1
        self._enough = attained_from(self.curve, options.p_correct_at_mastery)
        self._levels: dict[str, tuple[int, ...]] = {}
        self._priors: dict[str, Array] = {}
        self._shown: dict[tuple[int, int], Array] = {}
        self._ranks: dict[SkillLevel, int] = {}
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
        return min(effect.learn * self.fitted.pace, _MOST) if learned is None else learned

    # -- beliefs ------------------------------------------------------------------------------

    def belief(self, beliefs: Beliefs, skill_id: str, seconds: float) -> Belief:
        """Return what is believed of a skill at an instant, or after the last evidence."""
        found = beliefs.get(skill_id) or Belief(self.prior(skill_id))
        if seconds <= found.seconds:
            return found
        if found.seconds == UNKNOWN or not self.fitted.fade:
            return Belief(found.p, seconds)
        days = (seconds - found.seconds) / DAY_SECONDS
        lost = -math.expm1(-self.fitted.fade * days)
        return Belief(found.p @ falling(lost, len(found.p)), seconds)

    def attained(self, p: Array, rank: int) -> float:
        """Return P(a level is attained)."""
        return float(p[rank * self.steps + self._enough :].sum())

    def right(self, size: int, rank: int) -> Array:
        """Return P(right) of an item of a level in every state."""
        found = self._shown.get((size, rank))
        if found is None:
            found = self._shown[size, rank] = shown(self.curve, size, rank)
        return found

    def p_right(self, beliefs: Beliefs, skills: Sequence[SkillLevel], seconds: float) -> float:
        """Return P(right) of an item: every skill has to do its part."""
        return math.prod(
            float(b.p @ self.right(len(b.p), self.rank(one)))
            for one, b in ((one, self.belief(beliefs, one.skill_id, seconds)) for one in skills)
        )

    def answered(
        self, beliefs: Beliefs, skills: Sequence[SkillLevel], score: float, seconds: float
    ) -> dict[str, Belief]:
        """Return the beliefs that an answer changes: of each skill the exact marginal posterior."""
        before = [self.belief(beliefs, one.skill_id, seconds) for one in skills]
        right = [
            self.right(len(b.p), self.rank(one)) for one, b in zip(skills, before, strict=True)
        ]
        works = [float(b.p @ one) for b, one in zip(before, right, strict=True)]
        changed = {}
        for i, (one, b) in enumerate(zip(skills, before, strict=True)):
            p = right[i] * math.prod(works[:i]) * math.prod(works[i + 1 :])
            after = b.p * (score * p + (1.0 - score) * (1.0 - p))
            changed[one.skill_id] = Belief(after / after.sum(), b.seconds)
        return changed

    def taught(
        self, beliefs: Beliefs, effect: ModuleEffect, share: float, seconds: float
    ) -> Belief:
        """Return the belief about a skill after a module's effect on it."""
        b = self.belief(beliefs, effect.skill_id, seconds)
        rank = self.rank(effect.reached)
        return Belief(b.p @ climbing(share, len(b.p), self.steps, rank), b.seconds)

    def lesson(self, module_id: str, effect: ModuleEffect) -> Array:
        """Return how a module moves those who are ready for it, shape (n_states, n_states)."""
        name = (module_id, effect.reached)
        found = self._lessons.get(name)
        if found is None:
            share, size = self.learn_of(module_id, effect), len(self.prior(effect.skill_id))
            rank = self.rank(effect.reached)
            found = self._lessons[name] = climbing(share, size, self.steps, rank)
        return found

    def readiness(self, beliefs: Beliefs, effect: ModuleEffect, seconds: float) -> float:
        """Return the share of an effect that is to be expected, given what it requires."""
        left, unmet = 1.0, self.fitted.unmet
        for one in self.curriculum.requirements(effect.reached) if self.curriculum else ():
            p = self.belief(beliefs, one.skill_id, seconds).p
            left *= unmet + (1.0 - unmet) * self.attained(p, self.rank(one))
        return left


def seconds_of(at: datetime | None) -> float:
    """Return an instant as seconds since 1970; `UNKNOWN` where there is none."""
    return UNKNOWN if at is None else at.timestamp()

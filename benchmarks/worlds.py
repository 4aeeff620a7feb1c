"""Three worlds to learn in, none of which the engine believes in.

Every tracer of the engine has a wrong model of them: here skills are continuous, or fade, or come
in two steps; how fast one learns differs from person to person; modules teach other amounts than
they declare, and less when they are repeated; and whoever lacks a prerequisite learns little. They
were written before the policies that are measured in them, and stay as they are.

- :class:`Slopes`: learning is gradual. A skill is a number that each module lifts by a share of
  what is missing; no step is ever "the" step from not knowing to knowing.
- :class:`Ebb`: what is learned is soon out of reach again. Recall halves within days, and each
  return after a pause slows that down (the spacing effect), so the order and the dates matter.
- :class:`Stairs`: insight comes in two steps, at random, and the first does not last. A sixth of
  the modules teach next to nothing, a fifth teach what they do not declare, minutes are wrong, and
  an answer in ten is careless.

:mod:`world` has what they share.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from world import N_SKILLS, Effect, Learner, World

__all__ = ["WORLDS", "Ebb", "Slopes", "Stairs"]


class Slopes(World):
    """Gradual learning: every module lifts a skill by a share of what is missing.

    Without the prerequisite a fifth of that is left; in between it rises smoothly. Answers follow a
    logistic curve of the strength over the item's difficulty, with .2 guessed and .05 slipped. What
    is not used sinks towards two thirds of its peak, half of the way in about 40 days.
    """

    name = "slopes"
    rate_spread = 0.25

    def _born(
        self, learner_id: str, rate: float, knows: NDArray[np.bool_], rng: np.random.Generator
    ) -> Learner:
        strength = np.where(
            knows, rng.uniform(0.75, 0.95, N_SKILLS), rng.uniform(0.0, 0.45, N_SKILLS)
        )
        half_life = rng.lognormal(np.log(40.0), 0.3, N_SKILLS)
        return Learner(learner_id, rate, strength, half_life, strength.copy())

    def _readiness_from(self, learner: Learner, j: int) -> float:
        return 0.2 + 0.8 * _logistic((float(learner.strength[j]) - 0.55) / 0.07)

    def _learn(self, learner: Learner, k: int, effect: float, rng: np.random.Generator) -> None:
        share = min(0.95, learner.rate * effect * float(rng.lognormal(0.0, 0.25)))
        learner.strength[k] += share * (1.0 - learner.strength[k])
        learner.peak[k] = max(learner.peak[k], learner.strength[k])

    def _p_right(self, learner: Learner, k: int, difficulty: float) -> float:
        return 0.2 + 0.75 * _logistic((float(learner.strength[k]) - difficulty) / 0.1)

    def _fade(self, learner: Learner, days: float, rng: np.random.Generator) -> None:  # noqa: ARG002
        floor = np.minimum(learner.strength, learner.peak * 2.0 / 3.0)
        learner.strength = floor + (learner.strength - floor) * 0.5 ** (days / learner.half_life)

    def _practised(self, learner: Learner, k: int) -> None:
        learner.strength[k] += 0.02 * (1.0 - learner.strength[k])

    def _sessions(self, learner: Learner, k: int, share: float) -> float:
        missing = (1.0 - self.cut) / (1.0 - float(learner.strength[k]))
        return max(1.0, float(np.ceil(np.log(missing) / np.log1p(-share))))


class Ebb(World):
    """Fading memory: what was encoded is recalled with probability q·2^(−days / half-life).

    A first lesson leaves a half-life of about 14 days; each return to the skill makes it longer,
    the more so the more had been forgotten, up to a factor of 2.5. What was known from before has
    half-lives of months. An answer is practice too, at a third of that. A skill counts as known
    while recall is at .6 or above.
    """

    name = "ebb"
    cut = 0.6
    rate_spread = 0.3

    def _born(
        self, learner_id: str, rate: float, knows: NDArray[np.bool_], rng: np.random.Generator
    ) -> Learner:
        strength = np.where(
            knows, rng.uniform(0.7, 0.98, N_SKILLS), rng.uniform(0.0, 0.25, N_SKILLS)
        )
        fresh = rng.lognormal(np.log(14.0), 0.3, N_SKILLS)
        half_life = np.where(knows, fresh * rng.uniform(5.0, 12.0, N_SKILLS), fresh)
        return Learner(learner_id, rate, strength, half_life, strength.copy())

    def _readiness_from(self, learner: Learner, j: int) -> float:
        return 0.15 + 0.85 * min(1.0, float(learner.strength[j]) / self.cut) ** 2

    def _learn(self, learner: Learner, k: int, effect: float, rng: np.random.Generator) -> None:
        share = min(0.95, learner.rate * effect * 1.4 * float(rng.lognormal(0.0, 0.2)))
        self._spaced(learner, k, 1.5)
        learner.strength[k] += share * (1.0 - learner.strength[k])
        learner.peak[k] = max(learner.peak[k], learner.strength[k])

    def _spaced(self, learner: Learner, k: int, most: float) -> None:
        if learner.peak[k] >= 0.3:  # there is something to come back to
            forgotten = 1.0 - float(learner.strength[k] / learner.peak[k])
            learner.half_life[k] *= 1.0 + most * min(1.0, 0.3 + forgotten)

    def _p_right(self, learner: Learner, k: int, difficulty: float) -> float:
        recalled = float(learner.strength[k] ** (2.0 * difficulty))
        return 0.2 * (1.0 - recalled) + 0.95 * recalled

    def _fade(self, learner: Learner, days: float, rng: np.random.Generator) -> None:  # noqa: ARG002
        learner.strength = learner.strength * 0.5 ** (days / learner.half_life)

    def _practised(self, learner: Learner, k: int) -> None:
        self._spaced(learner, k, 0.2)

    def _sessions(self, learner: Learner, k: int, share: float) -> float:
        missing = (1.0 - self.cut) / (1.0 - float(learner.strength[k]))
        return max(1.0, float(np.ceil(np.log(missing) / np.log1p(-min(0.95, 1.4 * share)))))


class Stairs(World):
    """Two steps of insight, at random: nothing, then fragile, then solid; only solid counts.

    A module brings the next step with 1.8 times its effect as probability: a tenth of that for
    each prerequisite that is not there at all, half for one that is fragile. Fragile knowledge is
    lost again at 2 % a day, solid becomes fragile at .2 %. A sixth of the modules are duds, a
    fifth also teach a skill that they do not declare, and minutes are off by a third. Answers are
    right with .2, .6 and .93, and one in ten is given without a look at the question.
    """

    name = "stairs"
    cut = 1.0
    rate_spread = 0.4

    def _mislabelled(
        self, k: int, effect: float, minutes: float, rng: np.random.Generator
    ) -> tuple[list[Effect], float]:
        effects: list[Effect] = [(k, 0.03 if rng.random() < 1.0 / 6.0 else effect)]
        if rng.random() < 0.2:
            other = int(rng.integers(N_SKILLS))
            if other != k:
                effects.append((other, float(rng.uniform(0.1, 0.4))))
        return effects, float(np.clip(minutes * rng.lognormal(0.0, 0.33), 3.0, 45.0))

    def _born(
        self, learner_id: str, rate: float, knows: NDArray[np.bool_], rng: np.random.Generator
    ) -> Learner:
        fragile = rng.random(N_SKILLS) < 0.2
        strength = np.where(knows, 1.0, np.where(fragile, 0.5, 0.0))
        return Learner(learner_id, rate, strength, np.ones(N_SKILLS), strength.copy())

    def _readiness_from(self, learner: Learner, j: int) -> float:
        return {0.0: 0.1, 0.5: 0.5, 1.0: 1.0}[float(learner.strength[j])]

    def _learn(self, learner: Learner, k: int, effect: float, rng: np.random.Generator) -> None:
        if learner.strength[k] < 1.0 and rng.random() < self._step(learner.rate * effect):
            learner.strength[k] += 0.5

    def _step(self, share: float) -> float:
        return min(0.95, 1.8 * share)  # it takes two of them

    def _p_right(self, learner: Learner, k: int, difficulty: float) -> float:  # noqa: ARG002
        knowing = {0.0: 0.2, 0.5: 0.6, 1.0: 0.93}[float(learner.strength[k])]
        return 0.9 * knowing + 0.1 * 0.25

    def _fade(self, learner: Learner, days: float, rng: np.random.Generator) -> None:
        lost = rng.random(N_SKILLS) < np.where(
            learner.strength == 1.0, 1.0 - 0.998**days, 1.0 - 0.98**days
        )
        learner.strength[lost & (learner.strength > 0.0)] -= 0.5

    def _sessions(self, learner: Learner, k: int, share: float) -> float:
        return 2.0 * (1.0 - float(learner.strength[k])) / self._step(share)


WORLDS: tuple[type[World], ...] = (Slopes, Ebb, Stairs)


def _logistic(x: float) -> float:
    return float(1.0 / (1.0 + np.exp(-x)))

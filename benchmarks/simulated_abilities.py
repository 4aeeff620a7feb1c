"""Learners who are what DynamicIRT assumes: abilities that drift and fade, drawn from its settings.

The formulas are those of :mod:`engine.knowledge_tracing.dynamic_irt.filtering`, run forwards by
drawing. Easiness of items and of skills is centred, so that the intercept is that of an average
learner on an average item.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import ResponseLog
from engine.knowledge_tracing.dynamic_irt.settings import Settings

__all__ = ["Truth", "drawn", "simulated"]

Array = NDArray[np.float64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True)
class Truth:
    """What is to be found again; item i exercises skill i // n_items_each.

    Parameters
    ----------
    settings : Settings
    item : ndarray, shape (n_items,)
        Easiness, in probit units.
    skill : ndarray, shape (n_skills,)
        Easiness.
    practice : ndarray, shape (n_skills,)
        What log(1 + opportunities) adds.
    """

    settings: Settings
    item: Array
    skill: Array
    practice: Array


def drawn(n_skills: int, n_items_each: int, rng: np.random.Generator) -> Truth:
    """Draw easiness and slopes from the spreads that the settings state."""
    h = Settings()
    item = rng.normal(0.0, math.sqrt(h.item_variance), n_skills * n_items_each)
    skill = rng.normal(0.0, math.sqrt(h.skill_variance), n_skills)
    practice = rng.normal(h.practice, math.sqrt(h.practice_variance), n_skills)
    return Truth(h, item - item.mean(), skill - skill.mean(), practice)


def simulated(
    truth: Truth, n_learners: int, length: int, rng: np.random.Generator
) -> tuple[ResponseLog, Array]:
    """Return answers to items drawn at random, and where all ended.

    Returns
    -------
    log : ResponseLog
        Learner i is named ``i``, skill k ``k``, item j ``j``.
    ability : ndarray, shape (n_learners, n_skills)
        The predictor of the skill's average item after the last answer, without the form of the
        day.
    """
    h, n_skills, who = truth.settings, len(truth.skill), np.arange(n_learners)
    each = len(truth.item) // n_skills
    item = rng.integers(0, len(truth.item), (n_learners, length))
    slow = rng.normal(0.0, math.sqrt(h.learner_slow_variance), n_learners)
    form = rng.normal(0.0, math.sqrt(h.learner_fast_variance), n_learners)
    lasting = rng.normal(0.0, math.sqrt(h.skill_slow_variance), (n_learners, n_skills))
    recent = rng.normal(0.0, math.sqrt(h.skill_fast_variance), (n_learners, n_skills))
    met = np.zeros((n_learners, n_skills))
    right = np.zeros((n_learners, length))
    for t in range(length):
        k = item[:, t] // each
        again = met[who, k] > 0.0  # what was practised ages before it is practised again
        recent = _faded(recent, h.skill_fast_keep_between if t else 1.0, h.skill_fast_variance, rng)
        keep = np.where(again, h.skill_fast_keep, 1.0)
        recent[who, k] = _faded(recent[who, k], keep, h.skill_fast_variance, rng)
        lasting[who, k] += again * rng.normal(0.0, math.sqrt(h.skill_slow_drift), n_learners)
        base = h.intercept + slow + lasting[who, k] + recent[who, k] + truth.skill[k]
        eta = base + form + truth.item[item[:, t]] + truth.practice[k] * np.log1p(met[who, k])
        right[:, t] = rng.normal(0.0, 1.0, n_learners) < eta  # with probability Φ(eta)
        met[who, k] += 1.0
        slow += rng.normal(0.0, math.sqrt(h.learner_slow_drift), n_learners)
        form = _faded(form, h.learner_fast_keep, h.learner_fast_variance, rng)
    average = truth.item.reshape(n_skills, each).mean(axis=1)
    ability = h.intercept + slow[:, None] + lasting + recent + truth.skill + average
    names = item.ravel()
    log = ResponseLog.from_columns(
        learner=np.repeat(who, length),
        item=names,
        skills=(names // each).astype(str),
        score=right.ravel(),
        order=np.tile(np.arange(length), n_learners),
    )
    return log, ability + truth.practice * np.log1p(met)


def _faded(now: Array, keep: Array | float, variance: float, rng: np.random.Generator) -> Array:
    """Draw the next value of what fades towards a spread that stays the same."""
    spread = np.sqrt((1.0 - keep**2) * variance)
    moved: Array = keep * now + spread * rng.normal(0.0, 1.0, now.shape)
    return moved

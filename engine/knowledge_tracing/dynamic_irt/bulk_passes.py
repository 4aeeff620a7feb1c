"""Whole histories folded into latent values, learner by learner, in plain Python.

:mod:`.kernels` compiles it; :mod:`.bulk` calls it. The steps are those of :mod:`.filtering`, on
rows by code that are written down when a learner is through.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .abilities import Ability, ability, p_above
from .filtering import (
    EXERCISE_FIELDS,
    ITEM_FIELDS,
    LEARNER_FIELDS,
    N_TERMS,
    SKILL_FIELDS,
    SLOW,
    UNKNOWN,
    N,
    Row,
    absorb,
    age,
    expect,
    fresh_learner,
    fresh_skill,
    normal_cdf,
    remember,
    wait,
)

__all__ = ["LESSON_FIELDS", "count", "fold", "quantile", "shift"]

# What a module does to a skill: P(T), and the cut points that it leads between.
LEARN, CUT, CUT_BELOW = range(3)
LESSON_FIELDS = 3

UNDATED = np.iinfo(np.int64).min
CERTAIN = 1e-12


def quantile(p: float) -> float:
    """Return z where Φ(z) = p, for 0 < p < 1.

    A rational start (Abramowitz & Stegun 1964, 26.2.23), then Halley's method.

    Examples
    --------
    >>> round(quantile(0.975), 6)
    1.959964
    """
    if p > 0.5:
        return -quantile_below(1.0 - p)
    return quantile_below(p)


def quantile_below(p: float) -> float:
    """Return z where Φ(z) = p, for 0 < p ≤ ½."""
    t = math.sqrt(-2.0 * math.log(p))
    top = 2.515517 + t * (0.802853 + t * 0.010328)
    z = top / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t
    for _ in range(3):
        density = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
        step = (normal_cdf(z) - p) / density
        z -= step / (1.0 + 0.5 * z * step)
    return z


def shift(one: Ability, before: float, after: float) -> float:
    """Return by how much the mean must move for P(ability ≥ cut) to go from one to another."""
    low = min(max(before, CERTAIN), 1.0 - CERTAIN)
    high = min(max(after, CERTAIN), 1.0 - CERTAIN)
    return math.sqrt(one.variance) * max(quantile(high) - quantile(low), 0.0)


def count(
    first: int,
    last: int,
    event_start: Row,
    subject: Row,
    exercise_of: Row,
    n_exercises: int,
    sizes: Row,
) -> None:
    """Fill in how many exercises and items each learner from first to last has answered."""
    item_owner, exercise_owner = np.full(len(exercise_of), -1), np.full(n_exercises, -1)
    for learner in range(first, last):
        for t in range(event_start[learner], event_start[learner + 1]):
            i = subject[t]
            if i >= len(exercise_of):
                continue
            x = exercise_of[i]
            if exercise_owner[x] != learner:
                exercise_owner[x] = learner
                sizes[learner + 1, 0] += 1
            if item_owner[i] != learner:
                item_owner[i] = learner
                sizes[learner + 1, 1] += 1


def fold(
    first: int,
    last: int,
    event_start: Row,
    subject: Row,
    score: Row,
    happened: Row,
    move_start: Row,
    move_skill: Row,
    lesson: Row,
    exercise_of: Row,
    n_exercises: int,
    items: Row,
    skills: Row,
    typical: Row,
    h: Any,
    fades: bool,
    row_start: Row,
    cuts: Row,
    start: Row,
    skill: Row,
    belief_start: Row,
    p: Row,
    opportunities: Row,
    answered: Row,
    failed: Row,
    believed: Row,
    success: Row,
    learner_rows: Row,
    previous: Row,
    skill_rows: Row,
    history_start: Row,
    exercise: Row,
    exercise_rows: Row,
    item: Row,
    item_rows: Row,
) -> None:
    """Fill in the states of the learners from first to last.

    Parameters
    ----------
    first, last, event_start, subject, score, happened, move_start, move_skill
        As :func:`..bulk_passes.fold` takes them.
    lesson : ndarray, shape (n_moves, 3)
        LEARN, CUT and CUT_BELOW of the moves of modules.
    exercise_of : ndarray, shape (n_items,)
    items, skills : ndarray, shape (n_items, 2) and (n_skills, 4)
        Means and variances of easiness and practice slope.
    typical : ndarray, shape (n_skills,)
    h : Settings
    fades : bool
        Whether beliefs are of an instant.
    row_start, cuts : ndarray, shape (n_skills + 1,) and (n_levels,)
        The cut points of each skill's levels.
    start, skill, belief_start, p, opportunities, answered, failed, believed, success
        As :func:`..bulk_passes.fold` fills them in.
    learner_rows, previous, skill_rows, exercise, exercise_rows, item, item_rows
        To be filled in, as in :class:`.bulk.LatentColumns`.
    history_start : ndarray, shape (n_learners + 1, 2)
        Where each learner's exercises and items begin.
    """
    given = skills.copy()
    given[:, 1] = 0.0
    given[:, 3] = 0.0
    learner, terms = np.zeros(LEARNER_FIELDS), np.zeros(N_TERMS)
    rows, told = np.zeros((len(skills), SKILL_FIELDS)), np.zeros((len(skills), N + 1))
    of_item = np.zeros((len(items), ITEM_FIELDS))
    of_exercise = np.zeros((n_exercises, EXERCISE_FIELDS))
    entry_of = np.full(len(skills), -1)
    item_owner, exercise_owner = np.full(len(items), -1), np.full(n_exercises, -1)
    won_by = np.full(len(items), -1)
    at, seconds = UNDATED, UNKNOWN
    for u in range(first, last):
        fresh_learner(learner, h)
        entries = own = start[u, 0]
        beliefs, successes = start[u, 1], start[u, 2]
        n_x, n_i = history_start[u, 0], history_start[u, 1]
        for t in range(event_start[u], event_start[u + 1]):
            s = subject[t]
            if len(happened) > 0:
                at = happened[t]
                seconds = UNKNOWN if at == UNDATED else at / 1e6
            which = move_skill[move_start[s] : move_start[s + 1]]
            for j in range(len(which)):
                k = which[j]
                if entry_of[k] < own:
                    entry_of[k] = entries
                    skill[entries], opportunities[entries] = k, 0
                    answered[entries] = failed[entries] = believed[entries] = UNDATED
                    entries += 1
                    fresh_skill(rows[k], h, skills[k, 1])
                if fades:
                    believed[entry_of[k]] = max(believed[entry_of[k]], at)
            if s >= len(items):
                for j in range(len(which)):
                    k, m = which[j], move_start[s] + j
                    wait(rows[k], seconds, h)
                    one = ability(learner, rows[k], skills[k], typical[k], h)
                    before, below = p_above(one, lesson[m, CUT]), p_above(one, lesson[m, CUT_BELOW])
                    after = before + (below - before) * lesson[m, LEARN]
                    rows[k, SLOW] += shift(one, before, after)
                    told[k] = learner[: N + 1]
                continue
            x, y = exercise_of[s], score[t]
            if item_owner[s] != u:
                item_owner[s] = u
                of_item[s, :] = 0.0
                item[n_i] = s
                n_i += 1
            if exercise_owner[x] != u:
                exercise_owner[x] = u
                of_exercise[x, :] = 0.0
                exercise[n_x] = x
                n_x += 1
            for j in range(len(which)):
                age(rows[which[j]], learner[N], seconds, h)
            expect(learner, rows, which, items[s], given, h, terms)
            absorb(learner, rows, which, terms, y, h)
            remember(learner, rows, which, of_exercise[x], of_item[s], y, seconds)
            previous[u] = s
            for j in range(len(which)):
                k = which[j]
                e = entry_of[k]
                told[k] = learner[: N + 1]
                opportunities[e] += 1
                if at > UNDATED:
                    answered[e] = at
                    if y < 0.5:
                        failed[e] = at
            if y >= 0.5 and won_by[s] != u:
                won_by[s] = u
                success[successes] = s
                successes += 1
        learner_rows[u] = learner
        for e in range(own, entries):
            k = skill[e]
            skill_rows[e] = rows[k]
            # What is told of a skill is as of its own last evidence.
            one = ability(told[k], rows[k], skills[k], typical[k], h)
            belief_start[e] = beliefs
            for row in range(row_start[k], row_start[k + 1]):
                p[beliefs] = p_above(one, cuts[row])
                beliefs += 1
        for n in range(history_start[u, 0], n_x):
            exercise_rows[n] = of_exercise[exercise[n]]
        for n in range(history_start[u, 1], n_i):
            item_rows[n] = of_item[item[n]]

"""Passes of the filter over a whole log, in plain Python; :mod:`.kernels` compiles them."""

from __future__ import annotations

import math

import numpy as np

from .filtering import (
    EXERCISE_FIELDS,
    ITEM_FIELDS,
    LEARNER_FIELDS,
    N_TERMS,
    SKILL_FIELDS,
    SLOW,
    T_TOTAL,
    N,
    Row,
    absorb,
    age,
    expect,
    fresh_learner,
    fresh_skill,
    remember,
)
from .gathering import gather
from .quantities import describe

__all__ = ["calibrate", "gather", "replay"]


def calibrate(
    learner_of: Row,
    item_of: Row,
    start: Row,
    pair_skill: Row,
    nudge: Row,
    score: Row,
    seconds: Row,
    h: Row,
    items: Row,
    skills: Row,
    item_sites: Row,
    skill_sites: Row,
    again: bool,
    totals: Row,
) -> None:
    """Learn the easiness of items and skills in one pass over a log, in place.

    `items` and `skills` hold natural parameters: precision and precision · mean, of easiness and,
    for skills, of the practice slope. The sites remember what each response said, so that a
    further pass (`again`) first takes it back: expectation propagation (Minka 2001, §3). The
    `totals` of such a pass are leave-one-out predictors in units of their spread.
    """
    learner, terms, item = np.zeros(LEARNER_FIELDS), np.zeros(N_TERMS), np.zeros(2)
    rows, given = np.zeros((len(skills), SKILL_FIELDS)), np.zeros((len(skills), 4))
    owner = np.full(len(skills), -1)
    practised = np.zeros(len(skills))
    current = -1
    for t in range(len(score)):
        if learner_of[t] != current:
            current = learner_of[t]
            fresh_learner(learner, h)
        which, i = pair_skill[start[t] : start[t + 1]], item_of[t]
        if again:
            items[i, 0] -= item_sites[t, 0]
            items[i, 1] -= item_sites[t, 1]
        item[1] = 1.0 / items[i, 0]
        item[0] = items[i, 1] * item[1]
        for j in range(len(which)):
            k, p = which[j], start[t] + j
            if owner[k] != current:
                owner[k] = current
                fresh_skill(rows[k], h, 0.0)
            age(rows[k], learner[N], seconds[t], h)
            rows[k, SLOW] += nudge[p]
            practised[k] = math.log1p(rows[k, N])
            if again:
                for c in range(4):
                    skills[k, c] -= skill_sites[p, c]
            for c in (0, 2):
                given[k, c + 1] = 1.0 / skills[k, c]
                given[k, c] = skills[k, c + 1] * given[k, c + 1]
        expect(learner, rows, which, item, given, h, terms)
        totals[t] = terms[T_TOTAL]
        pull, loss = absorb(learner, rows, which, terms, score[t], h)
        credit(items[i], 0, item, 1.0, pull, loss, item_sites[t])
        share = 1.0 / len(which)
        for j in range(len(which)):
            k, p = which[j], start[t] + j
            credit(skills[k], 0, given[k], share, pull, loss, skill_sites[p])
            credit(skills[k], 2, given[k], share * practised[k], pull, loss, skill_sites[p])


def credit(
    natural: Row, at: int, moments: Row, weight: float, pull: float, loss: float, site: Row
) -> None:
    """Add to natural parameters what one response says about a term, and note it as its site."""
    at_mean = 0 if len(moments) == 2 else at
    mean, variance = moments[at_mean], moments[at_mean + 1]
    after = variance - weight * weight * variance * variance * loss
    mean += weight * variance * pull
    site[at] = 1.0 / after - 1.0 / variance
    site[at + 1] = mean / after - moments[at_mean] / variance
    natural[at] += site[at]
    natural[at + 1] += site[at + 1]


def replay(
    learner_of: Row,
    item_of: Row,
    exercise_of: Row,
    start: Row,
    pair_skill: Row,
    nudge: Row,
    score: Row,
    seconds: Row,
    h: Row,
    items: Row,
    skills: Row,
    n_exercises: int,
    quantities: Row,
) -> None:
    """Write the quantities of each response, before its answer is seen.

    `items` and `skills` hold means and variances, which stay as they are: what one learner
    answers never moves another. Doubt about a skill's easiness counts as doubt about the
    learner's ability in it.
    """
    given = skills.copy()
    given[:, 1] = 0.0
    given[:, 3] = 0.0
    learner, terms = np.zeros(LEARNER_FIELDS), np.zeros(N_TERMS)
    rows = np.zeros((len(skills), SKILL_FIELDS))
    of_item = np.zeros((len(items), ITEM_FIELDS))
    of_exercise = np.zeros((n_exercises, EXERCISE_FIELDS))
    skill_owner, item_owner = np.full(len(skills), -1), np.full(len(items), -1)
    exercise_owner = np.full(n_exercises, -1)
    current, x_before, i_before = -1, -1, -1
    for t in range(len(score)):
        if learner_of[t] != current:
            current, x_before, i_before = learner_of[t], -1, -1
            fresh_learner(learner, h)
        which, i, x = pair_skill[start[t] : start[t + 1]], item_of[t], exercise_of[t]
        if item_owner[i] != current:
            item_owner[i] = current
            of_item[i, :] = 0.0
        if exercise_owner[x] != current:
            exercise_owner[x] = current
            of_exercise[x, :] = 0.0
        for j in range(len(which)):
            k, p = which[j], start[t] + j
            if skill_owner[k] != current:
                skill_owner[k] = current
                fresh_skill(rows[k], h, skills[k, 1])
            age(rows[k], learner[N], seconds[t], h)
            rows[k, SLOW] += nudge[p]
        expect(learner, rows, which, items[i], given, h, terms)
        same_x, same_i = 1.0 if x == x_before else 0.0, 1.0 if i == i_before else 0.0
        describe(
            learner,
            rows,
            which,
            of_exercise[x],
            of_item[i],
            terms,
            same_x,
            same_i,
            seconds[t],
            quantities[t],
        )
        absorb(learner, rows, which, terms, score[t], h)
        remember(learner, rows, which, of_exercise[x], of_item[i], score[t], seconds[t])
        x_before, i_before = x, i

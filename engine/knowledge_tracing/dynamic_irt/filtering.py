"""One step of the ability filter: what is expected, what an answer changes, what is remembered.

The predictor of an answer is a sum of Gaussian terms, each with a mean and a variance:

    η = intercept + learner slow + learner fast + item
        + mean over the item's skills of
          (slow + fast + easiness + practice · log(1 + opportunities))

and P(right) = Φ(η). After an answer each term takes its share of the surprise: assumed-density
filtering, the posterior's first two moments under a probit likelihood (Minka 2001, §3.2; for
ratings of players Herbrich, Minka & Graepel 2007). Between answers the abilities in a skill go
back to what is usual, the recent one by response and by day, the lasting one by day
(:func:`wait`): an Ornstein–Uhlenbeck process each.

Every function here is written so that it runs in plain Python over lists (one learner, online)
and is compiled over arrays by :mod:`.kernels` (whole logs): there is one source of each formula.
"""

from __future__ import annotations

import math
from typing import Any

__all__ = [
    "EXERCISE_FIELDS",
    "ITEM_FIELDS",
    "LEARNER_FIELDS",
    "NEVER",
    "N_TERMS",
    "SKILL_FIELDS",
    "UNKNOWN",
    "absorb",
    "age",
    "expect",
    "fresh_learner",
    "fresh_skill",
    "kept_between",
    "normal_cdf",
    "remember",
    "surprise",
    "wait",
]

Row = Any
"""A list of floats, or a row of an array."""

# One learner: abilities, then history. "Signed" answers run from −1 (wrong) to 1 (right).
SLOW, SLOW_V, FAST, FAST_V, N, RECENT_2, RECENT_5, RECENT_20 = range(8)
RIGHT_RUN, WRONG_RUN, PREVIOUS, SKILLS_MET, IN_SESSION, ANSWERED, PREVIOUS_RUN = range(8, 15)
LEARNER_FIELDS = 15
# One learner's skill: SLOW … N as above, then
LAST, S_RECENT_2, S_RECENT_5, RIGHTS, S_ANSWERED, S_AT = range(5, 11)
SKILL_FIELDS = 11
# One learner's exercise (combination of skills).
X_N, X_RECENT, X_LAST, X_LAST_2, X_LAST_3, X_RUN, X_AT = range(7)
EXERCISE_FIELDS = 7
# One learner's item.
I_LAST, I_N, I_RIGHTS = range(3)
ITEM_FIELDS = 3
# The predictor's terms.
(
    T_LEARNER_SLOW,
    T_LEARNER_FAST,
    T_SKILL_SLOW,
    T_SKILL_FAST,
    T_ITEM,
    T_SKILL,
    T_PRACTICE,
    T_LEARNER_V,
    T_SKILL_V,
    T_ITEM_V,
    T_TOTAL,
    T_SPREAD,
) = range(12)
N_TERMS = 12
# Settings by place; a test holds them to the names.
INTERCEPT, L_SLOW_V, L_DRIFT, L_FAST_V, L_KEEP, S_SLOW_V, S_DRIFT, S_FAST_V = range(8)
S_KEEP, S_KEEP_BETWEEN, ITEM_V, SKILL_V, PRACTICE, PRACTICE_V = range(8, 14)
S_SLOW_FADE, S_FAST_FADE = range(14, 16)

SESSION_GAP_SECONDS = 1800.0
DAY_SECONDS = 86_400.0
NEVER, UNKNOWN = 1e18, -1e18
"""Seconds of what has not happened yet, and of a response that does not say when."""

_ROOT_2 = math.sqrt(2.0)
_PHI_0 = 1.0 / math.sqrt(2.0 * math.pi)


def normal_cdf(z: float) -> float:
    """Return Φ(z)."""
    return 0.5 * math.erfc(-z / _ROOT_2)


def surprise(z: float, score: float) -> tuple[float, float]:
    """Return the first derivative and minus the second of log P(score) in z.

    With partial credit w the likelihood is w·Φ(z) + (1 − w)·Φ(−z). The second derivative is
    kept at or below zero, so that an answer never widens a variance.

    Examples
    --------
    >>> [round(value, 4) for value in surprise(0.0, 1.0)]
    [0.7979, 0.6366]
    >>> surprise(0.7, 0.5)
    (0.0, 0.0)
    """
    tilt = 2.0 * score - 1.0
    likelihood = (1.0 - score) + tilt * normal_cdf(z)
    if likelihood < 1e-280:  # the tail, where φ/Φ is |z| + 1/|z|
        first = math.copysign(abs(z) + 1.0 / abs(z), tilt)
    else:
        first = tilt * _PHI_0 * math.exp(-0.5 * z * z) / likelihood
    second = first * (first + z)
    return first, 0.0 if second < 0.0 else 1.0 if second > 1.0 else second


def kept_between(skill: Row, now: float, h: Row) -> float:
    """Return the share of what was just practised that responses to other things have left."""
    between: float = h[S_KEEP_BETWEEN] ** max(now - skill[LAST] - 1.0, 0.0)
    return between


def wait(skill: Row, seconds: float, h: Row) -> None:
    """Bring a skill's abilities to an instant, unless it is unknown or past.

    Means go back to 0 and variances to those of somebody without evidence, exponentially, so that
    two waits in a row are one of their joint length. Waiting never makes anything more certain.
    """
    if seconds <= skill[S_AT]:
        return
    if skill[S_AT] > UNKNOWN:
        days = (seconds - skill[S_AT]) / DAY_SECONDS
        keep = math.exp(-h[S_FAST_FADE] * days)
        skill[FAST] *= keep
        skill[FAST_V] += (1.0 - keep * keep) * max(h[S_FAST_V] - skill[FAST_V], 0.0)
        keep = math.exp(-h[S_SLOW_FADE] * days)
        skill[SLOW] *= keep
        skill[SLOW_V] += (1.0 - keep * keep) * max(h[S_SLOW_V] - skill[SLOW_V], 0.0)
    skill[S_AT] = seconds


def age(skill: Row, now: float, seconds: float, h: Row) -> None:
    """Bring a skill's abilities to the learner's response number `now`, and to its instant."""
    wait(skill, seconds, h)
    if skill[N] > 0.0:
        keep = h[S_KEEP] * h[S_KEEP_BETWEEN] ** (now - skill[LAST])
        skill[FAST] *= keep
        skill[FAST_V] = skill[FAST_V] * keep * keep + h[S_FAST_V] * (1.0 - keep * keep)
        skill[SLOW_V] += h[S_DRIFT]


def expect(
    learner: Row, skills: Row, which: Row, item: Row, easiness: Row, h: Row, terms: Row
) -> None:
    """Write the terms of the predictor, their variances, and the total in units of its spread.

    `skills` are aged rows; `which` says which of them the item takes; `item` is the easiness of
    the item, mean and variance; `easiness` has per skill the mean and variance of its easiness
    and of its practice slope.
    """
    share = 1.0 / len(which)
    slow = fast = base = practice = own = variance = 0.0
    for j in range(len(which)):
        skill, given = skills[which[j]], easiness[which[j]]
        x = math.log1p(skill[N])
        slow += skill[SLOW]
        fast += skill[FAST]
        base += given[0]
        practice += x * given[2]
        own += skill[SLOW_V] + skill[FAST_V]
        variance += skill[SLOW_V] + skill[FAST_V] + given[1] + x * x * given[3]
    terms[T_LEARNER_SLOW] = learner[SLOW]
    terms[T_LEARNER_FAST] = learner[FAST]
    terms[T_SKILL_SLOW] = share * slow
    terms[T_SKILL_FAST] = share * fast
    terms[T_ITEM] = item[0]
    terms[T_SKILL] = share * base
    terms[T_PRACTICE] = share * practice
    terms[T_LEARNER_V] = learner[SLOW_V] + learner[FAST_V]
    terms[T_SKILL_V] = share * share * own
    terms[T_ITEM_V] = item[1]
    total = h[INTERCEPT] + learner[SLOW] + learner[FAST] + item[0]
    total += share * (slow + fast + base + practice)
    spread = 1.0 + learner[SLOW_V] + learner[FAST_V] + item[1] + share * share * variance
    terms[T_SPREAD] = math.sqrt(spread)
    terms[T_TOTAL] = total / terms[T_SPREAD]


def absorb(
    learner: Row, skills: Row, which: Row, terms: Row, score: float, h: Row
) -> tuple[float, float]:
    """Move a learner's abilities by one answer, in place; return the pull per unit of variance.

    A term with weight a and variance v moves by a·v·`pull` and loses (a·v)²·`loss` of variance.
    """
    first, second = surprise(terms[T_TOTAL], score)
    pull, loss = first / terms[T_SPREAD], second / (terms[T_SPREAD] * terms[T_SPREAD])
    share = 1.0 / len(which)
    for j in range(len(which)):
        skill = skills[which[j]]
        for mean in (SLOW, FAST):
            v = skill[mean + 1]
            skill[mean] += share * v * pull
            skill[mean + 1] = v - share * share * v * v * loss
        skill[N] += 1.0
        skill[LAST] = learner[N]
    v = learner[SLOW_V]
    learner[SLOW] += v * pull
    learner[SLOW_V] = v - v * v * loss + h[L_DRIFT]
    v, keep = learner[FAST_V], h[L_KEEP]
    learner[FAST] = keep * (learner[FAST] + v * pull)
    learner[FAST_V] = keep * keep * (v - v * v * loss) + (1.0 - keep * keep) * h[L_FAST_V]
    learner[N] += 1.0
    return pull, loss


def remember(
    learner: Row,
    skills: Row,
    which: Row,
    exercise: Row,
    item: Row,
    score: float,
    seconds: float,
) -> None:
    """Note one answer in the history of learner, skills, exercise and item, in place.

    To be called after :func:`absorb`, which counts the response.
    """
    signed, right = 2.0 * score - 1.0, score >= 0.5
    learner[RECENT_2] += 0.5 * (signed - learner[RECENT_2])
    learner[RECENT_5] += 0.2 * (signed - learner[RECENT_5])
    learner[RECENT_20] += 0.05 * (signed - learner[RECENT_20])
    learner[RIGHT_RUN] = learner[RIGHT_RUN] + 1.0 if right else 0.0
    learner[WRONG_RUN] = 0.0 if right else learner[WRONG_RUN] + 1.0
    learner[PREVIOUS] = signed
    paused = seconds - learner[ANSWERED] > SESSION_GAP_SECONDS  # not where a time is missing
    learner[IN_SESSION] = 1.0 if paused else learner[IN_SESSION] + 1.0
    known = seconds > UNKNOWN
    if known:
        learner[ANSWERED] = seconds
    for j in range(len(which)):
        skill = skills[which[j]]
        if skill[N] == 1.0:
            learner[SKILLS_MET] += 1.0
        skill[S_RECENT_2] += 0.5 * (signed - skill[S_RECENT_2])
        skill[S_RECENT_5] += 0.2 * (signed - skill[S_RECENT_5])
        skill[RIGHTS] += 1.0 if right else 0.0
        if known:
            skill[S_ANSWERED] = seconds
    run = exercise[X_RUN]
    exercise[X_N] += 1.0
    exercise[X_RECENT] += 0.4 * (signed - exercise[X_RECENT])
    exercise[X_LAST_3] = exercise[X_LAST_2]
    exercise[X_LAST_2] = exercise[X_LAST]
    exercise[X_LAST] = signed
    exercise[X_RUN] = max(run, 0.0) + 1.0 if right else min(run, 0.0) - 1.0
    exercise[X_AT] = learner[N] - 1.0
    learner[PREVIOUS_RUN] = exercise[X_RUN]
    item[I_LAST] = signed
    item[I_N] += 1.0
    item[I_RIGHTS] += 1.0 if right else 0.0


def fresh_learner(learner: Row, h: Row) -> None:
    """Write the row of a learner without evidence."""
    for i in range(len(learner)):
        learner[i] = 0.0
    learner[SLOW_V], learner[FAST_V], learner[ANSWERED] = h[L_SLOW_V], h[L_FAST_V], NEVER


def fresh_skill(skill: Row, h: Row, doubt: float) -> None:
    """Write the row of a skill without evidence.

    `doubt` is the variance of the skill's own easiness, where answers are to settle it for this
    learner only: the sum of both is all that they can tell.
    """
    for i in range(len(skill)):
        skill[i] = 0.0
    skill[SLOW_V], skill[FAST_V] = h[S_SLOW_V] + doubt, h[S_FAST_V]
    skill[S_ANSWERED], skill[S_AT] = NEVER, UNKNOWN

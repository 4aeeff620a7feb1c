"""The E-step with every option: noise per item, modules between answers, forgetting by time.

The forward–backward pass of :mod:`.smoothing` (Rabiner 1989) over sequences of events. An event
waits (levels are forgotten while days pass), then speaks (an answer, unless it is a module
completed) and then moves (an answer by the level's own P(T) and P(F), a module by what it
teaches). Plain loops over flat arrays, compiled where numba is there. Imported lazily, by
:mod:`.event_counts`.

While t days pass, levels are lost one at a time at the rate λ (a pure death process; Karlin &
Taylor 1975, sec. 4.5), so k of them with the Poisson probability e^{−λt}(λt)^k / k!, and level 0
keeps what arrives there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    I32 = NDArray[np.int32]

__all__ = ["smooth_events"]

_TINY = 1e-200  # likelihoods are multiplied until there, so that few logarithms are taken


@compiled
def _lose(x: float, n: int, lost: F64) -> None:
    """Fill in the Poisson probabilities that 0 … n levels are lost, x expected."""
    lost[0] = np.exp(-x)
    for j in range(1, n + 1):
        lost[j] = lost[j - 1] * x / j


@compiled
def _fade(state: F64, n: int, lost: F64, spare: F64) -> None:
    """Let levels be lost: P(i) becomes the sum over j of P(i + j) times P(j are lost)."""
    for i in range(n + 1):
        arrived, more = 0.0, 1.0  # more = P(at least j levels are lost)
        for j in range(n + 1 - i):
            arrived += state[i + j] * (lost[j] if i > 0 else max(more, 0.0))
            more -= lost[j]
        spare[i] = arrived
    for i in range(n + 1):
        state[i] = spare[i]


@compiled
def _fade_back(
    state: F64, ahead: F64, n: int, lost: F64, days: float, rate: float, counts: F64, spare: F64
) -> None:
    """Take `ahead` back over a wait, and count the levels lost and the days they might have been.

    Whoever loses all i levels was exposed until the last of them went: E[days; at least i lost]
    = i/λ · P(at least i + 1 are lost).
    """
    for i in range(n + 1):
        back, more = 0.0, 1.0
        for j in range(i):
            joint = lost[j] * ahead[i - j]
            back += joint
            more -= lost[j]
            counts[0] += state[i] * joint * j
            counts[1] += state[i] * joint * days
        more = max(more, 0.0)
        spare[i] = back + more * ahead[0]
        if i > 0:
            counts[0] += state[i] * more * ahead[0] * i
            counts[1] += state[i] * max(more - lost[i], 0.0) * ahead[0] * i / rate
    for i in range(n + 1):
        ahead[i] = spare[i]


@compiled
def _move(state: F64, q: int, learn: float, forget: float) -> None:
    """Let the learner who is just below level q learn it, and who is just on it forget it."""
    low, high = state[q], state[q + 1]
    state[q] = low * (1.0 - learn) + high * forget
    state[q + 1] = low * learn + high * (1.0 - forget)


@compiled
def _count_answer(
    alpha: F64,
    t: int,
    beta: F64,
    n: int,
    r: int,
    w: float,
    guess: float,
    slip: float,
    counts: F64,
    c: int,
) -> None:
    """Add how often an answer was guessed and slipped; a soft score is split by its posterior.

    The third column takes the squares of what each answer says: event minus expectation.
    """
    missed = reached = 0.0
    for i in range(r + 1):
        missed += alpha[t, i] * beta[i]
    for i in range(r + 1, n + 1):
        reached += alpha[t, i] * beta[i]
    guessed = missed * w * guess / (w * guess + (1.0 - w) * (1.0 - guess))
    slipped = reached * (1.0 - w) * slip / (w * (1.0 - slip) + (1.0 - w) * slip)
    counts[c, 0, 0] += guessed
    counts[c, 0, 1] += missed - guessed
    counts[c, 0, 2] += (guessed - missed * guess) ** 2
    counts[c, 1, 0] += slipped
    counts[c, 1, 1] += reached - slipped
    counts[c, 1, 2] += (slipped - reached * slip) ** 2


@compiled
def _longest(start: I64) -> int:
    longest = 1
    for i in range(len(start) - 1):
        longest = max(longest, start[i + 1] - start[i])
    return longest


@compiled
def smooth_events(
    weight: F64,
    rank: I32,
    noise: I32,
    effect: I32,
    days: F64,
    start: I64,
    skill_start: I64,
    row_start: I64,
    theta: F64,
    noise_table: F64,
    effect_table: F64,
    decay: F64,
    low: int,
    high: int,
    level_counts: F64,
    noise_counts: F64,
    effect_counts: F64,
    decay_counts: F64,
    log_likelihood: F64,
) -> None:
    """Add the expected counts of skills `low` to `high`, and fill in their log-likelihoods.

    Parameters
    ----------
    weight, rank, noise, effect, days : ndarray, shape (n_pairs,)
        The pairs of a layout in the order of its sequences.
    start, skill_start, row_start : ndarray of int
        As in :class:`Sequences` and :class:`Layout`.
    theta, noise_table, effect_table, decay : ndarray
        As in :class:`Tables`.
    low, high : int
        The first skill, and the one after the last.
    level_counts : ndarray, shape (n_levels, 3, 2)
        prior, learn and forget: how often each happened, and did not.
    noise_counts : ndarray, shape (n_noise, 2, 3)
        guess and slip likewise; then the sum of squares of event minus expectation.
    effect_counts : ndarray, shape (n_effects, 3)
        Likewise.
    decay_counts : ndarray, shape (n_skills, 2)
        Levels lost while days passed, and the days for which there was one to lose.
    log_likelihood : ndarray, shape (n_skills,)
    """
    most = _longest(row_start[low : high + 1])
    longest = _longest(start[skill_start[low] : skill_start[high] + 1])
    alpha, before = np.empty((longest, most + 1)), np.empty(most + 1)
    likely = np.empty((longest, 2))  # of the answer below the level, and at or above it
    state, spare = np.empty(most + 1), np.empty(most + 1)
    ahead, beta = np.empty(most + 1), np.empty(most + 1)
    p_start, lost = np.empty(most + 1), np.zeros(most + 2)
    for k in range(low, high):
        first, n = row_start[k], row_start[k + 1] - row_start[k]
        p = 1.0
        for i in range(n):
            p_start[i] = p * (1.0 - theta[first + i, 0])
            p *= theta[first + i, 0]
        p_start[n] = p
        total, product = 0.0, 1.0
        for s in range(skill_start[k], skill_start[k + 1]):
            begin, end = start[s], start[s + 1]
            for i in range(n + 1):
                state[i] = p_start[i]
            for t in range(begin, end):
                if decay[k] * days[t] > 0.0:
                    _lose(decay[k] * days[t], n, lost)
                    _fade(state, n, lost, spare)
                r, c, w = rank[t], noise[t], weight[t]
                likely[t - begin, 0] = likely[t - begin, 1] = 1.0
                if c >= 0:
                    guess, slip = noise_table[c, 0], noise_table[c, 1]
                    b = w * guess + (1.0 - w) * (1.0 - guess)
                    a = w * (1.0 - slip) + (1.0 - w) * slip
                    z = 0.0
                    for i in range(n + 1):
                        state[i] *= a if i > r else b
                        z += state[i]
                    inverse = 1.0 / z
                    for i in range(n + 1):
                        state[i] *= inverse
                    likely[t - begin, 0] = b * inverse
                    likely[t - begin, 1] = a * inverse
                    product *= z
                    if product < _TINY:
                        total += np.log(product)
                        product = 1.0
                for i in range(n + 1):
                    alpha[t - begin, i] = state[i]
                if effect[t] >= 0:
                    _move(state, r, effect_table[effect[t]], 0.0)
                else:
                    _move(state, r, theta[first + r, 1], theta[first + r, 2])
            for i in range(n + 1):
                beta[i] = 1.0
            for t in range(end - 1, begin - 1, -1):
                r, c = rank[t], noise[t]
                if c >= 0:
                    guess, slip = noise_table[c, 0], noise_table[c, 1]
                    _count_answer(
                        alpha, t - begin, beta, n, r, weight[t], guess, slip, noise_counts, c
                    )
                if t == begin:
                    at_least = 0.0
                    for i in range(n, 0, -1):
                        at_least += alpha[0, i] * beta[i]
                        level_counts[first + i - 1, 0, 0] += at_least
                        level_counts[first + i - 1, 0, 1] += alpha[0, i - 1] * beta[i - 1]
                    continue
                for i in range(n + 1):
                    ahead[i] = likely[t - begin, 1 if i > r else 0] * beta[i]
                    before[i] = alpha[t - 1 - begin, i]
                q, e = rank[t - 1], effect[t - 1]
                learn, forget = theta[first + q, 1], theta[first + q, 2]
                if e >= 0:
                    learn, forget = effect_table[e], 0.0
                if decay[k] * days[t] > 0.0:
                    for i in range(n + 1):
                        state[i] = before[i]
                    _move(state, q, learn, forget)
                    _lose(decay[k] * days[t], n, lost)
                    _fade_back(state, ahead, n, lost, days[t], decay[k], decay_counts[k], spare)
                if e >= 0:
                    learned = before[q] * learn * ahead[q + 1]
                    unlearned = before[q] * (1.0 - learn) * ahead[q]
                    effect_counts[e, 0] += learned
                    effect_counts[e, 1] += unlearned
                    effect_counts[e, 2] += (learned - (learned + unlearned) * learn) ** 2
                else:
                    level_counts[first + q, 1, 0] += before[q] * learn * ahead[q + 1]
                    level_counts[first + q, 1, 1] += before[q] * (1.0 - learn) * ahead[q]
                    level_counts[first + q, 2, 0] += before[q + 1] * forget * ahead[q]
                    level_counts[first + q, 2, 1] += before[q + 1] * (1.0 - forget) * ahead[q + 1]
                for i in range(n + 1):
                    beta[i] = ahead[i]
                beta[q] = (1.0 - learn) * ahead[q] + learn * ahead[q + 1]
                beta[q + 1] = forget * ahead[q] + (1.0 - forget) * ahead[q + 1]
        log_likelihood[k] = total + np.log(product)

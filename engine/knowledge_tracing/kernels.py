"""The passes over a log, compiled: twins of :mod:`.smoothing` and :mod:`.replay`.

Imported only when numba is there; see :mod:`.compute`. Every function is a plain loop over flat
arrays, so that it can be read, and replaced, without the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

from .filtering import CERTAINTY

__all__ = ["count_levels", "count_ordinal", "replay"]

Function = TypeVar("Function", bound=Callable[..., Any])
F64 = np.ndarray[Any, np.dtype[np.float64]]
I64 = np.ndarray[Any, np.dtype[np.int64]]
I32 = np.ndarray[Any, np.dtype[np.int32]]

_TINY = 1e-200  # likelihoods are multiplied until there, so that few logarithms are taken


def _compiled(function: Function) -> Function:
    return cast(Function, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


@_compiled
def count_levels(
    weight: F64,
    rank: I32,
    start: I64,
    first: int,
    last: int,
    theta: F64,
    counts: F64,
    alpha: F64,
    inverse: F64,
) -> float:
    """Add the expected counts of a skill with any number of levels; return its log-likelihood."""
    n = theta.shape[0]
    p_start = np.empty(n + 1)
    p = 1.0
    for i in range(n):
        p_start[i] = p * (1.0 - theta[i, 0])
        p *= theta[i, 0]
    p_start[n] = p
    state = np.empty(n + 1)
    ahead = np.empty(n + 1)
    beta = np.empty(n + 1)
    log_likelihood, likely = 0.0, 1.0
    for s in range(first, last):
        begin, end = start[s], start[s + 1]
        for i in range(n + 1):
            state[i] = p_start[i]
        for t in range(begin, end):
            r, w = rank[t], weight[t]
            learn, forget, guess, slip = theta[r, 1], theta[r, 2], theta[r, 3], theta[r, 4]
            a = w * (1.0 - slip) + (1.0 - w) * slip
            b = w * guess + (1.0 - w) * (1.0 - guess)
            z = 0.0
            for i in range(n + 1):
                state[i] *= a if i > r else b
                z += state[i]
            inverse[t - begin] = 1.0 / z
            for i in range(n + 1):
                state[i] *= inverse[t - begin]
                alpha[t - begin, i] = state[i]
            low, high = state[r], state[r + 1]
            state[r] = low * (1.0 - learn) + high * forget
            state[r + 1] = low * learn + high * (1.0 - forget)
            likely *= z
            if likely < _TINY:
                log_likelihood += np.log(likely)
                likely = 1.0
        for i in range(n + 1):
            beta[i] = 1.0
        for t in range(end - 1, begin - 1, -1):
            r, w = rank[t], weight[t]
            guess, slip = theta[r, 3], theta[r, 4]
            a = w * (1.0 - slip) + (1.0 - w) * slip
            b = w * guess + (1.0 - w) * (1.0 - guess)
            missed = reached = 0.0
            for i in range(n + 1):
                gamma = alpha[t - begin, i] * beta[i]
                if i > r:
                    reached += gamma
                else:
                    missed += gamma
            guessed = missed * w * guess / b
            slipped = reached * (1.0 - w) * slip / a
            counts[r, 3, 0] += guessed
            counts[r, 3, 1] += missed - guessed
            counts[r, 4, 0] += slipped
            counts[r, 4, 1] += reached - slipped
            if t == begin:
                at_least = 0.0
                for i in range(n, 0, -1):
                    at_least += alpha[0, i] * beta[i]
                    counts[i - 1, 0, 0] += at_least
                    counts[i - 1, 0, 1] += alpha[0, i - 1] * beta[i - 1]
                continue
            for i in range(n + 1):
                ahead[i] = (a if i > r else b) * beta[i] * inverse[t - begin]
            q = rank[t - 1]
            learn, forget = theta[q, 1], theta[q, 2]
            low, high = alpha[t - 1 - begin, q], alpha[t - 1 - begin, q + 1]
            counts[q, 1, 0] += low * learn * ahead[q + 1]
            counts[q, 1, 1] += low * (1.0 - learn) * ahead[q]
            counts[q, 2, 0] += high * forget * ahead[q]
            counts[q, 2, 1] += high * (1.0 - forget) * ahead[q + 1]
            for i in range(n + 1):
                beta[i] = ahead[i]
            beta[q] = (1.0 - learn) * ahead[q] + learn * ahead[q + 1]
            beta[q + 1] = forget * ahead[q] + (1.0 - forget) * ahead[q + 1]
    return float(log_likelihood + np.log(likely))


@_compiled
def count_ordinal(
    weight: F64,
    rank: I32,
    start: I64,
    chunk_start: I64,
    chunk: I64,
    rows: I64,
    theta: F64,
    low: int,
    high: int,
    counts: F64,
    log_likelihood: F64,
) -> None:
    """Fill in units `low` to `high`, each a chunk of sequences under its rows of `theta`."""
    longest = most = 1
    for u in range(low, high):
        most = max(most, rows[u, 1] - rows[u, 0])
        for i in range(chunk_start[chunk[u]], chunk_start[chunk[u] + 1]):
            longest = max(longest, start[i + 1] - start[i])
    alpha, inverse = np.empty((longest, most + 1)), np.empty(longest)
    for u in range(low, high):
        first, last = chunk_start[chunk[u]], chunk_start[chunk[u] + 1]
        here = theta[rows[u, 0] : rows[u, 1]]
        log_likelihood[u] = count_levels(
            weight, rank, start, first, last, here, counts[u], alpha, inverse
        )


@_compiled
def _faded(belief: F64, low: int, high: int, expected: float) -> None:
    """Let levels be lost from a belief: P(z ≥ i) becomes Σ P(j are lost)·P(z ≥ i + j)."""
    for row in range(low, high):
        lost, total = np.exp(-expected), 0.0
        for j in range(high - row):
            total += lost * belief[row + j]
            lost *= expected / (j + 1)
        belief[row] = total


@_compiled
def replay(
    learner: I32,
    score: F64,
    pair_start: I64,
    pair_skill: I32,
    pair_rank: I32,
    pair_noise: I32,
    pair_effect: I32,
    pair_days: F64,
    row_start: I64,
    p_start: F64,
    theta: F64,
    noise: F64,
    effect: F64,
    decay: F64,
    p_correct: F64,
    credit: F64,
) -> None:
    """Fill in predictions and credits of a whole log, event by event in time order."""
    n_skills = len(row_start) - 1
    belief = p_start.copy()
    met_by = np.full(n_skills, -1, np.int64)
    works = np.empty(max(1, np.max(np.diff(pair_start))) if len(score) else 1)
    for t in range(len(score)):
        begin, end = pair_start[t], pair_start[t + 1]
        y = score[t]
        all_work = 1.0
        for i in range(begin, end):
            k = pair_skill[i]
            if met_by[k] != learner[t]:
                met_by[k] = learner[t]
                for row in range(row_start[k], row_start[k + 1]):
                    belief[row] = p_start[row]
            elif decay[k] * pair_days[i] > 0.0:
                _faded(belief, row_start[k], row_start[k + 1], decay[k] * pair_days[i])
            c = pair_noise[i]
            if c >= 0:
                p = belief[row_start[k] + pair_rank[i]]
                works[i - begin] = p * (1.0 - noise[c, 1]) + (1.0 - p) * noise[c, 0]
                all_work *= works[i - begin]
        p_correct[t] = all_work
        for i in range(begin, end):
            k, c, e = pair_skill[i], pair_noise[i], pair_effect[i]
            low, high = row_start[k], row_start[k + 1]
            here = low + pair_rank[i]
            credit[i] = y
            learn, forget = theta[here, 1], theta[here, 2]
            if e >= 0:
                learn, forget = effect[e], 0.0
            else:
                w = y
                if end - begin > 1:
                    others = 1.0
                    for j in range(end - begin):
                        if j != i - begin:
                            others *= works[j]
                    worked = y * others + (1.0 - y) * (1.0 - others)
                    w = worked / (worked + 1.0 - y)
                credit[i] = w
                guess, slip = noise[c, 0], noise[c, 1]
                a = w * (1.0 - slip) + (1.0 - w) * slip
                b = w * guess + (1.0 - w) * (1.0 - guess)
                p = belief[here]
                hit = p * a
                z = hit + (1.0 - p) * b
                for row in range(low, here):
                    belief[row] = min((hit + (belief[row] - p) * b) / z, CERTAINTY)
                for row in range(here, high):
                    belief[row] = min(belief[row] * a / z, CERTAINTY)
            p = belief[here]
            below = belief[here - 1] if here > low else 1.0
            above = belief[here + 1] if here + 1 < high else 0.0
            p += (below - p) * learn - (p - above) * forget
            belief[here] = max(min(p, min(below, CERTAINTY)), above)

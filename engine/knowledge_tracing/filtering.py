"""One step of the filter: what an observation and an opportunity to learn do to a belief.

A belief about one learner's level z in one skill is the tuple P(z ≥ ℓ₁) ≥ … ≥ P(z ≥ ℓₙ); with
one level it is the P(L) of Corbett & Anderson (1994). These few lines of plain Python are the
definition that the online update uses and that the compiled kernels are tested against.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

__all__ = ["CERTAINTY", "faded", "observed", "practised"]

CERTAINTY = 1.0 - 1e-9
"""The highest probability that a belief can reach: at exactly 1 no evidence could ever lower it."""


def observed(
    p_at_least: Sequence[float], rank: int, attained: float, not_attained: float
) -> tuple[float, ...]:
    """Return the belief after evidence about one level; exact Bayes.

    With p = P(z ≥ ℓ), a and b the likelihoods where ℓ is attained and where not, and
    Z = pa + (1 − p)b: a level at or above ℓ goes from p' to p'a/Z, one below to
    (pa + (p' − p)b)/Z. For one level this is Corbett & Anderson (1994), eq. 2 and 3.

    Parameters
    ----------
    p_at_least : sequence of float, shape (n_levels,)
    rank : int
        The place of the level ℓ that was looked at, from 0.
    attained, not_attained : float
        The likelihoods a and b, not both 0.

    Examples
    --------
    >>> observed((0.5,), 0, attained=0.9, not_attained=0.1)
    (0.9,)
    >>> observed((0.5, 0.2), 1, attained=0.9, not_attained=0.3)
    (0.642..., 0.428...)
    """
    p = p_at_least[rank]
    hit = p * attained
    total = hit + (1.0 - p) * not_attained
    if len(p_at_least) == 1:
        return (min(hit / total, CERTAINTY),)
    below = ((hit + (q - p) * not_attained) / total for q in p_at_least[:rank])
    above = (q * attained / total for q in p_at_least[rank:])
    return tuple(min(q, CERTAINTY) for q in (*below, *above))


def practised(
    p_at_least: Sequence[float], rank: int, learn: float, forget: float = 0.0
) -> tuple[float, ...]:
    """Return the belief after an opportunity to learn one level.

    Only who is just below the level can reach it, only who is just on it can fall from it:
    P(z ≥ ℓᵢ) += P(z = ℓᵢ₋₁)·P(T) − P(z = ℓᵢ)·P(F). For one level without forgetting this is
    P(L) + (1 − P(L))P(T), Corbett & Anderson (1994), eq. 1.

    Examples
    --------
    >>> practised((0.5,), 0, learn=0.2)
    (0.6,)
    >>> practised((0.5, 0.25), 1, learn=0.2)
    (0.5, 0.3)
    """
    p = p_at_least[rank]
    if len(p_at_least) == 1:  # the classical model, with the steps below in one
        moved = p + (1.0 - p) * learn - p * forget
        return (moved if moved < CERTAINTY else CERTAINTY,)
    below = p_at_least[rank - 1] if rank else CERTAINTY
    above = p_at_least[rank + 1] if rank + 1 < len(p_at_least) else 0.0
    moved = p + ((p_at_least[rank - 1] if rank else 1.0) - p) * learn - (p - above) * forget
    moved = max(min(moved, below), above)
    return (*p_at_least[:rank], moved, *p_at_least[rank + 1 :])


def faded(p_at_least: Sequence[float], expected: float) -> tuple[float, ...]:
    """Return the belief after a wait in which so many levels are expected to be forgotten.

    Levels are lost one at a time at a constant rate (a pure death process), so their number has
    the Poisson distribution: P(z ≥ ℓᵢ) becomes Σⱼ P(j are lost)·P(z ≥ ℓᵢ₊ⱼ). Two waits in a row
    equal one of their joint length.

    Examples
    --------
    >>> faded((0.8,), 0.5)
    (0.485...,)
    >>> faded((0.8, 0.4), 0.0)
    (0.8, 0.4)
    """
    if not expected:
        return tuple(p_at_least)
    lost = [exp(-expected)]
    for j in range(1, len(p_at_least)):
        lost.append(lost[-1] * expected / j)
    return tuple(
        sum(share * p for share, p in zip(lost, p_at_least[i:], strict=False))
        for i in range(len(p_at_least))
    )

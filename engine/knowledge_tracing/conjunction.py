"""Items that take several skills: which skill is to be credited, and how much.

The NIDA model of Junker & Sijtsma (2001), eq. 4: each skill k gives a noisy input that works
with probability c_k = p_k(1 − P(S_k)) + (1 − p_k)P(G_k), the inputs are independent, and the
answer is right if and only if all of them work: P(right) = Π c_k.

The exact posterior of skill k after such an answer equals its posterior after a soft
observation of its own input, with the weight

    w_k = λ₁ / (λ₁ + λ₀),   λ₁ = P(score | input k worked),   λ₀ = P(score | it did not).

With C = Π_{j≠k} c_j and a score y: λ₁ = yC + (1 − y)(1 − C) and λ₀ = 1 − y. A right answer
credits every skill in full (w = 1); a wrong one blames those most whose partners were likely
to have worked. Posteriors are kept as independent marginals, so no response is ever counted
twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

__all__ = ["credits", "p_all_work"]


def p_all_work(inputs: Sequence[float]) -> float:
    """Return P(right) = Π c_k.

    Examples
    --------
    >>> p_all_work([0.5, 0.8])
    0.4
    """
    return prod(inputs)


def credits(score: float, inputs: Sequence[float]) -> list[float]:
    """Return the weight w_k with which each skill's own input counts as observed right.

    Parameters
    ----------
    score : float
        In [0, 1].
    inputs : sequence of float, shape (n_skills,)
        c_k > 0, before the answer was seen.

    Examples
    --------
    >>> credits(1.0, [0.5, 0.8])
    [1.0, 1.0]
    >>> [round(w, 3) for w in credits(0.0, [0.5, 0.8])]
    [0.167, 0.333]
    """
    if len(inputs) == 1:
        return [score]
    return [_credit(score, prod(inputs[:k]) * prod(inputs[k + 1 :])) for k in range(len(inputs))]


def _credit(score: float, others_work: float) -> float:
    worked = score * others_work + (1.0 - score) * (1.0 - others_work)
    return worked / (worked + 1.0 - score)

"""The M-step: the parameters of a level that its events speak for most, within bounds.

Events that happened, over all of them, the prior's included (Rabiner 1989, eq. 40). Where that
would break guess + slip ≤ :data:`MOST_NOISE`, the objective, concave in both, is maximised on
that line. Imported lazily, by :mod:`.expectation_maximisation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .compiling import compiled
from .priors import LOWEST, MOST_NOISE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

__all__ = ["maximise_level", "maximise_levels"]

_GUESS, _SLIP, _N = 3, 4, 5


@compiled
def maximise_level(counts: F64, pseudo: F64, highest: F64, theta: F64) -> None:
    """Put the best parameters of a level in the place of those it has.

    Parameters
    ----------
    counts, pseudo : ndarray, shape (5, 2)
        Expected events, and the prior's; a parameter without any of the prior's stays.
    highest, theta : ndarray, shape (5,)
    """
    for i in range(_N):
        happened = counts[i, 0] + pseudo[i, 0]
        total = happened + (counts[i, 1] + pseudo[i, 1])
        if pseudo[i, 0] + pseudo[i, 1] > 0.0:
            theta[i] = min(max(happened / total, LOWEST[i]), highest[i])
    if theta[_GUESS] + theta[_SLIP] > MOST_NOISE:
        theta[_GUESS] = _guess_on_the_line(counts, pseudo, highest)
        theta[_SLIP] = MOST_NOISE - theta[_GUESS]


@compiled
def _guess_on_the_line(counts: F64, pseudo: F64, highest: F64) -> float:
    """Maximise the concave objective over guess where slip = MOST_NOISE − guess, by bisection."""
    g1, g0 = counts[_GUESS, 0] + pseudo[_GUESS, 0], counts[_GUESS, 1] + pseudo[_GUESS, 1]
    s1, s0 = counts[_SLIP, 0] + pseudo[_SLIP, 0], counts[_SLIP, 1] + pseudo[_SLIP, 1]
    low = max(LOWEST[_GUESS], MOST_NOISE - highest[_SLIP])
    high = max(low, min(highest[_GUESS], MOST_NOISE - LOWEST[_SLIP]))
    for _ in range(60):  # to the last bit
        g = 0.5 * (low + high)
        slope = g1 / g - g0 / (1.0 - g) - s1 / (MOST_NOISE - g) + s0 / (1.0 - MOST_NOISE + g)
        if slope > 0.0:
            low = g
        else:
            high = g
    middle: float = 0.5 * (low + high)
    return middle


@compiled
def maximise_levels(counts: F64, pseudo: F64, highest: F64, theta: F64) -> None:
    """Do the same for many levels, the arrays having one dimension more."""
    for i in range(len(theta)):
        maximise_level(counts[i], pseudo[i], highest[i], theta[i])

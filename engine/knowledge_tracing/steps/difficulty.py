"""How difficult each item is beside others of its level.

P(right) of an item is σ(logit(curve) − difficulty), so difficulties are in logits, above zero where
an item is harder than most. They are drawn to zero as by a normal distribution whose spread is
learned from all items together: an item answered once says next to nothing of itself, and where all
are alike none differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..log_odds import logistic, logit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["USUAL_SPREAD", "by_item", "learned"]

USUAL_SPREAD = 0.5
"""How far items differ before a log tells, in logits."""

_FIRM = 8.0  # items that this counts for
_CURVE_WEIGHT = 2.0  # answers to an item of no difficulty that the usual curve counts for
_BOUNDS = logit(np.array([0.02, 0.98]))  # of the curve
_ROUNDS = 5
_FARTHEST = 2.0  # of one step of Newton's method


def by_item(curve: Array, difficulty: Array) -> Array:
    """Return P(right) of each item by the steps climbed to its level, shape (n_items, steps + 1).

    Examples
    --------
    >>> by_item(np.array([0.2, 0.5, 0.9]), np.array([0.0, 1.0])).round(2)
    array([[0.2 , 0.5 , 0.9 ],
           [0.08, 0.27, 0.77]])
    """
    return logistic(logit(curve) - difficulty[:, None])


def learned(
    right: Array, shown: Array, usual: Array, curve: Array, difficulty: Array, spread: float
) -> tuple[Array, Array, float]:
    """Return the curve, the difficulties and their spread, given what items were answered.

    Newton's method in turns, where the curve and the difficulties were before.

    Parameters
    ----------
    right, shown : ndarray, shape (n_items, steps + 1)
        Right answers and all answers to be expected, by the steps climbed.
    usual, curve : ndarray, shape (steps + 1,)
        The curve before a log says so, and as it seemed before.
    difficulty : ndarray, shape (n_items,)
    spread : float

    Examples
    --------
    >>> usual = np.array([0.2, 0.9])
    >>> shown = np.tile([500.0, 500.0], (40, 1))
    >>> truth = np.tile([1.0, -1.0], 20)
    >>> right = by_item(usual, truth) * shown
    >>> curve, difficulty, spread = learned(right, shown, usual, usual, np.zeros(40), 0.5)
    >>> (difficulty[:2].round(1), round(spread, 1))
    (array([ 1., -1.]), 0.9)
    """
    logits = logit(curve)
    for _ in range(_ROUNDS):
        p = logistic(logits - difficulty[:, None])
        none = logistic(logits)
        slope = (right - shown * p).sum(axis=0) + _CURVE_WEIGHT * (usual - none)
        bend = (shown * p * (1.0 - p)).sum(axis=0) + _CURVE_WEIGHT * none * (1.0 - none)
        logits = logits + np.clip(slope / bend, -_FARTHEST, _FARTHEST)
        logits = np.clip(np.maximum.accumulate(logits), *_BOUNDS)
        p = logistic(logits - difficulty[:, None])
        slope = (shown * p - right).sum(axis=1) - difficulty / spread**2
        bend = (shown * p * (1.0 - p)).sum(axis=1) + 1.0 / spread**2
        difficulty = difficulty + np.clip(slope / bend, -_FARTHEST, _FARTHEST)
        seen = float((difficulty**2 + 1.0 / bend).sum())
        spread = float(np.sqrt((seen + _FIRM * USUAL_SPREAD**2) / (len(difficulty) + _FIRM)))
    return logistic(logits), difficulty, spread

"""Probabilities as log-odds, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["logistic", "logit"]


def logit(p: Array) -> Array:
    """Return log-odds; those of 0, which stands for a parameter held fixed, are finite.

    Examples
    --------
    >>> logit(np.array([0.5, 0.9])).round(3)
    array([0.   , 2.197])
    """
    odds: Array = np.log(np.maximum(p, 1e-300)) - np.log1p(-p)
    return odds


def logistic(x: Array) -> Array:
    """Return the probabilities that have these log-odds, however far out.

    Examples
    --------
    >>> logistic(np.array([0.0, -1e4])).round(3)
    array([0.5, 0. ])
    """
    p: Array = 1.0 / (1.0 + np.exp(-np.clip(x, -700.0, 700.0)))
    return p

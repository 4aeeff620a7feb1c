"""How an observation speaks about the level that its item looks at.

An item at level ℓ sees only whether z ≥ ℓ. Right answers have probability 1 − P(S) on that side
and P(G) on the other (Corbett & Anderson 1994). A score w in [0, 1] is soft evidence: it weighs
the likelihood of "right" by w and that of "wrong" by 1 − w (Pearl's virtual evidence), so that
w = ½ tells nothing and w = 0, 1 are the classical observations.

The functions take floats or arrays alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Number = TypeVar("Number", float, float | NDArray[np.float64])
else:
    Number = TypeVar("Number")

__all__ = ["likelihoods", "p_right"]


def p_right(p_attained: float, guess: float, slip: float) -> float:
    """Return P(right) = P(L)(1 − P(S)) + (1 − P(L))P(G), Corbett & Anderson (1994), eq. 4.

    Examples
    --------
    >>> p_right(0.5, guess=0.2, slip=0.1)
    0.55
    """
    return p_attained * (1.0 - slip) + (1.0 - p_attained) * guess


def likelihoods(score: Number, guess: Number, slip: Number) -> tuple[Number, Number]:
    """Return how likely a score is where the level is attained, and where it is not.

    Parameters
    ----------
    score : float or ndarray
        The weight w of "right", in [0, 1].
    guess, slip : float or ndarray

    Returns
    -------
    attained, not_attained : float or ndarray
        a = w(1 − P(S)) + (1 − w)P(S) and b = wP(G) + (1 − w)(1 − P(G)).

    Examples
    --------
    >>> likelihoods(1.0, guess=0.2, slip=0.1)
    (0.9, 0.2)
    >>> likelihoods(0.5, guess=0.2, slip=0.1)
    (0.5, 0.5)
    """
    attained = score * (1.0 - slip) + (1.0 - score) * slip
    not_attained = score * guess + (1.0 - score) * (1.0 - guess)
    return attained, not_attained

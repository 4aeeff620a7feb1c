"""How far many small classes are drawn to what is usual: strengths estimated from the data.

Each class (the guesses at one item, what one module teaches) has a probability of its own around
a centre m, Beta(κm, κ(1 − m)) over the classes. The strength κ counts in events: a class with n
events of its own is drawn to the centre by κ/(n + κ).

Whether an answer was guessed is never seen, only expected, and expectations lean to the
parameters that they were taken under. Strengths are therefore not estimated from the spread of
expected shares, which feeds on itself until all classes look alike, but from the scores of the
single answers under the centre: see :func:`shrinkage_strength`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["effective_events", "shrinkage_strength", "shrunk"]

_WEAKEST, _STRONGEST = 1.0, 1000.0


def shrinkage_strength(events: Array, centre: Array) -> float:
    """Return the strength κ that the spread of the classes around their centres speaks for.

    The score u of one answer is the expected event less its expectation, n·m. Answers of classes
    that share a deviation have scores of the same sign: with ρ = 1/(κ + 1), the correlation of
    two events in one class,

        E[(Σu)² − Σu²] = ρ·((φn)²m(1 − m) − φΣu²)

    summed over the classes, where φ = Σu² / Σnm(1 − m) is the share of an event that an answer
    lets one see (the missing information of Louis 1982). Solving for ρ is the moment estimate of
    the Beta-binomial (Kleinman 1973), with φ = 1 where everything is seen. Scores of classes
    that differ no more than chance would have it cancel, and κ is at its highest.

    Parameters
    ----------
    events : ndarray, shape (n_classes, 3)
        How often it happened in each class, how often it did not, and Σu², taken at the centre.
    centre : ndarray, shape (n_classes,)
        What is usual for each class, inside (0, 1).

    Returns
    -------
    strength : float
        From 1 to 1000.

    Examples
    --------
    >>> shares = np.array([0.1, 0.3] * 50)  # of 100 events each, all of them seen
    >>> seen = np.stack([100 * shares, 100 * (1 - shares)], axis=1)
    >>> squares = seen @ [0.8**2, 0.2**2]
    >>> round(shrinkage_strength(np.column_stack([seen, squares]), np.full(100, 0.2)), 1)
    17.9
    """
    happened, not_happened, squares = events.T
    n = happened + not_happened
    spread = centre * (1.0 - centre)
    whole = (n * spread).sum()
    if whole <= 0.0:
        return _STRONGEST
    seen = squares.sum() / whole
    shared = ((happened - n * centre) ** 2 - squares).sum()
    possible = ((seen * n) ** 2 * spread - seen * squares).sum()
    if shared <= 0.0 or possible <= 0.0:
        return _STRONGEST
    return float(np.clip(possible / shared - 1.0, _WEAKEST, _STRONGEST))


def shrunk(events: Array, centre: Array, strength: float) -> Array:
    """Return each class's share of events, drawn to its centre.

    Examples
    --------
    >>> shrunk(np.array([[3.0, 1.0], [0.0, 0.0]]), np.array([0.5, 0.5]), 4.0)
    array([0.625, 0.5  ])
    """
    found: Array = (events[:, 0] + strength * centre) / (events.sum(axis=1) + strength)
    return found


def effective_events(events: Array, strength: float) -> Array:
    """Return the events of each class as evidence about its centre, worth at most κ events.

    The variance of a class's share around the centre is m(1 − m)(1/n + 1/κ), that of n κ/(n + κ)
    events.

    Examples
    --------
    >>> effective_events(np.array([[3.0, 1.0], [0.0, 0.0]]), 4.0)
    array([[1.5, 0.5],
           [0. , 0. ]])
    """
    total = events.sum(axis=1, keepdims=True)
    worth: Array = events * strength / (total + strength)
    return worth

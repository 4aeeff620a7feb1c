"""Whether a skill's parameters mean what they say: the tests of Baker, Corbett & Aleven (2008).

A skill is degenerate when its parameters fit the answers but not the words: if right answers do
not come to mean mastery. Two tests: after three right answers in a row mastery is believed no
less than before, and after ten it is reached, P(L) ≥ .95. Beliefs are taken as of the last
answer, before the next opportunity may find it forgotten.

Fits keep to both (:func:`within_bounds`): where the free optimum would fail, guess is bounded
lower, for a right answer that is seldom a guess speaks for mastery however rare mastery is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from .priors import HIGHEST, LOWEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["MASTERED", "is_plausible", "within_bounds"]

MASTERED = 0.95
"""The belief at which Corbett & Anderson (1995) call a skill mastered."""

_TIGHTER = 0.9  # times the bound of guess, at each turn
_GUESS = 3

Fit = TypeVar("Fit")


def is_plausible(theta: Array, weights: Sequence[float] = (1.0,)) -> NDArray[np.bool_]:
    """Return whether each level passes both tests, among those who have the level below.

    Parameters
    ----------
    theta : ndarray, shape (n_levels, 5) or (n_nodes, n_levels, 5)
        prior, learn, forget, guess and slip.
    weights : sequence of float, shape (n_nodes,)
        Where learners differ (:mod:`.traits`), how many of them are at each node. What is
        believed is then the mixture, and the answers tell of the node as well.

    Examples
    --------
    >>> is_plausible(np.array([[0.2, 0.1, 0.0, 0.2, 0.1], [0.01, 0.001, 0.0, 0.6, 0.3]]))
    array([ True, False])
    """
    of_node = theta.reshape(len(weights), -1, 5)
    prior, learn, forget, guess, slip = np.moveaxis(of_node, -1, 0)
    p, weight = prior, np.tile(np.array(weights)[:, None], (1, of_node.shape[1]))
    believed = [(weight * p).sum(axis=0)]
    for t in range(10):
        if t:
            p = p * (1.0 - forget) + (1.0 - p) * learn
        right = p * (1.0 - slip) + (1.0 - p) * guess
        p, weight = p * (1.0 - slip) / right, weight * right
        believed.append((weight * p).sum(axis=0) / weight.sum(axis=0))
    passed: NDArray[np.bool_] = (believed[3] >= believed[0]) & (believed[10] >= MASTERED)
    return passed


def within_bounds(
    n_levels: int,
    fit: Callable[[Array, Fit | None], Fit],
    theta_of: Callable[[Fit], Array],
    weights: Sequence[float] = (1.0,),
) -> Fit:
    """Fit under ever lower bounds of guess until every level is plausible.

    Parameters
    ----------
    n_levels : int
    fit : callable
        Takes the upper bounds of all parameters, shape (n_levels, 5), and the last fit or None;
        returns the optimum within them.
    theta_of : callable
        Returns a fit's parameters, at each node where learners differ: as :func:`is_plausible`
        takes them, which takes `weights` too.
    """
    highest = np.tile(HIGHEST, (n_levels, 1))
    found = fit(highest, None)
    while not (plausible := is_plausible(theta := theta_of(found), weights)).all():
        guess = theta.reshape(-1, n_levels, 5)[0, :, _GUESS]
        held = np.minimum(highest[:, _GUESS], guess) * _TIGHTER
        highest[~plausible, _GUESS] = np.maximum(held, LOWEST[_GUESS])[~plausible]
        if (held[~plausible] < LOWEST[_GUESS]).all():
            break  # no lower bound is left
        found = fit(highest, found)
    return found

"""How well the parameters of a skill are known: the curvature of the objective at its top.

On the logit scale the posterior is taken as normal around its mode (Laplace), with the inverse of
the observed information as covariance. The slope of the log-likelihood in the logit of a
parameter is what the E-step counts already: events less their expectation (Fisher's identity,
see Louis 1982). The information is the difference of that slope to both sides, so that it takes
account of what is never seen: who had learned, and when.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from .log_odds import logistic, logit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["drawn", "intervals", "logit_covariances", "slopes"]

_STEP = 1e-3  # on the logit scale
_LEAST_INFORMATION = 0.05  # of a direction, in events: the prior knows that much
_N = 5


def slopes(events: Array, pseudo: Array, theta: Array) -> Array:
    """Return the slope of the penalised objective in each logit, shape (n_levels, 5).

    Parameters
    ----------
    events, pseudo : ndarray, shape (n_levels, 5, 2)
        Expected events under `theta`, and those of the priors.
    theta : ndarray, shape (n_levels, 5)

    Examples
    --------
    >>> events = np.array([[[6.0, 4.0]] * 5])
    >>> slopes(events, np.zeros((1, 5, 2)), np.full((1, 5), 0.5))
    array([[1., 1., 1., 1., 1.]])
    """
    total = events + pseudo
    slope: Array = total[..., 0] - total.sum(axis=-1) * theta
    return slope


def logit_covariances(
    slope: Callable[[Array], Array],
    theta: Array,
    free: NDArray[np.bool_],
    skill: NDArray[np.int64],
    rank: NDArray[np.int64],
) -> Array:
    """Return the covariance of each level's five logits, shape (n_levels, 5, 5).

    Parameters
    ----------
    slope : callable
        Takes parameters at several points, shape (n_points, n_levels, 5); returns the slope of the
        objective in their logits there.
    theta : ndarray, shape (n_levels, 5)
        The top of the objective.
    free : ndarray of bool, shape (5,)
        Which parameters were fitted; the others have no variance.
    skill, rank : ndarray of int, shape (n_levels,)
        Levels of one skill depend on each other, skills do not.
    """
    n_levels = len(theta)
    odds = logit(np.maximum(theta, 1e-9))
    n_ranks, n_free = int(np.max(rank, initial=0)) + 1, int(free.sum())
    step = np.zeros((n_ranks, n_free, n_levels, _N))
    for r, (c, p) in product(range(n_ranks), enumerate(np.flatnonzero(free))):
        step[r, c, rank == r, p] = _STEP
    ways = np.concatenate([step, -step]).reshape(-1, n_levels, _N)
    at = slope(np.where(free, logistic(odds + ways), theta))
    up, down = at.reshape(2, n_ranks, n_free, n_levels, _N)
    change = (down - up) / (2.0 * _STEP)
    found = np.zeros((n_levels, _N, _N))
    for rows in np.split(np.arange(n_levels), np.flatnonzero(np.diff(skill)) + 1):
        n, k = len(rows), n_free
        information = change[rank[rows]][:, :, rows][..., free].reshape(n * k, n * k)
        covariance = _inverse(0.5 * (information + information.T)).reshape(n, k, n, k)
        for i, row in enumerate(rows):
            found[row][np.ix_(free, free)] = covariance[i, :, i, :]
    return found


def _inverse(information: Array) -> Array:
    values, vectors = np.linalg.eigh(information)
    inverse: Array = (vectors / np.maximum(values, _LEAST_INFORMATION)) @ vectors.T
    return inverse


def intervals(theta: Array, covariance: Array, level: float) -> tuple[Array, Array, Array]:
    """Return standard errors, and the ends of the central credible intervals, of parameters.

    Parameters
    ----------
    theta : ndarray, shape (n_levels, 5)
    covariance : ndarray, shape (n_levels, 5, 5)
        Of the logits.
    level : float
        The probability that an interval holds, such as 0.9.

    Returns
    -------
    standard_error, low, high : ndarray, shape (n_levels, 5)
        The standard errors by the delta method, on the scale of probabilities.

    Examples
    --------
    >>> _, low, high = intervals(np.full((1, 5), 0.5), np.eye(5)[None], 0.9)
    >>> np.stack([low[0, :2], high[0, :2]]).round(3)
    array([[0.162, 0.162],
           [0.838, 0.838]])
    """
    deviation = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    reach = NormalDist().inv_cdf(0.5 + level / 2.0) * deviation
    odds = logit(theta)
    return deviation * theta * (1.0 - theta), logistic(odds - reach), logistic(odds + reach)


def drawn(
    theta: Array, covariance: Array, n: int, most_noise: float, rng: np.random.Generator
) -> Array:
    """Draw parameters from their posterior, shape (n, n_levels, 5); guess + slip stays below one.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> drawn(np.full((1, 5), 0.2), np.eye(5)[None] * 0.1, 1000, 0.95, rng).mean(0).round(1)
    array([[0.2, 0.2, 0.2, 0.2, 0.2]])
    """
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
    noise = np.einsum("lij,nlj->nli", root, rng.standard_normal((n, len(theta), _N)))
    fixed = np.diagonal(covariance, axis1=1, axis2=2) == 0.0
    odds = logit(theta)
    found = np.where(fixed, theta, logistic(odds + noise))
    total = found[..., 3:].sum(axis=-1, keepdims=True)
    found[..., 3:] *= np.minimum(1.0, most_noise / total)
    return found

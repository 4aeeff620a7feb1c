"""Bayesian probit regression with an offset: over a whole log, per group, or of bare intercepts.

All by Fisher scoring to the posterior mode under normal priors with mean 0.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["fit_groups", "fit_intercepts", "fit_weights"]

_PHI_0 = 1.0 / math.sqrt(2.0 * math.pi)
_FAR = 6.0
_SMALL_STEP = 1e-4


def fit_weights(
    x: Array, score: Array, offset: Array, precision: Array, iterations: int = 8
) -> tuple[Array, Array]:
    """Return weights and their variances, of one regression over many rows.

    Parameters
    ----------
    x : ndarray, shape (n_responses, n_quantities)
    score, offset : ndarray, shape (n_responses,)
    precision : ndarray, shape (n_quantities,)
        Of the prior.
    iterations : int, default 8

    Examples
    --------
    >>> x = np.ones((1000, 1))
    >>> weights, variances = fit_weights(x, np.full(1000, 0.8413), np.zeros(1000), np.ones(1))
    >>> weights.round(2)
    array([1.])
    """
    weights = np.zeros(x.shape[1])
    information = np.diag(precision)
    for _ in range(iterations):
        slope, curvature = _slopes(offset + x @ weights, score)
        information = (x * curvature[:, None]).T @ x
        information.flat[:: len(weights) + 1] += precision
        step = np.linalg.solve(information, slope @ x - precision * weights)
        weights += step
        if np.abs(step).max() < _SMALL_STEP:
            break
    return weights, np.diag(np.linalg.inv(information)).copy()


def fit_groups(
    x: Array,
    score: Array,
    offset: Array,
    group: NDArray[np.int64],
    n_groups: int,
    *,
    precision: Array,
    least: int,
) -> tuple[Array, Array]:
    """Return weights and variances of one regression per group, shape (n_groups, n_quantities).

    Groups of fewer than `least` rows keep their prior.
    """
    weights = np.zeros((n_groups, x.shape[1]))
    variances = np.tile(1.0 / precision, (n_groups, 1))
    order = np.argsort(group, kind="stable")
    start = np.searchsorted(group[order], np.arange(n_groups + 1))
    x, score, offset = x[order], score[order], offset[order]
    for g in np.flatnonzero(np.diff(start) >= least).tolist():
        own = slice(start[g], start[g + 1])
        weights[g], variances[g] = fit_weights(x[own], score[own], offset[own], precision, 3)
    return weights, variances


def fit_intercepts(
    group: NDArray[np.int64], score: Array, offset: Array, precision: float
) -> tuple[Array, Array]:
    """Return one number per group to be added to the offset, and its variance.

    Two scoring steps from zero, which shrinkage makes enough.

    Examples
    --------
    >>> means, _ = fit_intercepts(np.array([0, 1]), np.array([1.0, 0.5]), np.zeros(2), 9.0)
    >>> means.round(2)
    array([0.08, 0.  ])
    """
    n = int(np.max(group)) + 1 if len(group) else 0
    means, variances = np.zeros(n), np.full(n, 1.0 / precision)
    for _ in range(2):
        slope, curvature = _slopes(offset + means[group], score)
        information = np.bincount(group, curvature, n) + precision
        means += (np.bincount(group, slope, n) - precision * means) / information
        variances = 1.0 / information
    return means, variances


def _slopes(z: Array, score: Array) -> tuple[Array, Array]:
    """Return the slope of each response's log-likelihood in z, and its expected curvature."""
    from scipy.special import ndtr

    z = np.clip(z, -_FAR, _FAR)
    p = ndtr(z)
    density = _PHI_0 * np.exp(-0.5 * z * z)
    spread = p * (1.0 - p)
    return density * (score - p) / spread, density * density / spread

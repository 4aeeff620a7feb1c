"""Readiness for a role, and how far it may be off.

Readiness is the expected weighted share of attained targets. The share itself is random: a
weighted sum of independent Bernoulli variables (a Poisson-binomial where the weights are equal).
Its distribution is convolved target by target, as in Hong (2013), "On computing the distribution
function for the Poisson binomial distribution", section 2.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from ..domain.records import Faults

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["readiness", "readiness_interval"]

_LATTICE = 1 << 14
_ENUMERATED = 12  # targets; 4096 subsets
_CELLS = 1 << 20  # doubles held at a time, 8 MB
_FINEST_UNIT = 60  # denominators tried against the smallest weight
_LARGEST_ERROR = 1e3  # of a share; nothing is known of it then anyway
_ROUNDING = 1e-12


def readiness(p: ArrayLike, weights: ArrayLike) -> NDArray[np.float64] | np.float64:
    """Return Σ wᵢ·pᵢ / Σ wᵢ.

    Parameters
    ----------
    p : array_like, shape (..., n_targets)
        P(attained) per target.
    weights : array_like, shape (n_targets,)
        Above 0.

    Returns
    -------
    ndarray, shape (...)
        In [0, 1]; a scalar for one learner.

    Raises
    ------
    InvalidInput
        Values outside [0, 1], weights that are not above 0, or lengths that differ.

    Examples
    --------
    >>> float(readiness([0.5, 0.9], [3.0, 1.0]))
    0.6
    """
    probability, weight = _checked(p, weights)
    share: NDArray[np.float64] | np.float64 = probability @ (weight / weight.sum())
    return np.clip(share, 0.0, 1.0)


def readiness_interval(
    p: ArrayLike, weights: ArrayLike, level: float = 0.8, *, errors: ArrayLike | None = None
) -> NDArray[np.float64]:
    """Return the central interval of the weighted share of attained targets.

    The ends are the (1 - level)/2 and (1 + level)/2 quantiles, each the smallest share whose
    cumulative probability reaches it. They are exact for up to 12 targets, and for any number
    where the weights are whole multiples of one unit (equal weights, 1 to 5, halves). Otherwise
    the weights are rounded to a lattice, and each end is off by at most n_targets / 16384.

    Parameters
    ----------
    p : array_like, shape (..., n_targets)
        P(attained) per target, taken as independent.
    weights : array_like, shape (n_targets,)
        Above 0.
    level : float, default 0.8
        The probability inside, in (0, 1).
    errors : array_like, shape (n_targets,), optional
        The standard errors of the weights. What they add to the variance of the share, to first
        order Σ eᵢ²·E[(attainedᵢ − share)²] / (Σ wᵢ)², widens either side as independent errors
        add up.

    Returns
    -------
    ndarray, shape (..., 2)
        Lower and upper end, in [0, 1].

    Raises
    ------
    InvalidInput
        As :func:`readiness`, or a level outside (0, 1).

    Examples
    --------
    >>> readiness_interval([0.5, 0.5], [1.0, 1.0]).tolist()
    [0.0, 1.0]
    >>> readiness_interval([0.95, 0.5], [3.0, 1.0]).tolist()
    [0.75, 1.0]
    """
    probability, weight = _checked(p, weights, level)
    order = np.argsort(weight, kind="stable")  # light ones first: the support grows late
    rows, weight = probability.reshape(-1, len(weight))[:, order], weight[order]
    steps = whole_steps(weight)
    if steps is None and len(weight) > _ENUMERATED:
        steps = np.rint(weight / weight.sum() * _LATTICE).astype(np.int64)
    width = 1 << len(weight) if steps is None else int(steps.sum()) + 1
    height = max(1, _CELLS // width)
    ends = np.empty((len(rows), 2))
    for start in range(0, len(rows), height):
        part = rows[start : start + height]
        share, mass = _enumerated(part, weight) if steps is None else _convolved(part, steps)
        ends[start : start + height] = quantiles(share, mass, level)
    if errors is not None:
        error = np.asarray(errors, np.float64)[order]
        ends = widened(ends, rows, weight, error, level)
    return ends.reshape(*probability.shape[:-1], 2)


def widened(
    ends: NDArray[np.float64],
    p: NDArray[np.float64],
    weight: NDArray[np.float64],
    error: NDArray[np.float64],
    level: float,
) -> NDArray[np.float64]:
    """Return intervals as wide as the errors of the weights make them, shape (n_rows, 2).

    Parameters
    ----------
    ends : ndarray, shape (n_rows, 2)
    p : ndarray, shape (n_rows, n_targets)
    weight, error : ndarray, shape (n_targets,)
    level : float
        The probability inside.
    """
    if not error.any():
        return ends
    share = (p @ weight / weight.sum())[:, None]
    with np.errstate(over="ignore"):
        of_share = np.minimum(error / weight.sum(), _LARGEST_ERROR)
    variance = (p * (1.0 - p) + (p - share) ** 2) @ of_share**2
    reach = NormalDist().inv_cdf((1.0 + level) / 2.0) * np.sqrt(variance)[:, None]
    away = np.abs(ends - share)
    found: NDArray[np.float64] = ends + (np.hypot(away, reach) - away) * np.array([-1.0, 1.0])
    return np.clip(found, 0.0, 1.0)


def _checked(
    p: ArrayLike, weights: ArrayLike, level: float = 0.8
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    probability, weight = np.asarray(p, np.float64), np.asarray(weights, np.float64)
    faults = Faults()
    if weight.ndim != 1 or not weight.size:
        faults.add("weights", f"have shape {weight.shape}, expected (n_targets,) with one at least")
    elif probability.ndim == 0 or probability.shape[-1] != len(weight):
        faults.add("p", f"has shape {probability.shape}, expected (..., {len(weight)})")
    if not (np.isfinite(weight) & (weight > 0)).all():
        faults.add("weights", "are not all finite and above 0")
    if not ((probability >= 0) & (probability <= 1)).all():
        faults.add("p", "holds values outside 0 to 1")
    if not 0 < level < 1:
        faults.add("level", f"is {level!r}, expected a number between 0 and 1")
    faults.raise_if_any("readiness")
    return probability, weight


def whole_steps(weight: NDArray[np.float64]) -> NDArray[np.int64] | None:
    """Return the weights as whole multiples of one unit, if there is one that is not too fine."""
    ratio = weight / np.min(weight)
    for denominator in range(1, _FINEST_UNIT + 1):
        steps = np.rint(ratio * denominator)
        if steps.sum() > _LATTICE:
            return None
        if np.max(np.abs(steps / denominator - ratio)) <= _ROUNDING * np.max(ratio):
            whole: NDArray[np.int64] = steps.astype(np.int64)
            return whole
    return None


def _enumerated(
    p: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return every subset's share, rising, and its probability per row."""
    total, mass = np.zeros(1), np.ones((len(p), 1))
    for i, one in enumerate(weight):
        hit = p[:, i : i + 1]
        total = np.concatenate([total, total + one])
        mass = np.concatenate([mass * (1.0 - hit), mass * hit], axis=1)
    order = np.argsort(total, kind="stable")
    return total[order] / weight.sum(), mass[:, order]


def _convolved(
    p: NDArray[np.float64], steps: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lattice's shares and their probability per row (Hong 2013, direct convolution)."""
    mass = np.zeros((len(p), int(steps.sum()) + 1))
    mass[:, 0] = 1.0
    top = 0
    for i, step in enumerate(steps.tolist()):
        hit = p[:, i : i + 1]
        moved = mass[:, : top + 1] * hit
        mass[:, : top + 1] -= moved
        top += step
        mass[:, step : top + 1] += moved
    return np.arange(top + 1) / top, mass


def quantiles(
    share: NDArray[np.float64], mass: NDArray[np.float64], level: float
) -> NDArray[np.float64]:
    """Return the smallest shares whose cumulative probability reaches either tail's end."""
    cumulative = np.cumsum(mass, axis=1)
    ends = [
        np.argmax(cumulative >= (1.0 + side * level) / 2.0 - _ROUNDING, axis=1) for side in (-1, 1)
    ]
    return np.stack([share[end] for end in ends], axis=1)

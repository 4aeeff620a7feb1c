"""Item response models by marginal likelihood: the ability integrated out (Bock & Aitkin 1981)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["ABILITY_GRID", "ABILITY_WEIGHTS", "ItemLines", "fit_item_lines"]

ABILITY_GRID: Array = np.linspace(-4.5, 4.5, 25)
"""Abilities, in standard deviations of the learners, at which integrals are summed."""

_density = np.exp(-0.5 * ABILITY_GRID**2)
ABILITY_WEIGHTS: Array = _density / _density.sum()
"""The standard normal distribution on the grid."""

_MAX_ITERATIONS = 200
_DENSE_FROM = 0.1  # share of filled cells from which a full matrix is faster
_LONGEST_MOVE = 1.0

# What item parameters are like before any answer: weak enough for any curriculum, strong enough
# that an item which everybody solves stays finite.
_EASINESS_SPREAD = 3.0
_MEAN_LOG_SLOPE_SPREAD = 0.5
_LOG_SLOPE_SPREAD = 0.3
_SMALLEST_SPREAD = 0.05


class ItemLines(NamedTuple):
    """logit P(right) = slope·ability + easiness, per item, and how the fit went."""

    slope: Array
    easiness: Array
    iterations: int
    converged: bool


@dataclass
class _Family:
    """The normal distribution that one kind of parameter is drawn from.

    Its mean is learned, drawn weakly to 0. So is its spread, but not that of log-slopes: with a few
    answers per learner hardly anything tells one slope from another, and it would vanish.
    """

    mean: float
    variance: float
    widest: float

    def learn(self, value: Array, uncertainty: Array | None) -> None:
        """Take the moments of the items' values."""
        self.mean = float(value.sum() / (len(value) + self.variance / self.widest**2))
        if uncertainty is not None:
            moments = np.mean((value - self.mean) ** 2 + uncertainty)
            self.variance = float(np.clip(moments, _SMALLEST_SPREAD**2, self.widest**2))


def fit_item_lines(
    learner: NDArray[np.integer[Any]],
    item: NDArray[np.integer[Any]],
    score: Array,
    *,
    equal_slopes: bool = False,
    tolerance: float = 2e-3,
) -> ItemLines:
    """Return the slope and the easiness of every item.

    Expectation-maximisation over abilities on a grid (Bock & Aitkin 1981, Psychometrika 46), one
    step of Fisher scoring per item and round. Easiness and log-slope have normal priors learned
    from all items, so that those with few answers are drawn to the others (Mislevy 1986,
    Psychometrika 51).

    Parameters
    ----------
    learner, item : ndarray of int, shape (n_responses,)
        Codes from 0; every item has at least one response.
    score : ndarray of float, shape (n_responses,)
        In [0, 1].
    equal_slopes : bool
        One slope for all items: the Rasch model.
    tolerance : float
        Stop when the items' parameters move by less in the root mean square.

    Examples
    --------
    >>> lines = fit_item_lines(
    ...     np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([1.0, 0, 1, 0])
    ... )
    >>> bool(lines.easiness[0] > 0 > lines.easiness[1])
    True
    """
    right, asked = _tables(learner, item, score)
    total, count = (np.bincount(item, weights) for weights in (score, None))
    rate = (total + 0.5) / (count + 1.0)
    easiness, log_slope = np.log(rate / (1.0 - rate)), np.zeros(len(rate))
    easy = _Family(0.0, 1.0, _EASINESS_SPREAD)
    steep = _Family(0.0, _LOG_SLOPE_SPREAD**2, _MEAN_LOG_SLOPE_SPREAD)
    moved, iteration = np.inf, 0
    while moved > tolerance and iteration < _MAX_ITERATIONS:
        iteration += 1
        before = easiness, log_slope
        expected = _expected_counts(right, asked, np.exp(log_slope), easiness)
        scoring = _scores(*expected, log_slope, easiness)
        solve = _shared_slope_step if equal_slopes else _step
        easiness, log_slope, uncertainty = solve(scoring, easiness, log_slope, easy, steep)
        easy.learn(easiness, uncertainty)
        if not equal_slopes:
            steep.learn(log_slope, None)
        moved = float(np.sqrt(np.mean((easiness - before[0]) ** 2 + (log_slope - before[1]) ** 2)))
    return ItemLines(np.exp(log_slope), easiness, iteration, bool(moved <= tolerance))


def _tables(
    learner: NDArray[np.integer[Any]], item: NDArray[np.integer[Any]], score: Array
) -> tuple[Any, Any]:
    """Return the summed scores and the numbers of answers, (n_learners, n_items) each."""
    from scipy.sparse import csr_array

    shape = int(np.max(learner)) + 1, int(np.max(item)) + 1
    where = learner, item
    tables = [csr_array((values, where), shape=shape) for values in (score, np.ones(len(score)))]
    if tables[1].nnz > _DENSE_FROM * shape[0] * shape[1]:
        return tables[0].toarray(), tables[1].toarray()
    return tables[0], tables[1]


def _expected_counts(right: Any, asked: Any, slope: Array, easiness: Array) -> tuple[Array, Array]:
    """Return right answers and answers per item and ability, (n_items, n_grid), in expectation."""
    z = slope[:, None] * ABILITY_GRID + easiness[:, None]
    joint = right @ z - asked @ np.logaddexp(0.0, z) + np.log(ABILITY_WEIGHTS)
    joint -= joint.max(axis=1, keepdims=True)
    posterior = np.exp(joint)
    posterior /= posterior.sum(axis=1, keepdims=True)
    return right.T @ posterior, asked.T @ posterior


class _Scoring(NamedTuple):
    """Gradient and Fisher information of the expected log-likelihood, per item."""

    easiness: Array
    log_slope: Array
    easiness_squared: Array
    crossed: Array
    log_slope_squared: Array


def _scores(right: Array, asked: Array, log_slope: Array, easiness: Array) -> _Scoring:
    from scipy.special import expit

    reach = np.exp(log_slope)[:, None] * ABILITY_GRID  # dz / d log-slope
    p = expit(reach + easiness[:, None])
    residual, information = right - asked * p, asked * p * (1.0 - p)
    return _Scoring(
        residual.sum(axis=1),
        (residual * reach).sum(axis=1),
        information.sum(axis=1),
        (information * reach).sum(axis=1),
        (information * reach**2).sum(axis=1),
    )


def _step(
    s: _Scoring, easiness: Array, log_slope: Array, easy: _Family, steep: _Family
) -> tuple[Array, Array, Array]:
    """Return easiness, log-slope and the variance of easiness after one step of Fisher scoring."""
    u = s.easiness - (easiness - easy.mean) / easy.variance
    v = s.log_slope - (log_slope - steep.mean) / steep.variance
    a, d = s.easiness_squared + 1.0 / easy.variance, s.log_slope_squared + 1.0 / steep.variance
    determinant = a * d - s.crossed**2
    move_u = np.clip((d * u - s.crossed * v) / determinant, -_LONGEST_MOVE, _LONGEST_MOVE)
    move_v = np.clip((a * v - s.crossed * u) / determinant, -_LONGEST_MOVE, _LONGEST_MOVE)
    return easiness + move_u, log_slope + move_v, d / determinant


def _shared_slope_step(
    s: _Scoring, easiness: Array, log_slope: Array, easy: _Family, steep: _Family
) -> tuple[Array, Array, Array]:
    """As `_step`, with one log-slope for all items."""
    u = s.easiness - (easiness - easy.mean) / easy.variance
    a = s.easiness_squared + 1.0 / easy.variance
    v = s.log_slope.sum() - log_slope[0] / steep.widest**2
    d = s.log_slope_squared.sum() + 1.0 / steep.widest**2
    move = float(np.clip((v - (s.crossed * u / a).sum()) / (d - (s.crossed**2 / a).sum()), -1, 1))
    move_u = np.clip((u - s.crossed * move) / a, -_LONGEST_MOVE, _LONGEST_MOVE)
    return easiness + move_u, log_slope + move, 1.0 / a

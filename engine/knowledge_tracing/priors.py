"""What is assumed of the parameters beforehand: Beta priors, bounds, and guess + slip < 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .parameters import LevelParameters, parameters_by_rank

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = [
    "HIGHEST",
    "LOWEST",
    "MOST_NOISE",
    "log_prior",
    "pseudo_counts",
    "random_starts",
    "starting_points",
]

LOWEST = np.array([1e-3, 1e-3, 1e-3, 1e-2, 1e-2])
"""The lower bounds of prior, learn, forget, guess and slip."""

HIGHEST = np.array([0.999, 0.999, 0.5, 0.9, 0.9])
"""Their upper bounds."""

MOST_NOISE = 0.95
"""The bound of guess + slip: a right answer always speaks for mastery, and not by a hair."""

STRENGTH = np.array([4.0, 8.0, 8.0, 8.0, 8.0])
"""How many observed events the prior of each parameter is worth."""

_STARTS = np.array([[0.05, 0.01, 0.005, 0.05, 0.02], [0.95, 0.4, 0.1, 0.45, 0.4]])


def pseudo_counts(
    centres: Sequence[LevelParameters], ranks: NDArray[np.int64], *, forgets: bool
) -> Array:
    """Return the Beta priors of the levels as events seen beforehand, shape (n_levels, 5, 2).

    Beta(1 + sm, 1 + s(1 − m)) has its mode at the centre m and is worth s events. A parameter
    without events is held fixed, as P(F) is in the classical model.

    Examples
    --------
    >>> from .parameters import DEFAULT_PARAMETERS
    >>> pseudo_counts([DEFAULT_PARAMETERS], np.array([0]), forgets=False)[0, 0]
    array([2., 2.])
    """
    m = np.array([parameters_by_rank(centres, int(rank)) for rank in ranks]).reshape(-1, 5)
    events = np.stack([STRENGTH * m, STRENGTH * (1.0 - m)], axis=-1)
    events[:, 2] *= forgets
    return events


def random_starts(rng: np.random.Generator, n_levels: int, *, forgets: bool) -> Array:
    """Draw starting points for the fit, over the range of sensible parameters.

    Examples
    --------
    >>> random_starts(np.random.default_rng(0), 4, forgets=False).shape
    (4, 5)
    """
    starts = rng.uniform(_STARTS[0], _STARTS[1], (n_levels, 5))
    starts[:, 2] *= forgets
    return starts


_DESIGN = np.array(
    [
        [0.15, 0.20, 0.01, 0.15, 0.10],
        [0.80, 0.05, 0.02, 0.20, 0.25],
        [0.30, 0.05, 0.05, 0.40, 0.05],
        [0.60, 0.35, 0.01, 0.35, 0.30],
        [0.05, 0.03, 0.03, 0.10, 0.35],
        [0.50, 0.10, 0.10, 0.10, 0.05],
    ]
)


def starting_points(rng: np.random.Generator, n: int, n_levels: int, *, forgets: bool) -> Array:
    """Return n starting points of a fit for each level, shape (n · n_levels, 5).

    The first six are the same for everybody, spread over the kinds of skills there are (soon
    learned, known before, guessed, noisy, hard, plain), so that the usual fit does not depend on
    chance; more are drawn.

    Examples
    --------
    >>> starting_points(np.random.default_rng(0), 2, 3, forgets=False)[:, 0]
    array([0.15, 0.15, 0.15, 0.8 , 0.8 , 0.8 ])
    """
    fixed = np.repeat(_DESIGN[:n], n_levels, axis=0)
    fixed[:, 2] *= forgets
    drawn = random_starts(rng, max(n - len(_DESIGN), 0) * n_levels, forgets=forgets)
    return np.concatenate([fixed, drawn])


def log_prior(theta: Array, pseudo: Array) -> Array:
    """Return each level's log prior density up to a constant, shape (n_levels,).

    Parameters
    ----------
    theta : ndarray, shape (n_levels, 5)
    pseudo : ndarray, shape (n_levels, 5, 2)
        Zero where a parameter is held fixed.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = pseudo[..., 0] * np.log(theta) + pseudo[..., 1] * np.log1p(-theta)
    free = pseudo.any(axis=-1)
    total: Array = np.where(free, terms, 0.0).sum(axis=-1)
    return total

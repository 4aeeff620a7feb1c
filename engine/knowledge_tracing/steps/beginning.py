"""Where somebody begins: whoever lacks what a level requires has rarely attained it already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .grid import Grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["beginning", "begun", "rarity", "readiness_told", "ready_share"]


def beginning(prior: Array, met: Array, rare: float, grid: Grid) -> Array:
    """Return how probable each state is at the beginning, shape (n, n_states).

    A level is attained `rare` times as often by those who lack what it requires; who has not
    attained it stands where those who have not attained it stand.

    Parameters
    ----------
    prior : ndarray, shape (n_states,)
        Of those who have all that is required.
    met : ndarray, shape (n, n_levels)
        P(has what the level requires).
    rare : float
    grid : Grid

    Examples
    --------
    >>> beginning(np.array([0.3, 0.2, 0.5]), np.array([[1.0], [0.0]]), 0.2, Grid(2, 2))
    array([[0.3 , 0.2 , 0.5 ],
           [0.54, 0.36, 0.1 ]])
    """
    p = np.repeat(prior[None], len(met), axis=0)
    for rank in range(met.shape[1]):
        low, first = grid.first(rank - 1), grid.first(rank)
        before, above = p[:, low:].sum(axis=1), p[:, first:].sum(axis=1)
        kept = met[:, rank] + (1.0 - met[:, rank]) * rare
        below = np.maximum(before - above, 1e-12)
        p[:, low:first] *= ((before - kept * above) / below)[:, None]
        p[:, first:] *= kept[:, None]
    return p


def begun(p: Array, n_levels: int, grid: Grid) -> tuple[float, ...]:
    """Return P(attained) of each level."""
    return tuple([float(p[grid.first(rank) :].sum()) for rank in range(n_levels)])


def ready_share(start: Array, prior: Array, met: Array, grid: Grid) -> Array:
    """Return P(had what was required | state at the beginning), shape (n, n_states).

    Of the levels attained and the one after them, since these say what the state is.
    """
    share = np.ones_like(start)
    for rank in range(met.shape[1]):
        share[:, grid.first(rank - 1) :] *= met[:, rank, None]
    found: Array = np.minimum(share * prior / np.maximum(start, 1e-12), 1.0)
    return found


def readiness_told(prior: Array, met: float, rare: float, rank: int, grid: Grid) -> Array:
    """Return P(had what a level requires | state at the beginning), shape (n_states,).

    Examples
    --------
    >>> readiness_told(np.array([0.3, 0.2, 0.5]), 0.5, 0.2, 0, Grid(2, 2)).round(2)
    array([0.36, 0.36, 0.83])
    """
    low, first = grid.first(rank - 1), grid.first(rank)
    usual = prior[first:].sum() / prior[low:].sum()
    kept = met + (1.0 - met) * rare
    found = np.full(len(prior), met)
    found[low:first] = met * (1.0 - usual) / (1.0 - kept * usual)
    found[first:] = met / kept
    return found


def rarity(told: Array, prior: Array, met: Array, rare: float, grid: Grid) -> tuple[float, float]:
    """Return what was attained by those who lack what it requires, and would be if they did not.

    Parameters
    ----------
    told : ndarray, shape (n, n_states)
        How probable each state was at the beginning, as all evidence tells.
    prior : ndarray, shape (n, n_states)
    met, rare, grid
        As of :func:`beginning`.
    """
    attained, expected = 0.0, 0.0
    for rank in range(met.shape[1]):
        low, first = grid.first(rank - 1), grid.first(rank)
        usual = prior[:, first:].sum(axis=1) / prior[:, low:].sum(axis=1)
        above = told[:, first:].sum(axis=1)
        below = told[:, low:first].sum(axis=1)
        lacking = 1.0 - met[:, rank]
        kept = met[:, rank] + lacking * rare
        above *= lacking * rare / np.maximum(kept, 1e-12)
        below *= lacking * (1.0 - rare * usual) / np.maximum(1.0 - kept * usual, 1e-12)
        attained += float(above.sum())
        expected += float((above + below) @ usual)
    return attained, expected

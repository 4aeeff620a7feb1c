"""The steps of a skill: how they are climbed, lost and shown.

A skill with n levels has n·S steps, S to each level. Of k steps that are missing to a level a
lesson brings each with the same probability, independently; of k that were climbed each is lost
with the same. An item of a level shows how many of that level's S steps were climbed.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Counts = NDArray[np.int64]

__all__ = ["MOST", "Grid", "attained_from", "climbing", "falling", "moved", "shown"]

MOST = 0.97
"""Of a step's probability of being climbed, whatever is declared and however fast one learns."""


class Grid(NamedTuple):
    """How the states of a skill are laid out: steps to a level, and from which one it counts."""

    steps: int
    enough: int

    def first(self, rank: int) -> int:
        """Return the first state in which a level is attained; of none, the lowest there is."""
        return rank * self.steps + self.enough if rank >= 0 else 0


@lru_cache(maxsize=256)
def _climbs(size: int, steps: int, rank: int) -> tuple[Array, Counts, Counts]:
    """Return ways, steps climbed and steps still missing, by state before and after."""
    ways, climbed, missing = np.eye(size), *np.zeros((2, size, size), np.int64)
    top = (rank + 1) * steps
    for x in range(rank * steps, top):
        for y in range(x, top + 1):
            ways[x, y] = comb(top - x, y - x)
            climbed[x, y], missing[x, y] = y - x, top - y
    return ways, climbed, missing


@lru_cache(maxsize=64)
def _losses(size: int) -> tuple[Array, Counts, Counts]:
    ways, lost, kept = np.zeros((size, size)), *np.zeros((2, size, size), np.int64)
    for x in range(size):
        for y in range(x + 1):
            ways[x, y] = comb(x, y)
            lost[x, y], kept[x, y] = x - y, y
    return ways, lost, kept


def climbing(share: Array | float, size: int, steps: int, rank: int) -> Array:
    """Return P(state after | state before) of lessons towards a level, shape (…, size, size).

    Only those who stand between the level below and this one move.

    Parameters
    ----------
    share : float or ndarray
        Of each missing step, the probability that it is climbed.
    size, steps, rank : int
        Number of states, steps to a level, and the place of the level from 0.

    Examples
    --------
    >>> climbing(0.5, 3, 2, 0)[0]
    array([0.25, 0.5 , 0.25])
    """
    return _binomial(share, *_climbs(size, steps, rank))


def falling(share: Array | float, size: int) -> Array:
    """Return P(state after | state before) where each climbed step is lost with a probability.

    Examples
    --------
    >>> falling(0.5, 3)[2]
    array([0.25, 0.5 , 0.25])
    """
    return _binomial(share, *_losses(size))


def _binomial(share: Array | float, ways: Array, yes: Counts, no: Counts) -> Array:
    """Return ways · shareʸᵉˢ · (1 − share)ⁿᵒ, shape (…, size, size); each power is taken once."""
    one = np.asarray(share, np.float64)[..., None]
    powers = np.arange(len(ways))
    found: Array = ways * (one**powers)[..., yes]
    found *= ((1.0 - one) ** powers)[..., no]
    return found


def moved(p: Array, moves: Array) -> Array:
    """Return beliefs after moves, each row after its own, shape (n, size)."""
    found: Array = (p[:, None, :] @ moves)[:, 0]
    return found


def shown(curve: Sequence[float] | Array, size: int, rank: int) -> Array:
    """Return P(right) of an item of a level in every state, shape (size,).

    Examples
    --------
    >>> shown([0.2, 0.6, 0.9], 5, 1)
    array([0.2, 0.2, 0.2, 0.6, 0.9])
    """
    steps = len(curve) - 1
    place = np.clip(np.arange(size) - rank * steps, 0, steps)
    return np.asarray(curve, np.float64)[place]


def attained_from(curve: Sequence[float], p_correct: float) -> int:
    """Return how many steps of a level's someone has who answers its items rightly often enough.

    Examples
    --------
    >>> attained_from([0.2, 0.5, 0.7, 0.9], 0.65)
    2
    """
    enough = [k for k, p in enumerate(curve) if p >= p_correct and k]
    return enough[0] if enough else len(curve) - 1

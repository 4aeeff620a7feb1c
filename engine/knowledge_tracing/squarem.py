"""Squared extrapolation of a fixed-point iteration: SQUAREM (Varadhan & Roland 2008).

Two steps of the iteration, x₁ = F(x₀) and x₂ = F(x₁), tell where it is heading: with r = x₁ − x₀
and v = (x₂ − x₁) − r it leaps to

    x₀ − 2αr + α²v,   α = −|r| / |v|   (scheme S3),

and takes a step of F from there. It needs no derivatives and next to no memory, so it serves
where parameters are too many for the Newton steps of :mod:`.ascent`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["Cycle", "cycle", "leap"]


@dataclass(frozen=True)
class Cycle:
    """What became of one cycle of three looks.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Where the next cycle begins.
    objective : ndarray, shape (n_groups,)
        At the highest point seen.
    leapt : ndarray of bool, shape (n_groups,)
        Whether the leap rose, and was taken.
    aim : ndarray, shape (n,)
        Where the leap led to: how far from `x` is how far there was to go.
    """

    x: Array
    objective: Array
    leapt: NDArray[np.bool_]
    aim: Array


def leap(
    x0: Array,
    x1: Array,
    x2: Array,
    group: NDArray[np.int64],
    n_groups: int,
    longest: float = np.inf,
) -> Array:
    """Return where three points in a row are heading, each group with a step length −α of its own.

    Examples
    --------
    Half the way to 8 at each step:

    >>> x = np.array([[0.0], [4.0], [6.0]])
    >>> leap(*x, np.array([0]), 1)
    array([8.])
    """
    r = x1 - x0
    v = (x2 - x1) - r
    far, bend = (np.sqrt(np.bincount(group, one * one, n_groups)) for one in (r, v))
    length = np.divide(far, bend, out=np.ones(n_groups), where=bend > 0.0)
    length = np.clip(length, 1.0, longest)[group]
    heading: Array = x0 + 2.0 * length * r + length**2 * v
    return heading


def cycle(
    look: Callable[[Array], tuple[Array, Array]],
    x0: Array,
    group: NDArray[np.int64],
    n_groups: int,
    longest: float = np.inf,
) -> Cycle:
    """Take two steps, leap, and step once more; where the leap fell, the two steps stand.

    Parameters
    ----------
    look : callable
        Takes a point; returns the next one under F, and the objective of each group at the first.
    x0 : ndarray, shape (n,)
    group : ndarray of int, shape (n,)
        Parts of the vector that have an objective of their own.
    n_groups : int
    longest : float, optional
        The greatest step length −α; for an iteration that is not quite the same at every look.
    """
    x1, _ = look(x0)
    x2, before = look(x1)
    aim = leap(x0, x1, x2, group, n_groups, longest)
    x3, after = look(aim)
    leapt = after >= before
    return Cycle(np.where(leapt[group], x3, x2), np.where(leapt, after, before), leapt, aim)

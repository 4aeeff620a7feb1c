"""Learners as mixtures of speeds: how probable each is, and what is believed over all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .passes import Walk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .chains import Chains

    Array = NDArray[np.float64]
    Walks = Sequence[Mapping[int, Walk]]

__all__ = ["SPEEDS", "mixed", "speeds_of", "whose"]

SPEEDS = ((0.55, 0.2), (1.0, 0.6), (1.8, 0.2))
"""How fast people learn before a log says how many of them do, as multiples of what is usual."""


def whose(chains: Chains, size: int) -> NDArray[np.int64]:
    """Return whose each chain with so many states is."""
    found: NDArray[np.int64] = chains.learner[chains.steps[size][0]]
    return found


def speeds_of(walks: Walks, chains: Chains, usual: Array) -> tuple[Array, float]:
    """Return how probable each speed is of each learner, (n_speeds, n_learners), and of the log.

    Parameters
    ----------
    walks : sequence of mapping of int to Walk
        Forward passes, one per speed, by number of states.
    chains : Chains
    usual : ndarray, shape (n_speeds,)
        How many people learn at each speed.
    """
    told = np.zeros((len(walks), int(chains.learner.max(initial=-1)) + 1))
    for of_speed, walk in zip(told, walks, strict=True):
        for size, one in walk.items():
            np.add.at(of_speed, whose(chains, size), one.log_likelihood)
    told += np.log(usual)[:, None]
    top = told.max(axis=0)
    found = np.exp(told - top)
    total = found.sum(axis=0)
    return found / total, float((np.log(total) + top).sum())


def mixed(walks: Walks, chains: Chains, weight: Array, name: str) -> dict[int, Array]:
    """Return the beliefs "before" or "after" each row, each speed counting as it is probable."""
    return {
        size: np.sum(
            [
                getattr(walk[size], name) * of_speed[chains.learner, None]
                for walk, of_speed in zip(walks, weight, strict=True)
            ],
            axis=0,
        )
        for size in chains.steps
    }

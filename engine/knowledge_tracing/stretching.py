"""Tables as one vector without bounds, for extrapolating, and back within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .log_odds import logistic, logit
from .priors import HIGHEST, LOWEST, MOST_NOISE
from .revision import FASTEST_DECAY, SLOWEST_DECAY, Revision
from .tables import Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["Stretching"]

_GUESS, _SLIP = 3, 4
_SURE = 1e-9


class Stretching:
    """The scale on which a refinement extrapolates: logits, and the logarithm of a rate.

    Parameters
    ----------
    revision : Revision
    highest : ndarray, shape (n_levels, 5)
        Upper bounds of the levels' parameters.
    """

    def __init__(self, revision: Revision, highest: Array) -> None:
        self._revision, self._highest = revision, highest

    def group(self, n_skills: int) -> NDArray[np.int64]:
        """Return the skill of each part of the vector."""
        revision, skill = self._revision, self._revision.skill_of_row
        parts = [np.repeat(skill, 5)]
        if revision.by_class:
            parts.append(np.repeat(skill[revision.layout.noise_level], 2))
        parts.append(revision.skill_of_effect)
        if revision.fades:
            parts.append(np.arange(n_skills))
        return np.concatenate([*parts, np.zeros(2, dtype=np.int64)])

    def out(self, tables: Tables) -> Array:
        """Return the vector of some tables."""
        parts = [logit(tables.theta).ravel()]
        if self._revision.by_class:
            parts.append(logit(tables.noise).ravel())
        parts.append(logit(np.clip(tables.effect, _SURE, 1.0 - _SURE)))
        if self._revision.fades:
            parts.append(np.log(tables.decay))
        return np.concatenate([*parts, tables.spread])

    def back(self, x: Array, like: Tables) -> Tables:
        """Return the tables of a vector; what is held fixed is as in `like`."""
        sizes = [like.theta.size, self._revision.by_class * like.noise.size, len(like.effect)]
        sizes.append(self._revision.fades * len(like.decay))
        theta, noise, effect, rate, spread = np.split(x, np.cumsum(sizes))
        levels = np.clip(logistic(theta.reshape(-1, 5)), LOWEST, self._highest)
        levels = np.where(like.theta > 0.0, levels, 0.0)
        levels[:, _GUESS:] = _below_one(levels[:, _GUESS:])
        classes = levels[self._revision.layout.noise_level, _GUESS:]
        if self._revision.by_class:
            classes = np.clip(logistic(noise.reshape(-1, 2)), LOWEST[_GUESS:], HIGHEST[_GUESS:])
            classes = _below_one(classes)
        decay = like.decay
        if self._revision.fades:
            slowest, fastest = np.log(SLOWEST_DECAY), np.log(FASTEST_DECAY)
            decay = np.exp(np.clip(rate, slowest, fastest))
        return Tables(levels, classes, logistic(effect), decay, spread)


def _below_one(noise: Array) -> Array:
    """Return guess and slip with their sum at its bound at the most."""
    within: Array = noise * np.minimum(1.0, MOST_NOISE / noise.sum(axis=1, keepdims=True))
    return within

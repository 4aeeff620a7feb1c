"""What a learner may know all at once: knowledge states that keep the prerequisites, as particles.

A knowledge state holds, with anything, all that it requires (Doignon & Falmagne 1985, "Spaces for
the assessment of knowledge"). A few thousand of them are drawn once per role: what each learner
tends to know is drawn first, then skill by skill whether it is known where all that it requires is
known, such that each is known as often as the tracer holds it before any evidence, as far as the
prerequisites leave room for that. Evidence then weighs them: what it says of a skill is how far
the tracer has moved from where it started, so an answer about one skill speaks of all the others
through the states in which they are known together.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..domain.framework import SkillLevel

__all__ = ["KnowledgeSpace", "level_masses"]

_PARTICLES = 2048
_SUREST = 0.9  # of knowing a skill for who knows all that it requires, before any evidence
_STEPS = 40  # halvings of an interval of 24 logits
_LEAST = 1e-4
_CERTAIN, _IMPOSSIBLE = np.ones(1), np.zeros(1)


class KnowledgeSpace:
    """Knowledge states over skills at levels, drawn with a fixed seed: the same for everybody.

    Parameters
    ----------
    wanted : sequence of SkillLevel, shape (n_wanted,)
    requires : ndarray of bool, shape (n_wanted, n_wanted)
        Whether the first requires the second, however indirectly.
    p_start : ndarray, shape (n_wanted,)
        P(attained) before any evidence.

    Attributes
    ----------
    known : ndarray, shape (n_particles, n_wanted)
        Zeros and ones.
    columns : dict of str to list of int
        Per skill, its places in `wanted`, the lowest level first.
    """

    def __init__(
        self,
        wanted: Sequence[SkillLevel],
        requires: NDArray[np.bool_],
        p_start: NDArray[np.float64],
    ) -> None:
        self.columns: dict[str, list[int]] = {}
        for k in sorted(range(len(wanted)), key=lambda k: wanted[k].level):
            self.columns.setdefault(wanted[k].skill_id, []).append(k)
        implied = requires.copy()
        for places in self.columns.values():
            for low, high in pairwise(places):
                implied[high, low] = True
        for _ in range(len(wanted).bit_length()):
            implied |= implied @ implied
        self._p_start = p_start
        self.known = _drawn(implied, p_start)

    def weights(self, p: NDArray[np.float64], touched: Sequence[str]) -> NDArray[np.float64]:
        """Return how likely each particle is after evidence, shape (n_particles,).

        Parameters
        ----------
        p : ndarray, shape (n_wanted,)
            The tracer's attainments now.
        touched : sequence of str
            The skills that there is evidence about.
        """
        log_weight = np.zeros(len(self.known))
        for skill_id in touched:
            places = self.columns[skill_id]
            now, start = level_masses(p[places]), level_masses(self._p_start[places])
            log_weight += np.log(now / start)[self.levels(skill_id)]
        weight: NDArray[np.float64] = np.exp(log_weight - np.max(log_weight))
        weight /= weight.sum()
        return weight

    def levels(self, skill_id: str) -> NDArray[np.int64]:
        """Return how many of a skill's levels each particle has attained, shape (n_particles,)."""
        found: NDArray[np.int64] = self.known[:, self.columns[skill_id]].sum(axis=1, dtype=np.int64)
        return found


def level_masses(p_at_least: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return P(exactly k of the levels attained) for k from 0, shape (n_levels + 1,)."""
    ends = np.concatenate((_CERTAIN, p_at_least, _IMPOSSIBLE))
    clipped: NDArray[np.float64] = np.maximum(ends[:-1] - ends[1:], _LEAST)
    clipped /= clipped.sum()
    return clipped


def _drawn(requires: NDArray[np.bool_], p_start: NDArray[np.float64]) -> NDArray[np.float64]:
    rng = np.random.default_rng(0)
    tendency = rng.normal(size=_PARTICLES)
    known = np.ones((_PARTICLES, len(p_start)))
    for k in np.argsort(requires.sum(axis=1), kind="stable"):
        ready = np.asarray(known[:, requires[k]].all(axis=1))
        goal = min(p_start[k], _SUREST * float(ready.mean()))
        p = ready * _matched(tendency, ready, goal)
        known[:, k] = _systematic(p, rng)
    return known


def _matched(
    tendency: NDArray[np.float64], ready: NDArray[np.bool_], goal: float
) -> NDArray[np.float64]:
    """Return logistic probabilities that rise with the tendency, with a given mean over all."""
    low, high = -12.0, 12.0
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        p: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-(middle + tendency)))
        low, high = (middle, high) if float((ready * p).mean()) < goal else (low, middle)
    return p


def _systematic(p: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw zeros and ones with these probabilities, the number of ones as near as can be."""
    order = rng.permutation(len(p))
    steps = np.floor(np.cumsum(p[order]) + rng.random())
    found = np.empty(len(p))
    found[order] = np.diff(steps, prepend=0.0) > 0.0
    return found

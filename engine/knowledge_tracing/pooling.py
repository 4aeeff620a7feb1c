"""One set of parameters per rank of level, fitted to all skills together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .ascent import Ascent, Point
from .compute import Tasks
from .expectation_maximisation import maximise
from .parameters import DEFAULT_PARAMETERS
from .priors import HIGHEST, log_prior, pseudo_counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .options import BKTOptions
    from .parts import Parts

    Array = NDArray[np.float64]

__all__ = ["MOST_ROUNDS", "SETTLED", "pool"]

SETTLED = 1e-3
"""Parameters and credits agree when no round moves a parameter by more."""

MOST_ROUNDS = 10
"""Of crediting and climbing."""


def pool(parts: Parts, options: BKTOptions, start: Array | None, remembered: Array) -> Array:
    """Fit one set of parameters per rank of level to all skills together, shape (n_ranks, 5).

    Parameters
    ----------
    parts : Parts
    options : BKTOptions
    start : ndarray, shape (n_ranks, 5), optional
        Where to begin.
    remembered : ndarray, shape (n_ranks_before, 5, 2)
        Events that count beside those of the evidence, of parameters that are not held fixed.
    """
    ranks = parts.table.ranks
    n_ranks = int(np.max(ranks)) + 1
    pseudo = pseudo_counts((DEFAULT_PARAMETERS,), np.arange(n_ranks), forgets=options.forgets)
    pooled = np.tile(DEFAULT_PARAMETERS, (n_ranks, 1)) if start is None else start
    pooled[:, 2] *= options.forgets
    n = min(n_ranks, len(remembered))
    pseudo[:n] += remembered[:n]
    for _ in range(MOST_ROUNDS if parts.has_conjunctions else 1):
        before = pooled
        pooled = _climb(parts, options, parts.credits(pooled[ranks]), pooled, pseudo)
        if np.abs(pooled - before).max() < SETTLED:
            break
    return pooled


def _climb(
    parts: Parts, options: BKTOptions, credits: Sequence[Any], pooled: Array, pseudo: Array
) -> Array:
    """Climb to the best one set of parameters, the skills' counts taken together."""
    table, highest = parts.table, np.tile(HIGHEST, (len(pooled), 1))
    skills = np.arange(len(table.skill_ids))
    every, one = Tasks(skills, table.n_levels), Tasks(skills[:1], np.array([len(pooled)]))
    ascent = Ascent(one, pooled, highest, options.tolerance)
    for _ in range(options.max_iterations):
        here = ascent.trial
        by_skill, log_likelihood = parts.expected_counts(credits, every, here[table.ranks], skills)
        counts = np.zeros((len(pooled), 5, 2))
        np.add.at(counts, table.ranks, by_skill)
        reached = log_likelihood.sum() + log_prior(here, pseudo).sum()
        ahead = maximise(counts, pseudo, here)
        ascent.see(Point.of(here, ahead, counts, pseudo, highest), np.array([reached]))
        if not ascent.climbing.any():
            break
    return ascent.theta

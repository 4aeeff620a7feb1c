"""One set of parameters per rank of level, fitted to all skills together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .expectation_maximisation import Climb, climb
from .parameters import DEFAULT_PARAMETERS
from .priors import pseudo_counts
from .tasks import Tasks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .options import BKTOptions
    from .parts import Parts

    Array = NDArray[np.float64]

__all__ = ["MOST_ROUNDS", "SETTLED", "pool"]

SETTLED = 1e-3
"""Parameters and credits agree when no round moves a parameter by more."""

MOST_ROUNDS = 10
"""Of crediting and climbing."""


def pool(parts: Parts, options: BKTOptions, start: Array | None, remembered: Array) -> Climb:
    """Fit one set of parameters per rank of level to all skills together, as one task.

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
    found = _climb(parts, options, pooled, pseudo)
    for _ in range(MOST_ROUNDS - 1 if parts.has_conjunctions else 0):
        before = found.theta
        found = _climb(parts, options, before, pseudo, found.share)
        if np.abs(found.theta - before).max() < SETTLED:
            break
    return found


def _climb(
    parts: Parts, options: BKTOptions, theta: Array, pseudo: Array, share: Array | None = None
) -> Climb:
    """Climb to the best one set of parameters, the skills' counts taken together."""
    skills = np.arange(len(parts.table.skill_ids))
    ranks, every = parts.table.ranks, Tasks(skills, parts.table.n_levels)
    credits = parts.credits(theta[ranks])

    def count(here: Array, _: NDArray[np.int64]) -> tuple[Array, Array]:
        by_skill, log_likelihood = parts.expected_counts(credits, every, here[ranks], skills)
        counts = np.zeros((len(here), 5, 2))
        np.add.at(counts, ranks, by_skill)
        return counts, log_likelihood.sum(keepdims=True)

    return climb(
        count,
        Tasks(skills[:1], np.array([len(theta)])),
        theta,
        pseudo=pseudo,
        max_iterations=options.max_iterations,
        tolerance=options.tolerance,
        share=share,
    )

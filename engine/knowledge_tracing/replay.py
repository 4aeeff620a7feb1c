"""A whole log replayed: each answer predicted before it is seen, then taken in.

This is the definition, response by response in plain Python; :func:`kernels.replay` is its
compiled twin.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .conjunction import credits, p_all_work
from .emission import likelihoods, p_right
from .filtering import observed, practised

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layout import Layout

__all__ = ["replay"]


def replay(
    layout: Layout, p_start: NDArray[np.float64], parameters: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the predictions and the credits of a log.

    Parameters
    ----------
    layout : Layout
    p_start : ndarray, shape (n_levels,)
        P(z ≥ level) without evidence, for each row of the table of levels.
    parameters : ndarray, shape (n_levels, 5)
        prior (not used here), learn, forget, guess and slip.

    Returns
    -------
    p_correct : ndarray, shape (n_responses,)
        In the layout's time order.
    credit : ndarray, shape (n_pairs,)
        The weight with which each exercised skill's own input counted as right.
    """
    p_correct = np.empty(len(layout.score))
    credit = np.empty(len(layout.pair_skill))
    beliefs: dict[int, tuple[float, ...]] = {}
    learner = -1
    rows = [tuple(row) for row in parameters.tolist()]
    for t, score in enumerate(layout.score.tolist()):
        if layout.learner[t] != learner:
            learner = int(layout.learner[t])
            beliefs = {}
        pairs = range(layout.pair_start[t], layout.pair_start[t + 1])
        skills = [int(layout.pair_skill[i]) for i in pairs]
        for k in skills:
            if k not in beliefs:
                beliefs[k] = tuple(p_start[layout.row_start[k] : layout.row_start[k + 1]].tolist())
        ranks = [int(layout.pair_rank[i]) for i in pairs]
        at = [rows[layout.row_start[k] + r] for k, r in zip(skills, ranks, strict=True)]
        inputs = [
            p_right(beliefs[k][r], one[3], one[4])
            for k, r, one in zip(skills, ranks, at, strict=True)
        ]
        p_correct[t] = p_all_work(inputs)
        weights = credits(score, inputs)
        credit[pairs.start : pairs.stop] = weights
        for k, r, one, weight in zip(skills, ranks, at, weights, strict=True):
            beliefs[k] = _moved(beliefs[k], r, one, weight)
    return p_correct, credit


def _moved(
    belief: Sequence[float], rank: int, parameters: Sequence[float], weight: float
) -> tuple[float, ...]:
    _, learn, forget, guess, slip = parameters
    seen = observed(belief, rank, *likelihoods(weight, guess, slip))
    return practised(seen, rank, learn, forget)

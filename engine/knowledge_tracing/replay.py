"""A whole log replayed: each answer predicted before it is seen, then taken in.

This is the definition, event by event in plain Python; :func:`kernels.replay` is its
compiled twin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .conjunction import credits, p_all_work
from .emission import likelihoods, p_right
from .filtering import faded, observed, practised

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layout import Layout
    from .tables import Tables

__all__ = ["replay"]


def replay(
    layout: Layout, p_start: NDArray[np.float64], tables: Tables
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the predictions and the credits of a log.

    Parameters
    ----------
    layout : Layout
    p_start : ndarray, shape (n_levels,)
        P(z ≥ level) without evidence, for each row of the table of levels.
    tables : Tables

    Returns
    -------
    p_correct : ndarray, shape (n_events,)
        In the layout's time order; 1 where the event is silent.
    credit : ndarray, shape (n_pairs,)
        The weight with which each exercised skill's own input counted as right.
    """
    p_correct = np.empty(len(layout.score))
    credit = np.empty(len(layout.pair_skill))
    beliefs: dict[int, tuple[float, ...]] = {}
    learner = -1
    for t, score in enumerate(layout.score.tolist()):
        if layout.learner[t] != learner:
            learner = int(layout.learner[t])
            beliefs = {}
        pairs = range(layout.pair_start[t], layout.pair_start[t + 1])
        for i in pairs:
            k = int(layout.pair_skill[i])
            if k in beliefs:
                beliefs[k] = faded(beliefs[k], float(tables.decay[k] * layout.pair_days[i]))
            else:
                beliefs[k] = tuple(p_start[layout.row_start[k] : layout.row_start[k + 1]].tolist())
        inputs = _inputs(layout, tables, beliefs, pairs)
        p_correct[t] = p_all_work(inputs)
        weights = credits(score, inputs) if inputs else [score] * len(pairs)
        credit[pairs.start : pairs.stop] = weights
        for i, weight in zip(pairs, weights, strict=True):
            k = int(layout.pair_skill[i])
            beliefs[k] = _moved(layout, tables, beliefs[k], i, weight)
    return p_correct, credit


def _inputs(
    layout: Layout, tables: Tables, beliefs: Mapping[int, Sequence[float]], pairs: range
) -> list[float]:
    """Return c_k of each skill that an answer exercises; nothing for a silent event."""
    return [
        p_right(beliefs[int(layout.pair_skill[i])][int(layout.pair_rank[i])], *tables.noise[c])
        for i in pairs
        if (c := int(layout.pair_noise[i])) >= 0
    ]


def _moved(
    layout: Layout, tables: Tables, belief: tuple[float, ...], i: int, weight: float
) -> tuple[float, ...]:
    k, rank, effect = (
        int(one[i]) for one in (layout.pair_skill, layout.pair_rank, layout.pair_effect)
    )
    if effect >= 0:
        return practised(belief, rank, float(tables.effect[effect]))
    _, learn, forget, _, _ = tables.theta[layout.row_start[k] + rank].tolist()
    guess, slip = tables.noise[layout.pair_noise[i]].tolist()
    seen = observed(belief, rank, *likelihoods(weight, guess, slip))
    return practised(seen, rank, learn, forget)

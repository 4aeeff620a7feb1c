"""How learners differ: one hidden trait each, that shifts what they knew and how fast they learn.

Yudelson, Koedinger & Gordon (2013) give each learner a prior and a rate of learning of their own;
Pardos & Heffernan (2010) the prior alone. Here both come of one standard normal trait x, shared
by all skills:

    logit P(L0) of the learner = logit P(L0) of the skill + x·spread_prior
    logit P(T) of the learner  = logit P(T) of the skill  + x·spread_learn

The trait is known by its distribution over a few nodes (Gauss–Hermite quadrature, as in Bock &
Aitkin 1981). Given the node the skills are independent chains, so everything that tracing does is
done once per node, and each answer weighs the nodes by how likely they had made it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .log_odds import logit
from .parameters import LevelParameters
from .priors import HIGHEST, LOWEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .fitted import Fitted

    Array = NDArray[np.float64]

__all__ = [
    "NODES",
    "NODE_WEIGHTS",
    "fitted_at",
    "node_shares",
    "node_weights_before",
    "reweighed",
    "shifted",
]

_N_NODES = 5


def _grid(n: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(n)
    return tuple(nodes.tolist()), tuple((weights / weights.sum()).tolist())


NODES, NODE_WEIGHTS = _grid(_N_NODES)
"""The values of the trait told apart, lowest first, and how many learners have each."""


def shifted(theta: Array, spread: Sequence[float] | Array, node: float) -> Array:
    """Return the parameters of a learner at a node, within the bounds of all parameters.

    Parameters
    ----------
    theta : ndarray, shape (..., 5)
    spread : sequence of float, shape (2,)
        Of prior and learn, in logits.
    node : float

    Examples
    --------
    >>> shifted(np.array([0.5, 0.1, 0.0, 0.2, 0.1]), (1.0, 0.0), 1.0).round(3)
    array([0.731, 0.1  , 0.   , 0.2  , 0.1  ])
    """
    moved = theta.copy()
    odds = np.exp(logit(theta[..., :2]) + node * np.asarray(spread))
    moved[..., :2] = np.clip(odds / (1.0 + odds), LOWEST[:2], HIGHEST[:2])
    return moved


def fitted_at(fitted: Fitted, node: float) -> Fitted:
    """Return the parameters of a learner at a node, as a fit of their own."""
    reached = [(k, level) for k, levels in fitted.parameters.items() for level in levels]
    own = [fitted.parameters[k][level] for k, level in reached]
    moved = shifted(np.array([*own, *fitted.pooled]), fitted.spread, node).tolist()
    parameters: dict[str, dict[int, LevelParameters]] = {k: {} for k in fitted.parameters}
    for (skill_id, level), row in zip(reached, moved, strict=False):
        parameters[skill_id][level] = LevelParameters(*row)
    pooled = tuple(LevelParameters(*row) for row in moved[len(reached) :])
    return replace(fitted, parameters=parameters, pooled=pooled)


def node_shares(p_correct: Array, score: Array, learner: NDArray[np.int32]) -> tuple[Array, Array]:
    """Return what all their answers say about learners' nodes.

    Parameters
    ----------
    p_correct : ndarray, shape (n_nodes, n_events)
        P(right) at each node, by learner and time; 1 where the event is silent.
    score : ndarray, shape (n_events,)
        In [0, 1]; 1 where the event is silent.
    learner : ndarray of int, shape (n_events,)

    Returns
    -------
    share : ndarray, shape (n_nodes, n_learners)
        The distribution over the nodes of each learner that has events, in their order.
    log_likelihood : ndarray, shape (n_learners,)
        Of each learner's answers.
    """
    log, begins = _log_likelihood(p_correct, score), _begins(learner)
    return _normalised(np.add.reduceat(log, begins, axis=1) + np.log(NODE_WEIGHTS)[:, None])


def node_weights_before(p_correct: Array, score: Array, learner: NDArray[np.int32]) -> Array:
    """Return the distribution over the nodes before each event, shape (n_nodes, n_events).

    The parameters are those of :func:`node_shares`.

    Examples
    --------
    >>> p_correct = np.array([[0.1, 0.1], [0.3, 0.3], [0.5, 0.5], [0.7, 0.7], [0.9, 0.9]])
    >>> before = node_weights_before(p_correct, np.ones(2), np.zeros(2, np.int32))
    >>> (before.T @ p_correct[:, 0]).round(3)  # who was right once is likelier to be so again
    array([0.5  , 0.543])
    """
    log, begins = _log_likelihood(p_correct, score), _begins(learner)
    who = np.repeat(np.arange(len(begins)), np.diff(np.append(begins, len(learner))))
    running = np.cumsum(log, axis=1) - log
    since = running - running[:, begins][:, who]
    return _normalised(since + np.log(NODE_WEIGHTS)[:, None])[0]


def _log_likelihood(p_correct: Array, score: Array) -> Array:
    log: Array = np.log(score * p_correct + (1.0 - score) * (1.0 - p_correct))
    return log


def _begins(learner: NDArray[np.int32]) -> NDArray[np.int64]:
    return np.flatnonzero(np.diff(learner, prepend=-1))


def _normalised(log_weight: Array) -> tuple[Array, Array]:
    top = log_weight.max(axis=0)
    weight = np.exp(log_weight - top)
    total = weight.sum(axis=0)
    return weight / total, top + np.log(total)


def reweighed(weights: Sequence[float], likelihoods: Sequence[float]) -> tuple[float, ...]:
    """Return the distribution over the nodes after an answer that each had made so likely.

    Examples
    --------
    >>> reweighed((0.5, 0.5), (0.9, 0.3))
    (0.75, 0.25)
    """
    joint = [weight * likely for weight, likely in zip(weights, likelihoods, strict=True)]
    total = sum(joint)
    return tuple(one / total for one in joint)

"""How many of several learners have attained what: shares of a team, and how far they may be off.

What a target asks is the same for all of them. Where its level is uncertain, the share that has
attained it is therefore a mixture over the levels that may be meant, and wider than if each learner
had a level of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .readiness import quantiles, whole_steps, widened

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Meaning", "pooled_interval"]

_LATTICE = 1 << 14
_NEVER = 1e-16


class Meaning(NamedTuple):
    """One of the things that a target may ask.

    Parameters
    ----------
    p_asked : float
    p_attained : array_like, shape (n_learners,)
    """

    p_asked: float
    p_attained: ArrayLike


def pooled_interval(
    targets: Sequence[Sequence[Meaning]],
    weights: ArrayLike,
    level: float = 0.8,
    *,
    errors: ArrayLike | None = None,
) -> tuple[float, float]:
    """Return the central interval of the weighted share attained, over all learners and targets.

    Parameters
    ----------
    targets : sequence of sequence of Meaning, shape (n_targets,)
        What each may ask; the probabilities of one target sum to 1.
    weights : array_like, shape (n_targets,)
        Above 0. Where they are no whole multiples of one unit, each end is off by at most
        n_targets / 32768.
    level : float, default 0.8
        The probability inside, in (0, 1).
    errors : array_like, shape (n_targets,), optional
        The standard errors of the weights; see :func:`.readiness_interval`.

    Examples
    --------
    >>> pooled_interval([[Meaning(1.0, [1.0, 0.0, 0.0, 0.0])]], [1.0])
    (0.25, 0.25)
    >>> either = [Meaning(0.5, [1.0, 1.0, 1.0, 1.0]), Meaning(0.5, [1.0, 0.0, 0.0, 0.0])]
    >>> pooled_interval([either], [1.0])
    (0.25, 1.0)
    """
    weight = np.asarray(weights, np.float64)
    counts = [_counted(meanings) for meanings in targets]
    n_learners = len(counts[0]) - 1
    steps = whole_steps(weight)
    if steps is None or int(steps.sum()) * n_learners > _LATTICE:
        places = [
            np.rint(np.arange(n_learners + 1) * (one / weight.sum() / n_learners * _LATTICE))
            for one in weight
        ]
    else:
        places = [np.arange(n_learners + 1) * float(one) for one in steps]
    mass = _summed([one.astype(np.int64) for one in places], counts)
    top = sum(int(one[-1]) for one in places)
    ends = quantiles(np.arange(top + 1) / top, mass[None], level)
    if errors is not None:
        p = np.array([_share(meanings) for meanings in targets])
        ends = widened(ends, p[None], weight, np.asarray(errors, np.float64), level)
    low, high = ends[0].tolist()
    return low, high


def _share(meanings: Sequence[Meaning]) -> float:
    return sum(one.p_asked * float(np.asarray(one.p_attained).mean()) for one in meanings)


def _counted(meanings: Sequence[Meaning]) -> NDArray[np.float64]:
    """Return P(k learners have attained it) for k from 0, shape (n_learners + 1,)."""
    found: NDArray[np.float64] | float = 0.0
    for one in meanings:
        mass = np.ones(1)
        for p in np.asarray(one.p_attained, np.float64).tolist():
            grown = np.append(mass * (1.0 - p), 0.0)
            grown[1:] += mass * p
            mass = grown
        found = found + one.p_asked * mass
    return np.asarray(found)


def _summed(
    places: Sequence[NDArray[np.int64]], counts: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return the distribution of a sum of independent variables, each with places and masses."""
    mass = np.ones(1)
    for place, count in zip(places, counts, strict=True):
        taken = np.flatnonzero(count > _NEVER)
        grown = np.zeros(len(mass) + int(place[-1]))
        for k in taken.tolist():
            grown[place[k] : place[k] + len(mass)] += count[k] * mass
        mass = grown
    return mass

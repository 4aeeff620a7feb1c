"""When a role is reached: the time that it takes, drawn many times from what is believed.

The learner takes everything on offer that helps, in the order of the greedy path, and whatever a
target still lacks then again and again: of the modules completed by then, the one that lifts it
most per minute. What is drawn is
hidden in each learner: whether a target is attained now, and which completion attains it. Time is
that of the modules; what else a week holds is left out.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..domain.recommendations import Forecast
from .explanation import listed, reached
from .lapsing import let_lapse
from .outlook import Outlook
from .paths import plan_path
from .projector import Projector
from .standing import MIN_GAIN, standing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.knowledge import KnowledgeState
    from .role_map import Numbers, RoleMap

__all__ = ["forecast"]

_DRAWS = 2000
_ALL_THE_TIME = 1e9  # minutes
_QUANTILES = (0.1, 0.5, 0.9)


def forecast(
    where: RoleMap,
    state: KnowledgeState,
    projector: Projector,
    *,
    minutes_per_week: float,
    prerequisite_threshold: float = 0.8,
    allowed: Collection[str] | None = None,
    at: datetime | None = None,
    rng: np.random.Generator | None = None,
) -> Forecast:
    """Foresee when every target of a role is attained.

    A target at the role's mastery threshold counts as attained.

    Parameters
    ----------
    where : RoleMap
    state : KnowledgeState
    projector : Projector
    minutes_per_week : float
        The time that the learner has, above 0.
    prerequisite_threshold : float, default 0.8
    allowed : collection of str, optional
        Ids of the modules on offer; all of them when None. They are taken to exist.
    at : datetime, optional
    rng : Generator, optional
        A fixed one when None, so that the same question has the same answer.

    Returns
    -------
    Forecast
        Without a time where something wanted cannot be reached; its note says what.
    """
    rng = np.random.default_rng(0) if rng is None else rng
    now = standing(
        where, state, projector, threshold=prerequisite_threshold, allowed=allowed, at=at
    )
    let_lapse(where, state, projector, now, at=at, horizon_days=0.0, allowed=allowed)
    p = now.p  # without what has expired
    path = plan_path(
        where,
        state,
        projector,
        budget_minutes=_ALL_THE_TIME,
        prerequisite_threshold=prerequisite_threshold,
        allowed=allowed,
        at=at,
    )
    order = tuple(where.number[step.module_id] for step in path.steps)
    ends = np.array([step.elapsed_minutes for step in path.steps])
    outlook = Outlook(where, state, projector, p, at)
    done = {
        where.number[one]
        for one in where.number.keys() & state.completed.keys()
        if allowed is None or one in allowed
    }
    climbs = [
        _climb(where, outlook, i, order, done, p[i])
        for i in range(len(where.role.targets))
        if p[i] < where.role.mastery_threshold
    ]
    minutes = _drawn(climbs, ends, rng)
    low, middle, high = (float(np.quantile(minutes, q, method="inverted_cdf")) for q in _QUANTILES)
    return Forecast(
        learner_id=state.learner_id,
        role_id=where.role.role_id,
        minutes_per_week=minutes_per_week,
        minutes=middle,
        interval=(low, high),
        path_minutes=path.minutes,
        p_by_path=float(np.mean(minutes <= path.minutes)),
        note=_note(where, climbs),
    )


class _Climb(NamedTuple):
    """How a target is attained along a path, and after it.

    Parameters
    ----------
    target : int
    p : ndarray, shape (n_steps + 1,)
        P(attained) now and after each module of the path that teaches it.
    steps : list of int
        Where in the path these modules stand.
    learn, minutes : float
        Of the module taken again and again after the path: P(attained by it | not before).
    """

    target: int
    p: NDArray[np.float64]
    steps: list[int]
    learn: float
    minutes: float


def _climb(
    where: RoleMap, outlook: Outlook, i: int, order: Numbers, done: Collection[int], now: float
) -> _Climb:
    steps = [k for k, m in enumerate(order) if i in where.aims[m]]
    chain = tuple(order[k] for k in steps)
    p = np.array([now, *(outlook.after(i, chain[: k + 1]) for k in range(len(chain)))])
    p = np.maximum.accumulate(p)
    learn, minutes = 0.0, 1.0
    repeatable = (m for m in where.towards[i] if m in chain or (m in done and not where.retired[m]))
    for m in repeatable:  # what one more completion would do after the path
        again = max(outlook.after(i, (*chain, m)) - p[-1], 0.0) / max(1.0 - p[-1], MIN_GAIN)
        if again > MIN_GAIN and again / where.minutes[m] > learn / minutes:
            learn, minutes = min(again, 1.0), where.minutes[m]
    return _Climb(i, p, steps, learn, minutes)


def _drawn(
    climbs: list[_Climb], ends: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the minutes until all targets are attained, shape (n_draws,)."""
    along, again = np.zeros(_DRAWS), np.zeros(_DRAWS)
    for one in climbs:
        step = np.searchsorted(one.p, rng.random(_DRAWS), side="right")
        times = np.concatenate([[0.0], ends[one.steps], ends[-1:] if len(ends) else [0.0]])
        along = np.maximum(along, times[step])
        left = step == len(one.p)
        if one.learn > 0.0:
            again[left] += one.minutes * rng.geometric(one.learn, size=int(left.sum()))
        else:
            again[left] = np.inf
    return along + again


def _note(where: RoleMap, climbs: list[_Climb]) -> str:
    stuck = [reached(where, where.wanted[one.target]) for one in climbs if one.learn <= 0.0]
    return f"Nothing on offer leads to {listed(stuck)}." if stuck else ""

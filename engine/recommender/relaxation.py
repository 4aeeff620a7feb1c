"""What no path can be worth more than, without solving anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .standing import MIN_GAIN

if TYPE_CHECKING:
    from .prospect import Prospect
    from .role_map import Numbers

__all__ = ["relaxed_bound"]

_NO_TIME = 1e-12  # minutes, for what takes none of its own


def relaxed_bound(ahead: Prospect, budget_minutes: float) -> float:
    """Return what no path within the budget can be worth more than; cheap, and rarely tight.

    Each target asks for its shortest module and a part of what belongs to every way to it,
    shared among the targets that ask for it in proportion to what they are worth; that the parts
    then fit the budget is a fractional knapsack (Dantzig 1957, "Discrete-variable extremum
    problems"). A choice that pays for a module pays no less than the parts of its targets.
    """
    asked = [one for i, some in ahead.teaching.items() if (one := _asked_by(ahead, i, some))]
    if not asked:
        return 0.0
    worth = np.array([one.worth for one in asked])
    shared = ahead.found.table([one.always for one in asked]).astype(np.float64)
    minutes = np.array([ahead.where.minutes[m] for m in ahead.found.order])
    demand = shared @ worth
    rate = np.divide(minutes, demand, out=np.zeros_like(minutes), where=demand > 0.0)
    paid = demand.tolist()
    own = np.array([_own_minutes(ahead, one.teaching, paid) for one in asked])
    cost = np.maximum(own + worth * (rate @ shared), _NO_TIME)
    order = np.argsort(-worth / cost)
    worth, cost = worth[order], cost[order]
    left = np.maximum(budget_minutes - (np.cumsum(cost) - cost), 0.0)
    return float(np.minimum(left / cost, 1.0) @ worth)


class _Asked(NamedTuple):
    """What a target can be worth, the modules that teach it, and what all ways to it take."""

    worth: float
    teaching: Numbers
    always: int


def _asked_by(ahead: Prospect, i: int, teaching: Numbers) -> _Asked | None:
    found, worth = ahead.found, ahead.outlook.worth(i, teaching)
    if worth <= MIN_GAIN:
        return None
    always = -1
    for m in teaching:
        always &= found.always[found.place[m]]
    return _Asked(worth, teaching, always)


def _own_minutes(ahead: Prospect, teaching: Numbers, paid: list[float]) -> float:
    """Return what a target takes at least beyond what is shared: its part of the shortest module.

    A module is shared by the targets that it teaches; one that all ways to some target hold is
    paid for there.
    """
    place, where = ahead.found.place, ahead.where
    if any(paid[place[m]] > 0.0 for m in teaching):
        return 0.0
    return min([where.minutes[m] / len(where.aims[m]) for m in teaching])

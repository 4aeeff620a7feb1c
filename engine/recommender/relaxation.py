"""What no path can be worth more than, without solving anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    found, minutes_of, teaching_of = ahead.found, ahead.where.minutes, ahead.teaching
    gains: list[float] = []
    always: list[int] = []
    several: list[tuple[int, Numbers]] = []
    for i, gain in ahead.most.items():
        if gain > MIN_GAIN:
            teaching = teaching_of[i]
            if len(teaching) > 1:
                several.append((len(gains), teaching))
            gains.append(gain)
            always.append(_always(ahead, teaching))
    if not gains:
        return 0.0
    worth = np.array(gains)
    shared = found.table(always).astype(np.float64)
    minutes = np.array([minutes_of[m] for m in found.order])
    demand = shared @ worth
    rate = minutes / np.maximum(demand, MIN_GAIN)  # what nobody demands costs nobody anything
    cost = worth * (rate @ shared)
    demanded = demand.tolist()
    for k, teaching in several:
        cost[k] += _own_minutes(ahead, teaching, demanded)
    np.maximum(cost, _NO_TIME, out=cost)
    order = (cost / worth).argsort()
    worth, cost = worth[order], cost[order]
    left = np.maximum(budget_minutes - (cost.cumsum() - cost), 0.0)
    return float(np.minimum(left / cost, 1.0) @ worth)


def _always(ahead: Prospect, teaching: Numbers) -> int:
    """Return the places that belong to every way to a target."""
    found = ahead.found
    always = found.always[found.place[teaching[0]]]
    for m in teaching[1:]:
        always &= found.always[found.place[m]]
    return always


def _own_minutes(ahead: Prospect, teaching: Numbers, demanded: list[float]) -> float:
    """Return what a target takes at least beyond what is shared: its part of the shortest module.

    A module is shared by the targets that it teaches; one that all ways to some target hold is
    paid for there, as is the only one that teaches a target.
    """
    place, where = ahead.found.place, ahead.where
    if any(demanded[place[m]] > 0.0 for m in teaching):
        return 0.0
    return min([where.minutes[m] / len(where.aims[m]) for m in teaching])

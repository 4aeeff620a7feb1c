"""The best closure that starts with each module: where taking it now can lead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .standing import MIN_GAIN

if TYPE_CHECKING:
    from .prospect import Prospect
    from .role_map import Numbers

__all__ = ["Route", "best_routes", "routes"]


@dataclass(frozen=True, slots=True)
class Route:
    """A closure with what it is worth.

    Parameters
    ----------
    gain : float
        The truncated gain in readiness of all members together.
    minutes : float
    members : tuple of int
        First things first; the last one is the goal.

    Attributes
    ----------
    density : float
        Gain per minute.
    """

    gain: float
    minutes: float
    members: Numbers
    density: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "density", self.gain / self.minutes)

    def beats(self, other: Route | None) -> bool:
        """Whether this one is denser, or as dense and shorter, or first by its numbers."""
        if other is None or self.density != other.density:
            return other is None or self.density > other.density
        return (self.minutes, self.members) < (other.minutes, other.members)


def routes(ahead: Prospect) -> list[Route]:
    """Return the closure of every module that adds to a target, with its gain, if it has any."""
    worth = []
    for m in ahead.found.order:
        if ahead.where.aims[m]:
            members = ahead.found.members(m)
            gain = ahead.outlook.truncated_gain(members)
            if gain > MIN_GAIN:
                minutes = sum(ahead.where.minutes[one] for one in members)
                worth.append(Route(gain, minutes, members))
    return worth


def best_routes(ahead: Prospect, worth: Iterable[Route]) -> dict[int, Route]:
    """Return the best route that starts with each module available now.

    A module that is not the cheapest way to a prerequisite takes the cheapest one's place in the
    best route through that prerequisite.
    """
    found = ahead.found
    best: dict[int, Route] = {}
    through: dict[int, Route] = {}
    ready = {m for m in found.order if found.available(m)}
    for route in worth:
        for m in route.members:
            if m in ready and route.beats(best.get(m)):
                best[m] = route
            for k in found.waits[m]:
                if route.beats(through.get(k)):
                    through[k] = route
    for k, route in through.items():
        for m in ahead.where.led_to_by[k]:
            if m in ready and m not in route.members:
                swapped = _swapped(ahead, route, found.supplier[k], m)
                if swapped is not None and swapped.beats(best.get(m)):
                    best[m] = swapped
    return best


def _swapped(ahead: Prospect, route: Route, old: int, new: int) -> Route | None:
    """Return a route with one supplier in another's place, if it supplies all that was asked."""
    where, found = ahead.where, ahead.found
    asked = {k for m in route.members for k in found.waits[m] if found.supplier[k] == old}
    named = any(old in where.comes_after[m] for m in route.members)
    if named or old == route.members[-1] or not asked <= set(where.leads_to[new]):
        return None
    members = tuple(new if m == old else m for m in route.members)
    gain = ahead.outlook.truncated_gain(members)
    minutes = route.minutes - where.minutes[old] + where.minutes[new]
    return Route(gain, minutes, members) if gain > MIN_GAIN else None

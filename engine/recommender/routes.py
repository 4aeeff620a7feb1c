"""The best closure that starts with each module: where taking it now can lead.

A closure is worth the truncated gain in readiness of all its members together (:mod:`.choice`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .choice import Choice
from .closure import places_of
from .standing import MIN_GAIN

if TYPE_CHECKING:
    from .closure import Closures
    from .prospect import Prospect
    from .role_map import Numbers

__all__ = ["Route", "Routes"]


@dataclass(frozen=True, slots=True)
class Route:
    """A closure with what it is worth.

    Parameters
    ----------
    gain : float
        The truncated gain in readiness of all members together.
    minutes : float
    bits : int
        Its places.
    swap : (int, int), optional
        A member, and the module that takes its place.

    Attributes
    ----------
    density : float
        Gain per minute.
    """

    gain: float
    minutes: float
    bits: int
    swap: tuple[int, int] | None = None
    density: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "density", self.gain / self.minutes)

    def beats(self, other: Route | None) -> bool:
        """Whether this one is denser, or as dense and shorter."""
        if other is None or self.density != other.density:
            return other is None or self.density > other.density
        return self.minutes < other.minutes

    def members(self, found: Closures) -> Numbers:
        """Return its modules, first things first; the last one is the goal."""
        members = [found.order[place] for place in places_of(self.bits)]
        if self.swap is not None:
            old, new = self.swap
            members[members.index(old)] = new
        return tuple(members)


class Routes:
    """The closures that gain anything, and the best of them through each module.

    Parameters
    ----------
    ahead : Prospect

    Attributes
    ----------
    minutes : list of float
        Of each closure that gains anything, the best one first.
    """

    def __init__(self, ahead: Prospect) -> None:
        self._ahead, self._choice = ahead, Choice(ahead)
        gain, minutes = np.array(self._choice.gain), np.array(self._choice.minutes)
        (worthy,) = np.nonzero(gain > MIN_GAIN)
        order = worthy[np.lexsort((minutes[worthy], -gain[worthy] / minutes[worthy]))]
        self._order: list[int] = order.tolist()
        self.minutes: list[float] = minutes[order].tolist()
        self._rank = [len(order)] * len(gain)
        for rank, goal in enumerate(self._order):
            self._rank[goal] = rank

    def __bool__(self) -> bool:
        return bool(self._order)

    def advanced(self) -> set[int]:
        """Return the targets whose skill some module on a route teaches."""
        found, bits = self._ahead.found, 0
        for goal in self._order:
            bits |= self._choice.bits[goal]
        members = (found.order[place] for place in places_of(bits))
        return {i for m in members for i in self._ahead.where.aims[m]}

    def best(self) -> dict[int, Route]:
        """Return the best route that starts with each module available now.

        A module that is not the cheapest way to a prerequisite takes the cheapest one's place in
        the best route through that prerequisite.
        """
        where, found = self._ahead.where, self._ahead.found
        best: dict[int, Route] = {}
        ready = {m: None for m in found.order if found.available(m)}
        for m in ready:
            route = self._through([found.place[m]])
            if route is not None:
                best[m] = route
        swaps = {
            k: [m for m in where.led_to_by[k] if m in ready and m != found.supplier[k]]
            for k in sorted(where.several_ways & found.supplier.keys())
        }
        for k, others in swaps.items():
            route = self._through(places_of(self._choice.waiting_for(k))) if others else None
            if route is None:
                continue
            for m in others:
                swapped = self._swapped(route, found.supplier[k], m)
                if swapped is not None and swapped.beats(best.get(m)):
                    best[m] = swapped
        return best

    def _through(self, places: Iterable[int]) -> Route | None:
        """Return the best route that holds one of these places."""
        choice, rank = self._choice, self._rank
        first = min((rank[goal] for place in places for goal in choice.holders[place]), default=-1)
        if not 0 <= first < len(self._order):
            return None
        goal = self._order[first]
        return Route(choice.gain[goal], choice.minutes[goal], choice.bits[goal])

    def _swapped(self, route: Route, old: int, new: int) -> Route | None:
        """Return a route with one supplier in another's place, if that supplies all it asks for."""
        where, found = self._ahead.where, self._ahead.found
        place = found.place[old]
        if route.bits >> found.place[new] & 1 or place == route.bits.bit_length() - 1:
            return None
        leading = set(where.leads_to[new])
        for m in where.followed_by[old]:
            if m in found.place and route.bits >> found.place[m] & 1:
                return None
        asked = (k for k in where.leads_to[old] if found.supplier.get(k) == old)
        if any(k not in leading and self._choice.waiting_for(k) & route.bits for k in asked):
            return None
        gain = route.gain + self._difference(route.bits, old, new)
        minutes = route.minutes - where.minutes[old] + where.minutes[new]
        return Route(gain, minutes, route.bits, (old, new)) if gain > MIN_GAIN else None

    def _difference(self, bits: int, old: int, new: int) -> float:
        """Return what a closure is worth more with another module in the place of one."""
        ahead, place = self._ahead, self._ahead.found.place
        then = bits & ~(1 << place[old]) | 1 << place[new]
        more = 0.0
        for i in {*ahead.where.aims[old], *ahead.where.aims[new]} & ahead.teaching.keys():
            chains = [
                tuple(m for m in ahead.teaching[i] if some >> place[m] & 1) for some in (then, bits)
            ]
            after, before = (ahead.outlook.worth(i, chain) for chain in chains)
            more += after - before
        return more

"""What has to be done before a module can be: the cheapest closure of every module.

A module waits for all of its prerequisites, and each prerequisite for any one of the modules that
lead to it: a grammar in Knuth's sense, so the cheapest derivation of every module is found in one
pass of Dijkstra's algorithm (Knuth 1977, "A generalization of Dijkstra's algorithm"). Costs add up
as if nothing were shared, as in the additive heuristic of planning; a closure then counts each of
its modules once, as a relaxed plan does (Hoffmann & Nebel 2001).
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import compress, count
from operator import add, not_, or_
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .role_map import Numbers, RoleMap
    from .standing import Standing

__all__ = ["Closures", "closures", "places_of"]

_MANY = 64  # modules alike, from which to leave some out costs less than to carry them along


class Closures:
    """The cheapest way to every module that can be reached.

    Modules have places in the order in which they were reached, so a module comes after all that
    it waits for; a closure is a whole number with one bit per place.

    Attributes
    ----------
    order : list of int
        The modules that can be reached, those that others wait for first.
    place : dict of int to int
        Where in `order` each of them stands.
    bits : list of int
        Per place, what is still to be done for the module, itself included.
    always : list of int
        Per place, what of that belongs to every way to the module.
    supplier : dict of int to int
        Per prerequisite not met yet, the module that leads to it most cheaply.
    waits : dict of int to tuple of int
        Per reachable module, the prerequisites and lower levels that it still waits for.
    skipped : dict of int to tuple of int
        Per module, what it builds on and goes without, because nothing else on offer leads there.
    """

    __slots__ = ("always", "bits", "order", "place", "skipped", "supplier", "waits")

    def __init__(self) -> None:
        self.order: list[int] = []
        self.place: dict[int, int] = {}
        self.bits: list[int] = []
        self.always: list[int] = []
        self.supplier: dict[int, int] = {}
        self.waits: dict[int, Numbers] = {}
        self.skipped: dict[int, Numbers] = {}

    def __contains__(self, m: int) -> bool:
        """Whether a module can be reached."""
        return m in self.place

    def available(self, m: int) -> bool:
        """Whether a module can be taken at once."""
        place = self.place.get(m)
        return place is not None and self.bits[place] == 1 << place

    def places(self, m: int) -> list[int]:
        """Return the places of what is still to be done for a module, in rising order."""
        return places_of(self.bits[self.place[m]])

    def members(self, m: int) -> Numbers:
        """Return what is still to be done for a module, first things first, itself last."""
        return tuple([self.order[place] for place in self.places(m)])

    def table(self, sets: Sequence[int]) -> NDArray[np.bool_]:
        """Return which places are in which sets, shape (n_reachable, n_sets)."""
        width = (len(self.order) + 7) // 8
        packed = b"".join([one.to_bytes(width, "little") for one in sets])
        rows = np.frombuffer(packed, np.uint8).reshape(len(sets), width)
        unpacked = np.unpackbits(rows, axis=1, count=len(self.order), bitorder="little")
        return np.ascontiguousarray(unpacked.T).view(np.bool_)


def places_of(bits: int) -> list[int]:
    """Return the places in a set of them, in rising order.

    Examples
    --------
    >>> places_of(0b1010)
    [1, 3]
    """
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found


def closures(where: RoleMap, now: Standing) -> Closures:
    """Return the cheapest closure of every open module that can be reached.

    Prerequisites are hard. What a module merely builds on (the level just below, a prerequisite
    that it teaches itself) is waited for as well, as long as some other module on offer leads there
    and none that does was completed; where there is none it is skipped, or nobody could go on.
    """
    return _Search(where, now).run()


class _Search:
    """One run of Knuth's algorithm; soft waits are released when nothing else is left."""

    def __init__(self, where: RoleMap, now: Standing) -> None:
        self.where, self.now = where, now
        self.found = Closures()
        self.unmet = _left(where.n_arrows.needs, where.needed_by, now.met)
        earlier = _left(where.n_arrows.order, where.followed_by, now.done)
        self.hard = list(map(add, self.unmet, earlier))  # what each still waits for
        self.soft = _left(where.n_arrows.builds, where.built_on_by, now.begun)
        self.open = _helpful(where, now, self.hard)
        self.ways = _left(where.n_ways, where.leads_to, list(map(not_, self.open)))
        self.cost = list(where.minutes)
        self.bits: dict[int, int] = {}  # of the supplier, per prerequisite not met
        self.always: dict[int, int] = {}
        waits = enumerate(map(or_, self.hard, self.soft))
        ready = [(self.cost[m], m) for m, left in waits if not left and self.open[m]]
        self.heap = sorted(ready)  # a sorted list is a heap

    def run(self) -> Closures:
        found, now, heap, supplier = self.found, self.now, self.heap, self.found.supplier
        order, place_of, bits_of, always_of = found.order, found.place, self.bits, self.always
        closure_of, needed_of, waits_of = found.bits, found.always, found.waits
        where, met, done, begun, ways = self.where, now.met, now.done, now.begun, self.ways
        leads_to, followed_by, needed_by = where.leads_to, where.followed_by, where.needed_by
        built_on_by, comes_after = where.built_on_by, where.comes_after
        needs, builds, unmet = where.needs, where.builds, self.unmet
        is_open, hard, soft, costs = self.open, self.hard, self.soft, self.cost
        while heap or self._release():
            cost, m = heappop(heap)
            place = place_of[m] = len(order)
            bits = always = 1 << place
            waits: Numbers = ()
            if unmet[m]:
                waits = needs[m]
                if unmet[m] < len(waits):
                    waits = tuple([k for k in waits if not met[k]])
            if builds[m]:
                waits += self._builds_on(m)
            for k in waits:
                bits |= bits_of[k]
                always |= always_of[k]
            for b in comes_after[m]:
                if not done[b]:
                    bits |= closure_of[place_of[b]]
                    always |= needed_of[place_of[b]]
            waits_of[m] = waits
            order.append(m)
            closure_of.append(bits)
            needed_of.append(always)
            waiting = () if done[m] else followed_by[m]
            for k in leads_to[m]:
                if k not in supplier:
                    supplier[k] = m
                    if not met[k]:
                        bits_of[k] = bits
                        always_of[k] = always if ways[k] == 1 else 0
                        waiting += needed_by[k]
                        if built_on_by[k] and not begun[k]:
                            self._supply_softly(built_on_by[k], cost)
            for one in waiting:  # for one thing less by now
                left = hard[one] = hard[one] - 1
                costs[one] += cost
                if not left and not soft[one] and is_open[one]:
                    heappush(heap, (costs[one], one))
        return found

    def _supply_softly(self, waiting: Numbers, cost: float) -> None:
        """Let modules build on one thing more, as far as they have not been released."""
        costs, hard, soft = self.cost, self.hard, self.soft
        for m in waiting:
            if soft[m]:
                soft[m] -= 1
                costs[m] += cost
                if not hard[m] and not soft[m] and self.open[m]:
                    heappush(self.heap, (costs[m], m))

    def _builds_on(self, m: int) -> Numbers:
        skipped = self.found.skipped.get(m, ())
        begun = self.now.begun
        return tuple(k for k in self.where.builds[m] if not begun[k] and k not in skipped)

    def _release(self) -> bool:
        """Let those go on that wait only for what nothing else on offer leads to.

        The lowest levels first: a module released there may lead to the next one.
        """
        if not any(self.soft):
            return False
        stuck = [
            m
            for m, left in enumerate(self.soft)
            if left and not self.hard[m] and self.open[m] and m not in self.found.place
        ]
        missing = {
            m: tuple(
                k
                for k in self.where.builds[m]
                if not self.now.begun[k] and k not in self.found.supplier
            )
            for m in stuck
        }
        lowest = min((self._lowest(one) for one in missing.values()), default=0)
        for m, skipped in missing.items():
            if self._lowest(skipped) == lowest:
                self.found.skipped[m] = skipped
                self.soft[m] = 0
                if not self.hard[m]:
                    heappush(self.heap, (self.cost[m], m))
        return bool(stuck)

    def _lowest(self, skipped: Numbers) -> int:
        return min(self.where.wanted[k].level for k in skipped)


def _left(n_arrows: Numbers, arrows_from: Sequence[Numbers], reached: list[bool]) -> list[int]:
    """Count what arrives from all that is not reached yet, going over the fewer of both."""
    if 2 * sum(reached) < len(reached):
        left = list(n_arrows)
        for k in compress(count(), reached):
            for m in arrows_from[k]:
                left[m] -= 1
    else:
        left = [0] * len(n_arrows)
        for k in compress(count(), map(not_, reached)):
            for m in arrows_from[k]:
                left[m] += 1
    return left


def _helpful(where: RoleMap, now: Standing, hard: list[int]) -> list[bool]:
    """Return which modules on offer can be of any use: for a target, or on the way to one."""
    settled, threshold = list(now.met), where.role.mastery_threshold
    for i in range(len(where.shares)):
        if now.p[i] < threshold:
            settled[i] = False
    is_open = list(now.open)
    for m, uses in enumerate(_left(where.n_arrows.uses, where.used_by, settled)):
        if not uses and not where.followed_by[m]:
            is_open[m] = False
    _thin_out(where.alike, hard, is_open)
    return is_open


def _thin_out(alike: tuple[Numbers, ...], hard: list[int], is_open: list[bool]) -> None:
    """Leave of modules that are alike and cannot be taken yet the shortest alone."""
    if sum(map(len, alike)) >= _MANY:
        for some in alike:
            for m in [m for m in some if is_open[m] and hard[m]][1:]:
                is_open[m] = False

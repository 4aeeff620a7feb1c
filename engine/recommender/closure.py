"""What has to be done before a module can be: the cheapest closure of every module.

A module waits for all of its prerequisites, and each prerequisite for any one of the modules that
lead to it: a grammar in Knuth's sense, so the cheapest derivation of every module is found in one
pass of Dijkstra's algorithm (Knuth 1977, "A generalization of Dijkstra's algorithm"). Costs add up
as if nothing were shared, as in the additive heuristic of planning; a closure then counts each of
its modules once, as a relaxed plan does (Hoffmann & Nebel 2001).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .role_map import Numbers, RoleMap
    from .standing import Standing

__all__ = ["Closures", "closures"]


@dataclass(slots=True)
class Closures:
    """The cheapest way to every module that can be reached.

    Parameters
    ----------
    members : dict of int to tuple of int
        Per reachable module, what is still to be done for it, first things first, itself last.
    minutes : dict of int to float
        The time that the members take together.
    supplier : dict of int to int
        Per prerequisite not met yet, the module that leads to it most cheaply.
    waits : dict of int to tuple of int
        Per reachable module, the prerequisites and lower levels that it still waits for.
    skipped : dict of int to tuple of int
        Per module, what it builds on and goes without, because nothing else on offer leads there.
    """

    members: dict[int, Numbers] = field(default_factory=dict)
    minutes: dict[int, float] = field(default_factory=dict)
    supplier: dict[int, int] = field(default_factory=dict)
    waits: dict[int, Numbers] = field(default_factory=dict)
    skipped: dict[int, Numbers] = field(default_factory=dict)

    def available(self, m: int) -> bool:
        """Whether a module can be taken at once."""
        return len(self.members.get(m, ())) == 1


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
        self.hard = [0] * len(where.modules)
        self.soft = [0] * len(where.modules)
        self.cost = list(where.minutes)
        self.heap: list[tuple[float, int]] = []
        for m, is_open in enumerate(now.open):
            if is_open:
                self._count(m)

    def _count(self, m: int) -> None:
        where, now = self.where, self.now
        self.hard[m] = sum(not now.met[k] for k in where.needs[m])
        self.hard[m] += sum(not now.done[b] for b in where.comes_after[m])
        self.soft[m] = sum(not now.begun[k] for k in where.builds[m])
        self._push_if_free(m)

    def _push_if_free(self, m: int) -> None:
        if not self.hard[m] and not self.soft[m]:
            heappush(self.heap, (self.cost[m], m))

    def run(self) -> Closures:
        while self.heap or self._release():
            cost, m = heappop(self.heap)
            self._close(m)
            if not self.now.done[m]:  # else nobody has waited for it
                for later in self.where.followed_by[m]:
                    self._supply(later, cost, self.hard)
            for k in self.where.leads_to[m]:
                if k not in self.found.supplier:
                    self._settle(k, m, cost)
        return self.found

    def _settle(self, k: int, m: int, cost: float) -> None:
        self.found.supplier[k] = m
        if not self.now.met[k]:
            for waiting in self.where.needed_by[k]:
                self._supply(waiting, cost, self.hard)
        if not self.now.begun[k]:
            for waiting in self.where.built_on_by[k]:
                self._supply(waiting, cost, self.soft)

    def _supply(self, waiting: int, cost: float, missing: list[int]) -> None:
        if self.now.open[waiting] and waiting not in self.found.members and missing[waiting]:
            missing[waiting] -= 1
            self.cost[waiting] += cost
            self._push_if_free(waiting)

    def _close(self, m: int) -> None:
        """Write down the members of a closure: those of its suppliers, once each, then itself."""
        where, now, found = self.where, self.now, self.found
        skipped = found.skipped.get(m, ())
        lower = [k for k in where.builds[m] if not now.begun[k] and k not in skipped]
        found.waits[m] = (*(k for k in where.needs[m] if not now.met[k]), *lower)
        before = [b for b in where.comes_after[m] if not now.done[b]]
        before += [found.supplier[k] for k in found.waits[m]]
        members: dict[int, None] = {}
        for one in before:
            members.update(dict.fromkeys(found.members[one]))
        members[m] = None
        found.members[m] = tuple(members)
        found.minutes[m] = sum(where.minutes[one] for one in members)

    def _release(self) -> bool:
        """Let those go on that wait only for what nothing else on offer leads to.

        The lowest levels first: a module released there may lead to the next one.
        """
        stuck = [
            m
            for m, is_open in enumerate(self.now.open)
            if is_open and m not in self.found.members and not self.hard[m] and self.soft[m]
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
                self._push_if_free(m)
        return bool(stuck)

    def _lowest(self, skipped: Numbers) -> int:
        return min(self.where.wanted[k].level for k in skipped)

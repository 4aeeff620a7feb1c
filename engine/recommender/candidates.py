"""Which modules a best path may need, and what each of them waits for.

A module that teaches no target is left out where another one does all that it does for others,
waits for nothing more and takes no longer; and one that a single module waits for, and which has
no other use, is taken with that one or not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .closure import places_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .prospect import Prospect

__all__ = ["Candidates", "Ways"]

Ways = frozenset[int]
"""Modules of which one has to be chosen."""


class Candidates:
    """The modules that a programme chooses from.

    Parameters
    ----------
    ahead : Prospect

    Attributes
    ----------
    modules : list of int
        Each stands behind what belongs to every way to it.
    waits : dict of int to frozenset of Ways
        Per module, what it waits for.
    stands_for : dict of int to int
        Per module, the one that it is taken with; most stand for themselves.
    """

    def __init__(self, ahead: Prospect) -> None:
        self._ahead = ahead
        found, where, now = ahead.found, ahead.where, ahead.now
        self._leading = {
            k: [m for m in where.led_to_by[k] if m in found.place] for k in found.supplier
        }
        self._asks = {
            m: {*found.waits[m], *(~b for b in where.comes_after[m] if not now.done[b])}
            for m in found.order
        }  # numbers in `wanted`, and modules to be completed before as their complements
        self._teaching = {m for some in ahead.teaching.values() for m in some}
        outdone = self._outdone()
        self.modules = [m for m in found.order if m not in outdone]
        kept = set(self.modules)
        self.waits = {m: frozenset(self._ways(m, k, kept) for k in self._asks[m]) for m in kept}
        self.stands_for = self._merged()

    def _ways(self, m: int, k: int, kept: set[int]) -> Ways:
        """Return the ways to what a module waits for, but for those that wait for the module."""
        if k < 0:
            return frozenset({~k})
        place, always = self._ahead.found.place, self._ahead.found.always
        return frozenset(
            one
            for one in self._leading[k]
            if one in kept and not always[place[one]] >> place[m] & 1
        )

    def _outdone(self) -> set[int]:
        """Return the modules that another one can stand in for, wherever they are chosen."""
        serves: dict[int, set[int]] = {}
        for asked in self._asks.values():
            for k in asked:
                for m in (~k,) if k < 0 else self._leading[k]:
                    serves.setdefault(m, set()).add(k)
        outdone = set[int]()
        for m in self._ahead.found.order:
            if m not in self._teaching:
                served = serves.get(m, set())
                others = self._leading.get(min(served), ()) if served else ()
                if not served or any(
                    one not in outdone and self._does_as_well(one, m, serves) for one in others
                ):
                    outdone.add(m)
        return outdone

    def _does_as_well(self, one: int, m: int, serves: dict[int, set[int]]) -> bool:
        minutes, asks = self._ahead.where.minutes, self._asks
        return (
            one != m
            and minutes[one] <= minutes[m]
            and serves[one] >= serves[m]
            and asks[one] <= asks[m]
            and asks[one].isdisjoint(serves[m])
        )

    def _merged(self) -> dict[int, int]:
        followers: dict[int, set[int]] = {m: set() for m in self.modules}
        choosable = set[int]()  # one of several ways: not needed whenever it can be used
        for m in self.modules:
            for ways in self.waits[m]:
                if len(ways) > 1:
                    choosable |= ways
                else:
                    followers[min(ways)].add(m)
        merged = {m: m for m in self.modules}
        for m in reversed(self.modules):
            if m not in self._teaching and m not in choosable:
                taken_with = {merged[one] for one in followers[m]}
                if len(taken_with) == 1:
                    merged[m] = taken_with.pop()
        return merged

    def needed_by_all(self, modules: Sequence[int]) -> set[Ways]:
        """Return what has to be chosen before any of several modules, the nearest things only."""
        found = self._ahead.found
        needed = set(frozenset.intersection(*(self.waits[m] for m in modules)))
        shared = -1
        for m in modules:
            shared &= found.always[found.place[m]]
        needed.update(
            frozenset({found.order[place]}) for place in _last(places_of(shared), found.always)
        )
        return {ways for ways in needed if ways <= self.waits.keys()}


def _last(places: Iterable[int], always: Sequence[int]) -> Iterable[int]:
    """Give those of several places that do not belong to every way to another one of them."""
    covered = 0
    for place in reversed(list(places)):
        if not covered >> place & 1:
            yield place
        covered |= always[place]

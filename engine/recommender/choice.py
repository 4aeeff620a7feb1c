"""Which modules a path should hold: sets that fit a budget, and what they are worth together.

What a set of modules is worth is the truncated gain in readiness,
Σ wᵢ·(min(pᵢ after, τ) − min(pᵢ before, τ)) / Σ wᵢ, where the modules that teach a target's skill
are done in one fixed order, lowest level first. The greedy choice and the exact one (see
:mod:`.programme`) are two ways to maximise this one function over the same sets: those that hold,
for everything that a member waits for, a module that leads to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import inf
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .closure import places_of
from .standing import MIN_GAIN

if TYPE_CHECKING:
    from .outlook import Worths
    from .prospect import Prospect
    from .role_map import Numbers

__all__ = ["Choice", "Chosen", "Renewed", "Run"]

_ROUNDING = 1e-9  # minutes


class Renewed(NamedTuple):
    """A target whose proof a pick renews, and until when it would have been valid, in minutes."""

    target: int
    expires: float


@dataclass(slots=True)
class Chosen:
    """Modules chosen within a budget.

    Parameters
    ----------
    gain : float
        What they are worth together.
    minutes : float
    picks : list of tuple of int
        The closures picked one after the other: first things first, the goal of each last.
    shortest : float or None
        The minutes of the shortest closure that would still add something, if there is any.
    renewed : dict of int to Renewed
        By the number of the pick: those that only renew something.
    waits : dict of int to float
        By the number of the pick: the minutes that go by before it without anything to do.
    begun : dict of int to tuple of int
        By the number of the pick: the whole closure, where only the beginning of it was picked.
    """

    gain: float = 0.0
    minutes: float = 0.0
    picks: list[Numbers] = field(default_factory=list)
    shortest: float | None = None
    renewed: dict[int, Renewed] = field(default_factory=dict)
    waits: dict[int, float] = field(default_factory=dict)
    begun: dict[int, Numbers] = field(default_factory=dict)

    def holds(self, m: int) -> bool:
        """Whether a module is among those chosen."""
        return any(m in pick for pick in self.picks)


class _Shared:
    """A target that several modules teach; sets of them are numbers with one bit per module.

    Parameters
    ----------
    target : int
    teaching : tuple of int
        The modules that can be reached, in the order in which they are done.
    worth_of : Worths
    """

    __slots__ = ("bit_of", "groups", "target", "worth_of")

    def __init__(self, target: int, teaching: Numbers, worth_of: Worths) -> None:
        self.target, self.worth_of = target, worth_of
        self.bit_of = {m: 1 << k for k, m in enumerate(teaching)}
        self.groups: list[tuple[int, list[int]]] = []  # which of them, and the closures with these

    def group(self, holders: list[list[int]]) -> None:
        """Group the closures by which of the modules each holds."""
        held: dict[int, int] = {}
        for bit, goals in zip(self.bit_of.values(), holders, strict=True):
            for goal in goals:
                held[goal] = held[goal] | bit if goal in held else bit
        groups: dict[int, list[int]] = {}
        for goal, some in held.items():
            groups.setdefault(some, []).append(goal)
        self.groups = list(groups.items())


class Choice:
    """The closures of all modules that add to a target, ready to be picked from again and again.

    Goals and places are numbers here; a pick takes its members out of every closure that holds
    them, so a run costs as much as the closures are large together.

    Parameters
    ----------
    ahead : Prospect
    """

    def __init__(self, ahead: Prospect) -> None:
        found, place, most = ahead.found, ahead.found.place, ahead.most
        minutes, order = ahead.where.minutes, found.order
        self.ahead, self.order, self.supplier = ahead, order, found.supplier
        self.another_way = ahead.where.another_way
        self.minutes_of = [minutes[m] for m in order]
        self.worth_of = [0.0] * len(order)  # as far as a module is the only one to count
        self.shared: dict[int, _Shared] = {}
        self.shares: dict[int, list[tuple[_Shared, int]]] = {}  # by place, each with its bit
        for i, teaching in ahead.teaching.items():
            if len(teaching) == 1:
                self.worth_of[place[teaching[0]]] += most[i]
            elif teaching:
                one = self.shared[i] = _Shared(i, teaching, ahead.worths[i])
                for m, bit in one.bit_of.items():
                    self.shares.setdefault(place[m], []).append((one, bit))
        places = sorted({place[m] for some in ahead.teaching.values() for m in some})
        self.goals = [order[at] for at in places]
        self.bits = [found.bits[at] for at in places]
        self._lay_out()

    def _lay_out(self) -> None:
        """Note which closures hold which modules, and what each takes and is worth."""
        found, n = self.ahead.found, len(self.goals)
        place, goal = np.divmod(np.flatnonzero(found.table(self.bits)), max(n, 1))
        ends = np.bincount(place, minlength=len(found.order)).cumsum().tolist()
        goals = goal.tolist()
        self.holders = [goals[start:end] for start, end in pairwise((0, *ends))]
        self.of_place = list(zip(self.minutes_of, self.worth_of, self.holders, strict=True))
        self.minutes = np.bincount(goal, np.array(self.minutes_of)[place], n).tolist()
        self.gain = np.bincount(goal, np.array(self.worth_of)[place], n).tolist()
        gain, at = self.gain, found.place
        for one in self.shared.values():
            one.group([self.holders[at[m]] for m in one.bit_of])
            for some, holding in one.groups:
                worth = one.worth_of[some]
                for each in holding:
                    gain[each] += worth

    def waiting_for(self, k: int) -> int:
        """Return the places of the modules that wait for something wanted, as bits."""
        found, where, bits = self.ahead.found, self.ahead.where, 0
        for m in (*where.needed_by[k], *where.built_on_by[k]):
            if m in found.place and k in found.waits[m]:
                bits |= 1 << found.place[m]
        return bits

    def largest(self, budget_minutes: float) -> int:
        """Return the goal whose closure gains most of those that fit, or -1."""
        limit = budget_minutes + _ROUNDING
        fitting = [
            (gain, -goal)
            for goal, (gain, minutes) in enumerate(zip(self.gain, self.minutes, strict=True))
            if gain > MIN_GAIN and minutes <= limit
        ]
        return -max(fitting)[1] if fitting else -1


class Run:
    """One greedy run: what is left of every closure.

    Attributes
    ----------
    left_minutes : float
        Of the budget.
    minutes : list of float
        What is left of each closure takes.
    open : int
        The places that are not taken, as bits.
    chosen : Chosen
    """

    def __init__(self, choice: Choice, budget_minutes: float, power: float) -> None:
        self._choice, self._power = choice, power
        self.left_minutes = budget_minutes + _ROUNDING
        self.minutes, self._gain = list(choice.minutes), list(choice.gain)
        self._too_long = set[int]()
        room = bytearray(8 * (len(choice.goals) + 1))  # never none at all
        self._density = memoryview(room).cast("d")  # one at a time
        self._densest = np.frombuffer(room).argmax  # of all together
        self._weigh(range(len(choice.goals)))
        self.open = (1 << len(choice.minutes_of)) - 1
        self._taken = dict.fromkeys(choice.shared, 0)  # of the modules that teach a shared target
        self._more = {
            i: [one.worth_of[some] for some, _ in one.groups] for i, one in choice.shared.items()
        }
        self._freed = set[int]()
        self._waits_for_freed = 0
        self.chosen = Chosen()

    def _weigh(self, goals: Iterable[int]) -> None:
        density, gain, minutes, power = self._density, self._gain, self.minutes, self._power
        too_long = self._too_long
        for goal in goals:
            if goal not in too_long:
                more = gain[goal]
                density[goal] = more / minutes[goal] ** power if more > MIN_GAIN else 0.0

    def best(self) -> int:
        """Return the goal to pick next; -1 and the shortest that is left where none fits.

        What does not fit never will: a pick shortens no closure by more than it takes itself.
        """
        density, minutes, limit = self._density, self.minutes, self.left_minutes
        densest = self._densest
        while True:
            goal = int(densest())
            if density[goal] <= 0.0:
                break
            if minutes[goal] <= limit:
                return goal
            self._too_long.add(goal)
            density[goal] = 0.0
        left = [self.minutes[goal] for goal in self._too_long if self._gain[goal] > MIN_GAIN]
        self.chosen.shortest = min(left, default=None)
        return -1

    def go(self) -> Chosen:
        """Pick the densest closure that fits, again and again; return what is chosen then."""
        while (goal := self.best()) >= 0:
            self.pick(goal)
        return self.chosen

    def pick(self, goal: int, within: float = inf) -> list[int]:
        """Take what is left of a closure, and take it out of all others; return its places.

        Parameters
        ----------
        goal : int
        within : float, optional
            Take the first modules alone, no longer than that but for one.
        """
        choice, minutes, gain = self._choice, self.minutes, self._gain
        left = choice.bits[goal] & self.open
        if choice.bits[goal] & self._waits_for_freed:
            left = self._still_needed(goal, left)
        order, chosen = choice.order, self.chosen
        places = places_of(left)
        if within < inf:
            chosen.begun[len(chosen.picks)] = tuple([order[place] for place in places])
            ends = accumulate([choice.minutes_of[place] for place in places])
            places = places[: max(sum([end <= within for end in ends]), 1)]
            left = sum([1 << place for place in places])
        self.open &= ~left
        spent = gained = 0.0
        touched = {goal}
        of_place, shares = choice.of_place, choice.shares
        for place in places:
            length, worth, holders = of_place[place]
            spent += length
            gained += worth
            touched.update(holders)
            for one in holders:
                minutes[one] -= length
                gain[one] -= worth
            if place in shares:
                gained += self._take(place, touched)
        if not choice.bits[goal] & self.open or within == inf:
            gain[goal] = 0.0
        self._weigh(touched)
        members = tuple([order[place] for place in places])
        another_way, supplier = choice.another_way, choice.supplier
        for m in members:
            for k in another_way[m]:
                if supplier[k] != m:
                    self._free(k)
        chosen.picks.append(members)
        chosen.gain += gained
        chosen.minutes += spent
        self.left_minutes -= spent
        return places

    def density(self, goal: int) -> float:
        """Return the gain per minute of what is left of a closure; 0 of none."""
        return self._gain[goal] / self.minutes[goal] if goal >= 0 else 0.0

    def closure(self, goal: int) -> int:
        """Return what is left of a closure, as bits."""
        return self._choice.bits[goal] & self.open

    def first_minutes(self, goal: int) -> float:
        """Return what the first module that is left of a closure takes."""
        left = self.closure(goal)
        return self._choice.minutes_of[(left & -left).bit_length() - 1]

    def wait(self, minutes: float) -> None:
        """Let time go by before the next pick."""
        self.chosen.waits[len(self.chosen.picks)] = minutes
        self.left_minutes -= minutes

    def repeat(self, m: int, renewed: Renewed) -> None:
        """Take a module only to renew something."""
        minutes = self._choice.ahead.where.minutes[m]
        self.chosen.renewed[len(self.chosen.picks)] = renewed
        self.chosen.picks.append((m,))
        self.chosen.minutes += minutes
        self.left_minutes -= minutes

    def _take(self, place: int, touched: set[int]) -> float:
        """Bring the shared targets that a module teaches up to date; return the gain."""
        gain, gained = self._gain, 0.0
        for one, bit in self._choice.shares[place]:
            target, worth_of = one.target, one.worth_of
            before, left = self._taken[target], self._more[target]
            taken = self._taken[target] = before | bit
            now = worth_of[taken]
            gained += now - worth_of[before]
            for k, (some, goals) in enumerate(one.groups):
                more = worth_of[taken | some] - now
                if more != left[k]:
                    for goal in goals:
                        gain[goal] += more - left[k]
                    left[k] = more
                    touched.update(goals)
        return gained

    def _free(self, k: int) -> None:
        """Note what is reached by another way than the closures count on."""
        if self.open >> self._choice.ahead.found.place[self._choice.supplier[k]] & 1:
            self._freed.add(k)
            self._waits_for_freed |= self._choice.waiting_for(k)

    def _still_needed(self, goal: int, left: int) -> int:
        """Leave out of a closure what only led to things reached by another way."""
        found, where = self._choice.ahead.found, self._choice.ahead.where
        done, needed, waiting = self._choice.ahead.now.done, 0, [self._choice.goals[goal]]
        while waiting:
            m = waiting.pop()
            bit = 1 << found.place[m]
            if bit & left and not bit & needed:
                needed |= bit
                waiting += [b for b in where.comes_after[m] if not done[b]]
                waiting += [found.supplier[k] for k in found.waits[m] if k not in self._freed]
        return needed

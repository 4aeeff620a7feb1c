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
from itertools import compress
from typing import TYPE_CHECKING

from .standing import MIN_GAIN

if TYPE_CHECKING:
    from .prospect import Prospect
    from .role_map import Numbers

__all__ = ["Choice", "Chosen"]

_ROUNDING = 1e-9  # minutes


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
    """

    gain: float = 0.0
    minutes: float = 0.0
    picks: list[Numbers] = field(default_factory=list)
    shortest: float | None = None

    def holds(self, m: int) -> bool:
        """Whether a module is among those chosen."""
        return any(m in pick for pick in self.picks)


@dataclass(slots=True)
class _Chain:
    """Modules that teach one target, and the goals whose closures hold just these of them."""

    target: int
    modules: Numbers
    goals: list[int]
    worth: float


class Choice:
    """The closures of all modules that add to a target, ready to be picked from again and again.

    Goals and places are numbers here; a pick takes its members out of every closure that holds
    them, so a run costs as much as the closures are large together.

    Parameters
    ----------
    ahead : Prospect
    """

    def __init__(self, ahead: Prospect) -> None:
        where, found = ahead.where, ahead.found
        self.ahead = ahead
        unmet = set(ahead.unmet)
        self.goals = [m for m in found.order if not unmet.isdisjoint(where.aims[m])]
        ahead.outlook.foresee(self.goals)
        self.members = [found.places(m) for m in self.goals]
        self.holders: list[list[int]] = [[] for _ in found.order]
        for goal, places in enumerate(self.members):
            for place in places:
                self.holders[place].append(goal)
        self.minutes_of = [where.minutes[m] for m in found.order]
        self.worth_of = [0.0] * len(found.order)  # as far as a module is the only one to count
        self.several: dict[int, list[_Chain]] = {}
        for i in ahead.unmet:
            self._note_target(i)
        self.minutes = [sum([self.minutes_of[k] for k in places]) for places in self.members]
        self.gain = [sum([self.worth_of[k] for k in places]) for places in self.members]
        for chains in self.several.values():
            for one in chains:
                for goal in one.goals:
                    self.gain[goal] += one.worth
        self.others = self._other_suppliers()

    def _note_target(self, i: int) -> None:
        """Count a module that alone teaches a target with its place; several, as chains."""
        where, found, outlook = self.ahead.where, self.ahead.found, self.ahead.outlook
        teaching = [m for m in where.towards[i] if m in found]
        if len(teaching) == 1:
            self.worth_of[found.place[teaching[0]]] += outlook.worth(i, (teaching[0],))
        elif teaching:
            self.several[i] = self._chains(i, teaching)

    def _chains(self, i: int, teaching: list[int]) -> list[_Chain]:
        """Group the goals by which of the modules that teach a target their closure holds."""
        place = self.ahead.found.place
        held: dict[int, list[bool]] = {}
        for k, m in enumerate(teaching):
            for goal in self.holders[place[m]]:
                held.setdefault(goal, [False] * len(teaching))[k] = True
        groups: dict[Numbers, list[int]] = {}
        for goal, which in held.items():
            groups.setdefault(tuple(compress(teaching, which)), []).append(goal)
        worth = self.ahead.outlook.worth
        return [_Chain(i, chain, goals, worth(i, chain)) for chain, goals in groups.items()]

    def _other_suppliers(self) -> dict[int, list[int]]:
        """Return, per module, what it leads to although closures count on another for that."""
        found, where = self.ahead.found, self.ahead.where
        others: dict[int, list[int]] = {}
        for k in {k for waits in found.waits.values() for k in waits}:
            for m in where.led_to_by[k]:
                if m != found.supplier[k]:
                    others.setdefault(m, []).append(k)
        return others

    def largest(self, budget_minutes: float) -> int:
        """Return the goal whose closure gains most of those that fit, or -1."""
        limit = budget_minutes + _ROUNDING
        fitting = [
            (gain, -goal)
            for goal, (gain, minutes) in enumerate(zip(self.gain, self.minutes, strict=True))
            if gain > MIN_GAIN and minutes <= limit
        ]
        return -max(fitting)[1] if fitting else -1

    def greedy(self, budget_minutes: float, *, power: float = 1.0, first: int = -1) -> Chosen:
        """Pick the closure with the most gain per minute that fits, again and again.

        Parameters
        ----------
        budget_minutes : float
        power : float, default 1.0
            Of the minutes: below 1 the large closures count for more.
        first : int, optional
            The goal to begin with.
        """
        run = _Run(self, budget_minutes, power)
        goal = first if first >= 0 else run.best()
        while goal >= 0:
            run.pick(goal)
            goal = run.best()
        return run.chosen


class _Run:
    """One greedy run: what is left of every closure."""

    def __init__(self, choice: Choice, budget_minutes: float, power: float) -> None:
        self._choice, self._power = choice, power
        self._left_minutes = budget_minutes + _ROUNDING
        self._minutes, self._gain = list(choice.minutes), list(choice.gain)
        self._too_long = set[int]()
        self._density = [0.0] * len(choice.goals)
        self._weigh(range(len(choice.goals)))
        self._open = [True] * len(choice.minutes_of)
        self._taken = set[int]()
        self._freed = set[int]()
        self._worth: dict[int, float] = {}  # of what is done, per target
        self._more = {i: [one.worth for one in chains] for i, chains in choice.several.items()}
        self.chosen = Chosen()

    def _weigh(self, goals: Iterable[int]) -> None:
        density, gain, minutes, power = self._density, self._gain, self._minutes, self._power
        for goal in goals:
            if gain[goal] <= MIN_GAIN:
                density[goal] = 0.0
            elif goal not in self._too_long:
                length = minutes[goal]
                density[goal] = gain[goal] / (length if power == 1.0 else length**power)

    def best(self) -> int:
        """Return the goal to pick next; -1 and the shortest that is left where none fits.

        What does not fit never will: a pick shortens no closure by more than it takes itself.
        """
        density = self._density
        while density:
            goal = density.index(max(density))
            if density[goal] <= 0.0:
                break
            if self._minutes[goal] <= self._left_minutes:
                return goal
            self._too_long.add(goal)
            density[goal] = 0.0
        left = [self._minutes[goal] for goal in self._too_long if self._gain[goal] > MIN_GAIN]
        self.chosen.shortest = min(left, default=None)
        return -1

    def pick(self, goal: int) -> None:
        choice, is_open = self._choice, self._open
        minutes, gain = self._minutes, self._gain
        places = [place for place in choice.members[goal] if is_open[place]]
        if self._freed:
            places = self._still_needed(goal, places)
        spent = gained = 0.0
        touched = {goal}
        for place in places:
            is_open[place] = False
            length, worth = choice.minutes_of[place], choice.worth_of[place]
            spent += length
            gained += worth
            touched.update(choice.holders[place])
            for one in choice.holders[place]:
                minutes[one] -= length
                gain[one] -= worth
        members = tuple([choice.ahead.found.order[place] for place in places])
        self._taken.update(members)
        gained += self._take_targets(members, touched)
        gain[goal] = 0.0
        self._weigh(touched)
        self._free(members)
        self.chosen.picks.append(members)
        self.chosen.gain += gained
        self.chosen.minutes += spent
        self._left_minutes -= spent

    def _take_targets(self, members: Numbers, touched: set[int]) -> float:
        """Bring the chains of the targets that members teach up to date; return the gain."""
        where, several = self._choice.ahead.where, self._choice.several
        gained = 0.0
        for i in {i for m in members for i in where.aims[m] if i in several}:
            towards, taken = where.towards[i], self._taken
            worth = self._choice.ahead.outlook.worth
            now = worth(i, tuple([m for m in towards if m in taken]))
            gained += now - self._worth.get(i, 0.0)
            self._worth[i] = now
            for k, one in enumerate(several[i]):
                joined = tuple([m for m in towards if m in taken or m in one.modules])
                more = worth(i, joined) - now
                if more != self._more[i][k]:
                    for goal in one.goals:
                        self._gain[goal] += more - self._more[i][k]
                    self._more[i][k] = more
                    touched.update(one.goals)
        return gained

    def _free(self, members: Iterable[int]) -> None:
        """Note what was reached by another way than the closures count on."""
        supplier = self._choice.ahead.found.supplier
        for m in members:
            for k in self._choice.others.get(m, ()):
                if supplier[k] not in self._taken:
                    self._freed.add(k)

    def _still_needed(self, goal: int, places: list[int]) -> list[int]:
        """Leave out of a closure what only led to things reached by another way."""
        found, where = self._choice.ahead.found, self._choice.ahead.where
        now = self._choice.ahead.now
        within = {found.order[place] for place in places}
        needed, waiting = set[int](), [self._choice.goals[goal]]
        while waiting:
            m = waiting.pop()
            if m in needed or m not in within:
                continue
            needed.add(m)
            waiting += [b for b in where.comes_after[m] if not now.done[b]]
            waiting += [found.supplier[k] for k in found.waits[m] if k not in self._freed]
        return sorted(found.place[m] for m in needed)

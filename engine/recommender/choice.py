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
from itertools import compress, count
from typing import TYPE_CHECKING

import numpy as np

from .standing import MIN_GAIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .prospect import Prospect
    from .role_map import Numbers

__all__ = ["Choice", "Chosen"]

_ROUNDING = 1e-9  # minutes
_TIE = 1.0 - 1e-12


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


class Choice:
    """The closures of all modules that add to a target, ready to be picked from again and again.

    Minutes and gains of closures are vectors over goals; a pick takes its members out of both.

    Parameters
    ----------
    ahead : Prospect
    """

    def __init__(self, ahead: Prospect) -> None:
        where, found = ahead.where, ahead.found
        self._ahead = ahead
        unmet = set(ahead.unmet)
        self.goals = [m for m in found.order if not unmet.isdisjoint(where.aims[m])]
        ahead.outlook.foresee(m for m in self.goals)
        self._members = found.table([found.bits[found.place[m]] for m in self.goals])
        self._weights = np.zeros((2, len(found.order)))
        self._weights[0] = [where.minutes[m] for m in found.order]
        self._numbers = count()
        self._several: dict[int, list[_Chain]] = {}
        for i in ahead.unmet:
            self._note_target(i)
        self._start = _products(self._weights, self._members)
        small = self._members.size <= _AT_ONCE
        self._addends = self._members.astype(np.float64) if small else self._members
        for chains in self._several.values():
            for one in chains:
                self._start[1, one.goals] += ahead.outlook.worth(one.target, one.modules)
        self._others = self._other_suppliers()

    def _note_target(self, i: int) -> None:
        """Count a module that alone teaches a target with its place; several, as chains."""
        where, found, outlook = self._ahead.where, self._ahead.found, self._ahead.outlook
        teaching = [m for m in where.towards[i] if m in found]
        if len(teaching) == 1:
            self._weights[1, found.place[teaching[0]]] += outlook.worth(i, (teaching[0],))
        elif teaching:
            self._several[i] = self._chains(i, teaching)

    def _chains(self, i: int, teaching: list[int]) -> list[_Chain]:
        """Group the goals by which of the modules that teach a target their closure holds."""
        rows = self._members[[self._ahead.found.place[m] for m in teaching]]
        some = np.flatnonzero(rows.any(axis=0))
        held = rows[:, some].T.tobytes()
        width = len(teaching)
        groups: dict[bytes, list[int]] = {}
        for at, goal in enumerate(some.tolist()):
            groups.setdefault(held[at * width : (at + 1) * width], []).append(goal)
        return [
            _Chain(next(self._numbers), i, tuple(compress(teaching, key)), goals)
            for key, goals in groups.items()
        ]

    def _other_suppliers(self) -> dict[int, list[int]]:
        """Return, per module, what it leads to although closures count on another for that."""
        found, where = self._ahead.found, self._ahead.where
        awaited = {k for waits in found.waits.values() for k in waits}
        others: dict[int, list[int]] = {}
        for k in awaited:
            for m in where.led_to_by[k]:
                if m != found.supplier[k]:
                    others.setdefault(m, []).append(k)
        return others

    def largest(self, budget_minutes: float) -> int:
        """Return the goal whose closure gains most of those that fit, or -1."""
        minutes, gain = self._start
        fitting = np.where(minutes <= budget_minutes + _ROUNDING, gain, 0.0)
        return int(fitting.argmax()) if fitting.max(initial=0.0) > MIN_GAIN else -1

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
        run = _Run(self, budget_minutes)
        goal = first if first >= 0 else run.best(power)
        while goal >= 0:
            run.pick(goal)
            goal = run.best(power)
        return run.chosen


@dataclass(slots=True)
class _Chain:
    """Modules that teach one target, and the goals whose closures hold just these of them."""

    number: int
    target: int
    modules: Numbers
    goals: list[int]


class _Run:
    """One greedy run: what is left of every closure."""

    def __init__(self, choice: Choice, budget_minutes: float) -> None:
        self._choice = choice
        self._left_minutes = budget_minutes + _ROUNDING
        self._minutes, self._gain = choice._start.copy()
        self._open = np.ones(choice._members.shape[0], np.bool_)
        self._taken: set[int] = set()
        self._freed: set[int] = set()
        self._worth: dict[int, float] = {}  # of what is done, per target
        self._more: dict[int, float] = {}  # what a chain would add to that
        self.chosen = Chosen()

    def best(self, power: float) -> int:
        """Return the goal to pick next; -1 and the shortest that is left where none fits."""
        worth = self._gain > MIN_GAIN
        fits = worth & (self._minutes <= self._left_minutes)
        some = np.flatnonzero(fits)
        if not len(some):
            self.chosen.shortest = float(self._minutes[worth].min()) if worth.any() else None
            return -1
        minutes = self._minutes[some]
        density = self._gain[some] / (minutes if power == 1.0 else minutes**power)
        tied = np.flatnonzero(density >= density.max() * _TIE)
        return int(some[tied[minutes[tied].argmin()]])

    def pick(self, goal: int) -> None:
        choice = self._choice
        order = choice._ahead.found.order
        places = np.flatnonzero((choice._members[:, goal] != 0) & self._open)
        if self._freed:
            places = self._still_needed(goal, places)
        members = tuple(order[place] for place in places.tolist())
        self._open[places] = False
        self._taken.update(members)
        spent = choice._weights[:, places]
        rest = spent @ choice._addends[places]
        self._minutes -= rest[0]
        self._gain -= rest[1]
        self._gain[goal] = 0.0
        gained = float(spent[1].sum()) + self._take_targets(members)
        self._free(members)
        self.chosen.picks.append(members)
        self.chosen.gain += gained
        minutes = float(spent[0].sum())
        self.chosen.minutes += minutes
        self._left_minutes -= minutes

    def _take_targets(self, members: Numbers) -> float:
        """Bring the chains of the targets that members teach up to date; return the gain."""
        choice = self._choice
        where, outlook = choice._ahead.where, choice._ahead.outlook
        touched = {i for m in members for i in where.aims[m] if i in choice._several}
        gained = 0.0
        for i in touched:
            after = tuple(m for m in where.towards[i] if m in self._taken)
            now = outlook.worth(i, after)
            gained += now - self._worth.get(i, 0.0)
            self._worth[i] = now
            for one in choice._several[i]:
                more = self._joined(i, after, one.modules) - now
                before = self._more.get(one.number)
                before = outlook.worth(i, one.modules) if before is None else before
                self._more[one.number] = more
                if more != before:
                    self._gain[one.goals] += more - before
        return gained

    def _joined(self, i: int, done: Numbers, chain: Numbers) -> float:
        both = {*done, *chain}
        towards = self._choice._ahead.where.towards[i]
        return self._choice._ahead.outlook.worth(i, tuple(m for m in towards if m in both))

    def _free(self, members: Iterable[int]) -> None:
        """Note what was reached by another way than the closures count on."""
        for m in members:
            for k in self._choice._others.get(m, ()):
                if self._choice._ahead.found.supplier[k] not in self._taken:
                    self._freed.add(k)

    def _still_needed(self, goal: int, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Leave out of a closure what only led to things reached by another way."""
        found, where = self._choice._ahead.found, self._choice._ahead.where
        now = self._choice._ahead.now
        within = {found.order[place] for place in places.tolist()}
        needed, waiting = set[int](), [self._choice.goals[goal]]
        while waiting:
            m = waiting.pop()
            if m in needed or m not in within:
                continue
            needed.add(m)
            waiting += [b for b in where.comes_after[m] if not now.done[b]]
            waiting += [found.supplier[k] for k in found.waits[m] if k not in self._freed]
        return np.array(sorted(found.place[m] for m in needed), np.int64)


def _products(weights: NDArray[np.float64], members: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return weights @ members without a floating copy of all members at once."""
    if members.size <= _AT_ONCE:
        return weights @ members
    step = max(1, _AT_ONCE // members.shape[0])
    parts = [weights @ members[:, k : k + step] for k in range(0, members.shape[1], step)]
    return np.concatenate(parts, axis=1)


_AT_ONCE = 1 << 22

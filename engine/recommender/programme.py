"""The best path there is under a budget, as a mixed-integer programme, and bounds on it.

The programme has one binary variable per module that can be reached and, per target that several
modules teach, one per combination of them; its objective is the one that the greedy choice climbs
(see :mod:`.choice`). A module needs, for everything that it waits for, a module that leads to it.
Two modules may not each be the other's only way: where a solution does that, an inequality that
forbids it is added and the programme solved again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .standing import MIN_GAIN

if TYPE_CHECKING:
    from .prospect import Prospect
    from .role_map import Numbers

__all__ = ["Solution", "relaxed_bound", "solve"]

_COMBINATIONS = 256  # per target
_OPTIMAL = 1e-7  # of the objective
_CUT_ROUNDS = 50
_NO_TIME = 1e-12  # minutes, for what takes none of its own
_SET, _STOPPED = 0.5, 1  # a binary variable's threshold; HiGHS' status at a limit


@dataclass(frozen=True, slots=True)
class Solution:
    """Modules chosen by the programme, and what no choice can be worth more than.

    Parameters
    ----------
    modules : frozenset of int
        Empty where the time was up before anything was found.
    bound : float
    """

    modules: frozenset[int]
    bound: float


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


def solve(ahead: Prospect, budget_minutes: float, *, seconds: float) -> Solution:
    """Solve the programme with HiGHS, in at most about so many seconds.

    A target that more than a few modules teach has too many combinations to list. Those beyond
    the first 256 are then credited with all that the target can be worth: the bound stays a
    bound, and the solution may fall short of it.
    """
    if not ahead.found.order:
        return Solution(frozenset(), 0.0)
    return _Programme(ahead, budget_minutes).solve(seconds)


class _Programme:
    """Variables, rows and the objective, gathered row by row."""

    def __init__(self, ahead: Prospect, budget_minutes: float) -> None:
        self._ahead = ahead
        order = ahead.found.order
        self._n_modules = len(order)
        self._worth = [0.0] * len(order)
        self._rows: list[tuple[dict[int, float], float]] = []
        minutes = {place: ahead.where.minutes[m] for place, m in enumerate(order)}
        self._row(minutes, budget_minutes)
        for m in order:
            self._prerequisites(m)
        for i, teaching in ahead.teaching.items():
            if teaching:
                self._target(i, teaching)

    def _row(self, coefficients: dict[int, float], at_most: float) -> None:
        self._rows.append((coefficients, at_most))

    def _prerequisites(self, m: int) -> None:
        """x_m ≤ x_b for what comes before; x_m ≤ Σ x over all that lead to what it waits for."""
        ahead, place = self._ahead, self._ahead.found.place
        for b in ahead.where.comes_after[m]:
            if not ahead.now.done[b]:
                self._row({place[m]: 1.0, place[b]: -1.0}, 0.0)
        for k in ahead.found.waits[m]:
            leading = [place[b] for b in ahead.where.led_to_by[k] if b in place and b != m]
            self._row({place[m]: 1.0, **dict.fromkeys(leading, -1.0)}, 0.0)

    def _target(self, i: int, teaching: Numbers) -> None:
        """Credit a target with the best combination of those chosen that teach it."""
        outlook, place = self._ahead.outlook, self._ahead.found.place
        if len(teaching) == 1:
            self._worth[place[teaching[0]]] += outlook.worth(i, teaching)
            return
        counted, is_all = _combinations(self._ahead, i, teaching)
        taken = dict[int, float]()
        with_module: dict[int, dict[int, float]] = {m: {} for m in teaching}
        for chain, worth in counted:
            variable = self._variable(worth)
            taken[variable] = 1.0
            for m in chain:
                with_module[m][variable] = 1.0
        for m, credited in with_module.items():  # one of its combinations counts, if it is chosen
            self._row({**credited, place[m]: -1.0}, 0.0)
        if not is_all:
            taken[self._variable(self._most(i, teaching))] = 1.0
        if taken:
            self._row(taken, 1.0)

    def _most(self, i: int, teaching: Numbers) -> float:
        return max(self._ahead.outlook.worth(i, teaching), 0.0)

    def _variable(self, worth: float) -> int:
        self._worth.append(worth)
        return len(self._worth) - 1

    def solve(self, seconds: float) -> Solution:
        bound = float("inf")
        for _ in range(_CUT_ROUNDS):
            found = self._run(seconds)
            seconds /= 2.0  # so that all rounds take no more than twice as long
            if found.mip_dual_bound is not None:  # the time may be up before there is one
                bound = min(bound, -float(found.mip_dual_bound))
            if found.x is None:
                return Solution(frozenset(), bound)
            order = self._ahead.found.order
            chosen = frozenset(order[k] for k in np.flatnonzero(found.x[: len(order)] > _SET))
            hanging, blocked = _hanging(self._ahead, chosen)
            if not hanging or found.status == _STOPPED:
                break
            self._forbid(hanging, blocked)
        return Solution(chosen - hanging, bound)

    def _forbid(self, circle: frozenset[int], blocked: set[int]) -> None:
        """Of modules that only lead to each other, none without one that leads in.

        The first of them in any order has what blocks it here from a module outside.
        """
        ahead, place = self._ahead, self._ahead.found.place
        leading = {b for k in blocked for b in ahead.where.led_to_by[k] if b in place} - circle
        for m in circle:
            self._row({place[m]: 1.0} | {place[b]: -1.0 for b in leading}, 0.0)

    def _run(self, seconds: float) -> Any:
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        counts = [len(row) for row, _ in self._rows]
        columns = np.array([k for row, _ in self._rows for k in row], np.int64)
        values = np.array([x for row, _ in self._rows for x in row.values()])
        ends = np.concatenate([[0], np.cumsum(counts)])
        shape = (len(self._rows), len(self._worth))
        rows = csr_array((values, columns, ends), shape=shape)
        at_most = np.array([limit for _, limit in self._rows])
        binary = np.zeros(len(self._worth))
        binary[: self._n_modules] = 1  # the combinations follow from the modules
        return milp(
            -np.array(self._worth),
            constraints=LinearConstraint(rows, -np.inf, at_most),
            integrality=binary,
            bounds=Bounds(0.0, 1.0),
            # without presolve, for taking a solution back through it can print to stdout whatever
            # `disp` says; these programmes are solved as fast without
            options={
                "disp": False,
                "presolve": False,
                "mip_rel_gap": _OPTIMAL,
                "time_limit": seconds,
            },
        )


def _combinations(
    ahead: Prospect, i: int, teaching: Numbers
) -> tuple[list[tuple[Numbers, float]], bool]:
    """Return the combinations worth more than any part of theirs, and whether these are all."""
    counted: list[tuple[Numbers, float]] = []
    tried = 0
    for size in range(1, len(teaching) + 1):
        for chain in combinations(teaching, size):
            if tried == _COMBINATIONS:
                return counted, False
            tried += 1
            worth, within = ahead.outlook.worth(i, chain), set(chain)
            part = max((less for one, less in counted if within.issuperset(one)), default=0.0)
            if worth > part + MIN_GAIN:
                counted.append((chain, worth))
    return counted, True


def _hanging(ahead: Prospect, chosen: frozenset[int]) -> tuple[frozenset[int], set[int]]:
    """Return those chosen that no order makes possible, and what they wait for in vain."""
    where, found, now = ahead.where, ahead.found, ahead.now
    left, reached, done = sorted(chosen, key=found.place.__getitem__), set[int](), set[int]()
    while True:
        ready = [
            m
            for m in left
            if reached.issuperset(found.waits[m])
            and all(now.done[b] or b in done for b in where.comes_after[m])
        ]
        if not ready:
            return frozenset(left), {k for m in left for k in found.waits[m]} - reached
        done.update(ready)
        reached.update(k for m in ready for k in where.leads_to[m])
        left = [m for m in left if m not in done]

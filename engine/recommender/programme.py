"""The best path there is under a budget, as a mixed-integer programme.

The programme has one binary variable per module that a best path may need (:mod:`.candidates`), one
per set of ways to the same thing and, per target that several modules teach, one per combination of
them; its objective is the one that the greedy choice climbs (see :mod:`.choice`). What all ways to
a thing need is needed by the thing itself: with that said, the programme in parts is nearly whole
already, and :mod:`.highs` has little left to search.

Modules may not be each other's only ways: where a solution has such a circle, an inequality that
forbids it is added and the programme solved again (loop formulas; Lin & Zhao 2004, "ASSAT").
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from .candidates import Candidates
from .circles import circles, hanging
from .highs import Arrays, in_parts, whole
from .standing import MIN_GAIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from .candidates import Ways
    from .highs import Relaxed
    from .prospect import Prospect
    from .role_map import Numbers

__all__ = ["Solution", "solve"]

_COMBINATIONS = 256  # per target
_CUT_ROUNDS = 50
_PARTS = (0.01, 0.5)  # of a module, from which it counts as chosen in part
_CHOSEN = 0.5  # a binary variable's threshold
_ROUNDING = 1e-6


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


def solve(
    ahead: Prospect, budget_minutes: float, *, seconds: float, at_least: float = 0.0
) -> Solution:
    """Solve the programme with HiGHS, in at most about so many seconds.

    A target that more than a few modules teach has too many combinations to list. Those beyond
    the first 256 are then credited with all that the target can be worth: the bound stays a
    bound, and the solution may fall short of it.

    Parameters
    ----------
    ahead : Prospect
    budget_minutes : float
    seconds : float
    at_least : float, default 0.0
        What some choice is known to be worth; one that is worth no more need not be found.
    """
    candidates = Candidates(ahead)
    if not candidates.modules:
        return Solution(frozenset(), 0.0)
    return _Programme(ahead, candidates, budget_minutes).solve(seconds, at_least)


class _Programme:
    """Variables, rows and the objective, gathered row by row."""

    def __init__(self, ahead: Prospect, candidates: Candidates, budget_minutes: float) -> None:
        self._ahead, self._candidates = ahead, candidates
        alone = dict.fromkeys(candidates.stands_for.values())
        column = {m: k for k, m in enumerate(alone)}
        self._column = {m: column[one] for m, one in candidates.stands_for.items()}
        self._n_modules = len(alone)
        self._worth = [0.0] * len(alone)
        self._rows: dict[tuple[tuple[int, float], ...], float] = {}
        self._budget(budget_minutes)
        self._ways = {
            ways: self._way(ways) for waits in candidates.waits.values() for ways in waits
        }
        self._prerequisites()
        for i, teaching in ahead.teaching.items():
            some = tuple(m for m in teaching if m in self._column)
            if some:
                self._target(i, some)

    def _row(self, coefficients: dict[int, float], at_most: float) -> None:
        self._rows[tuple(sorted(coefficients.items()))] = at_most

    def _no_more(self, some: dict[int, float], than: Iterable[int]) -> None:
        """Σ x over some variables is no more than Σ x over others."""
        row = dict(some)
        for column in than:
            row[column] = row.get(column, 0.0) - 1.0
        if any(row.values()):
            self._row(row, 0.0)

    def _budget(self, budget_minutes: float) -> None:
        """In parts of the longest, for HiGHS' tolerances are absolute."""
        minutes = dict.fromkeys(range(self._n_modules), 0.0)
        for m, column in self._column.items():
            minutes[column] += self._ahead.where.minutes[m]
        longest = max(minutes.values())
        row = {column: some / longest for column, some in minutes.items()}
        self._row(row, budget_minutes / longest)

    def _way(self, ways: Ways) -> int:
        """Return the variable that is 1 where one of several modules is chosen."""
        return self._column[min(ways)] if len(ways) == 1 else self._variable(0.0)

    def _prerequisites(self) -> None:
        """x_m ≤ x_w for all that it waits for; x_w ≤ Σ x over the ways, and ≤ what all need."""
        candidates, ways_of = self._candidates, self._ways
        for ways, variable in ways_of.items():
            if len(ways) > 1:
                self._no_more({variable: 1.0}, {self._column[m] for m in ways})
                for needed in self._needed_by_all(tuple(ways)):
                    self._no_more({variable: 1.0}, [needed])
        for m, waits in candidates.waits.items():
            for ways in waits:
                self._no_more({self._column[m]: 1.0}, [ways_of[ways]])

    def _needed_by_all(self, modules: Numbers) -> set[int]:
        needed = self._candidates.needed_by_all(modules)
        return {self._ways[one] if one in self._ways else self._way(one) for one in needed}

    def _target(self, i: int, teaching: Numbers) -> None:
        """Credit a target with the best combination of those chosen that teach it."""
        outlook, column = self._ahead.outlook, self._column
        if len(teaching) == 1:
            self._worth[column[teaching[0]]] += outlook.worth(i, teaching)
            return
        if len(teaching) == 2 and self._pair(i, teaching):
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
            self._no_more(credited, [column[m]])
        if not is_all:
            taken[self._variable(max(outlook.worth(i, teaching), 0.0))] = 1.0
        if taken:
            self._once(taken, [], teaching)

    def _pair(self, i: int, teaching: Numbers) -> bool:
        """Credit a target with both of two modules less what they share, if they share anything."""
        outlook, columns = self._ahead.outlook, [self._column[m] for m in teaching]
        alone = [outlook.worth(i, (m,)) for m in teaching]
        shared = sum(alone) - outlook.worth(i, teaching)
        if min(*alone, shared) < 0.0:
            return False
        for column, worth in zip(columns, alone, strict=True):
            self._worth[column] += worth
        self._once(dict.fromkeys(columns, 1.0), [self._variable(-shared)], teaching)
        return True

    def _once(self, taken: dict[int, float], beyond: list[int], teaching: Numbers) -> None:
        """Σ x over some variables, less those beyond, is at most 1, and at most what all need."""
        needed = self._needed_by_all(teaching)
        for one in needed:
            self._no_more(taken, [*beyond, one])
        if not needed:
            self._row({**taken, **dict.fromkeys(beyond, -1.0)}, 1.0)

    def _variable(self, worth: float) -> int:
        self._worth.append(worth)
        return len(self._worth) - 1

    def solve(self, seconds: float, at_least: float) -> Solution:
        bound, modules = float("inf"), frozenset[int]()
        for _ in range(_CUT_ROUNDS):
            relaxed = self._without_circles(seconds)
            if relaxed is None:
                break
            columns, found = whole(self._arrays(), relaxed, seconds, at_least)
            bound = min(bound, found)
            if columns is None:
                break
            modules = self._chosen(columns, _CHOSEN)
            left = hanging(self._candidates.waits, modules)
            modules -= left.keys()
            if not left:
                break
            self._forbid(left, columns)
            seconds /= 2.0  # so that all rounds take no more than twice as long
        return Solution(modules, bound)

    def _chosen(self, columns: NDArray[np.float64], least: float) -> frozenset[int]:
        return frozenset(m for m, column in self._column.items() if columns[column] > least)

    def _without_circles(self, seconds: float) -> Relaxed | None:
        """Solve the programme in parts of modules, again and again without circles that shows."""
        for _ in range(_CUT_ROUNDS):
            relaxed = in_parts(self._arrays(), seconds)
            if relaxed is None:
                break
            n_rows = len(self._rows)
            for least in _PARTS:
                chosen = self._chosen(relaxed.x, least)
                self._forbid(hanging(self._candidates.waits, chosen), relaxed.x)
            if len(self._rows) == n_rows:
                break
        return relaxed

    def _forbid(self, left: dict[int, list[Ways]], columns: NDArray[np.float64]) -> None:
        """Of modules that only lead to each other, choose none without one that leads in.

        The first of them in any order has what blocks it here from a module outside.
        """
        for circle in circles(left):
            leading = {one for m in circle for ways in left[m] for one in ways} - circle
            outside = {self._column[one] for one in leading}
            most = float(columns[list(outside)].sum())
            for m in circle:
                if columns[self._column[m]] > most + _ROUNDING:
                    self._no_more({self._column[m]: 1.0}, outside)

    def _arrays(self) -> Arrays:
        from scipy.sparse import csr_array

        counts = [len(row) for row in self._rows]
        columns = np.array([k for row in self._rows for k, _ in row], np.int64)
        values = np.array([x for row in self._rows for _, x in row])
        ends = np.concatenate([[0], np.cumsum(counts)])
        rows = csr_array((values, columns, ends), shape=(len(counts), len(self._worth)))
        binary = np.zeros(len(self._worth))
        binary[: self._n_modules] = 1.0  # the others follow from the modules
        return Arrays(np.array(self._worth), rows, np.array([*self._rows.values()]), binary)


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

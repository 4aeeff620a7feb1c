"""A whole path under a budget of minutes: what to choose, in which order, and why.

Both methods climb one objective, that of :mod:`.choice`. The greedy one takes the closure with the
most gain per minute, long ones somewhat favoured, again and again; that can miss a large closure
which would have filled the budget (Khuller, Moss & Naor 1999, "The budgeted maximum coverage
problem"), so where one is worth much it is also tried first. Chains of prerequisites leave even
that without a guarantee, so a path comes with a bound on all paths.

Where targets are due and the learner's time is known, being in time comes first: a path that would
be late where it need not be is chosen anew, see :mod:`.deadlines`, and its gain comes second.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from ..domain.recommendations import Arrival, LearningPath, PathStep
from .arrivals import Arrivals
from .choice import Choice, Chosen
from .closure import closures
from .deadlines import Agenda, Pace
from .explanation import enables, raises
from .obstacles import EMPTY_ALLOW_LIST, arrived, obstacles
from .programme import solve
from .projector import Projector
from .prospect import Prospect, prospect
from .relaxation import relaxed_bound
from .routes import Routes
from .standing import MIN_GAIN

if TYPE_CHECKING:
    from ..domain.knowledge import KnowledgeState
    from .role_map import Numbers, RoleMap

__all__ = ["METHODS", "Method", "plan_path"]

Method = Literal["greedy", "exact"]
METHODS = ("greedy", "exact")
_MUCH = 0.5
_POWER = 0.85  # of the minutes, in what greedy compares; found on generated curricula


def plan_path(
    where: RoleMap,
    state: KnowledgeState,
    projector: Projector,
    *,
    budget_minutes: float,
    prerequisite_threshold: float = 0.8,
    allowed: Collection[str] | None = None,
    method: Method = "greedy",
    seconds: float = 10.0,
    at: datetime | None = None,
    minutes_per_week: float | None = None,
) -> LearningPath:
    """Plan modules in an order that keeps the prerequisites and the budget.

    The modules are chosen for their truncated gain in readiness together. Along the path a
    prerequisite counts as met when it is attained to the threshold now, or when a module that
    leads to it stands earlier in the path.

    Parameters
    ----------
    where : RoleMap
    state : KnowledgeState
    projector : Projector
    budget_minutes : float
        Above 0.
    prerequisite_threshold : float, default 0.8
    allowed : collection of str, optional
        Ids of the modules on offer; all of them when None. They are taken to exist.
    method : {"greedy", "exact"}, default "greedy"
        Closures by gain per minute, or a mixed-integer programme over the same choices.
    seconds : float, default 10.0
        About how long the programme may take; what it has found by then is the path.
    at : datetime, optional
    minutes_per_week : float, optional
        The time that the learner has from `at` on; without either, dates are not looked at.

    Returns
    -------
    LearningPath
        Its note says why it ends where it does, its bound what no path could be worth more than.
    """
    ahead = prospect(
        where, state, projector, threshold=prerequisite_threshold, allowed=allowed, at=at
    )
    share = min(sum(w * p for w, p in zip(where.shares, ahead.now.p, strict=False)), 1.0)
    blank = LearningPath(state.learner_id, where.role.role_id, budget_minutes, share, method=method)
    if allowed is not None and not allowed:
        return replace(blank, note=EMPTY_ALLOW_LIST)
    if not ahead.unmet:
        return replace(blank, note=arrived(where, state, ahead.now.p))
    choice = Choice(ahead)
    chosen = _greedily(choice, budget_minutes)
    bound = relaxed_bound(ahead, budget_minutes)
    walk = _Walk(ahead).along(chosen)
    if method == "exact":
        solution = solve(ahead, budget_minutes, seconds=seconds, at_least=chosen.gain)
        chosen, walk = _better((chosen, walk), solution.modules, budget_minutes)
        bound = min(bound, solution.bound)
    arrivals: tuple[Arrival, ...] = ()
    if at is not None and minutes_per_week is not None:
        pace = Pace(at, minutes_per_week, budget_minutes)
        told = Arrivals(ahead, pace)
        chosen, walk = _in_time((chosen, walk), choice, told, pace, method)
        arrivals = tuple(told.told(walk.steps))
    steps = tuple(walk.steps)
    bound = max(bound, walk.gain)  # but for rounding
    note = _why_it_ends(walk, chosen, budget_minutes, exact=method == "exact")
    return replace(
        blank,
        steps=steps,
        note=note,
        gain=walk.gain,
        bound=bound,
        minutes_per_week=minutes_per_week if arrivals else None,
        arrivals=arrivals,
    )


def _greedily(choice: Choice, budget_minutes: float) -> Chosen:
    """Return a greedy choice; begun with the largest closure where that is much of its worth."""
    chosen, largest = choice.greedy(budget_minutes, power=_POWER), choice.largest(budget_minutes)
    if largest < 0 or choice.gain[largest] < _MUCH * chosen.gain:
        return chosen
    if chosen.holds(choice.goals[largest]):
        return chosen
    return max(chosen, choice.greedy(budget_minutes, power=_POWER, first=largest), key=_value)


def _value(chosen: Chosen) -> tuple[float, float]:
    return chosen.gain, -chosen.minutes


def _better(
    greedy: tuple[Chosen, _Walk], modules: frozenset[int], budget_minutes: float
) -> tuple[Chosen, _Walk]:
    """Return the programme's modules in a good order, or the greedy choice if it is no worse.

    They are compared as they are walked: what waits for a higher level of a skill cannot always
    come before it, and then brings less than its choice was credited with.
    """
    only = _only(greedy[1].ahead, modules)
    if not only.found.order:
        return greedy
    solved = Choice(only).greedy(budget_minutes)
    walk = _Walk(only).along(solved)
    return (solved, walk) if walk.gain > greedy[1].gain + MIN_GAIN else greedy


def _only(ahead: Prospect, modules: Collection[int]) -> Prospect:
    """Return the choices where nothing but some modules is on offer."""
    now = replace(ahead.now, open=[m in modules for m in range(len(ahead.now.open))])
    return Prospect(ahead.where, now, ahead.outlook, closures(ahead.where, now))


def _in_time(
    planned: tuple[Chosen, _Walk],
    choice: Choice,
    told: Arrivals,
    pace: Pace,
    method: Method,
) -> tuple[Chosen, _Walk]:
    """Return a path that is less late than the one planned, or that one where none is found.

    The exact method's choice is kept to as well, as far as what is due leaves time for it.
    """
    if not any(told.lateness(planned[1].steps)):
        return planned
    agenda = Agenda(choice, pace)
    found = [agenda.in_time(_POWER)]
    if method == "exact":
        modules = {m for pick in planned[0].picks for m in pick} | agenda.modules
        narrow = Agenda(Choice(_only(choice.ahead, modules)), pace)
        found.append(narrow.in_time(_POWER))
    ways = [planned]
    for one in found:
        ways.append((one, _Walk(choice.ahead).along(one)))
        if ways[-1][1].modules != [m for pick in one.picks for m in pick]:
            ways.append((one, _Walk(choice.ahead).along(one, as_picked=True)))
    return min(ways, key=lambda way: (*told.lateness(way[1].steps), -way[1].gain))


class _Walk:
    """A path step by step, and the attainments to be expected along it."""

    def __init__(self, ahead: Prospect) -> None:
        self.ahead, self.where = ahead, ahead.where
        self._chains: dict[int, Numbers] = {}
        self.steps: list[PathStep] = []
        self.modules: list[int] = []
        self.elapsed_minutes = 0.0
        self.gain = 0.0  # truncated
        self.p = list(ahead.now.p)
        self._n = len(self.where.role.targets)
        self._at_targets = tuple(self.p[: self._n])
        self._ceiling = self.where.role.mastery_threshold
        self._readiness = sum(w * p for w, p in zip(self.where.shares, self.p, strict=False))

    def along(self, chosen: Chosen, *, as_picked: bool = False) -> _Walk:
        """Take every step of a choice, lower levels first or as picked; return the walk."""
        pick_of = {m: pick for pick in chosen.picks for m in pick}
        order = list(pick_of) if as_picked else _lower_levels_first(self.ahead, chosen.picks)
        self._foresee(order)
        for m in order:
            self._step(m, pick_of[m])
        return self

    def _foresee(self, order: Sequence[int]) -> None:
        """Ask for all that completing modules in an order will do, at once."""
        ends: dict[int, Numbers] = {}
        chains: list[tuple[int, Numbers]] = []
        for m in order:
            for i in self.ahead.where.aims[m]:
                chain = ends[i] = (*ends.get(i, ()), m)
                chains.append((i, chain))
        self.ahead.outlook.foresee(chains)

    def _step(self, m: int, pick: Numbers) -> None:
        """Complete a module in expectation, and say what for.

        What it does to a target depends on nothing but the modules before it on the same skill.
        """
        ahead, where, p = self.ahead, self.where, self.p
        aims, minutes, gain, gains = where.aims[m], where.minutes[m], 0.0, dict[int, float]()
        for i in aims:
            chain = self._chains[i] = (*self._chains.get(i, ()), m)
            before, after, share = p[i], ahead.outlook.after(i, chain), where.shares[i]
            gains[i] = after - before
            gain += share * gains[i]
            if before < self._ceiling:
                self.gain += share * (min(after, self._ceiling) - before)
            p[i] = after
        if aims:
            self._at_targets = tuple(p[: self._n])
        self._readiness += gain
        self.elapsed_minutes += minutes
        self.modules.append(m)
        only_enables = gain <= MIN_GAIN and m != pick[-1]
        step = PathStep(
            where.modules[m].module_id,
            minutes,
            self.elapsed_minutes,
            min(self._readiness, 1.0),
            enables(ahead, m, pick) if only_enables else raises(ahead, m, gain, gains),
            self._at_targets,
        )
        self.steps.append(step)


def _lower_levels_first(ahead: Prospect, picks: Sequence[Numbers]) -> list[int]:
    """Return the picks in a row, but a lower level of a skill before a higher one picked earlier.

    What is reached so is at least as much. A module only moves up to where nothing it waits for
    is missing yet.
    """
    order: list[int] = []
    for m in (m for pick in picks for m in pick):
        higher = ahead.where.higher[m]
        if not higher or higher.isdisjoint(order):
            order.append(m)
        else:
            at = next(k for k, one in enumerate(order) if one in higher)
            order.insert(at if _could_come(ahead, m, order[:at]) else len(order), m)
    return order


def _could_come(ahead: Prospect, m: int, earlier: list[int]) -> bool:
    where, before = ahead.where, set(earlier)
    return all(ahead.now.done[b] or b in before for b in where.comes_after[m]) and all(
        not before.isdisjoint(where.led_to_by[k]) for k in ahead.found.waits[m]
    )


def _why_it_ends(walk: _Walk, chosen: Chosen, budget_minutes: float, *, exact: bool) -> str:
    where = walk.ahead.where
    threshold = where.role.mastery_threshold
    if all(p >= threshold for p in walk.p[: len(where.role.targets)]):
        return f"After this path every target of {where.role.label} is to be expected."
    shortest = chosen.shortest
    if exact or shortest is None:
        then = walk.ahead.after(walk.modules, walk.p)
        worth = Routes(then) if exact else None
        if not worth:
            return obstacles(then, ())
        shortest = min(worth.minutes)
    left = f"{max(budget_minutes - walk.elapsed_minutes, 0.0):.4g}"
    return (
        f"Of the budget {left} {'minute is' if left == '1' else 'minutes are'} left;"
        f" the shortest way to a further gain takes {shortest:.4g}."
    )

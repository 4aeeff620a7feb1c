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

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from ..domain.recommendations import Arrival, LearningPath
from .arrivals import Arrivals
from .choice import Choice, Chosen
from .closure import closures
from .deadlines import Agenda, Pace
from .obstacles import EMPTY_ALLOW_LIST, arrived, obstacles
from .programme import solve
from .projector import Projector
from .prospect import Prospect, prospect
from .relaxation import relaxed_bound
from .routes import Routes
from .standing import MIN_GAIN
from .walk import Walk

if TYPE_CHECKING:
    from ..domain.knowledge import KnowledgeState
    from .role_map import RoleMap

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
    pace = None
    if at is not None and minutes_per_week is not None:
        pace, seconds = Pace(at, minutes_per_week, budget_minutes), seconds / 2.0  # solved twice
    choice = Choice(ahead)
    chosen = _greedily(choice, budget_minutes)
    bound = relaxed_bound(ahead, budget_minutes)
    walk = Walk(ahead).along(chosen)
    if method == "exact":
        solution = solve(ahead, budget_minutes, seconds=seconds, at_least=chosen.gain)
        chosen, walk = _better((chosen, walk), solution.modules, budget_minutes)
        bound = min(bound, solution.bound)
    arrivals: tuple[Arrival, ...] = ()
    if pace is not None:
        told = Arrivals(ahead, pace)
        chosen, walk = _in_time(
            (chosen, walk), choice, told, pace, seconds=seconds if method == "exact" else None
        )
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
    greedy: tuple[Chosen, Walk], modules: frozenset[int], budget_minutes: float
) -> tuple[Chosen, Walk]:
    """Return the programme's modules in a good order, or the greedy choice if it is no worse.

    They are compared as they are walked: what waits for a higher level of a skill cannot always
    come before it, and then brings less than its choice was credited with.
    """
    only = _only(greedy[1].ahead, modules)
    if not only.found.order:
        return greedy
    solved = Choice(only).greedy(budget_minutes)
    walk = Walk(only).along(solved)
    return (solved, walk) if walk.gain > greedy[1].gain + MIN_GAIN else greedy


def _only(ahead: Prospect, modules: Collection[int]) -> Prospect:
    """Return the choices where nothing but some modules is on offer."""
    now = replace(ahead.now, open=[m in modules for m in range(len(ahead.now.open))])
    return Prospect(ahead.where, now, ahead.outlook, closures(ahead.where, now))


def _given(ahead: Prospect, modules: Sequence[int]) -> Prospect:
    """Return the choices of somebody who has some modules behind them, as along a path."""
    behind: dict[int, tuple[int, ...]] = {}
    for m in modules:
        for i in ahead.where.aims[m]:
            behind[i] = (*behind.get(i, ()), m)
    p = list(ahead.now.p)
    for i, chain in behind.items():
        p[i] = ahead.outlook.after(i, chain)
    now = ahead.now.after(ahead.where, modules, p)
    outlook = ahead.outlook.behind(behind, p)
    return Prospect(ahead.where, now, outlook, closures(ahead.where, now))


def _in_time(
    planned: tuple[Chosen, Walk],
    choice: Choice,
    told: Arrivals,
    pace: Pace,
    *,
    seconds: float | None,
) -> tuple[Chosen, Walk]:
    """Return a path that is less late than the one planned, or that one where none is found.

    The exact method, which has some seconds, keeps what this one takes for what is due, and
    chooses the rest anew.
    """
    if not any(told.lateness(planned[1].steps)):
        return planned

    def best(ways: Iterable[tuple[Chosen, Walk]]) -> tuple[Chosen, Walk]:
        return min(ways, key=lambda way: (*told.lateness(way[1].steps), -way[1].gain))

    agenda = Agenda(choice, pace)
    found = best((planned, *_walked(choice.ahead, agenda.in_time(_POWER))))
    if seconds is not None:
        due = [m for m in found[1].modules if m in agenda.modules]
        rest = _given(choice.ahead, due)
        spent = sum(choice.ahead.where.minutes[m] for m in due)
        modules = solve(rest, pace.budget_minutes - spent, seconds=seconds).modules
        narrow = Agenda(Choice(_only(choice.ahead, modules | set(due))), pace)
        found = best((found, *_walked(choice.ahead, narrow.in_time(_POWER))))
    return found


def _walked(ahead: Prospect, chosen: Chosen) -> Iterator[tuple[Chosen, Walk]]:
    """Give a choice as it is walked with lower levels first, and as it was picked."""
    walk = Walk(ahead).along(chosen)
    yield chosen, walk
    if walk.modules != [m for pick in chosen.picks for m in pick]:
        yield chosen, Walk(ahead).along(chosen, as_picked=True)


def _why_it_ends(walk: Walk, chosen: Chosen, budget_minutes: float, *, exact: bool) -> str:
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

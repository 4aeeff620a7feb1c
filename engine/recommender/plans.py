"""Ways to spend a budget: greedily or exactly, and in time where the learner's time is known."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from .choice import Choice, Chosen
from .course import Course
from .deadlines import Agenda
from .programme import solve
from .prospect import Prospect
from .standing import MIN_GAIN
from .walk import Walk

if TYPE_CHECKING:
    from .arrivals import Arrivals

__all__ = ["Plan", "Plans"]

_MUCH = 0.5
_POWER = 0.85  # of the minutes, in what greedy compares; found on generated curricula


class Plan(NamedTuple):
    """Modules chosen, as they are walked, and what was due of them."""

    chosen: Chosen
    walk: Walk
    agenda: Agenda


class Plans:
    """Ways to spend a budget.

    Parameters
    ----------
    ahead : Prospect
    budget_minutes : float
    told : Arrivals or None
        What is due when; None where the learner's time is not known.
    """

    def __init__(self, ahead: Prospect, budget_minutes: float, told: Arrivals | None) -> None:
        self._ahead, self._budget_minutes, self._told = ahead, budget_minutes, told

    def greedily(self) -> Plan:
        """Return the densest closures; the largest first where that is much of their worth."""
        return self._densest(self._ahead, _POWER)

    def _densest(self, ahead: Prospect, power: float) -> Plan:
        choice, due, proofs = Choice(ahead), dict[int, float](), None
        if self._told is not None:
            due, proofs = self._told.due, self._told.proofs
        agenda = Agenda(choice, due, self._budget_minutes, proofs)
        chosen, largest = Course(agenda, power).go(), choice.largest(self._budget_minutes)
        if (
            chosen.shortest is not None
            and choice.gain[largest] >= _MUCH * chosen.gain
            and not chosen.holds(choice.goals[largest])
        ):
            other = Course(agenda, power).go(largest)
            chosen = max(chosen, other, key=_value) if other.picks else chosen
        plan = Plan(chosen, self._walked(ahead, chosen), agenda)
        if agenda.kept and plan.walk.modules != [m for pick in chosen.picks for m in pick]:
            as_picked = self._walked(ahead, chosen, as_picked=True)
            return self._better(plan, plan._replace(walk=as_picked))
        return plan

    def _walked(self, ahead: Prospect, chosen: Chosen, *, as_picked: bool = False) -> Walk:
        told = self._told
        walk = Walk(ahead) if told is None else Walk(ahead, told.pace, told.proofs)
        return walk.along(chosen, as_picked=as_picked)

    def exactly(self, greedy: Plan, seconds: float) -> tuple[Plan, float]:
        """Return the plan with the most gain, and what no plan could be worth more than.

        Where that one is late, what the greedy one takes for what is due is kept, and the rest
        chosen anew.
        """
        ahead, told = self._ahead, self._told
        seconds = seconds if told is None else seconds / 2.0  # solved twice
        solution = solve(ahead, self._budget_minutes, seconds=seconds, at_least=greedy.chosen.gain)
        best = self._better(greedy, self._of(solution.modules, greedy))
        if told is not None and any(told.lateness(best.walk)):
            due = [m for m in greedy.walk.modules if m in greedy.agenda.modules]
            renewing = [greedy.chosen.picks[k][0] for k in greedy.chosen.renewed]
            left = self._budget_minutes - sum(ahead.where.minutes[m] for m in (*due, *renewing))
            rest = solve(_given(ahead, due), left, seconds=seconds)
            best = self._better(best, self._of(rest.modules | set(due), best))
        return best, solution.bound

    def _of(self, modules: Collection[int], otherwise: Plan) -> Plan:
        """Return a plan of some modules in a good order."""
        only = _only(self._ahead, modules)
        return self._densest(only, 1.0) if only.found.order else otherwise

    def _better(self, one: Plan, other: Plan) -> Plan:
        """Return the one that is less late, or gains more; the first where they are alike.

        They are compared as they are walked: what waits for a higher level of a skill cannot always
        come before it, and then brings less than its choice was credited with.
        """
        if self._told is not None:
            late, less = (self._told.lateness(plan.walk) for plan in (one, other))
            if late != less:
                return min((late, one), (less, other), key=lambda way: way[0])[1]
        return other if other.walk.gain > one.walk.gain + MIN_GAIN else one


def _value(chosen: Chosen) -> tuple[float, float]:
    return chosen.gain, -chosen.minutes


def _only(ahead: Prospect, modules: Collection[int]) -> Prospect:
    """Return the choices where nothing but some modules is on offer."""
    now = replace(ahead.now, open=[m in modules for m in range(len(ahead.now.open))])
    return Prospect(ahead.where, now, ahead.outlook)


def _given(ahead: Prospect, modules: Sequence[int]) -> Prospect:
    """Return the choices of somebody who has some modules behind them, as along a path."""
    p = list(ahead.now.p)
    for i, chain in ahead.outlook.chains(modules).items():
        p[i] = ahead.outlook.after(i, chain)
    return ahead.after(modules, p)

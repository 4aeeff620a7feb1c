"""When a path reaches the targets, and what of them is late by then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from math import ceil, floor, inf
from typing import TYPE_CHECKING

from ..domain.recommendations import Arrival
from .deadlines import reachable
from .explanation import day, reached
from .standing import MIN_GAIN

if TYPE_CHECKING:
    from ..domain.recommendations import PathStep
    from .deadlines import Pace
    from .prospect import Prospect

__all__ = ["Arrivals"]

_LONG = 36_525.0  # days
_ROUNDING = 1e-5  # minutes


class Arrivals:
    """When paths reach the targets that are not attained yet.

    Parameters
    ----------
    ahead : Prospect
    pace : Pace

    Attributes
    ----------
    due : dict of int to float
        Per target with a date, the minutes that there are until then.
    """

    def __init__(self, ahead: Prospect, pace: Pace) -> None:
        self._ahead, self._pace = ahead, pace
        self._most = {i: reachable(ahead, i) for i in ahead.unmet}
        due = ((i, ahead.where.role.targets[i].due_at) for i in ahead.unmet)
        self.due = {i: pace.minutes_until(due_at) for i, due_at in due if due_at is not None}

    def lateness(self, steps: Sequence[PathStep]) -> tuple[float, float, float]:
        """Return how late a path is, to be compared: what is late, missed, and its late days.

        The first two are shares of the role's weight, missed being what is late and not reached at
        all; the days are weighted by these.
        """
        late = missed = days = 0.0
        shares = self._ahead.where.shares
        for i, step in self._reached(steps, self.due):
            behind = self._late_days(i, step)
            late += shares[i] if behind > 0.0 else 0.0
            if behind < inf:
                days += shares[i] * behind
            else:
                missed += shares[i]
        return late, missed, days

    def told(self, steps: Sequence[PathStep]) -> Iterator[Arrival]:
        """Give when a path reaches each target, in the role's order."""
        for i, step in self._reached(steps, self._most):
            at = None if step is None else self._pace.when(step.elapsed_minutes)
            last = step or (steps[-1] if steps else None)
            p = self._ahead.now.p[i] if last is None else last.p_attained[i]
            late_days = self._late_days(i, step)
            sentence = _sentence(self._ahead, i, at, p, late_days)
            yield Arrival(self._ahead.where.role.targets[i], at, p, late_days, sentence)

    def _reached(
        self, steps: Sequence[PathStep], wanted: Iterable[int]
    ) -> Iterator[tuple[int, PathStep | None]]:
        """Give per target the step that brings it as far as it goes, if any does."""
        number, teaching = self._ahead.where.number, self._ahead.teaching
        taken = {number[step.module_id]: step for step in steps}
        for i in wanted:
            most, found = self._most[i], None
            if most is not None:
                ends = [taken[m] for m in teaching[i] if m in taken]
                if len(ends) > 1:
                    ends.sort(key=_elapsed)
                for found in ends:
                    if found.p_attained[i] >= most - MIN_GAIN:
                        break
                else:  # all there are, in another order
                    found = ends[-1] if len(ends) == len(teaching[i]) else None
            yield i, found

    def _late_days(self, i: int, step: PathStep | None) -> float:
        """Return by how many days a target is late; infinite where its date passes without it."""
        left = self.due.get(i)
        if left is None:
            return 0.0
        if step is None:
            return inf if left <= self._pace.budget_minutes else 0.0
        behind = step.elapsed_minutes - left
        return 7.0 * behind / self._pace.minutes_per_week if behind > _ROUNDING else 0.0


def _elapsed(step: PathStep) -> float:
    return step.elapsed_minutes


def _sentence(ahead: Prospect, i: int, at: datetime | None, p: float, late_days: float) -> str:
    where = ahead.where
    name, due_at = reached(where, where.wanted[i]), where.role.targets[i].due_at
    if at is None:
        due = "" if due_at is None else f", and due on {day(due_at)}"
        return f"{name} is not reached within this path{due}: {p:.0%} are expected after it."
    far = ""
    if p < where.role.mastery_threshold:
        far = f" at {p:.0%}, as far as what is on offer leads"
    beside = "" if due_at is None else _beside(at, due_at, late_days)
    return f"{name} is to be expected by {day(at)}{far}{beside}."


def _beside(at: datetime, due_at: datetime, late_days: float) -> str:
    """Say how a date of arrival stands to the date that it is due on."""
    if late_days > 0.0:
        return f", {_days(late_days)} after it is due"
    early = floor((due_at - at) / timedelta(days=1))
    return f", {_days(early)} before it is due" if early > 0 else ", just before it is due"


def _days(days: float) -> str:
    if days > _LONG:
        return "more than a hundred years"
    return f"{ceil(days)} day{'' if ceil(days) == 1 else 's'}"

"""When a path reaches the targets, and what of them is late by then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

__all__ = ["arrivals", "lateness"]

_ROUNDING = 1e-5  # minutes


def lateness(ahead: Prospect, steps: Sequence[PathStep], pace: Pace) -> tuple[float, float, float]:
    """Return how late a path is, to be compared: what is late, missed, and weighted late days.

    The first two are shares of the role's weight; missed is what is late and not reached at all.
    """
    late = missed = days = 0.0
    targets, shares = ahead.where.role.targets, ahead.where.shares
    for i, step in _reached(ahead, steps, [i for i in ahead.unmet if targets[i].due_at]):
        due_at = targets[i].due_at
        behind = _late_days(due_at, step, pace)
        if behind > 0.0:
            late += shares[i]
            if behind < inf:
                days += shares[i] * behind
            else:
                missed += shares[i]
    return late, missed, days


def arrivals(ahead: Prospect, steps: Sequence[PathStep], pace: Pace) -> Iterator[Arrival]:
    """Give when each target that is not attained yet is reached, in the role's order."""
    targets = ahead.where.role.targets
    for i, step in _reached(ahead, steps, ahead.unmet):
        target = targets[i]
        at = None if step is None else pace.when(step.elapsed_minutes)
        last = step or (steps[-1] if steps else None)
        p = ahead.now.p[i] if last is None else last.p_attained[i]
        late_days = _late_days(target.due_at, step, pace)
        sentence = _sentence(ahead, i, at, p, late_days)
        yield Arrival(target, at, p, late_days, sentence)


def _reached(
    ahead: Prospect, steps: Sequence[PathStep], wanted: Sequence[int]
) -> Iterator[tuple[int, PathStep | None]]:
    """Give per target the step that brings it as far as it goes, if any does."""
    number = ahead.where.number
    taken = {number[step.module_id]: k for k, step in enumerate(steps)}
    for i in wanted:
        most, found = reachable(ahead, i), None
        if most is not None:
            found = next((one for one in steps if one.p_attained[i] >= most - MIN_GAIN), None)
            if found is None and all(m in taken for m in ahead.teaching[i]):
                found = steps[max(taken[m] for m in ahead.teaching[i])]
        yield i, found


def _late_days(due_at: datetime | None, step: PathStep | None, pace: Pace) -> float:
    """Return by how many days a target is late; infinite where its date passes without it."""
    if due_at is None:
        return 0.0
    left = pace.minutes_until(due_at)
    if step is None:
        return inf if left <= pace.budget_minutes else 0.0
    behind = step.elapsed_minutes - left
    return 7.0 * behind / pace.minutes_per_week if behind > _ROUNDING else 0.0


def _sentence(ahead: Prospect, i: int, at: datetime | None, p: float, late_days: float) -> str:
    where = ahead.where
    target, name = where.role.targets[i], reached(where, where.wanted[i])
    due_at = target.due_at
    if at is None:
        due = "" if due_at is None else f", and due on {day(due_at)}"
        return f"{name} is not reached within this path{due}; {p:.0%} are to be expected."
    far = f" at {p:.0%}, as far as what is on offer leads"
    as_far = "" if p >= where.role.mastery_threshold else far
    return f"{name} is to be expected by {day(at)}{as_far}{_beside(at, due_at, late_days)}."


def _beside(at: datetime, due_at: datetime | None, late_days: float) -> str:
    """Say how a date of arrival stands to the date that it is due on."""
    if due_at is None:
        return ""
    if late_days > 0.0:
        return f", {_days(ceil(late_days))} after it is due"
    early = floor((due_at - at) / timedelta(days=1))
    return f", {_days(early)} before it is due" if early > 0 else ", just before it is due"


def _days(n: int) -> str:
    return f"{n} day{'' if n == 1 else 's'}"

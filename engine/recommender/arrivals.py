"""When a path reaches or renews the targets, and what of them is late by then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from math import ceil, floor, inf
from typing import TYPE_CHECKING

from ..domain.recommendations import Arrival
from .deadlines import reachable
from .explanation import day, reached
from .standing import MIN_GAIN

if TYPE_CHECKING:
    from .prospect import Prospect
    from .renewals import Proofs
    from .timetable import Pace
    from .walk import Walk

__all__ = ["Arrivals"]

_LONG = 36_525.0  # days
_ROUNDING = 1e-5  # minutes


class Arrivals:
    """When paths reach the targets that are not attained yet, and renew what would expire.

    Parameters
    ----------
    ahead : Prospect
    pace : Pace
    proofs : Proofs or None
        Until when what is attained is valid; None where that is not looked at.

    Attributes
    ----------
    due : dict of int to float
        Per target with a date, the minutes that there are until then.
    """

    def __init__(self, ahead: Prospect, pace: Pace, proofs: Proofs | None = None) -> None:
        self._ahead, self.pace, self.proofs = ahead, pace, proofs
        self._most = {i: reachable(ahead, i) for i in ahead.teaching}
        due = ((i, ahead.where.role.targets[i].due_at) for i in self._most)
        self.due = {i: pace.minutes_until(due_at) for i, due_at in due if due_at is not None}
        lapsing = () if proofs is None else proofs.lapsing
        self._expires = {  # what is not learned on the way, which proves it as well
            i: proofs.expires[i] for i in lapsing if proofs and self._most.get(i) is None
        }

    def __bool__(self) -> bool:
        """Whether there is anything to reach or to renew."""
        return bool(self._most or self._expires)

    def lateness(self, walk: Walk) -> tuple[float, float, float]:
        """Return how late a path is, to be compared: what is late, missed, and its late days.

        The first two are shares of the role's weight, missed being what is late and not reached at
        all; the days are weighted by these.
        """
        late = missed = days = 0.0
        shares = self._ahead.where.shares
        for i, at in self._reached(walk, {**self.due, **self._expires}):
            behind = self._late_days(i, walk, at)
            late += shares[i] if behind > 0.0 else 0.0
            if behind < inf:
                days += shares[i] * behind
            else:
                missed += shares[i]
        return late, missed, days

    def told(self, walk: Walk) -> Iterator[Arrival]:
        """Give when a path reaches or renews each target, in the role's order."""
        wanted = sorted({*self._most, *self._expires}) if self._expires else self._most
        for i, at in self._reached(walk, wanted):
            step = walk.steps[at] if at >= 0 else None
            last = step or (walk.steps[-1] if walk.steps else None)
            p = self._ahead.now.p[i] if last is None else last.p_attained[i]
            when, late_days = None if step is None else step.ends_at, self._late_days(i, walk, at)
            target, expires_at = self._ahead.where.role.targets[i], None
            if i in self._expires:
                expires_at = self.pace.when(self._expires[i])
                sentence = _renewed(self._ahead, i, when, expires_at, late_days)
            else:
                sentence = _sentence(self._ahead, i, when, p, late_days)
            yield Arrival(target, when, p, late_days, sentence, expires_at)

    def _reached(self, walk: Walk, wanted: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Give per target the step that brings it as far as it goes, or renews it; -1 if none."""
        teaching, led_to_by, taken = self._ahead.teaching, self._ahead.where.led_to_by, {}
        for at in range(len(walk.modules) - 1, -1, -1):
            taken[walk.modules[at]] = at  # the first time
        for i in wanted:
            if i in self._expires:
                yield i, min([taken[m] for m in led_to_by[i] if m in taken], default=-1)
                continue
            most, found = self._most[i], -1
            if most is not None:
                ends = sorted([taken[m] for m in teaching[i] if m in taken])
                for at in ends:
                    if walk.steps[at].p_attained[i] >= most - MIN_GAIN:
                        found = at
                        break
                else:  # all there are, in another order
                    found = ends[-1] if len(ends) == len(teaching[i]) else -1
            yield i, found

    def _late_days(self, i: int, walk: Walk, at: int) -> float:
        """Return by how many days a target is late; infinite where its date passes without it."""
        left = self._expires.get(i) if i in self._expires else self.due.get(i)
        if left is None:
            return 0.0
        if at < 0:
            return inf if left <= self.pace.budget_minutes else 0.0
        behind = walk.ends[at] - left
        return 7.0 * behind / self.pace.minutes_per_week if behind > _ROUNDING else 0.0


def _renewed(
    ahead: Prospect, i: int, at: datetime | None, expires_at: datetime, late_days: float
) -> str:
    """Say when a target is renewed, and how that stands to when its proof expires."""
    name = reached(ahead.where, ahead.where.wanted[i])
    if at is None:
        return (
            f"{name} is not renewed within this path: the proof of it expires on {day(expires_at)}."
        )
    early = floor((expires_at - at) / timedelta(days=1))
    beside = f"{_days(early)} before" if early > 0 else "just before"
    if late_days > 0.0:
        beside = f"{_days(late_days)} after"
    return f"{name} is renewed by {day(at)}, {beside} the proof of it expires."


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

"""What is due, and in which order it has to be done to be reached in time.

Before a target lie the modules that bring it as far as it can be brought, with all that they wait
for. Of these jobs as many as can be in time are kept: taken by their due dates (Jackson 1955), and
whenever one would be late, the longest for its weight is given up (Moore 1968, "An n job, one
machine sequencing algorithm for minimizing the number of late jobs"; fewest where jobs share no
modules and weigh the same). A path then takes the densest closures as ever while that leaves time
for all that is kept, and what is due first where it does not, see :mod:`.timetable`. What is late
anyway comes where it makes nothing else late: at first, and whenever something kept is done.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from .choice import Choice, Chosen, Run
from .closure import places_of
from .standing import MIN_GAIN
from .timetable import Job, Timetable, length

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .prospect import Prospect

__all__ = ["Agenda", "Pace", "reachable"]

_NEVER = datetime.max.replace(tzinfo=UTC)
_ROUNDING = 1e-6  # minutes


class Pace(NamedTuple):
    """From when on a learner has how much time, a week and in all."""

    at: datetime
    minutes_per_week: float
    budget_minutes: float

    def when(self, minutes: float) -> datetime:
        """Return the instant at which so many minutes of a path are done."""
        try:
            return self.at + timedelta(weeks=minutes / self.minutes_per_week)
        except OverflowError:  # after the year 9999
            return _NEVER

    def minutes_until(self, then: datetime) -> float:
        """Return the minutes that there are until an instant."""
        return (then - self.at) / timedelta(weeks=1) * self.minutes_per_week


def reachable(ahead: Prospect, i: int) -> float | None:
    """Return how far a target is to be brought: to mastery, or as far as the modules on offer do.

    None where they bring nothing.
    """
    teaching = ahead.teaching[i]
    if not teaching:
        return None
    most = min(ahead.outlook.after(i, teaching), ahead.where.role.mastery_threshold)
    return most if most > ahead.now.p[i] + MIN_GAIN else None


class Agenda:
    """What is due of a choice, in the order in which it has to be done.

    Parameters
    ----------
    choice : Choice
    due : mapping of int to float
        Per target with a date, the minutes that there are until then.
    budget_minutes : float

    Attributes
    ----------
    kept, late : list of Job
        What can be in time and what cannot, both by due date.
    """

    def __init__(self, choice: Choice, due: Mapping[int, float], budget_minutes: float) -> None:
        self._choice, self._budget_minutes = choice, budget_minutes
        self._goal_of = {m: goal for goal, m in enumerate(choice.goals)}
        jobs = [
            self._job(i, minutes, most)
            for i, minutes in due.items()
            if (most := reachable(choice.ahead, i)) is not None
        ]
        self.kept, self.late = list[Job](), list[Job]()
        self._keep(sorted(jobs, key=lambda job: job.minutes))

    @property
    def modules(self) -> frozenset[int]:
        """All modules that what is due takes."""
        order, bits = self._choice.ahead.found.order, 0
        for job in (*self.kept, *self.late):
            bits |= job.bits
        return frozenset(order[place] for place in places_of(bits))

    def _job(self, i: int, minutes: float, most: float) -> Job:
        """Gather the modules that bring a target as far as it goes, the quickest for it."""
        ahead, bits, goals = self._choice.ahead, 0, []
        place, closure = ahead.found.place, ahead.found.bits
        for m in self._quickest(i, most):
            bits |= closure[place[m]]
            goals.append((self._goal_of[m], 1 << place[m]))
        return Job(minutes, ahead.where.shares[i], bits, tuple(goals))

    def _quickest(self, i: int, most: float) -> tuple[int, ...]:
        ahead, after = self._choice.ahead, self._choice.ahead.outlook.after
        teaching = ahead.teaching[i]
        if len(teaching) == 1 or after(i, teaching) <= most + MIN_GAIN:
            return teaching
        taken, p = tuple[int, ...](), ahead.now.p[i]
        while p < most - MIN_GAIN:
            chains = [
                (m, tuple([one for one in teaching if one == m or one in taken]))
                for m in teaching
                if m not in taken
            ]
            best = max(chains, key=lambda one: (after(i, one[1]) - p) / self._more(one[0], taken))
            taken, p = best[1], after(i, best[1])
        return taken

    def _more(self, m: int, taken: Iterable[int]) -> float:
        """Return what a module takes beyond those taken already, in minutes."""
        found = self._choice.ahead.found
        left = found.bits[found.place[m]]
        for one in taken:
            left &= ~found.bits[found.place[one]]
        return max(length(left, self._choice.minutes_of), _ROUNDING)

    def _keep(self, jobs: list[Job]) -> None:
        """Give up jobs by Moore's rule; nothing due within the budget for what is due later."""
        minutes_of, kept, minutes, bits = self._choice.minutes_of, self.kept, 0.0, 0
        for job in jobs:
            minutes += length(job.bits & ~bits, minutes_of)
            bits |= job.bits
            kept.append(job)
            while kept and minutes > job.minutes + _ROUNDING:
                within = job.minutes <= self._budget_minutes
                some = [j for j in kept if within or j.minutes > self._budget_minutes]
                longest, own = _longest(kept, some, minutes_of)
                kept.remove(longest)
                self.late.append(longest)
                minutes -= length(own, minutes_of)
                bits &= ~own
        self.late.sort(key=lambda job: job.minutes)

    def greedy(self, power: float = 1.0, *, first: int = -1) -> Chosen:
        """Pick the closure with the most gain per minute that leaves time for all jobs, and so on.

        Parameters
        ----------
        power : float, default 1.0
            Of the minutes: below 1 the large closures count for more.
        first : int, optional
            The goal to begin with; nothing is chosen where that makes something late.
        """
        run = Run(self._choice, self._budget_minutes, power)
        table = Timetable(self.kept, self._choice.minutes_of)
        if first >= 0:
            if not table.leaves_time_for(self._choice.bits[first]):
                return run.chosen
            table.take(run.pick(first), run.open)
        late, is_time = self.late, True
        while True:
            if late and is_time:
                late = self._catch_up(late, run, table)
            goal = run.best()
            if goal < 0:
                return run.chosen
            is_quick = run.minutes[goal] <= table.spare
            if not is_quick and not table.leaves_time_for(self._choice.bits[goal] & run.open):
                goal = table.next_goal(run, otherwise=goal)
            is_time = table.take(run.pick(goal), run.open)

    def _catch_up(self, late: list[Job], run: Run, table: Timetable) -> list[Job]:
        """Do what is late where that makes nothing else late; return what is left of it."""
        for job in late:
            left = job.bits & run.open
            fits = length(left, self._choice.minutes_of) <= run.left_minutes
            if fits and table.leaves_time_for(left):
                for goal, own in job.goals:
                    if own & run.open:
                        table.take(run.pick(goal), run.open)
        return [job for job in late if any(own & run.open for _, own in job.goals)]


def _longest(kept: list[Job], some: list[Job], minutes_of: list[float]) -> tuple[Job, int]:
    """Return the longest of some jobs for its weight, counting what no other takes; and that."""
    once = twice = 0
    for job in kept:
        twice |= once & job.bits
        once |= job.bits
    own = [(job, job.bits & ~twice) for job in some]
    return max(own, key=lambda one: length(one[1], minutes_of) / one[0].weight)

"""What is due, and in which order it has to be done to be reached in time.

Before a target lie the modules that bring it as far as it can be brought, with all that they wait
for. Of these jobs as many as can be in time are kept: taken by their due dates (Jackson 1955), and
whenever one would be late, the longest for its weight is given up (Moore 1968, "An n job, one
machine sequencing algorithm for minimizing the number of late jobs"; fewest where jobs share no
modules and weigh the same). A path then takes the densest closures as ever, as long as all that is
kept stays in time, and what is due first where not. What is late anyway comes as soon as it makes
nothing else late.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from .choice import Choice, Chosen, Run
from .closure import places_of
from .standing import MIN_GAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

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


class _Job(NamedTuple):
    """What a target takes; places and goals are those of a choice.

    Parameters
    ----------
    target : int
    minutes : float
        From now until it is due.
    closures : tuple of (int, int, int)
        Per module that brings it there: its goal, its own place as a bit, and its closure.
    """

    target: int
    minutes: float
    closures: tuple[tuple[int, int, int], ...]

    def left(self, open_places: int) -> int:
        """Return the places that are still to be done."""
        left = 0
        for _, own, closure in self.closures:
            if own & open_places:
                left |= closure
        return left & open_places

    def next_goal(self, open_places: int) -> int:
        """Return the first goal that is not reached yet."""
        return next(goal for goal, own, _ in self.closures if own & open_places)


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
    """What is due of a choice: what can be reached in time, and what will be late.

    Parameters
    ----------
    choice : Choice
    pace : Pace

    Attributes
    ----------
    kept, late : list of _Job
        Both by due date.
    """

    def __init__(self, choice: Choice, pace: Pace) -> None:
        self._choice, self._budget_minutes = choice, pace.budget_minutes
        self._lengths: dict[int, float] = {0: 0.0}
        ahead = choice.ahead
        self._goal_of = {m: goal for goal, m in enumerate(choice.goals)}
        due = {i: ahead.where.role.targets[i].due_at for i in ahead.unmet}
        jobs = [
            self._job(i, pace.minutes_until(due_at), most)
            for i, due_at in due.items()
            if due_at is not None and (most := reachable(ahead, i)) is not None
        ]
        jobs.sort(key=lambda job: (job.minutes, job.target))
        self.kept, self.late = list[_Job](), list[_Job]()
        self._keep_what_can_be_in_time(jobs)

    @property
    def modules(self) -> frozenset[int]:
        """All modules that what is due takes."""
        order, bits = self._choice.ahead.found.order, 0
        for job in (*self.kept, *self.late):
            bits |= job.left(-1)
        return frozenset(order[place] for place in places_of(bits))

    def _job(self, i: int, minutes: float, most: float) -> _Job:
        """Gather the modules that bring a target as far as it goes, the quickest for it."""
        ahead = self._choice.ahead
        teaching, after = ahead.teaching[i], ahead.outlook.after
        taken: tuple[int, ...] = teaching
        if after(i, teaching) > most + MIN_GAIN:
            taken, p = (), ahead.now.p[i]
            while p < most - MIN_GAIN:
                chains = [
                    (m, tuple(one for one in teaching if one == m or one in taken))
                    for m in teaching
                    if m not in taken
                ]
                best = max(chains, key=lambda one: (after(i, one[1]) - p) / self._more(one, taken))
                taken, p = best[1], after(i, best[1])
        place, bits = ahead.found.place, ahead.found.bits
        closures = [(self._goal_of[m], 1 << place[m], bits[place[m]]) for m in taken]
        return _Job(i, minutes, tuple(closures))

    def _more(self, chain: tuple[int, tuple[int, ...]], taken: tuple[int, ...]) -> float:
        """Return what a module takes beyond those taken already, in minutes."""
        found, done = self._choice.ahead.found, 0
        for m in taken:
            done |= found.bits[found.place[m]]
        return max(self.length(found.bits[found.place[chain[0]]] & ~done), _ROUNDING)

    def length(self, bits: int) -> float:
        """Return the minutes of places."""
        found = self._lengths.get(bits)
        if found is None:
            minutes_of = self._choice.minutes_of
            found = self._lengths[bits] = sum([minutes_of[place] for place in places_of(bits)])
        return found

    def _keep_what_can_be_in_time(self, jobs: Sequence[_Job]) -> None:
        """Give up jobs by Moore's rule; nothing due within the budget for what is due later."""
        shares, budget = self._choice.ahead.where.shares, self._budget_minutes
        for job in jobs:
            self.kept.append(job)
            while self.kept and self._length_of(self.kept) > job.minutes + _ROUNDING:
                some = [one for one in self.kept if one.minutes > budget or job.minutes <= budget]
                longest = max(some, key=lambda one: self._own(one) / shares[one.target])
                self.kept.remove(longest)
                self.late.append(longest)
        self.late.sort(key=lambda job: (job.minutes, job.target))

    def _length_of(self, jobs: Sequence[_Job]) -> float:
        bits = 0
        for job in jobs:
            bits |= job.left(-1)
        return self.length(bits)

    def _own(self, job: _Job) -> float:
        """Return the minutes that only one of those kept takes."""
        bits = job.left(-1)
        for other in self.kept:
            if other is not job:
                bits &= ~other.left(-1)
        return self.length(bits)

    def in_time(self, power: float) -> Chosen:
        """Choose as the greedy choice does, but so that what is kept is reached in time.

        Parameters
        ----------
        power : float
            Of the minutes; see :meth:`.Choice.greedy`.
        """
        run = Run(self._choice, self._budget_minutes, power)
        waiting = _Waiting(self, run)
        goal = self._next(run, waiting)
        while goal >= 0:
            before = run.open
            run.pick(goal)
            waiting.take(before & ~run.open)
            goal = self._next(run, waiting)
        return run.chosen

    def _next(self, run: Run, waiting: _Waiting) -> int:
        """Return the goal to pick next, or -1."""
        for job in self.late:
            left = job.left(run.open)
            if left and waiting.leaves_time_for(left, budget=True):
                return job.next_goal(run.open)
        goal = run.best()
        if goal >= 0 and waiting.leaves_time_for(self._choice.bits[goal] & run.open):
            return goal
        return waiting.first_goal(goal)


class _Waiting:
    """What is kept and not done yet, as a run goes on.

    Parameters
    ----------
    agenda : Agenda
    run : Run
    """

    def __init__(self, agenda: Agenda, run: Run) -> None:
        self._length, self._run = agenda.length, run
        self._jobs = list[tuple[_Job, float, int]]()  # with the time to spare, and all until it
        together, minutes = 0, 0.0
        for job in agenda.kept:
            left = job.left(run.open)
            minutes += agenda.length(left & ~together)
            together |= left
            self._jobs.append((job, job.minutes - minutes + _ROUNDING, together))
        self._note_least()

    def _note_least(self) -> None:
        self._least = min([spare for _, spare, _ in self._jobs], default=inf)

    def take(self, places: int) -> None:
        """Note that some places are done."""
        length, is_open, minutes = self._length, self._run.open, self._length(places)
        self._jobs = [
            (
                job,
                spare - (length(places & ~together) if places & together else minutes),
                together & ~places,
            )
            for job, spare, together in self._jobs
            if not places & together or job.left(is_open)
        ]
        self._note_least()

    def leaves_time_for(self, places: int, *, budget: bool = False) -> bool:
        """Whether all is still in time once some places are done first; and within the budget."""
        minutes = self._length(places)
        if budget and minutes > self._run.left_minutes:
            return False
        return minutes <= self._least or all(
            spare >= minutes or self._length(places & ~together) <= spare
            for _, spare, together in self._jobs
        )

    def first_goal(self, otherwise: int) -> int:
        """Return the next goal of what is due first and fits the budget."""
        run = self._run
        for job, _, _ in self._jobs:
            if self._length(job.left(run.open)) <= run.left_minutes:
                return job.next_goal(run.open)
        return otherwise

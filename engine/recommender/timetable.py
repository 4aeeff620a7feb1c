"""The time that there is, jobs in the order in which they are to be done, and what is to spare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from .closure import places_of

if TYPE_CHECKING:
    from .choice import Run

__all__ = ["Job", "Pace", "Timetable", "length"]

_WEEK = 604_800.0  # seconds
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
            return self.at + timedelta(0, _WEEK * minutes / self.minutes_per_week)
        except OverflowError:  # after the year 9999
            return _NEVER

    def minutes_until(self, then: datetime) -> float:
        """Return the minutes that there are until an instant."""
        return self.minutes_within(then - self.at)

    def minutes_within(self, time: timedelta) -> float:
        """Return the minutes that there are within a time."""
        return time / timedelta(weeks=1) * self.minutes_per_week


class Job(NamedTuple):
    """What has to be done by an instant; places and goals are those of a choice.

    Parameters
    ----------
    minutes : float
        From now until it is due.
    weight : float
        The share of readiness that is at stake.
    bits : int
        The places that it takes.
    goals : tuple of (int, int)
        The goals to pick, each with its own place as a bit.
    """

    minutes: float
    weight: float
    bits: int
    goals: tuple[tuple[int, int], ...]


def length(bits: int, minutes_of: Sequence[float]) -> float:
    """Return the minutes of places."""
    return sum([minutes_of[place] for place in places_of(bits)])


class Timetable:
    """What is still to be done of some jobs as time goes by, and how much time is to spare.

    A place counts to the first of the jobs that take it, so a job is done when all that counts to
    it and to those before it is.

    Parameters
    ----------
    jobs : list of Job
        In the order in which they are to be done.
    minutes_of : sequence of float
        Of each place.

    Attributes
    ----------
    now : float
        The minutes that have gone by.
    spare : float
        The minutes that anything may take before the next job without making one late.
    """

    def __init__(self, jobs: Sequence[Job], minutes_of: Sequence[float]) -> None:
        self._minutes_of, self.now, self.spare = minutes_of, 0.0, inf
        self._left, self._n_jobs, self._open = dict(enumerate(jobs)), len(jobs), -1
        self._goals: dict[int, int] = {}
        self._jobs_at: dict[int, list[int]] = {}
        for k, job in self._left.items():
            self._note_goals(k, job)
        self._count(-1)
        self._weigh()

    def _note_goals(self, k: int, job: Job) -> None:
        """Note where the goals of a job are."""
        self._goals[k] = sum([own for _, own in job.goals])
        for _, own in job.goals:
            self._jobs_at.setdefault(own.bit_length() - 1, []).append(k)

    def _count(self, open_places: int) -> None:
        """Let every open place count to the first job that takes it."""
        self._first: dict[int, int] = {}
        self._own: dict[int, float] = {}
        for k, job in self._left.items():
            places = places_of(job.bits & open_places)
            open_places &= ~job.bits
            self._first.update(dict.fromkeys(places, k))
            self._own[k] = sum([self._minutes_of[place] for place in places])

    def _weigh(self) -> None:
        end, spare, own = self.now, inf, self._own
        for k, job in self._left.items():
            end += own[k]
            left = job.minutes - end
            if left < spare:
                spare = left
        self.spare = spare + _ROUNDING

    def leaves_time_for(self, bits: int) -> bool:
        """Whether all jobs are still in time once some places are done first."""
        end, first, minutes_of = self.now, self._first, self._minutes_of
        counted: dict[int, float] = {}
        places = places_of(bits)
        for place in places:
            k, minutes = first.get(place, -1), minutes_of[place]
            end += minutes
            counted[k] = counted.get(k, 0.0) + minutes
        for k, job in self._left.items():
            end += self._own[k] - counted.get(k, 0.0)
            if end > job.minutes + _ROUNDING:
                goals = self._goals[k] & self._open
                if goals & ~bits or self._done(places, goals) > job.minutes + _ROUNDING:
                    return False
        return True

    def _done(self, places: Sequence[int], goals: int) -> float:
        """Return when goals among some places are done, if these are done next and in order."""
        last = goals.bit_length() - 1
        return self.now + sum([self._minutes_of[place] for place in places if place <= last])

    def next_goal(self, run: Run, opens: Callable[[int], float], *, otherwise: int) -> int:
        """Return what to pick for the first job that fits the budget.

        What makes no sense yet waits for what comes after it, as far as that leaves time.
        """
        found: list[int] = []
        end = self.now + run.left_minutes
        for job in self._left.values():
            # what can be in time before the budget ends fits
            if (
                job.minutes <= end
                or length(job.bits & run.open, self._minutes_of) <= end - self.now
            ):
                goal, own = next(one for one in job.goals if one[1] & run.open)
                bits = run.closure(goal) if goal >= 0 else own
                is_first = not found
                if opens(goal) <= self.now and (is_first or self.leaves_time_for(bits)):
                    return goal
                found.append(goal)
        return found[0] if found else otherwise

    def wait(self, minutes: float) -> None:
        """Let time go by."""
        self.now += minutes
        self._weigh()

    def add(self, job: Job, open_places: int) -> None:
        """Put in one more job, unless that makes one late."""
        before, k, self._open = dict(self._left), self._n_jobs, open_places
        self._left[k] = job
        self._note_goals(k, job)
        self._n_jobs += 1
        self._left = dict(sorted(self._left.items(), key=lambda one: one[1].minutes))
        self._count(open_places)
        self._weigh()
        if self.spare < 0.0:
            self._left = before
            self._count(open_places)
            self._weigh()

    def take(self, places: Sequence[int], open_places: int) -> bool:
        """Note which places are done and which still open; return whether that freed time."""
        if not self._left:
            return False
        own, first, minutes_of, now = self._own, self._first, self._minutes_of, self.now
        self._open, maybe = open_places, []
        for place in places:
            minutes, k = minutes_of[place], first.get(place)
            now += minutes
            if k in own:
                own[k] -= minutes
            if place in self._jobs_at:
                maybe += self._jobs_at[place]
        self.now, spare = now, self.spare
        if maybe:
            self._drop(maybe)
        self._weigh()
        return self.spare > spare

    def forget(self, place: int, open_places: int) -> None:
        """Note that a place need not be done, and which are still open."""
        self._open = open_places
        self._drop(self._jobs_at.get(place, ()))
        self._weigh()

    def _drop(self, jobs: Iterable[int]) -> None:
        """Take out those of some jobs that are done."""
        left_over = 0.0
        for k in jobs:
            if k in self._left and not self._goals[k] & self._open:
                del self._left[k]
                left_over += self._own.pop(k)
        if left_over > _ROUNDING:  # it turned out to need less
            self._count(self._open)

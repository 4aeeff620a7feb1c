"""What is due, and in which order it has to be done to be reached in time.

Before a target lie the modules that bring it as far as it can be brought, with all that they wait
for. Of these jobs as many as can be in time are kept: taken by their due dates (Jackson 1955), and
whenever one would be late, the longest for its weight is given up (Moore 1968, "An n job, one
machine sequencing algorithm for minimizing the number of late jobs"; fewest where jobs share no
modules and weigh the same). A path then takes the densest closures as ever, as long as all that is
kept stays in time, and what is due first where not. What is late anyway comes as soon as it makes
nothing else late, the earliest dates first, of which a few are looked at at a time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
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
_LATE_ONES = 8  # that are looked at at a time
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

    @property
    def minutes_of(self) -> Sequence[float]:
        """The minutes of each place."""
        return self._choice.minutes_of

    def length(self, bits: int) -> float:
        """Return the minutes of places."""
        minutes_of = self._choice.minutes_of
        return sum([minutes_of[place] for place in places_of(bits)])

    def _keep_what_can_be_in_time(self, jobs: Sequence[_Job]) -> None:
        """Give up jobs by Moore's rule; nothing due within the budget for what is due later."""
        shares, budget = self._choice.ahead.where.shares, self._budget_minutes
        load, kept = _Load(self._choice.minutes_of), dict[int, _Job]()
        for k, job in enumerate(jobs):
            load.add(k, job.left(-1))
            kept[k] = job
            while kept and load.minutes > job.minutes + _ROUNDING:
                some = [j for j in kept if job.minutes <= budget or jobs[j].minutes > budget]
                longest = max(some, key=lambda j: load.own[j] / shares[jobs[j].target])
                load.drop(longest, jobs[longest].left(-1))
                self.late.append(kept.pop(longest))
        self.kept = list(kept.values())
        self.late.sort(key=lambda job: (job.minutes, job.target))

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
        late = islice((job for job in self.late if job.left(run.open)), _LATE_ONES)
        for job in late:
            if waiting.leaves_time_for(job.left(run.open), budget=True):
                return job.next_goal(run.open)
        goal = run.best()
        if goal >= 0 and waiting.leaves_time_for(self._choice.bits[goal] & run.open):
            return goal
        return waiting.first_goal(goal)


class _Load:
    """What several jobs take together, and what each takes alone."""

    def __init__(self, minutes_of: Sequence[float]) -> None:
        self.minutes, self.own = 0.0, dict[int, float]()
        self._minutes_of = minutes_of
        self._holders: dict[int, set[int]] = {}

    def add(self, k: int, bits: int) -> None:
        """Add a job with its places."""
        self.own[k] = 0.0
        for place in places_of(bits):
            holders, minutes = self._holders.setdefault(place, set()), self._minutes_of[place]
            if not holders:
                self.minutes += minutes
                self.own[k] += minutes
            elif len(holders) == 1:
                self.own[next(iter(holders))] -= minutes
            holders.add(k)

    def drop(self, k: int, bits: int) -> None:
        """Take a job out."""
        for place in places_of(bits):
            holders, minutes = self._holders[place], self._minutes_of[place]
            holders.remove(k)
            if not holders:
                self.minutes -= minutes
            elif len(holders) == 1:
                self.own[next(iter(holders))] += minutes
        del self.own[k]


class _Waiting:
    """What is kept and not done yet, as a run goes on.

    A place counts to the first of the jobs that take it, so each job has the time to spare that
    what counts to it and to all before leaves until it is due.

    Parameters
    ----------
    agenda : Agenda
    run : Run
    """

    def __init__(self, agenda: Agenda, run: Run) -> None:
        self._agenda, self._run, self._minutes_of = agenda, run, agenda.minutes_of
        self._jobs = dict(enumerate(agenda.kept))
        self._first: dict[int, int] = {}
        self._ending: dict[int, list[int]] = {}
        self._spare, minutes = list[float](), 0.0
        for k, job in self._jobs.items():
            for place in places_of(job.left(run.open)):
                if self._first.setdefault(place, k) == k:
                    minutes += self._minutes_of[place]
            for _, own, _ in job.closures:
                self._ending.setdefault(own.bit_length() - 1, []).append(k)
            self._spare.append(job.minutes - minutes + _ROUNDING)
        self._least = min(self._spare, default=inf)

    def take(self, places: int) -> None:
        """Note that some places are done."""
        taken, is_open = places_of(places), self._run.open
        self._spare = [a - b for a, b in zip(self._spare, self._before(taken), strict=True)]
        for place in taken:
            for k in self._ending.get(place, ()):
                if k in self._jobs and not self._jobs[k].left(is_open):
                    del self._jobs[k]
                    self._spare[k] = inf
        self._least = min(self._spare, default=inf)

    def _before(self, places: Sequence[int]) -> list[float]:
        """Return the minutes per job of what counts to none until it."""
        last = len(self._spare)
        taken = [0.0] * (last + 1)
        for place in places:
            taken[self._first.get(place, last)] += self._minutes_of[place]
        return list(accumulate(taken[:0:-1]))[::-1]

    def leaves_time_for(self, places: int, *, budget: bool = False) -> bool:
        """Whether all is still in time once some places are done first; and within the budget."""
        taken, minutes_of = places_of(places), self._minutes_of
        minutes = sum([minutes_of[place] for place in taken])
        if budget and minutes > self._run.left_minutes:
            return False
        if minutes <= self._least:
            return True
        return all(a <= b for a, b in zip(self._before(taken), self._spare, strict=True))

    def first_goal(self, otherwise: int) -> int:
        """Return the next goal of what is due first and fits the budget."""
        run = self._run
        for job in self._jobs.values():
            if self._agenda.length(job.left(run.open)) <= run.left_minutes:
                return job.next_goal(run.open)
        return otherwise

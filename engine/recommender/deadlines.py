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

from functools import cache, cached_property, partial
from typing import TYPE_CHECKING

from .closure import places_of
from .standing import MIN_GAIN
from .timetable import Job, length

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .choice import Choice
    from .prospect import Prospect
    from .renewals import Proofs

__all__ = ["Agenda", "reachable"]

_ROUNDING = 1e-6  # minutes


def reachable(ahead: Prospect, i: int) -> float | None:
    """Return how far a target is to be brought: to mastery, or as far as the modules on offer do.

    None where they bring nothing.
    """
    most = ahead.furthest.get(i)
    return None if most is None or most <= ahead.now.p[i] + MIN_GAIN else most


class Agenda:
    """What is due of a choice, in the order in which it has to be done.

    Parameters
    ----------
    choice : Choice
    due : mapping of int to float
        Per target with a date, the minutes that there are until then.
    budget_minutes : float
    proofs : Proofs or None
        What is to be renewed. Each such target has a place and a goal of its own, beyond those of
        the choice.

    Attributes
    ----------
    kept, late : list of Job
        What can be in time, and which targets cannot, both by due date.
    renewals : int
        The places of what is to be renewed, as bits.
    """

    def __init__(
        self,
        choice: Choice,
        due: Mapping[int, float],
        budget_minutes: float,
        proofs: Proofs | None = None,
    ) -> None:
        self.choice, self.budget_minutes, self.proofs = choice, budget_minutes, proofs
        self.minutes_of, self.renewals = choice.minutes_of, 0
        jobs = [
            self._job(i, minutes, most)
            for i, minutes in due.items()
            if (most := reachable(choice.ahead, i)) is not None
        ]
        if proofs is not None:
            own = [proofs.minutes(i) if i in proofs.keeper else 0.0 for i in self._targets]
            self.minutes_of = [*choice.minutes_of, *own]
            jobs += [self.renewal(i, proofs) for i in proofs.to_renew]
            self.renewals = sum([self.bit_of(i) for i in proofs.to_renew])
        self.kept, self.late = list[Job](), list[Job]()
        if jobs:
            self._keep(sorted(jobs, key=lambda job: job.minutes))

    def __bool__(self) -> bool:
        """Whether there is anything to be in time for."""
        return bool(self.kept or self.late or self.proofs is not None)

    @cached_property
    def _goal_of(self) -> dict[int, int]:
        return {m: goal for goal, m in enumerate(self.choice.goals)}

    @property
    def _targets(self) -> range:
        return range(len(self.choice.ahead.where.role.targets))

    def place_of(self, i: int) -> int:
        """Return the place of renewing a target."""
        return len(self.choice.minutes_of) + i

    def bit_of(self, i: int) -> int:
        """Return that place as a bit."""
        return 1 << self.place_of(i)

    def goal_of(self, i: int) -> int:
        """Return the goal of renewing a target: below -1, which is none."""
        return -2 - i

    target_of = goal_of  # each undoes the other

    def renewal(self, i: int, proofs: Proofs) -> Job:
        """Return the job of renewing a target."""
        bit = self.bit_of(i)
        return Job(proofs.expires[i], proofs.loss[i], bit, ((self.goal_of(i), bit),))

    @property
    def modules(self) -> frozenset[int]:
        """All modules that what is due takes."""
        order, bits = self.choice.ahead.found.order, 0
        for job in (*self.kept, *self.late):
            bits |= job.bits
        return frozenset(order[place] for place in places_of(bits & ((1 << len(order)) - 1)))

    def _job(self, i: int, minutes: float, most: float) -> Job:
        """Gather the modules that bring a target as far as it goes, the quickest for it."""
        ahead, bits, goals = self.choice.ahead, 0, []
        place, closure = ahead.found.place, ahead.found.bits
        for m in self._quickest(i, most):
            bits |= closure[place[m]]
            goals.append((self._goal_of[m], 1 << place[m]))
        return Job(minutes, ahead.where.shares[i], bits, tuple(goals))

    def _quickest(self, i: int, most: float) -> tuple[int, ...]:
        ahead, after = self.choice.ahead, self.choice.ahead.outlook.after
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
        found = self.choice.ahead.found
        left = found.bits[found.place[m]]
        for one in taken:
            left &= ~found.bits[found.place[one]]
        return max(length(left, self.choice.minutes_of), _ROUNDING)

    def _keep(self, jobs: list[Job]) -> None:
        """Give up jobs by Moore's rule; nothing due within the budget for what is due later."""
        length_of = cache(partial(length, minutes_of=self.minutes_of))  # jobs are weighed often
        kept, minutes, bits = self.kept, 0.0, 0
        for job in jobs:
            minutes += length_of(job.bits & ~bits)
            bits |= job.bits
            kept.append(job)
            while kept and minutes > job.minutes + _ROUNDING:
                within = job.minutes <= self.budget_minutes
                some = [j for j in kept if within or j.minutes > self.budget_minutes]
                longest, own = _longest(kept, some, length_of)
                kept.remove(longest)
                if not longest.bits & self.renewals:  # these are weighed again and again
                    self.late.append(longest)
                minutes -= length_of(own)
                bits &= ~own
        self.late.sort(key=lambda job: job.minutes)


def _longest(
    kept: list[Job], some: list[Job], length_of: Callable[[int], float]
) -> tuple[Job, int]:
    """Return the longest of some jobs for its weight, counting what no other takes; and that."""
    once = twice = 0
    for job in kept:
        twice |= once & job.bits
        once |= job.bits
    own = [(job, job.bits & ~twice) for job in some]
    return max(own, key=lambda one: length_of(one[1]) / one[0].weight)

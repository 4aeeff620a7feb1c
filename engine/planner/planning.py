"""What to take in which order, what is to be expected of it, and how long it all takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..recommender import METHODS, Method, forecast, intervals_along, offered_ids, plan_path
from .ground import Ground, faults_of

if TYPE_CHECKING:
    import numpy as np

    from ..domain.curriculum import Module
    from ..domain.framework import Role
    from ..domain.knowledge import KnowledgeState
    from ..domain.recommendations import Forecast, LearningPath
    from ..domain.records import Faults

__all__ = ["Planning"]


class Planning(Ground):
    """Questions about whole paths, and what would be if."""

    def plan(
        self,
        state: KnowledgeState,
        *,
        role: Role,
        budget_minutes: float | None = None,
        until: datetime | None = None,
        allowed: Iterable[str | Module] | None = None,
        denied: Iterable[str | Module] = (),
        method: Method = "greedy",
        seconds: float = 10.0,
        at: datetime | None = None,
        minutes_per_week: float | None = None,
    ) -> LearningPath:
        """Return a path of modules within a budget of minutes or until a date, prerequisites first.

        Where the learner's time is known, what is due is reached before it is due as far as that
        can be done, proof that would expire within the path is renewed before it does, and the
        path's `arrivals` say when each target is reached or renewed.

        Parameters
        ----------
        state : KnowledgeState
        role : Role
        budget_minutes : float, optional
        until : datetime, optional
            In place of a budget: as much as the learner's time from `at` until then holds.
        allowed : iterable of str, optional
            The modules that the caller would assign; all of them when None.
        denied : iterable of str, optional
            Modules to leave out, whatever is allowed.
        method : {"greedy", "exact"}, default "greedy"
            Two ways to climb one objective, the truncated gain in readiness. The exact one solves
            a mixed-integer programme; the path's `gap` says how far from the best it may be. Both
            give up gain for being in time, the exact one for what the greedy one takes for it, and
            `bound` is of gain alone: then the gap includes what the dates cost.
        seconds : float, default 10.0
            About how long the exact method may take.
        at : datetime, optional
            The aware instant asked about.
        minutes_per_week : float, optional
            The time that the learner has, from `at` on; dates are not looked at where None.

        Raises
        ------
        InvalidInput
            A budget or a time that is not above 0, both or neither of a budget and a date, another
            method, a naive instant, time from no instant on, or unknown modules in `allowed` or
            `denied`.
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.
        """
        faults = faults_of(at)
        _note_budget(faults, budget_minutes, until, at, minutes_per_week)
        faults.check_number("seconds", seconds, 0.0, 1e6, above=True)
        if method not in METHODS:
            faults.add("method", f"is {method!r}, expected one of {', '.join(METHODS)}")
        if minutes_per_week is not None:
            faults.check_number("minutes_per_week", minutes_per_week, 0.0, 10_080.0, above=True)
            if at is None:
                faults.add("at", "is missing", "say from when on the learner has that time")
        faults.raise_if_any("request")
        if until is not None and at is not None and minutes_per_week is not None:
            budget_minutes = _minutes_until(until, at, minutes_per_week)
        return plan_path(
            self._map(role),
            state,
            self.tracer,
            budget_minutes=float(budget_minutes or 0.0),
            prerequisite_threshold=self.prerequisite_threshold,
            allowed=offered_ids(self.curriculum, allowed, denied, at),
            method=method,
            seconds=float(seconds),
            at=at,
            minutes_per_week=minutes_per_week,
            weights=self.weights,
        )

    def intervals(self, path: LearningPath, *, role: Role) -> tuple[tuple[float, float], ...]:
        """Return the central 80% of readiness to be expected after each step of a path.

        Raises
        ------
        InvalidInput
            The path was planned for a role with other targets.
        """
        return intervals_along(path, role)

    def forecast(
        self,
        state: KnowledgeState,
        *,
        role: Role,
        minutes_per_week: float = 120.0,
        allowed: Iterable[str | Module] | None = None,
        denied: Iterable[str | Module] = (),
        at: datetime | None = None,
        rng: np.random.Generator | None = None,
    ) -> Forecast:
        """Return how long it takes until every target of a role is attained.

        Another role, other modules or another pace answer what would be if.

        Parameters
        ----------
        state : KnowledgeState
        role : Role
        minutes_per_week : float, default 120
            The time that the learner has.
        allowed, denied : iterable of str, optional
            As in :meth:`plan`.
        at : datetime, optional
            The aware instant asked about.
        rng : Generator, optional
            A fixed one when None, so that the same question has the same answer.

        Raises
        ------
        InvalidInput
            A pace that is not above 0, a naive instant, or unknown modules in `allowed` or
            `denied`.
        InvalidCurriculum
            The role names skills or levels that the curriculum's framework lacks.
        """
        faults = faults_of(at)
        faults.check_number("minutes_per_week", minutes_per_week, 0.0, 10_080.0, above=True)
        faults.raise_if_any("request")
        return forecast(
            self._map(role),
            state,
            self.tracer,
            minutes_per_week=float(minutes_per_week),
            prerequisite_threshold=self.prerequisite_threshold,
            allowed=offered_ids(self.curriculum, allowed, denied, at),
            at=at,
            rng=rng,
        )


def _note_budget(
    faults: Faults,
    minutes: float | None,
    until: datetime | None,
    at: datetime | None,
    minutes_per_week: float | None,
) -> None:
    """Note what is wrong with the time that there is: so many minutes, or until a date."""
    if (minutes is None) == (until is None):
        given = "is missing, as is `until`" if until is None else "is given beside `until`"
        faults.add("budget_minutes", given, "give one of them")
    if minutes is not None:
        faults.check_number("budget_minutes", minutes, 0.0, 1e9, above=True)
    if until is None:
        return
    faults.check_instant("until", until)
    if minutes_per_week is None:
        faults.add("minutes_per_week", "is missing", "say how much time there is until then")
    if at is not None and None not in (at.utcoffset(), until.utcoffset()) and until <= at:
        faults.add("until", f"is {until.isoformat()}, expected a time after {at.isoformat()}")


def _minutes_until(until: datetime, at: datetime, minutes_per_week: float) -> float:
    return minutes_per_week * ((until - at) / timedelta(weeks=1))

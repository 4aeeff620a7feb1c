"""One greedy choice in time: the densest closures, what is due, and what is to be renewed."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import TYPE_CHECKING

from .choice import Chosen, Renewed, Run
from .timetable import Timetable, length

if TYPE_CHECKING:
    from .deadlines import Agenda

__all__ = ["Course"]

_ROUNDING = 1e-6  # minutes


class Course:
    """A run that keeps the dates of an agenda.

    Parameters
    ----------
    agenda : Agenda
    power : float
        Of the minutes: below 1 the large closures count for more.
    """

    def __init__(self, agenda: Agenda, power: float) -> None:
        self._agenda, self._choice = agenda, agenda.choice
        self._run = Run(self._choice, agenda.budget_minutes, power)
        self._run.open |= agenda.renewals
        self._table = Timetable(agenda.kept, agenda.minutes_of)
        self._late, self._is_time = agenda.late, True
        self._proofs = None if agenda.proofs is None else agenda.proofs.copy()

    def go(self, first: int = -1) -> Chosen:
        """Pick the closure with the most gain per minute that leaves time for all jobs, and so on.

        Parameters
        ----------
        first : int, optional
            The goal to begin with; nothing is chosen where that makes something late.
        """
        run, table, choice = self._run, self._table, self._choice
        if first >= 0:
            if not table.leaves_time_for(choice.bits[first]):
                return run.chosen
            self._pick(first)
        if not self._agenda:
            return run.go()
        while True:
            if self._late and self._is_time:
                self._catch_up()
            goal = run.best()
            if self._proofs is not None and self._renew(goal):
                continue
            if goal < 0:
                return run.chosen
            is_quick = run.minutes[goal] <= table.spare
            if is_quick or table.leaves_time_for(choice.bits[goal] & run.open):
                self._pick(goal)
                continue
            due = table.next_goal(run, self._opens, otherwise=goal)
            if self._opens(due) > table.now and run.first_minutes(goal) <= table.spare:
                self._pick(goal, within=table.spare)
            else:
                self._pick(due)

    def _pick(self, goal: int, within: float = inf) -> None:
        """Take a closure, or the beginning of it, or renew a target."""
        run, table, started = self._run, self._table, self._table.now
        if goal >= 0:
            places = run.pick(goal, within)
        else:
            places = self._renewed(self._agenda.target_of(goal))
        self._is_time = table.take(places, run.open)
        if self._proofs is not None:
            self._prove(run.chosen.picks[-1], started)

    def _catch_up(self) -> None:
        """Do what is late where that makes nothing else late."""
        run, table = self._run, self._table
        for job in self._late:
            left = job.bits & run.open
            fits = length(left, self._choice.minutes_of) <= run.left_minutes
            if fits and table.leaves_time_for(left):
                for goal, own in job.goals:
                    if own & run.open:
                        self._pick(goal)
        self._late = [one for one in self._late if any(own & run.open for _, own in one.goals)]

    def _renew(self, goal: int) -> bool:
        """Renew what is worth more by now than the best goal; wait where there is none."""
        agenda, run, table, proofs = self._agenda, self._run, self._table, self._proofs
        assert proofs is not None
        top = run.density(goal)
        scores = [(proofs.score(i, table.now, top), -i) for i in self._fitting()]
        score, target = max(scores, default=(0.0, 0))
        if score > top and table.leaves_time_for(agenda.bit_of(-target)):
            self._pick(agenda.goal_of(-target))
            return True
        if goal >= 0 or not scores:
            return False
        target = min([-i for _, i in scores], key=lambda i: (proofs.opens(i), i))
        wait = max(proofs.opens(target) - table.now, 0.0)
        if wait > run.left_minutes - proofs.minutes(target):
            return False
        run.wait(wait)
        table.wait(wait)
        self._pick(agenda.goal_of(target))
        return True

    def _fitting(self) -> list[int]:
        """Return the targets that can be renewed in the time that is left."""
        proofs = self._proofs
        assert proofs is not None
        return [i for i in proofs.to_renew if proofs.minutes(i) <= self._run.left_minutes]

    def _opens(self, goal: int) -> float:
        """Return from when on it makes sense to pick a goal."""
        if goal >= 0 or self._proofs is None:
            return 0.0
        return self._proofs.opens(self._agenda.target_of(goal))

    def _renewed(self, i: int) -> list[int]:
        """Take the time to renew a target; return its place."""
        run, proofs = self._run, self._proofs
        assert proofs is not None
        run.open &= ~self._agenda.bit_of(i)
        run.repeat(proofs.keeper[i], Renewed(i, proofs.expires[i]))
        return [self._agenda.place_of(i)]

    def _prove(self, modules: Iterable[int], now: float) -> None:
        """Note what a pick proves, and until when that is valid."""
        run, table, agenda, proofs = self._run, self._table, self._agenda, self._proofs
        assert proofs is not None
        for m in modules:
            now += proofs.where.minutes[m]
            for i in proofs.complete(m, now):
                bit = agenda.bit_of(i)
                if run.open & bit:
                    run.open &= ~bit
                    table.forget(agenda.place_of(i), run.open)
                if i in proofs.to_renew:
                    run.open |= bit
                    table.add(agenda.renewal(i, proofs), run.open)

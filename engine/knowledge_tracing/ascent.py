"""Where to look next: Newton's steps where they rise, those of expectation-maximisation otherwise.

A climb looks at one point of each task at a time. From a point that is the highest yet it leaps,
by a Newton step under what is known of the missing information (:mod:`.missing_information`), no
farther than it may reach; a leap that did not rise shortens the reach, and the step of
expectation-maximisation from the highest point, which never falls, is taken in its place. So the
highest point never falls either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .missing_information import MissingInformation
from .priors import LOWEST, MOST_NOISE
from .uncertainty import logit, slopes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .compute import Tasks

    Array = NDArray[np.float64]
    Marks = NDArray[np.bool_]

__all__ = ["Ascent", "Point"]

_GUESS, _SLIP = 3, 4
_REACH = 1.5  # logits: how far the first leap may go
_NEARER, _FARTHER = 0.25, 1.5  # times the reach, after a leap that fell and one that rose
_MODESTY = 0.2  # what a leap promises of what is left, where the missing share is known roughly
_CRAWL = 0.01  # the share of what is left that expectation-maximisation gains at the least


@dataclass(frozen=True)
class Point:
    """Parameters, and what an E-step says there: arrays of shape (n_rows, 5).

    Parameters
    ----------
    theta : ndarray
    ahead : ndarray
        Where expectation-maximisation goes from there.
    slope : ndarray
        Of the objective in the logits; 0 of what is held fixed or pressed against a bound.
    complete : ndarray
        The information that completely seen data would hold; 0 of what is held fixed.
    """

    theta: Array
    ahead: Array
    slope: Array
    complete: Array

    @classmethod
    def of(cls, theta: Array, ahead: Array, counts: Array, pseudo: Array, highest: Array) -> Point:
        """Return what the expected counts, shape (n_rows, 5, 2), say about a point."""
        slope = slopes(counts, pseudo, theta)
        pressed = ((theta <= LOWEST) & (slope < 0.0)) | ((theta >= highest) & (slope > 0.0))
        free = pseudo.any(axis=-1)
        complete = (counts + pseudo).sum(axis=-1) * theta * (1.0 - theta)
        return cls(
            theta, ahead, np.where(free & ~pressed, slope, 0.0), np.where(free, complete, 0.0)
        )

    def where(self, rows: Marks, other: Point) -> Point:
        """Return this point on some rows, and the other on the rest."""
        mine, others = ((one.theta, one.ahead, one.slope, one.complete) for one in (self, other))
        return Point(*(np.where(rows[:, None], a, b) for a, b in zip(mine, others, strict=True)))


class Ascent:
    """A climb under way, task by task.

    Parameters
    ----------
    tasks : Tasks
    start, highest : ndarray, shape (n_rows, 5)
        Where to look first, and the upper bounds.
    tolerance : float
        A task is at its top when less than this many nats can be expected above it.

    Attributes
    ----------
    climbing : ndarray of bool, shape (n_tasks,)
    objective : ndarray, shape (n_tasks,)
        At the highest point seen.
    theta, trial : ndarray, shape (n_rows, 5)
        The highest point seen, and the one to be looked at next.
    """

    def __init__(self, tasks: Tasks, start: Array, highest: Array, tolerance: float) -> None:
        self._tasks, self._highest, self._tolerance = tasks, highest, tolerance
        self._missing = MissingInformation(tasks)
        self._reach = np.full(len(tasks), _REACH)
        self._leapt = np.zeros(len(tasks), dtype=np.bool_)
        self._top: Point | None = None
        self.climbing = np.ones(len(tasks), dtype=np.bool_)
        self.objective = np.full(len(tasks), -np.inf)
        self.theta = self.trial = start.copy()

    def see(self, here: Point, reached: Array) -> None:
        """Take in the trial, and what objective it has reached; choose the next one.

        Parameters
        ----------
        here : Point
            At the trial.
        reached : ndarray, shape (n_tasks,)
            Of the tasks that climb still; −inf for the others.
        """
        active, of_row = np.flatnonzero(self.climbing), self._tasks.task_of_row
        gain, rose = reached[active] - self.objective[active], reached > self.objective
        may_leap = np.zeros_like(rose)
        if self._top is None:
            self._top = here
        else:
            step, fall = logit(here.theta) - logit(self._top.theta), self._top.slope - here.slope
            self._missing.learn(active, step, fall, self._top.complete)
            self._top = here.where(rose[of_row], self._top)
            may_leap = rose & ~self._on_the_line(self._top)
        self._reach *= np.where(self._leapt, np.where(rose, _FARTHER, _NEARER), 1.0)
        self.theta, self.objective = self._top.theta, np.maximum(self.objective, reached)
        leap = self._missing.step(active, self._top.slope, self._top.complete)
        promised = 0.5 * np.bincount(of_row, (self._top.slope * leap).sum(axis=1), len(rose))
        self.climbing[active] &= self._leapt[active] | (gain >= _CRAWL * self._tolerance)
        self.climbing &= ~(may_leap & (promised < _MODESTY * self._tolerance))
        self._leapt = may_leap
        self.trial = np.where(may_leap[of_row, None], self._leap(leap), self._top.ahead)

    def _on_the_line(self, point: Point) -> Marks:
        """Return which tasks expectation-maximisation holds on the bound of guess + slip."""
        held = point.ahead[:, _GUESS] + point.ahead[:, _SLIP] >= MOST_NOISE - 1e-9
        return np.bincount(self._tasks.task_of_row, held, len(self._tasks)) > 0

    def _leap(self, step: Array) -> Array:
        """Return the point that a step of the logits leads to, within reach and bounds."""
        longest = np.full(len(self._tasks), 1e-12)
        np.maximum.at(longest, self._tasks.task_of_row, np.abs(step).max(axis=1))
        share = np.minimum(1.0, self._reach / longest)
        odds = np.exp(step * share[self._tasks.task_of_row, None])
        moved = self.theta * odds / (1.0 - self.theta + self.theta * odds)
        moved = np.where(step == 0.0, self.theta, np.clip(moved, LOWEST, self._highest))
        total = moved[:, _GUESS] + moved[:, _SLIP]
        moved[:, _GUESS:] *= np.minimum(1.0, MOST_NOISE / total)[:, None]
        return moved

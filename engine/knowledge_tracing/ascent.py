"""Where to look next: Newton's steps where they rise, those of expectation-maximisation otherwise.

A climb looks at one point of each task at a time. From a point that is the highest yet it leaps,
by a Newton step under what is known of the missing information (:mod:`.missing_information`), no
farther than it may reach; a leap that did not rise shortens the reach, and the step of
expectation-maximisation from the highest point, which never falls, is taken in its place. So the
highest point never falls either. From the first point it leaps only if it need not go far: far
off, expectation-maximisation knows the way better.

Tasks know nothing of each other. Compiled where numba is there. Imported lazily, by
:mod:`.expectation_maximisation` and :mod:`.pooling`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .compiling import compiled
from .m_step import maximise_level
from .missing_information import learn, newton
from .priors import LOWEST, MOST_NOISE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .tasks import Tasks

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    Marks = NDArray[np.bool_]

__all__ = ["Ascent", "State", "see"]

_N = 5
_GUESS, _SLIP = 3, 4
_USUAL = 0.5  # the missing share where nothing is known of it
_REACH = 0.7  # of the angles: how far the first leap may go
_NEAR = 0.3  # how far it may go from where nothing was seen yet
_NEARER, _FARTHER = 0.25, 1.5  # times the reach, after a leap that fell and one that rose
_MODESTY = 0.2  # what a leap promises of what is left, where the missing share is known roughly
_CRAWL = 0.01  # the share of what is left that expectation-maximisation gains at the least
_TINY = 1e-12


class State(NamedTuple):
    """How far some climbs have come: five variables per level, the levels of a task together.

    Parameters
    ----------
    first : ndarray of int, shape (n_tasks + 1,)
        Task j owns the variables ``first[j]:first[j + 1]``.
    pseudo : ndarray, shape (n_variables, 2)
        The priors' events; a parameter without any is held fixed.
    highest : ndarray, shape (n_variables,)
        Upper bounds.
    top, trial, ahead : ndarray, shape (n_variables,)
        The highest point seen, the one to be looked at next, and where expectation-maximisation
        goes from the highest one.
    slope, total, shown : ndarray, shape (n_variables,)
        Of the objective in the angles at the highest point, and the events there: all of them,
        and those of the answers.
    share : ndarray, shape (n_tasks, most_variables, most_variables)
        What is missing.
    objective, reach : ndarray, shape (n_tasks,)
        At the highest point, and how far a leap may go.
    leapt, climbing : ndarray of bool, shape (n_tasks,)
        Whether the trial is a leap, and whether there is one.
    """

    first: I64
    pseudo: F64
    highest: F64
    top: F64
    trial: F64
    ahead: F64
    slope: F64
    total: F64
    shown: F64
    share: F64
    objective: F64
    reach: F64
    leapt: Marks
    climbing: Marks


class Ascent:
    """Climbs under way, task by task.

    Parameters
    ----------
    tasks : Tasks
    start, highest : ndarray, shape (n_rows, 5)
        Where to look first, and the upper bounds.
    pseudo : ndarray, shape (n_rows, 5, 2)
        The priors' events; a parameter without any is held fixed.
    tolerance : float
        A task is at its top when less than this many nats can be expected above it.
    share : ndarray, shape (n, n) or (n_tasks, n, n), optional
        What is known of the missing information, of as many variables as a task may have or more;
        one half is missing of each unless given.
    """

    def __init__(
        self,
        tasks: Tasks,
        start: F64,
        highest: F64,
        pseudo: F64,
        tolerance: float,
        share: F64 | None = None,
    ) -> None:
        n, k, most = start.size, len(tasks), _N * int(np.max(tasks.n_levels, initial=1))
        known = np.empty((k, most, most))
        known[:] = _USUAL * np.eye(most) if share is None else share[..., :most, :most]
        self.tolerance = tolerance
        self.state = State(
            _N * np.append(tasks.row, len(start)),
            np.ascontiguousarray(pseudo).reshape(n, 2),
            np.ascontiguousarray(highest).reshape(n),
            start.flatten(),
            start.flatten(),
            start.flatten(),
            np.zeros(n),
            np.zeros(n),
            np.zeros(n),
            known,
            np.full(k, -np.inf),
            np.full(k, _REACH),
            np.zeros(k, dtype=np.bool_),
            np.ones(k, dtype=np.bool_),
        )

    @property
    def theta(self) -> F64:
        """The highest point seen, shape (n_rows, 5)."""
        return self.state.top.reshape(-1, _N)

    @property
    def trial(self) -> F64:
        """The point to be looked at next, shape (n_rows, 5)."""
        return self.state.trial.reshape(-1, _N)

    def see(self, which: I64, counts: F64, log_likelihood: F64) -> None:
        """Take in what the trials of some tasks came to, and choose their next ones.

        Parameters
        ----------
        which : ndarray of int, shape (n,)
        counts : ndarray, shape (n_rows, 5, 2)
        log_likelihood : ndarray, shape (n,)
        """
        _see_all(self.state, which, counts.reshape(-1, 2), log_likelihood, self.tolerance)


@compiled
def _see_all(state: Any, which: I64, counts: F64, log_likelihood: F64, tolerance: float) -> None:
    for i in range(len(which)):
        j = which[i]
        see(state, j, counts[state.first[j] : state.first[j + 1]], log_likelihood[i], tolerance)


@compiled
def see(state: Any, j: int, counts: F64, log_likelihood: float, tolerance: float) -> None:
    """Take in what the trial of one task came to, and choose the next one.

    Parameters
    ----------
    state : State
    j : int
        The task.
    counts : ndarray, shape (n, 2)
        The expected events of the task's variables at the trial.
    log_likelihood, tolerance : float
    """
    low, high = state.first[j], state.first[j + 1]
    here, top, pseudo = state.trial[low:high], state.top[low:high], state.pseudo[low:high]
    slope, total, shown = state.slope[low:high], state.total[low:high], state.shown[low:high]
    highest, ahead = state.highest[low:high], state.ahead[low:high]
    share = state.share[j, : high - low, : high - low]
    reached = log_likelihood + _log_prior(here, pseudo)
    begins, gain = state.objective[j] == -np.inf, reached - state.objective[j]
    rose = gain > 0.0
    n = high - low
    now_slope, now_total, now_shown = np.zeros(n), np.zeros(n), np.zeros(n)
    _read(here, counts, pseudo, now_slope, now_total, now_shown)
    step = np.empty(n)
    if not begins:
        fall = np.empty(n)
        for i in range(n):
            step[i], fall[i] = _angle(here[i]) - _angle(top[i]), slope[i] - now_slope[i]
        learn(share, step, fall, total, shown)
    if state.leapt[j]:
        state.reach[j] *= _FARTHER if rose else _NEARER
    elif gain < _CRAWL * tolerance:
        state.climbing[j] = False
    state.leapt[j] = False
    if rose:
        state.objective[j] = reached
        for i in range(n):
            top[i], slope[i], total[i], shown[i] = here[i], now_slope[i], now_total[i], now_shown[i]
        _step_on(counts, pseudo, highest, top, ahead)
        pull, farthest = np.empty(n), _TINY
        for i in range(n):  # far off and at bounds the M-step knows better than the slope
            pull[i] = total[i] * (_angle(ahead[i]) - _angle(top[i]))
        promised = newton(share, pull, total, shown, step)
        for i in range(n):
            farthest = max(farthest, abs(step[i]))
        if promised < _MODESTY * tolerance and not begins:
            state.climbing[j] = False
        state.leapt[j] = not begins or farthest <= _NEAR
        if state.leapt[j]:
            _leap(top, step, min(1.0, state.reach[j] / farthest), highest, here)
    if not state.leapt[j]:
        for i in range(n):
            here[i] = ahead[i]


@compiled
def _angle(theta: float) -> float:
    """Return the angle a of θ = sin²(a/2)."""
    angle: float = 2.0 * np.arcsin(np.sqrt(theta))
    return angle


@compiled
def _log_prior(theta: F64, pseudo: F64) -> float:
    """Return the log prior density up to a constant."""
    total = 0.0
    for i in range(len(theta)):
        if pseudo[i, 0] + pseudo[i, 1] > 0.0:
            total += pseudo[i, 0] * np.log(theta[i]) + pseudo[i, 1] * np.log1p(-theta[i])
    return total


@compiled
def _read(theta: F64, counts: F64, pseudo: F64, slope: F64, total: F64, shown: F64) -> None:
    """Fill in the slope in the angles, and the numbers of events, of what is not held fixed."""
    for i in range(len(theta)):
        prior = pseudo[i, 0] + pseudo[i, 1]
        if prior > 0.0:
            shown[i] = counts[i, 0] + counts[i, 1]
            total[i] = shown[i] + prior
            surplus = counts[i, 0] + pseudo[i, 0] - total[i] * theta[i]
            slope[i] = surplus / np.sqrt(theta[i] * (1.0 - theta[i]))


@compiled
def _step_on(counts: F64, pseudo: F64, highest: F64, theta: F64, ahead: F64) -> None:
    """Fill in where expectation-maximisation goes."""
    for i in range(len(theta)):
        ahead[i] = theta[i]
    for i in range(0, len(theta), _N):
        j = i + _N
        maximise_level(counts[i:j], pseudo[i:j], highest[i:j], ahead[i:j])


@compiled
def _leap(theta: F64, step: F64, share: float, highest: F64, there: F64) -> None:
    """Fill in the point that so much of a step of the angles leads to, within bounds."""
    for i in range(len(theta)):
        there[i] = theta[i]
        if step[i] != 0.0:
            angle = min(max(_angle(theta[i]) + share * step[i], 0.0), np.pi)
            there[i] = min(max(np.sin(0.5 * angle) ** 2, LOWEST[i % _N]), highest[i])
    for i in range(0, len(theta), _N):
        noise = there[i + _GUESS] + there[i + _SLIP]
        if noise > MOST_NOISE:
            there[i + _GUESS] *= MOST_NOISE / noise
            there[i + _SLIP] *= MOST_NOISE / noise

"""Expectation-maximisation for the posterior mode: Baum–Welch with Beta priors.

The E-step is the forward–backward pass (:mod:`.smoothing`). The M-step adds the priors' events to
the expected ones and divides (Rabiner 1989, eq. 40; Dempster, Laird & Rubin 1977, sec. 3.4, for
the prior), within bounds. Where the free optimum would break guess + slip ≤ :data:`MOST_NOISE`,
the objective, concave in both, is maximised on that line: the M-step stays exact, so the
penalised objective never falls.

Where much is hidden such steps are small. Most are therefore leaps, guarded by them: see
:mod:`.ascent`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .ascent import Ascent, Point
from .priors import HIGHEST, LOWEST, MOST_NOISE, log_prior

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .compute import Tasks

    Array = NDArray[np.float64]

__all__ = ["Climb", "climb", "maximise"]

_GUESS, _SLIP = 3, 4


@dataclass(frozen=True)
class Climb:
    """Where expectation-maximisation went, task by task.

    Parameters
    ----------
    theta : ndarray, shape (n_rows, 5)
    objective : ndarray, shape (n_tasks,)
        The penalised log-likelihood at `theta`.
    iterations : ndarray of int, shape (n_tasks,)
    converged : ndarray of bool, shape (n_tasks,)
    trace : ndarray, shape (n_passes, n_tasks)
        The highest objective seen at each pass; NaN once a task has stopped.
    """

    theta: Array
    objective: Array
    iterations: NDArray[np.int64]
    converged: NDArray[np.bool_]
    trace: Array


def climb(
    count: Callable[[Array, NDArray[np.int64]], tuple[Array, Array]],
    tasks: Tasks,
    theta: Array,
    *,
    pseudo: Array,
    max_iterations: int,
    tolerance: float,
    highest: Array | None = None,
) -> Climb:
    """Climb from `theta` until less than `tolerance` nats can be expected, task by task.

    Parameters
    ----------
    count : callable
        Takes parameters, shape (n_rows, 5), and the numbers of some tasks; returns the expected
        counts, shape (n_rows, 5, 2), and the log-likelihood of each of those tasks.
    tasks : Tasks
    theta : ndarray, shape (n_rows, 5)
        Where each task starts; fixed parameters have no pseudo-counts and stay.
    pseudo : ndarray, shape (n_rows, 5, 2)
    max_iterations : int
    tolerance : float
    highest : ndarray, shape (n_rows, 5), optional
        Upper bounds; those of :mod:`.priors` unless given.
    """
    highest = np.tile(HIGHEST, (len(theta), 1)) if highest is None else highest
    ascent = Ascent(tasks, theta, highest, tolerance)
    iterations = np.zeros(len(tasks), dtype=np.int64)
    trace: list[Array] = []
    while ascent.climbing.any() and len(trace) < max_iterations:
        active, here = np.flatnonzero(ascent.climbing), ascent.trial
        counts, log_likelihood = count(here, active)
        penalty = np.bincount(tasks.task_of_row, log_prior(here, pseudo), len(tasks))
        reached = np.full(len(tasks), -np.inf)
        reached[active] = log_likelihood + penalty[active]
        ahead = maximise(counts, pseudo, here, highest)
        ascent.see(Point.of(here, ahead, counts, pseudo, highest), reached)
        iterations[active] += 1
        trace.append(np.full(len(tasks), np.nan))
        trace[-1][active] = ascent.objective[active]
    return Climb(ascent.theta, ascent.objective, iterations, ~ascent.climbing, np.array(trace))


def maximise(counts: Array, pseudo: Array, held: Array, highest: Array = HIGHEST) -> Array:
    """Return the parameters that maximise the expected penalised objective (the M-step).

    Parameters
    ----------
    counts : ndarray, shape (n_levels, 5, 2)
        How often each parameter's event happened, and did not, in expectation.
    pseudo : ndarray, shape (n_levels, 5, 2)
        The prior's events; a parameter without any is held fixed.
    held : ndarray, shape (n_levels, 5)
        The values of the parameters held fixed.
    highest : ndarray, shape (5,) or (n_levels, 5), optional
        Upper bounds.

    Examples
    --------
    >>> counts = np.array([[[6, 4], [1, 9], [0, 1], [8, 2], [7, 3]]], dtype=float)
    >>> theta = maximise(counts, np.full((1, 5, 2), 1e-9), np.zeros((1, 5)))
    >>> theta.round(3)  # guesses 8 of 10 and slips 7 of 10 meet the bound of their sum
    array([[0.6  , 0.1  , 0.001, 0.522, 0.428]])
    """
    events = counts + pseudo
    total = events.sum(axis=-1)
    share = np.divide(events[..., 0], total, out=held.copy(), where=total > 0.0)
    theta = np.where(pseudo.any(axis=-1), np.clip(share, LOWEST, highest), held)
    noisy = theta[:, _GUESS] + theta[:, _SLIP] > MOST_NOISE
    if noisy.any():
        bounds = np.broadcast_to(highest, theta.shape)[noisy]
        theta[noisy, _GUESS] = _guess_on_the_line(events[noisy], bounds)
        theta[noisy, _SLIP] = MOST_NOISE - theta[noisy, _GUESS]
    return theta


def _guess_on_the_line(events: Array, highest: Array) -> Array:
    """Maximise the concave objective over guess where slip = MOST_NOISE − guess, by bisection."""
    (g1, g0), (s1, s0) = events[:, _GUESS].T, events[:, _SLIP].T
    low = np.maximum(LOWEST[_GUESS], MOST_NOISE - highest[:, _SLIP])
    high = np.maximum(low, np.minimum(highest[:, _GUESS], MOST_NOISE - LOWEST[_SLIP]))
    for _ in range(60):  # to the last bit
        g = 0.5 * (low + high)
        slope = g1 / g - g0 / (1.0 - g) - s1 / (MOST_NOISE - g) + s0 / (1.0 - MOST_NOISE + g)
        low = np.where(slope > 0.0, g, low)
        high = np.where(slope > 0.0, high, g)
    middle: Array = 0.5 * (low + high)
    return middle

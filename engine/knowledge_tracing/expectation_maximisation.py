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
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .priors import HIGHEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .ascent import Ascent
    from .tasks import Tasks

    Array = NDArray[np.float64]

__all__ = ["Climb", "climb", "maximise"]


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
    share : ndarray, shape (n_tasks, n, n), optional
        What was learned of the missing information.
    """

    theta: Array
    objective: Array
    iterations: NDArray[np.int64]
    converged: NDArray[np.bool_]
    trace: Array
    share: Array = field(default_factory=lambda: np.zeros((0, 0, 0)))


def climb(
    count: Callable[[Array, NDArray[np.int64]], tuple[Array, Array]],
    tasks: Tasks,
    theta: Array,
    *,
    pseudo: Array,
    max_iterations: int,
    tolerance: float,
    highest: Array | None = None,
    share: Array | None = None,
    at_once: Callable[[Ascent, int], Array] | None = None,
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
    share : ndarray, optional
        What is known beforehand of the missing information, as :class:`.ascent.Ascent` takes it.
    at_once : callable, optional
        Lets tasks climb to their ends, those that it can, for so many passes at the most; returns
        the trace. The others climb pass by pass.
    """
    from .ascent import Ascent

    highest = np.tile(HIGHEST, (len(theta), 1)) if highest is None else highest
    ascent = Ascent(tasks, theta, highest, pseudo, tolerance, share)
    objective, climbing = ascent.state.objective, ascent.state.climbing
    done = np.empty((0, len(tasks))) if at_once is None else at_once(ascent, max_iterations)
    left = np.isnan(done).all(axis=0)
    rows: list[Array] = []
    while len(active := np.flatnonzero(climbing & left)) and len(rows) < max_iterations:
        ascent.see(active, *count(ascent.trial, active))
        rows.append(np.full(len(tasks), np.nan))
        rows[-1][active] = objective[active]
    trace = np.full((max(len(done), len(rows)), len(tasks)), np.nan)
    trace[: len(done)] = done
    trace[: len(rows), left] = np.reshape(rows, (-1, len(tasks)))[:, left]
    iterations = (~np.isnan(trace)).sum(axis=0)
    return Climb(ascent.theta, objective, iterations, ~climbing, trace, ascent.state.share)


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
    from .m_step import maximise_levels

    theta = held.astype(np.float64)
    bounds = np.array(np.broadcast_to(highest, theta.shape))
    maximise_levels(np.ascontiguousarray(counts), np.ascontiguousarray(pseudo), bounds, theta)
    return theta

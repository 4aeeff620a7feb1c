"""How much the answers leave unseen of each parameter, learned from the steps of a climb.

Expectation-maximisation is slow where much is missing. On the logit scale the slope of the
objective is events less their expectation, and the information that completely seen data would
hold is diagonal, n·p(1 − p); both come with the E-step. What is missing is the share F of it,
so that the observed information is

    H = C^½ (I − F) C^½,   C the complete information,   0 ≤ F < I

(Louis 1982). Lange (1995) learns the missing part from the change of the slope along each step.
Here the first step of all tasks together tells a share that they have in common, for skills of
one log hide much the same; from there each task learns its own by symmetric rank-two corrections
(Powell 1970). Newton steps under H (:mod:`.ascent`) reach the optimum in a fraction of the passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .compute import Tasks

    Array = NDArray[np.float64]

__all__ = ["MissingInformation"]

_MOST = 0.98  # of the complete information may be missing in any direction
_DOUBT = 0.5  # tasks that say that nothing is missing, against which the common share is weighed
_TINY = 1e-18
_N = 5


class MissingInformation:
    """The missing share of the information of each of several tasks.

    Parameters
    ----------
    tasks : Tasks

    Examples
    --------
    A task whose slope changes half as fast as complete data would have it lacks one half:

    >>> from .compute import Tasks
    >>> missing = MissingInformation(Tasks(np.array([0]), np.array([1])))
    >>> step, change, complete = np.full((3, 1, 5), [[[1.0]], [[2.0]], [[4.0]]])
    >>> for _ in range(3):
    ...     missing.learn(np.array([0]), step, change, complete)
    >>> missing.step(np.array([0]), change, complete).round(3)
    array([[1., 1., 1., 1., 1.]])
    """

    def __init__(self, tasks: Tasks) -> None:
        level = np.arange(len(tasks.task_of_row)) - tasks.row[tasks.task_of_row]
        self._place = tasks.task_of_row, level
        self._shape = len(tasks), int(np.max(tasks.n_levels, initial=1)), _N
        n = self._shape[1] * _N
        self.share = np.zeros((len(tasks), n, n))
        self._begun = False

    def learn(self, which: NDArray[np.int64], step: Array, change: Array, complete: Array) -> None:
        """Learn from a step of each of some tasks.

        Parameters
        ----------
        which : ndarray of int, shape (n,)
            The tasks.
        step : ndarray, shape (n_rows, 5)
            In logits.
        change : ndarray, shape (n_rows, 5)
            By how much the slope fell along it.
        complete : ndarray, shape (n_rows, 5)
            The complete information where the step began; 0 of what is held fixed.
        """
        root = self._root(which, complete)
        s = root * self._by_task(which, step)  # on the scale where the complete information is one
        unseen = s - self._by_task(which, change) / root
        length = np.maximum((s * s).sum(axis=1), _TINY)[:, None, None]
        if not self._begun:
            self._begun = True
            self.share[:] = _common(s, unseen, length)
        error = unseen - np.einsum("tij,tj->ti", self.share[which], s)
        along = (error * s).sum(axis=1)[:, None, None]
        outer = error[:, :, None] * s[:, None, :]
        correction = outer + outer.transpose(0, 2, 1)
        correction -= along * s[:, :, None] * s[:, None, :] / length
        self.share[which] += correction / length

    def step(self, which: NDArray[np.int64], slope: Array, complete: Array) -> Array:
        """Return the Newton step of some tasks in logits, shape (n_rows, 5), 0 for the others.

        What has no slope does not move.
        """
        root = self._root(which, complete)
        g = self._by_task(which, slope) / root
        moves = g != 0.0
        share = self.share[which] * moves[:, :, None] * moves[:, None, :]
        missing, axes = np.linalg.eigh(share)
        along = np.einsum("tij,ti->tj", axes, g) / (1.0 - np.clip(missing, 0.0, _MOST))
        newton = moves * np.einsum("tij,tj->ti", axes, along) / root
        step = np.zeros(self._shape)
        step[which] = newton.reshape(-1, *self._shape[1:])
        by_row: Array = step[self._place]
        return by_row

    def _root(self, which: NDArray[np.int64], complete: Array) -> Array:
        by_task = self._by_task(which, complete)
        return np.sqrt(np.where(by_task > 0.0, by_task, 1.0))

    def _by_task(self, which: NDArray[np.int64], by_row: Array) -> Array:
        by_task = np.zeros(self._shape)
        by_task[self._place] = by_row
        return by_task[which].reshape(len(which), -1)


def _common(s: Array, unseen: Array, length: Array) -> Array:
    """Return the share F that fits F·s = unseen best over all tasks: symmetric, 0 ≤ F < I."""
    seen = (s[:, :, None] * s[:, None, :] / length).sum(axis=0)
    cross = (unseen[:, :, None] * s[:, None, :] / length).sum(axis=0)
    found = cross @ np.linalg.inv(seen + _DOUBT * np.eye(s.shape[1]))
    share, axes = np.linalg.eigh(0.5 * (found + found.T))
    common: Array = (axes * np.clip(share, 0.0, _MOST)) @ axes.T
    return common

"""How much the answers leave unseen of each parameter, learned from the steps of a climb.

Expectation-maximisation is slow where much is missing. Parameters are taken as angles,
θ = sin²(a/2), on which n events that are seen hold the information n whatever the parameter is;
so the slope of the objective is (events less their expectation) / √(θ(1 − θ)), and complete data
would hold a diagonal information, the numbers of events. Both come with the E-step. What the
answers leave unseen is a share F of what they might have shown, so that the observed information is

    H = N − M^½ F M^½,   M the events of the answers, N those and the prior's,   0 ≤ F < I

(Louis 1982). Lange (1995) learns the missing part from the change of the slope along each step.
Here all skills begin with the share that the pooled climb has learned, for skills of one log hide
much the same; from there each task learns its own by symmetric rank-two corrections (Powell
1970). Newton steps under H (:mod:`.ascent`) reach the optimum in a fraction of the passes.

Compiled where numba is there. Imported lazily, by :mod:`.ascent`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .compiling import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

__all__ = ["learn", "newton"]

_LEAST = 0.05  # of the complete information is left in any direction
_SHORT = 1e-14  # in events: the square of a step that teaches nothing


@compiled
def learn(share: F64, step: F64, fall: F64, total: F64, shown: F64) -> None:
    """Correct a task's share by a step that was taken.

    Parameters
    ----------
    share : ndarray, shape (n, n)
    step : ndarray, shape (n,)
        Of the angles.
    fall : ndarray, shape (n,)
        By how much the slope fell along it.
    total, shown : ndarray, shape (n,)
        The events where the step began: all of them, and those of the answers.

    Examples
    --------
    A slope that changes half as fast as complete data would have it tells that one half is missing:

    >>> share, four = np.zeros((1, 1)), np.full(1, 4.0)
    >>> learn(share, np.ones(1), np.full(1, 2.0), four, four)
    >>> share
    array([[0.5]])
    """
    n = len(step)
    s, error = np.empty(n), np.empty(n)
    length = 0.0
    for i in range(n):
        root = np.sqrt(shown[i])
        s[i] = root * step[i]
        error[i] = (total[i] * step[i] - fall[i]) / root if root > 0.0 else 0.0
        length += s[i] * s[i]
    if length < _SHORT:
        return
    along = 0.0
    for i in range(n):
        for k in range(n):
            error[i] -= share[i, k] * s[k]
        along += error[i] * s[i]
    for i in range(n):
        for k in range(n):
            outer = error[i] * s[k] + s[i] * error[k]
            share[i, k] += (outer - along * s[i] * s[k] / length) / length


@compiled
def newton(share: F64, slope: F64, total: F64, shown: F64, step: F64) -> float:
    """Fill in the Newton step of a task; return what it promises in nats.

    What has no slope does not move. The information is factored as LDLᵀ, and where a pivot tells
    that next to nothing is left of it, :data:`_LEAST` is taken (a modified Cholesky factor; Gill,
    Murray & Wright 1981, sec. 4.4.2.2).

    Parameters
    ----------
    share : ndarray, shape (n, n)
    slope, total, shown, step : ndarray, shape (n,)

    Examples
    --------
    >>> step, four = np.empty(1), np.full(1, 4.0)
    >>> newton(np.full((1, 1), 0.5), np.full(1, 2.0), four, four, step)
    1.0
    >>> step
    array([1.])
    """
    n = len(slope)
    left, root, part = np.zeros((n, n)), np.empty(n), np.empty(n)
    for i in range(n):
        moves = slope[i] != 0.0
        root[i] = np.sqrt(total[i]) if moves else 1.0
        part[i] = np.sqrt(shown[i]) / root[i] if moves else 0.0
        step[i] = slope[i] / root[i]
        for k in range(i + 1):
            left[i, k] = (i == k) - part[i] * share[i, k] * part[k]
    for j in range(n):  # L below the diagonal of `left`, D on it
        left[j, j] = max(left[j, j], _LEAST)
        for i in range(j + 1, n):
            factor = left[i, j] / left[j, j]
            for k in range(j + 1, i + 1):
                left[i, k] -= factor * left[k, j]
        for i in range(j + 1, n):
            left[i, j] /= left[j, j]
    for i in range(n):
        for k in range(i):
            step[i] -= left[i, k] * step[k]
    for i in range(n):
        step[i] /= left[i, i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            step[i] -= left[k, i] * step[k]
    promised = 0.0
    for i in range(n):
        step[i] /= root[i]
        promised += 0.5 * slope[i] * step[i]
    return promised

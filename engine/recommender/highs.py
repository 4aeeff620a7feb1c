"""HiGHS, through SciPy: a programme in parts, and in whole modules by what the parts tell.

What a variable at its other end would cost at least is known from its reduced cost, so most can
be fixed before anything is searched (Dantzig, Fulkerson & Johnson 1954, "Solution of a large-scale
traveling-salesman problem").

HiGHS now and then prints a line to the process' stdout whatever `disp` says; who cares about
stdout keeps it aside while a path is planned, as the command line does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Arrays", "Relaxed", "in_parts", "whole"]

_OPTIMAL = 1e-6  # of the objective; HiGHS stops as well where no more than this is left of it
_WIDEN = 4.0
_SOLVED, _NONE = 0, 2  # HiGHS' status where an optimum was found, and where nothing is feasible


class Arrays(NamedTuple):
    """A programme: maximise worth·x where rows·x ≤ at_most and 0 ≤ x ≤ 1.

    Parameters
    ----------
    worth : ndarray, shape (n_columns,)
    rows : sparse array, shape (n_rows, n_columns)
    at_most : ndarray, shape (n_rows,)
    binary : ndarray, shape (n_columns,)
        1 where a variable has to be whole.
    """

    worth: NDArray[np.float64]
    rows: Any
    at_most: NDArray[np.float64]
    binary: NDArray[np.float64]


class Relaxed(NamedTuple):
    """The optimum of a programme in parts.

    Parameters
    ----------
    most : float
        What it is worth.
    x, with_it, without : ndarray, shape (n_columns,)
        The solution; what would be lost at least with a variable at 1, and with it at 0.
    """

    most: float
    x: NDArray[np.float64]
    with_it: NDArray[np.float64]
    without: NDArray[np.float64]


def in_parts(given: Arrays, seconds: float) -> Relaxed | None:
    """Solve a programme in parts; None where the time is up before."""
    from scipy.optimize import linprog

    found = linprog(
        -given.worth,
        given.rows,
        given.at_most,
        bounds=(0.0, 1.0),
        method="highs-ds",
        options={"presolve": False, "time_limit": seconds},
    )
    if found.status != _SOLVED:
        return None
    return Relaxed(-float(found.fun), found.x, found.lower.marginals, -found.upper.marginals)


def whole(
    given: Arrays, relaxed: Relaxed, seconds: float, at_least: float
) -> tuple[NDArray[np.float64] | None, float]:
    """Return the best whole solution worth more than what is known, if there is any, and a bound.

    The reduced costs say what a variable at its other end would cost at least, so what costs more
    than a margin is fixed: no solution that keeps to that is missed, and any other is worth less
    than the relaxed optimum by the margin. It grows until the others cannot win.
    """
    most, known, best = relaxed.most, at_least, None
    margin = most / float(given.binary.sum())  # what a module is worth, on average
    while most > known * (1.0 + _OPTIMAL):
        at_one, free = relaxed.without > margin, relaxed.with_it <= margin
        found = _kept_to(given, at_one, free, seconds)
        seconds /= 2.0  # so that all rounds take no more than twice as long
        if found.x is not None and -found.fun > known:
            best, known = found.x, -float(found.fun)
        bound = max(_bound_of(found, most), most - margin, known)
        if found.status not in (_SOLVED, _NONE) or margin >= most - known:
            return best, bound
        margin = min(_WIDEN * margin, most - known)
    return best, most


def _bound_of(found: Any, most: float) -> float:
    if found.status == _NONE:
        return 0.0
    return most if found.mip_dual_bound is None else min(-float(found.mip_dual_bound), most)


def _kept_to(given: Arrays, low: NDArray[np.bool_], high: NDArray[np.bool_], seconds: float) -> Any:
    from scipy.optimize import Bounds, LinearConstraint, milp

    return milp(
        -given.worth,
        constraints=LinearConstraint(given.rows, -np.inf, given.at_most),
        integrality=given.binary,
        bounds=Bounds(low.astype(np.float64), high.astype(np.float64)),
        options={"disp": False, "mip_rel_gap": _OPTIMAL, "time_limit": seconds},
    )

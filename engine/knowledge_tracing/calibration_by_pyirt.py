"""pyirt behind one function: imported when asked for, kept quiet, its traces removed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["lines_by_pyirt"]

# It searches within bounds only; its own, a difficulty of at most 2, cut off hard items.
_SETTINGS: dict[str, Any] = {
    "theta_bnds": [-4.0, 4.0],
    "num_theta": 21,
    "alpha_bnds": [0.1, 4.0],
    "beta_bnds": [-6.0, 6.0],
    "max_iter": 30,
    "tol": 1e-5,
    "nargout": 1,
}


def lines_by_pyirt(
    learner: NDArray[np.integer[Any]], item: NDArray[np.integer[Any]], score: Array
) -> tuple[Array, Array]:
    """Return slope and easiness per item by pyirt's marginal likelihood, (n_items,) each.

    pyirt's beta is the easiness, logit P = alpha·theta + beta. It compiles itself when first
    imported, which takes Cython and a C compiler, and forks for every step, which takes Linux or
    another system that forks.

    Parameters
    ----------
    learner, item : ndarray of int, shape (n_responses,)
        Codes from 0; every item has at least one response.
    score : ndarray of float, shape (n_responses,)
        Read as right from one half on.

    Raises
    ------
    ImportError
        It is not installed, setuptools is missing beside it on Python 3.12 and later, or there is
        no C compiler.
    """
    right = (score >= 0.5).astype(int).tolist()
    rows = list(zip(learner.tolist(), item.tolist(), right, strict=True))
    with _quietly():
        try:
            from pyirt import irt
        except ImportError as error:
            told = f"{error}: pyirt comes with attain[offline], and takes a C compiler"
            raise ImportError(told, name=error.name) from error
        found = irt(rows, **_SETTINGS)
    ordered = [found[k] for k in range(len(found))]
    return np.array([one["alpha"] for one in ordered]), np.array([one["beta"] for one in ordered])


@contextmanager
def _quietly() -> Iterator[None]:
    """Swallow what pyirt prints, and undo what it does to logging and to the import system."""
    root = logging.getLogger()
    handlers, level, finders = root.handlers[:], root.level, sys.meta_path[:]
    root.handlers[:] = [logging.NullHandler()]
    try:
        with redirect_stderr(StringIO()), redirect_stdout(StringIO()):
            logging.disable(logging.CRITICAL)
            yield
    finally:
        logging.disable(logging.NOTSET)
        root.handlers[:] = handlers
        root.setLevel(level)
        sys.meta_path[:] = finders

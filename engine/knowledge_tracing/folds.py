"""Splits by learner: nobody is in two folds, so what is known of a learner never leaks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ..errors import Fault, InvalidInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..domain.responses import ResponseLog

__all__ = ["in_folds", "learner_folds"]


def learner_folds(log: ResponseLog, n: int = 5, seed: int = 0) -> NDArray[np.int64]:
    """Return a fold from 0 to n − 1 for each response, by learner, shape (n_responses,).

    The folds differ by at most one learner in size. The same learners and seed give the same
    folds, whatever the order of the rows.

    Raises
    ------
    InvalidInput
        There are fewer learners than folds, or fewer than two folds.

    Examples
    --------
    >>> from ..domain.responses import ResponseLog
    >>> log = ResponseLog.from_columns(
    ...     learner=["ada", "ada", "bob"], item=["q", "q", "q"], score=[0, 1, 1], skills=["k"] * 3
    ... )
    >>> folds = learner_folds(log, n=2)
    >>> bool(folds[0] == folds[1]), bool(folds[0] == folds[2])
    (True, False)
    """
    present, learner = np.unique(log.learner, return_inverse=True)
    if not 2 <= n <= len(present):
        problem = f"is {n}, expected from 2 to the number of learners, {len(present)}"
        raise InvalidInput("split", [Fault("n", problem)])
    fold = np.empty(len(present), dtype=np.int64)
    fold[np.random.default_rng(seed).permutation(len(present))] = np.arange(len(present)) % n
    chosen: NDArray[np.int64] = fold[learner]
    return chosen


def in_folds(log: ResponseLog, folds: Iterable[int]) -> NDArray[np.bool_]:
    """Return which responses lie in some folds of the log's own, shape (n_responses,).

    Raises
    ------
    InvalidInput
        The log has no folds, or not all of those.
    """
    if log.fold is None:
        problem = "is missing"
        raise InvalidInput("response log", [Fault("fold", problem, "give it, or make folds")])
    known, wanted = np.unique(log.fold).tolist(), list(folds)
    faults = [
        Fault("fold", f"has no {fold!r}, only {', '.join(map(str, known))}")
        for fold in wanted
        if fold not in known
    ]
    if faults:
        raise InvalidInput("split", faults)
    return np.isin(log.fold, wanted)

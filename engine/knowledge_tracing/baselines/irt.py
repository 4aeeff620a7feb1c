"""Item response theory: one ability per learner that does not move (Birnbaum 1968)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import Fault, InvalidInput
from ..calibration import calibrate_items
from ..marginal_likelihood import ABILITY_GRID, ABILITY_WEIGHTS
from .contract import Baseline
from .fallback import ItemValues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ...domain.responses import ResponseLog

    Array = NDArray[np.float64]

__all__ = ["IRT"]

_ROWS_AT_A_TIME = 100_000


@dataclass(eq=False)
class IRT(Baseline):
    """logit P = discrimination·(ability − difficulty), the ability known from earlier answers only.

    The items are calibrated on the log fitted. Before each answer the learner's ability has its
    whole posterior given the answers so far, on a grid; P is averaged over it, which predicts
    better than its mode and is as quick. Without earlier answers it is the standard normal. An item
    that was not there is like the average one of its skills.

    Parameters
    ----------
    kind : {"2pl", "rasch"}
        Whether every item has a discrimination of its own (Birnbaum 1968) or all share one (Rasch
        1960).

    Examples
    --------
    >>> from ...domain.responses import ResponseLog
    >>> log = ResponseLog.from_columns(
    ...     learner=list("aabb"), item=list("pqpq"), skills=["sql"] * 4, score=[1, 1, 0, 0]
    ... )
    >>> p = IRT().fit(log).predict_correct(log)
    >>> bool(p[0] == p[2]), bool(p[1] > p[3])
    (True, True)
    """

    kind: str = "2pl"

    def _check_options(self) -> None:
        if self.kind not in ("2pl", "rasch"):
            problem = f"is {self.kind!r}, expected '2pl' or 'rasch'"
            raise InvalidInput("options of IRT", [Fault("kind", problem)])

    def _learn(self, log: ResponseLog) -> None:
        self.calibration_ = calibrate_items(log, kind=self.kind)
        slope, difficulty = self.calibration_.of_items(log.item_ids)
        self._log_slopes = ItemValues(log, np.log(slope))
        self._easiness = ItemValues(log, -slope * difficulty)

    def _predict(self, log: ResponseLog) -> Array:
        slope, easiness = np.exp(self._log_slopes.of(log)), self._easiness.of(log)
        p = np.empty(len(log))
        for rows, first in _histories(log):
            z = slope[rows, None] * ABILITY_GRID + easiness[rows, None]
            p[rows] = _before_each_answer(z, log.score[rows], first)
        return p


def _histories(log: ResponseLog) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield whole histories: their rows in time, and for each the place of its learner's first."""
    rows = log.time_order
    learner = log.learner[rows]
    starts = np.flatnonzero(np.r_[True, learner[1:] != learner[:-1]]) if len(rows) else rows
    begin = 0
    while begin < len(rows):
        later = starts[starts >= min(begin + _ROWS_AT_A_TIME, len(rows))]
        end = int(later[0]) if len(later) else len(rows)
        mine = starts[(starts >= begin) & (starts < end)]
        yield rows[begin:end], np.repeat(mine, np.diff(np.r_[mine, end])) - begin
        begin = end


def _before_each_answer(z: Array, score: Array, first: NDArray[np.int64]) -> Array:
    """Return P(right) of answers with logits z, (n_rows, n_grid), each from those before it."""
    from scipy.special import expit

    told = score[:, None] * z - np.logaddexp(0.0, z)
    total = np.vstack([np.zeros(z.shape[1]), np.cumsum(told, axis=0)])
    posterior = total[:-1] - total[first] + np.log(ABILITY_WEIGHTS)
    posterior -= posterior.max(axis=1, keepdims=True)
    np.exp(posterior, out=posterior)
    p: Array = (posterior * expit(z)).sum(axis=1) / posterior.sum(axis=1)
    return np.clip(p, 0.0, 1.0)

"""Measures over resampled learners: how far they would move with other learners.

Answers of one learner go together, so learners are drawn with replacement, each with all their
answers (Efron & Tibshirani 1993, An introduction to the bootstrap, chapter 8). Every model is
measured on the same draws; differences between models are therefore paired.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .metrics import equal_count_bins, smallest_p

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Rows = NDArray[np.int64]

__all__ = ["LearnerDraws", "calibration_band"]

_DRAWS_AT_A_TIME = 5_000_000


class LearnerDraws:
    """How often each learner is drawn in each replicate.

    Parameters
    ----------
    learner : ndarray of int, shape (n_responses,)
        Whose response each is.
    replicates : int
    seed : int

    Examples
    --------
    >>> draws = LearnerDraws(np.array([0, 0, 1, 1]), replicates=50)
    >>> draws.weights.shape, set(draws.weights.sum(axis=1).tolist())
    ((50, 2), {2.0})
    """

    def __init__(self, learner: NDArray[np.integer], *, replicates: int, seed: int = 0) -> None:
        present, self.learner = np.unique(learner, return_inverse=True)
        n = len(present)
        drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), size=replicates)
        self.weights: Array = drawn.astype(np.float64)

    def measures(self, y: Array, p: Array, rows: Rows | None = None) -> dict[str, Array]:
        """Return every measure of some responses in each replicate, shape (n_replicates,) each.

        NaN where a replicate drew nobody, or for `auc` nobody of one kind of answer.
        """
        at = np.arange(len(y)) if rows is None else rows
        y, p, learner = y[at], p[at], self.learner[at]
        inside = np.clip(p, smallest_p, 1.0 - smallest_p)
        with np.errstate(invalid="ignore", divide="ignore"):
            count = self._sum(learner, np.ones(len(at)))
            squared = self._sum(learner, (y - p) ** 2) / count
            surprise = -(y * np.log(inside) + (1.0 - y) * np.log1p(-inside))
            agreed = ((p >= 0.5) == (y >= 0.5)).astype(float)
            return {
                "auc": self._auc(learner, y, p),
                "rmse": np.sqrt(squared),
                "log_loss": self._sum(learner, surprise) / count,
                "accuracy": self._sum(learner, agreed) / count,
                "calibration_error": self._calibration_error(learner, y, p) / count,
            }

    def _sum(self, learner: Rows, value: Array) -> Array:
        found: Array = self.weights @ np.bincount(learner, value, self.weights.shape[1])
        return found

    def _calibration_error(self, learner: Rows, y: Array, p: Array) -> Array:
        bins = equal_count_bins(p)
        found = np.zeros(len(self.weights))
        for one in np.unique(bins):
            found += np.abs(self._sum(learner, np.where(bins == one, p - y, 0.0)))
        return found

    def _auc(self, learner: Rows, y: Array, p: Array) -> Array:
        """Return the weighted Mann–Whitney statistic per replicate, from one sort for all."""
        right = y >= 0.5
        high, low = np.argsort(p[right], kind="stable"), np.argsort(p[~right], kind="stable")
        of_right, of_wrong = learner[right][high], learner[~right][low]
        sorted_right, sorted_wrong = p[right][high], p[~right][low]
        below = np.searchsorted(sorted_wrong, sorted_right, side="left")
        up_to = np.searchsorted(sorted_wrong, sorted_right, side="right")
        tied = bool((below != up_to).any())
        found = np.empty(len(self.weights))
        passed = np.zeros(len(of_wrong) + 1)
        for k, weight in enumerate(self.weights):
            np.cumsum(weight[of_wrong], out=passed[1:])
            wins = (passed[below] + passed[up_to]) / 2.0 if tied else passed[below]
            each = weight[of_right]
            with np.errstate(invalid="ignore", divide="ignore"):
                found[k] = (each * wins).sum() / (each.sum() * passed[-1])
        return found


def calibration_band(p: Array, *, replicates: int = 500, seed: int = 0) -> float:
    """Return the calibration error that a perfectly calibrated model of p stays within, 95%.

    Answers are drawn right with probability p, independently: given the learner's history, what is
    left of an answer of such a model is independent of all before it. Where scores are partial,
    the band is a little wide.

    Examples
    --------
    >>> 0.005 < calibration_band(np.full(1000, 0.5)) < 0.05
    True
    """
    rng = np.random.default_rng(seed)
    order = np.argsort(equal_count_bins(p), kind="stable")
    bins, p = equal_count_bins(p)[order], p[order]
    starts = np.flatnonzero(np.r_[True, bins[1:] != bins[:-1]])
    expected = np.add.reduceat(p, starts)
    found: list[Array] = []
    at_a_time = max(1, _DRAWS_AT_A_TIME // len(p))
    while sum(map(len, found)) < replicates:
        drawn = rng.random((at_a_time, len(p)), dtype=np.float32) < p
        right = np.add.reduceat(drawn, starts, axis=1, dtype=np.int64)
        found.append(np.abs(right - expected).sum(axis=1) / len(p))
    return float(np.quantile(np.concatenate(found)[:replicates], 0.95))

"""How well predictions fit the answers.

Every metric takes the scores y, in [0, 1], and the predictions p, in [0, 1], of the same
responses. Partial scores count in proportion in `rmse`, `log_loss` and `calibration_error`;
`auc` and `accuracy` read a score of at least one half as right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import Fault, InvalidInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

__all__ = [
    "CalibrationBin",
    "accuracy",
    "auc",
    "calibration_curve",
    "calibration_error",
    "equal_count_bins",
    "log_loss",
    "rmse",
    "smallest_p",
]

smallest_p = 1e-15  # keeps the log-loss of a certain mistake finite


def auc(y: ArrayLike, p: ArrayLike) -> float:
    """Return the area under the receiver operating characteristic; NaN if all answers are alike.

    It is the probability that a right answer was given a higher prediction than a wrong one,
    ties counting one half: the Mann–Whitney statistic (Hanley & McNeil 1982), by ranks.

    Examples
    --------
    >>> auc([0, 1, 1, 0], [0.1, 0.9, 0.4, 0.4])
    0.875
    """
    scores, predictions = _checked(y, p)
    right = scores >= 0.5
    n_right = int(right.sum())
    n_wrong = len(right) - n_right
    if not n_right or not n_wrong:
        return float("nan")
    _, tie, size = np.unique(predictions, return_inverse=True, return_counts=True)
    rank = (np.cumsum(size) - 0.5 * (size - 1))[tie]
    above = float(rank[right].sum()) - 0.5 * n_right * (n_right + 1)
    return above / (n_right * n_wrong)


def rmse(y: ArrayLike, p: ArrayLike) -> float:
    """Return the root of the mean squared error.

    Examples
    --------
    >>> rmse([1, 0], [0.5, 0.5])
    0.5
    """
    scores, predictions = _checked(y, p)
    return float(np.sqrt(np.mean((scores - predictions) ** 2)))


def log_loss(y: ArrayLike, p: ArrayLike) -> float:
    """Return the mean of −y·log p − (1 − y)·log(1 − p), in nats.

    Examples
    --------
    >>> round(log_loss([1, 0], [0.5, 0.5]), 4)
    0.6931
    """
    scores, predictions = _checked(y, p)
    inside = np.clip(predictions, smallest_p, 1.0 - smallest_p)
    return float(-np.mean(scores * np.log(inside) + (1.0 - scores) * np.log1p(-inside)))


def accuracy(y: ArrayLike, p: ArrayLike) -> float:
    """Return the share of responses whose more likely answer, right or wrong, was given.

    Examples
    --------
    >>> accuracy([1, 0, 0], [0.8, 0.3, 0.6]) == 2 / 3
    True
    """
    scores, predictions = _checked(y, p)
    return float(np.mean((predictions >= 0.5) == (scores >= 0.5)))


def calibration_error(y: ArrayLike, p: ArrayLike, *, n_bins: int = 10) -> float:
    """Return how far predictions are from what came true, over equal-count bins of predictions.

    The mean over the bins of \\|mean p − mean y\\|, weighted by their sizes. Equal predictions
    share their answers' mean, so that the order of the rows does not matter.

    Examples
    --------
    >>> calibration_error([1, 0, 1, 0], [0.5, 0.5, 0.5, 0.5])
    0.0
    """
    scores, predictions = _checked(y, p)
    values, tie, size = np.unique(predictions, return_inverse=True, return_counts=True)
    mean_score = np.bincount(tie, scores) / size
    gap = np.repeat(values - mean_score, size)
    return float(sum(abs(part.sum()) for part in np.array_split(gap, n_bins)) / len(gap))


class CalibrationBin(NamedTuple):
    """Responses of like predictions: how many, the mean prediction, the mean score."""

    n: int
    mean_p: float
    mean_score: float


def calibration_curve(y: ArrayLike, p: ArrayLike, *, n_bins: int = 10) -> list[CalibrationBin]:
    """Return what came true against what was predicted, over equal-count bins of predictions.

    Equal predictions stay in one bin, so there may be fewer bins.

    Examples
    --------
    >>> calibration_curve([0, 1, 1, 1], [0.25, 0.25, 0.75, 0.75], n_bins=2)[0]
    CalibrationBin(n=2, mean_p=0.25, mean_score=0.5)
    """
    scores, predictions = _checked(y, p)
    bins = equal_count_bins(predictions, n_bins)
    parts = (bins == one for one in np.unique(bins))
    return [
        CalibrationBin(int(part.sum()), float(predictions[part].mean()), float(scores[part].mean()))
        for part in parts
    ]


def equal_count_bins(p: Array, n_bins: int = 10) -> NDArray[np.int64]:
    """Return the bin of each prediction, by its rank; equal predictions share the middle one's.

    Examples
    --------
    >>> equal_count_bins(np.array([0.1, 0.9, 0.1, 0.8]), n_bins=2)
    array([0, 1, 0, 1])
    """
    _, tie, size = np.unique(p, return_inverse=True, return_counts=True)
    middle = np.cumsum(size) - 0.5 * (size + 1)
    bins: NDArray[np.int64] = (n_bins * (middle + 0.5) / len(p)).astype(np.int64)[tie]
    return np.minimum(bins, n_bins - 1)


def _checked(y: ArrayLike, p: ArrayLike) -> tuple[Array, Array]:
    scores, predictions = (np.asarray(one, dtype=np.float64).ravel() for one in (y, p))
    faults = []
    if len(scores) != len(predictions):
        problem = f"has {len(predictions)} values, expected one for each of {len(scores)} scores"
        faults.append(Fault("predictions", problem))
    elif not len(scores):
        faults.append(Fault("scores", "there are none, expected at least one"))
    for where, values in (("scores", scores), ("predictions", predictions)):
        outside = ~((values >= 0.0) & (values <= 1.0))
        if outside.any():
            first = int(np.flatnonzero(outside)[0])
            faults.append(Fault(f"{where}[{first}]", f"is {values[first]:g}, expected 0 to 1"))
    if faults:
        raise InvalidInput("scores and predictions", faults)
    return scores, predictions

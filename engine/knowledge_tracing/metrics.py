"""How well predictions fit the answers.

Every metric takes the scores y, in [0, 1], and the predictions p, in [0, 1], of the same
responses. Partial scores count in proportion in `rmse`, `log_loss` and `calibration_error`;
`auc` and `accuracy` read a score of at least one half as right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import Fault, InvalidInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

__all__ = ["accuracy", "auc", "calibration_error", "log_loss", "rmse"]

_SMALLEST = 1e-15  # keeps the log-loss of a certain mistake finite


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
    inside = np.clip(predictions, _SMALLEST, 1.0 - _SMALLEST)
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

"""Predictions of the same responses compared: scores with intervals, and paired differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import Fault, InvalidInput, UnknownId
from . import metrics
from .held_out import HeldOut
from .resampling import LearnerDraws, calibration_band
from .scores import LEVEL, MEASURES, Difference, Estimate, Evaluation, Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["Predictions", "compare"]

_OPPORTUNITIES_TOLD_APART = 20


class Predictions(NamedTuple):
    """What one model predicted for the held-out responses, shape (n_responses,)."""

    name: str
    p: Array
    fit_seconds: float | None = None


def compare(
    held_out: HeldOut,
    predicted: Sequence[Predictions],
    *,
    against: str | None = None,
    replicates: int = 500,
    seed: int = 0,
) -> Evaluation:
    """Score predictions of the same responses, with intervals and paired differences.

    Intervals are percentiles over learners drawn with replacement; that of the calibration error,
    which resampling pushes up, is mirrored at its value. Intervals of differences use the same
    draws for both models.

    Parameters
    ----------
    held_out : HeldOut
    predicted : sequence of Predictions
    against : str, optional
        The model that the others are compared with; the first by default.
    replicates : int
        How many times learners are drawn.
    seed : int

    Raises
    ------
    InvalidInput
        There are no predictions, names repeat, or there are fewer than two replicates.
    UnknownId
        `against` is none of the models.

    Examples
    --------
    >>> held_out = HeldOut(
    ...     np.array([1.0, 0, 1, 0]),
    ...     np.array([0, 0, 1, 1]),
    ...     np.ones(4, int),
    ...     np.ones(4, int),
    ...     np.ones(4, bool),
    ... )
    >>> coin, oracle = np.full(4, 0.5), np.array([0.9, 0.2, 0.8, 0.1])
    >>> found = compare(held_out, [Predictions("coin", coin), Predictions("oracle", oracle)])
    >>> found.differences[0].verdict("auc")
    'better'
    """
    names = [one.name for one in predicted]
    _check_request(names, replicates)
    reference = names[0] if against is None else against
    if reference not in names:
        raise UnknownId("model", reference, names)
    draws = LearnerDraws(held_out.learner, replicates=replicates, seed=seed)
    replicated = {one.name: draws.measures(held_out.score, one.p) for one in predicted}
    scores = {
        one.name: _score(one, held_out, draws, replicated[one.name], seed=seed) for one in predicted
    }
    differences = tuple(
        _difference(scores[name], scores[reference], replicated)
        for name in names
        if name != reference
    )
    n_learners = draws.weights.shape[1]
    return Evaluation(tuple(scores.values()), differences, n_learners, replicates)


def _check_request(names: Sequence[str], replicates: int) -> None:
    faults = []
    if not names or len(set(names)) < len(names):
        faults.append(Fault("models", f"are {list(names)}, expected at least one, none twice"))
    if replicates < 2:
        faults.append(Fault("replicates", f"is {replicates}, expected at least 2"))
    if faults:
        raise InvalidInput("evaluation", faults)


def _score(
    predicted: Predictions,
    held_out: HeldOut,
    draws: LearnerDraws,
    replicated: Mapping[str, Array],
    *,
    seed: int,
) -> Score:
    y, p = held_out.score, predicted.p
    parts = {name: np.flatnonzero(mask) for name, mask in held_out.parts().items() if mask.any()}
    return Score(
        name=predicted.name,
        n=len(y),
        fit_seconds=predicted.fit_seconds,
        measures=_estimates(y, p, replicated),
        calibration_band=calibration_band(p, seed=seed),
        parts={
            name: (len(rows), _estimates(y[rows], p[rows], draws.measures(y, p, rows)))
            for name, rows in parts.items()
        },
        calibration_curve=tuple(metrics.calibration_curve(y, p)),
        opportunities=tuple(_by_opportunity(held_out, p)),
    )


def _estimates(y: Array, p: Array, replicated: Mapping[str, Array]) -> dict[str, Estimate]:
    found = {}
    for name, measure in MEASURES.items():
        value = measure(y, p)
        low, high = _interval(replicated[name])
        if name == "calibration_error" and low is not None and high is not None:
            low, high = max(0.0, 2.0 * value - high), max(value, 2.0 * value - low)
        found[name] = Estimate(None if isnan(value) else value, low, high)
    return found


def _interval(replicates: Array) -> tuple[float | None, float | None]:
    known = replicates[~np.isnan(replicates)]
    if not len(known):
        return None, None
    low, high = np.quantile(known, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    return float(low), float(high)


def _difference(
    one: Score, other: Score, replicated: Mapping[str, Mapping[str, Array]]
) -> Difference:
    found = {}
    for name in MEASURES:
        ours, theirs = one.measures[name].value, other.measures[name].value
        value = None if ours is None or theirs is None else ours - theirs
        drawn = replicated[one.name][name] - replicated[other.name][name]
        found[name] = Estimate(value, *_interval(drawn))
    return Difference(one.name, other.name, found)


def _by_opportunity(held_out: HeldOut, p: Array) -> list[dict[str, float]]:
    found = []
    for opportunity in range(1, _OPPORTUNITIES_TOLD_APART + 1):
        rows = held_out.opportunity == opportunity
        if rows.any():
            y = held_out.score[rows]
            found.append(
                {
                    "opportunity": opportunity,
                    "n": int(rows.sum()),
                    "accuracy": metrics.accuracy(y, p[rows]),
                    "mean_p": float(p[rows].mean()),
                    "mean_score": float(y.mean()),
                }
            )
    return found

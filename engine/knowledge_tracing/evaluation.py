"""Models compared on a log: fitted on some learners, scored on others, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

import numpy as np

from ..errors import Fault, InvalidInput, UnknownId
from . import metrics
from .held_out import HeldOut
from .resampling import LearnerDraws, calibration_band

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ..domain.responses import ResponseLog

    Array = NDArray[np.float64]

__all__ = [
    "MEASURES",
    "Difference",
    "Estimate",
    "Evaluation",
    "Predictions",
    "Predictor",
    "Score",
    "compare",
    "evaluate",
]

MEASURES: Mapping[str, Callable[[ArrayLike, ArrayLike], float]] = {
    "auc": metrics.auc,
    "rmse": metrics.rmse,
    "log_loss": metrics.log_loss,
    "accuracy": metrics.accuracy,
    "calibration_error": metrics.calibration_error,
}
"""The measures by name; of `auc` and `accuracy` more is better, of the others less."""

_MORE_IS_BETTER = ("auc", "accuracy")
_LEVEL = 0.95
_OPPORTUNITIES_TOLD_APART = 20


class Predictor(Protocol):
    """What can be evaluated: every tracer, and every baseline."""

    def fit(self, log: Any) -> Self:
        """Learn from a log."""

    def predict_correct(self, log: Any) -> NDArray[np.float64]:
        """Return P(right) of each response before its answer is seen, shape (n_responses,)."""


class Predictions(NamedTuple):
    """What one model predicted for the held-out responses, shape (n_responses,)."""

    name: str
    p: Array
    fit_seconds: float | None = None


class Estimate(NamedTuple):
    """A measure and its 95 % interval over learners; None where answers were all alike."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Score:
    """How well one model predicted.

    Parameters
    ----------
    name : str
    n : int
        Responses predicted.
    fit_seconds : float or None
    measures : mapping of str to Estimate
        By the names of :data:`MEASURES`.
    calibration_band : float
        The calibration error that a perfectly calibrated model of these predictions stays within
        in 95 % of logs of this size.
    parts : mapping of str to (int, mapping of str to Estimate)
        The number of responses and the measures of each of :meth:`HeldOut.parts` that has any.
    calibration_curve : tuple of CalibrationBin
    opportunities : tuple of dict
        For opportunities 1 to 20 that occur: `opportunity, n, accuracy, mean_p, mean_score`.
    """

    name: str
    n: int
    fit_seconds: float | None
    measures: Mapping[str, Estimate]
    calibration_band: float
    parts: Mapping[str, tuple[int, Mapping[str, Estimate]]]
    calibration_curve: tuple[metrics.CalibrationBin, ...]
    opportunities: tuple[dict[str, float], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: the measures by name, their intervals, the rest."""
        values = {name: estimate.value for name, estimate in self.measures.items()}
        return {
            "name": self.name,
            **values,
            "n": self.n,
            "fit_seconds": self.fit_seconds,
            "intervals": _intervals(self.measures),
            "calibration_band": self.calibration_band,
            "parts": {name: {"n": n, **_plain(found)} for name, (n, found) in self.parts.items()},
            "calibration_curve": [one._asdict() for one in self.calibration_curve],
            "opportunities": list(self.opportunities),
        }


@dataclass(frozen=True)
class Difference:
    """By how much one model's measures exceed another's, on the same draws of learners.

    Examples
    --------
    >>> found = Difference("irt", "pfa", {"rmse": Estimate(-0.02, -0.03, -0.01)})
    >>> found.verdict("rmse")
    'better'
    """

    name: str
    against: str
    measures: Mapping[str, Estimate]

    def verdict(self, measure: str) -> str:
        """Return "better" or "worse" where the interval leaves out 0, else "level"."""
        _, low, high = self.measures[measure]
        if low is None or high is None or low <= 0.0 <= high:
            return "level"
        return "better" if (low > 0.0) == (measure in _MORE_IS_BETTER) else "worse"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        found = {
            name: {**one._asdict(), "verdict": self.verdict(name)}
            for name, one in self.measures.items()
        }
        return {"name": self.name, "against": self.against, "measures": found}


@dataclass(frozen=True)
class Evaluation:
    """Models scored on the same held-out responses, and how each differs from one of them."""

    scores: tuple[Score, ...]
    differences: tuple[Difference, ...]
    n_learners: int
    replicates: int

    def __getitem__(self, name: str) -> Score:
        """Return the score of a model by name."""
        for score in self.scores:
            if score.name == name:
                return score
        raise UnknownId("model", name, [score.name for score in self.scores])

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "models": [score.to_dict() for score in self.scores],
            "differences": [one.to_dict() for one in self.differences],
            "learners": self.n_learners,
            "replicates": self.replicates,
            "interval": _LEVEL,
        }

    def to_frame(self) -> dict[str, list[Any]]:
        """Return columns for a data frame of any kind, one row per model, part and measure."""
        rows = [
            (score.name, part, n, measure, *estimate)
            for score in self.scores
            for part, (n, found) in {"all": (score.n, score.measures), **score.parts}.items()
            for measure, estimate in found.items()
        ]
        names = ("model", "part", "n", "measure", *Estimate._fields)
        return {name: [row[k] for row in rows] for k, name in enumerate(names)}


def evaluate(
    models: Mapping[str, Predictor],
    log: ResponseLog,
    *,
    train: ArrayLike,
    test: ArrayLike,
    clock: Callable[[], float] | None = None,
    against: str | None = None,
    replicates: int = 500,
    seed: int = 0,
) -> Evaluation:
    """Fit each model on some rows of a log and score it on others, one prediction per response.

    Each answer is predicted before it is seen, with the learner's earlier answers among the test
    rows known.

    Parameters
    ----------
    models : mapping of str to Predictor
        Tracers or baselines by the name that their score bears. They are fitted in place.
    log : ResponseLog
    train, test : array of bool or of row numbers
        No row in both.
    clock : callable, optional
        Gives seconds, such as ``time.perf_counter``: the engine has no clock of its own. Without
        it, `fit_seconds` is None.
    against : str, optional
        The model that the others are compared with; the first by default.
    replicates, seed : int
        As :func:`compare`.

    Raises
    ------
    InvalidInput
        A row is in both, or one of them is empty.

    Examples
    --------
    >>> from ..domain.responses import ResponseLog
    >>> from .bkt import BKT
    >>> log = ResponseLog.from_columns(
    ...     learner=["ada", "ada", "bob", "bob"],
    ...     item=["q"] * 4,
    ...     score=[0, 1, 0, 1],
    ...     skills=["sql"] * 4,
    ... )
    >>> found = evaluate({"bkt": BKT()}, log, train=[0, 1], test=[2, 3])
    >>> found["bkt"].n, sorted(found["bkt"].parts)
    (2, ['cold_learners', 'first_opportunities', 'later_opportunities', 'warm_items'])
    """
    held_out = HeldOut.of_splits(log, [(train, test)])
    seen, unseen = (log.select(np.asarray(rows)) for rows in (train, test))
    predicted = []
    for name, model in models.items():
        began = clock() if clock else 0.0
        model.fit(seen)
        seconds = clock() - began if clock else None
        predicted.append(Predictions(name, model.predict_correct(unseen), seconds))
    return compare(held_out, predicted, against=against, replicates=replicates, seed=seed)


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
    low, high = np.quantile(known, [(1.0 - _LEVEL) / 2.0, (1.0 + _LEVEL) / 2.0])
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


def _intervals(measures: Mapping[str, Estimate]) -> dict[str, list[float | None]]:
    return {name: [one.low, one.high] for name, one in measures.items()}


def _plain(measures: Mapping[str, Estimate]) -> dict[str, Any]:
    values: dict[str, Any] = {name: one.value for name, one in measures.items()}
    return {**values, "intervals": _intervals(measures)}

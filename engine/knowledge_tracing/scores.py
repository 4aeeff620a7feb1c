"""What an evaluation found: frozen, plain as JSON, and as columns of a frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import UnknownId
from . import metrics

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["LEVEL", "MEASURES", "Difference", "Estimate", "Evaluation", "Score"]

MEASURES: Mapping[str, Callable[[ArrayLike, ArrayLike], float]] = {
    "auc": metrics.auc,
    "rmse": metrics.rmse,
    "log_loss": metrics.log_loss,
    "accuracy": metrics.accuracy,
    "calibration_error": metrics.calibration_error,
}
"""The measures by name; of `auc` and `accuracy` more is better, of the others less."""

_MORE_IS_BETTER = ("auc", "accuracy")
LEVEL = 0.95


class Estimate(NamedTuple):
    """A measure and its 95% interval over learners; None where answers were all alike."""

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
        in 95% of logs of this size.
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
            "interval": LEVEL,
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


def _intervals(measures: Mapping[str, Estimate]) -> dict[str, list[float | None]]:
    return {name: [one.low, one.high] for name, one in measures.items()}


def _plain(measures: Mapping[str, Estimate]) -> dict[str, Any]:
    values: dict[str, Any] = {name: one.value for name, one in measures.items()}
    return {**values, "intervals": _intervals(measures)}

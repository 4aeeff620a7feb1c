"""What is to be said of a fit: what it learned from, how it went, how well it predicts others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from engine.domain.summary import LogSummary
from engine.errors import NotFitted
from engine.knowledge_tracing import Evaluation, HeldOut, Predictions, compare, learner_folds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.domain import Completion, ResponseLog

__all__ = ["MEASURED_ON", "four_fifths", "measured", "report_of"]

MEASURED_ON = "On a fifth of the learners, by a model of its kind fitted to the others"
_FEWEST_LEARNERS = 10
_FOLDS = 5


def four_fifths(log: ResponseLog) -> NDArray[np.bool_] | None:
    """Return the rows of four fifths of the learners; None where there are too few of them."""
    if len(set(log.learner.tolist())) < _FEWEST_LEARNERS:
        return None
    rows: NDArray[np.bool_] = learner_folds(log, _FOLDS) != 0
    return rows


def measured(
    tracer: Any,
    log: ResponseLog,
    train: NDArray[np.bool_],
    *,
    model: str,
    completions: Sequence[Completion] | None = None,
) -> Evaluation:
    """Return how well a tracer that was fitted to some rows of a log predicts the others."""
    told = {} if completions is None else {"completions": completions}
    p = tracer.predict_correct(log.select(~train), **told)
    return compare(HeldOut.of_splits(log, [(train, ~train)]), [Predictions(model, p)])


def report_of(
    tracer: Any,
    log: ResponseLog | None = None,
    *,
    completions: int | None = None,
    seconds: float | None = None,
    evaluation: Evaluation | None = None,
) -> dict[str, Any] | None:
    """Return the report of a fitted tracer as plain values; None where it was never fitted.

    Parameters
    ----------
    tracer : Estimator
    log : ResponseLog, optional
        What it was fitted to. Without it, what the tracer remembers is told, None for the rest.
    completions : int, optional
        How many it was fitted to.
    seconds : float, optional
        That the fit took.
    evaluation : Evaluation, optional
        As :func:`measured` gives it.

    Examples
    --------
    >>> from engine import BKT
    >>> report_of(BKT()) is None
    True
    """
    try:
        report = tracer.report_
    except NotFitted:
        return None
    options = tracer.get_params()
    options.pop("curriculum")
    learned_from = _remembered(tracer) if log is None else asdict(LogSummary.of(log))
    return {
        "options": options,
        **{name: learned_from.get(f"n_{name}") for name in _COUNTED},
        "completions": completions,
        "first_day": learned_from.get("first_day"),
        "last_day": learned_from.get("last_day"),
        "modules": len(tracer.effects_),
        "converged": report.converged,
        "warnings": list(report.warnings),
        "fit_seconds": None if seconds is None else round(seconds, 3),
        "measured": None if evaluation is None else _scores(evaluation),
    }


_COUNTED = ("responses", "learners", "items", "skills")


def _remembered(tracer: Any) -> Mapping[str, Any]:
    """Return what a tracer still knows of what it was fitted to."""
    summary = getattr(tracer, "learned_from_", None)
    if summary is not None:
        return asdict(summary)
    report = tracer.report_
    return {name: getattr(report, name, None) for name in ("n_responses", "n_learners")}


def _scores(evaluation: Evaluation) -> dict[str, Any]:
    score = evaluation.scores[0]
    measures = {name: one._asdict() for name, one in score.measures.items()}
    return {"on": MEASURED_ON, "responses": score.n, **measures}

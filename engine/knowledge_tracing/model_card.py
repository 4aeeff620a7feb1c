"""What goes with a fitted model: what it learned from, how well it predicts, what it is not for.

After Mitchell et al. (2019), Model cards for model reporting: a page that a person can read before
relying on the numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..domain.summary import LogSummary
from .scores import LEVEL, Evaluation, Score

if TYPE_CHECKING:
    from ..domain.responses import ResponseLog
    from .estimator import Estimator
    from .scores import Estimate

__all__ = ["model_card"]

_SHOWN_WARNINGS = 20
_MEASURES = {
    "auc": "AUC",
    "rmse": "RMSE",
    "log_loss": "log-loss",
    "accuracy": "accuracy",
    "calibration_error": "calibration error",
}
_PARTS = {
    "all": "all",
    "first_opportunities": "first answer to a skill",
    "later_opportunities": "later answers to it",
    "cold_learners": "first ten answers of a learner",
    "warm_learners": "later answers",
    "cold_items": "items never fitted",
    "warm_items": "items that were fitted",
}
_UNMEASURED = "Not measured: on request, or for want of learners."
_USE = """\
Estimates from graded answers how likely a learner has attained a skill, to suggest what to learn
next and to show where a person or a team stands.

Not meant for grading, hiring, promotion or dismissal, or for any decision about a person that no
person answers for. Where such a system steers access to training or work, the law may ask for more
(in the European Union: Regulation 2024/1689, Annex III, 3 and 4).

An attainment is a probability under this model. It carries the doubt about the learner; the doubt
about the model's own parameters is told by `attainment_interval`. It says nothing about skills
without items, and little about learners unlike those of the log: measure again on your own before
relying on it, apart for each group that matters to you."""


def model_card(
    tracer: Estimator[Any, Any],
    log: ResponseLog | LogSummary,
    *,
    evaluation: Evaluation | None = None,
    measured_on: str = "",
) -> str:
    """Return a fitted tracer's card, in Markdown.

    Parameters
    ----------
    tracer : Estimator
        Fitted.
    log : ResponseLog or LogSummary
        What it was fitted to.
    evaluation : Evaluation, optional
        How well it, or its like, predicts other learners; the first score is the model's.
    measured_on : str
        On whom, in a few words.

    Raises
    ------
    NotFitted

    Examples
    --------
    >>> from . import BKT
    >>> from ..domain.responses import ResponseLog
    >>> rows = [{"learner": "ada", "item": "q", "skills": "sql", "correct": 1}]
    >>> log = ResponseLog.from_records(rows)
    >>> print(model_card(BKT(restarts=1).fit(log), log).splitlines()[0])
    # Model card: BKT
    """
    parts = [
        f"# Model card: {type(tracer).__name__}",
        _first_paragraph(type(tracer)),
        "## What it is for, and what not",
        _USE,
        "## What it learned from",
        _bullets(_about(log if isinstance(log, LogSummary) else LogSummary.of(log))),
        "## How it was fitted",
        _bullets(_fit(tracer)),
        "## What it found",
        _table(("parameter", "values", "5%", "median", "95%"), _ranges(tracer)),
        "## How well it predicts learners whom it has not seen",
        *(_measured(evaluation.scores[0], measured_on) if evaluation else (_UNMEASURED,)),
    ]
    return "\n\n".join(parts) + "\n"


def _first_paragraph(kind: type) -> str:
    text = (kind.__doc__ or "").split("\n\n")[0]
    return " ".join(text.split())


def _about(log: LogSummary) -> Iterator[str]:
    n = log.n_responses
    yield f"{n:,} responses of {log.n_learners:,} learners"
    yield f"{log.n_items:,} items, {log.n_skills:,} skills; mean score {log.total_score / n:.3f}"
    yield f"{log.n_several / n:.1%} of the responses exercised several skills"
    if log.first_day is not None:
        yield f"answered from {log.first_day} to {log.last_day}"
    else:
        yield "without instants: nothing is known of elapsed time"


def _fit(tracer: Estimator[Any, Any]) -> Iterator[str]:
    options = tracer.get_params()
    options.pop("curriculum")
    yield ", ".join(f"{name}={value!r}" for name, value in options.items())
    report = tracer.report_
    yield "converged" if report.converged else "not converged in every part"
    for text in report.warnings[:_SHOWN_WARNINGS]:
        yield f"warning: {text}"
    if len(report.warnings) > _SHOWN_WARNINGS:
        yield f"and {len(report.warnings) - _SHOWN_WARNINGS} more warnings, in its report"


def _ranges(tracer: Estimator[Any, Any]) -> Iterator[tuple[str, ...]]:
    for name, values in tracer.parameter_values().items():
        spread = (f"{value:.3f}" for value in np.quantile(values, (0.05, 0.5, 0.95)))
        yield (name, f"{len(values):,}", *spread)


def _measured(score: Score, on: str) -> Iterator[str]:
    yield (
        f"{on or 'Measured'}: {score.n:,} responses, one prediction each, before its answer is "
        f"seen. In brackets {LEVEL:.0%} intervals over learners drawn anew."
    )
    parts: Mapping[str, tuple[int, Mapping[str, Estimate]]] = {
        "all": (score.n, score.measures),
        **score.parts,
    }
    yield _table(
        ("part", "responses", *_MEASURES.values()),
        (
            (_PARTS[name], f"{n:,}", *(_told(found[one]) for one in _MEASURES))
            for name, (n, found) in parts.items()
        ),
    )
    yield (
        "A perfectly calibrated model would keep its calibration error below "
        f"{score.calibration_band:.4f} in 95% of logs of this size."
    )


def _told(one: Estimate) -> str:
    if one.value is None or one.low is None or one.high is None:
        return "–" if one.value is None else f"{one.value:.4f}"
    return f"{one.value:.4f} [{one.low:.4f}, {one.high:.4f}]"


def _bullets(lines: Iterator[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(columns: Sequence[str], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)

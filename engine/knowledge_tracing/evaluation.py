"""Tracers compared on a log: fitted on some learners, scored on others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import isnan
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from ..errors import Fault, InvalidInput
from . import metrics

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ..domain.responses import ResponseLog
    from .tracer import Tracer

__all__ = ["Score", "evaluate", "score_of"]


class Score(TypedDict):
    """How well one tracer predicted; `auc` is None where all answers were alike."""

    name: str
    auc: float | None
    rmse: float
    log_loss: float
    accuracy: float
    calibration_error: float
    n: int
    fit_seconds: float | None


def score_of(name: str, y: ArrayLike, p: ArrayLike, *, fit_seconds: float | None = None) -> Score:
    """Return the metrics of predictions p for scores y, under a name.

    Examples
    --------
    >>> score = score_of("coin", [1, 0, 1, 1], [0.5, 0.5, 0.5, 0.5])
    >>> score["auc"], score["accuracy"], score["n"]
    (0.5, 0.75, 4)
    """
    area = metrics.auc(y, p)
    return Score(
        name=name,
        auc=None if isnan(area) else area,
        rmse=metrics.rmse(y, p),
        log_loss=metrics.log_loss(y, p),
        accuracy=metrics.accuracy(y, p),
        calibration_error=metrics.calibration_error(y, p),
        n=int(np.size(np.asarray(y))),
        fit_seconds=fit_seconds,
    )


def evaluate(
    tracers: Mapping[str, Tracer],
    log: ResponseLog,
    *,
    train: ArrayLike,
    test: ArrayLike,
    clock: Callable[[], float] | None = None,
) -> Iterator[Score]:
    """Fit each tracer on some rows of a log and score it on others, one prediction per response.

    Each answer is predicted before it is seen, with the learner's earlier answers among the test
    rows known. Scores come one by one, as the tracers finish.

    Parameters
    ----------
    tracers : mapping of str to Tracer
        By the name that their score bears. They are fitted in place.
    log : ResponseLog
    train, test : array of bool or of row numbers
        No row in both.
    clock : callable, optional
        Gives seconds, such as ``time.perf_counter``: the engine has no clock of its own. Without
        it, `fit_seconds` is None.

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
    >>> [score] = evaluate({"bkt": BKT()}, log, train=[0, 1], test=[2, 3])
    >>> score["name"], score["n"]
    ('bkt', 2)
    """
    rows = np.arange(len(log))
    train_rows, test_rows = rows[np.asarray(train)], rows[np.asarray(test)]
    _check_split(train_rows, test_rows)
    seen, held_out = log.select(train_rows), log.select(test_rows)
    for name, tracer in tracers.items():
        began = clock() if clock else 0.0
        tracer.fit(seen)
        seconds = clock() - began if clock else None
        p = tracer.predict_correct(held_out)
        yield score_of(name, held_out.score, p, fit_seconds=seconds)


def _check_split(train: ArrayLike, test: ArrayLike) -> None:
    faults = [
        Fault(name, "is empty, expected at least one row")
        for name, rows in (("train", train), ("test", test))
        if not np.size(rows)
    ]
    both = np.intersect1d(train, test)
    if len(both):
        problem = f"shares {len(both)} rows with train, row {both[0]} first"
        faults.append(Fault("test", problem, "a row is either learned from or predicted"))
    if faults:
        raise InvalidInput("split", faults)

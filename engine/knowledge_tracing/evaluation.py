"""Models fitted on some learners of a log and scored on others."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from ..errors import Fault, InvalidInput
from .comparison import Predictions, compare
from .estimator import Estimator
from .folds import learner_folds
from .held_out import HeldOut
from .scores import Evaluation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ..domain.evidence import Completion
    from ..domain.responses import ResponseLog

    Splits = Sequence[tuple[ArrayLike, ArrayLike]]

__all__ = ["Predictor", "cross_validate", "evaluate"]


class Predictor(Protocol):
    """What can be evaluated: every tracer, and every baseline."""

    def fit(self, log: Any) -> Self:
        """Learn from a log."""

    def predict_correct(self, log: Any) -> NDArray[np.float64]:
        """Return P(right) of each response before its answer is seen, shape (n_responses,)."""


def evaluate(
    models: Mapping[str, Predictor],
    log: ResponseLog,
    *,
    train: ArrayLike,
    test: ArrayLike,
    completions: Iterable[Completion] | None = None,
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
    completions : iterable of Completion, optional
        Of anybody: tracers learn from those of the learners that they are fitted to, and are told
        those of the others. Baselines take no notice of them.
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
    splits = [(train, test)]
    told = _told(models, completions)
    predicted = [
        _predicted(name, model, log, splits, clock=clock, told=told[name])
        for name, model in models.items()
    ]
    held_out = HeldOut.of_splits(log, splits)
    return compare(held_out, predicted, against=against, replicates=replicates, seed=seed)


def cross_validate(
    models: Mapping[str, Predictor],
    log: ResponseLog,
    folds: ArrayLike | None = None,
    *,
    completions: Iterable[Completion] | None = None,
    clock: Callable[[], float] | None = None,
    against: str | None = None,
    replicates: int = 500,
    seed: int = 0,
) -> Evaluation:
    """Predict every fold of a log by copies of the models fitted to all the others, and score.

    Parameters
    ----------
    models : mapping of str to Predictor
        Tracers or baselines by the name that their score bears; they stay as they are.
    log : ResponseLog
    folds : array of int, shape (n_responses,), optional
        No learner may be in two. By default those of the log, or else five made by
        :func:`.learner_folds` from the seed.
    completions, clock, against, replicates, seed
        As :func:`evaluate`; `fit_seconds` is the sum of all fits.

    Raises
    ------
    InvalidInput
        There are fewer than two folds, or a learner is in several.

    Examples
    --------
    >>> from ..domain.responses import ResponseLog
    >>> from .bkt import BKT
    >>> log = ResponseLog.from_columns(
    ...     learner=list("aabbcc"), item=["q"] * 6, score=[0, 1] * 3, skills=["sql"] * 6
    ... )
    >>> cross_validate({"bkt": BKT()}, log, [0, 0, 1, 1, 2, 2])["bkt"].n
    6
    """
    fold = _folds_of(log, folds, seed)
    splits = [(fold != one, fold == one) for one in np.unique(fold)]
    held_out = HeldOut.of_splits(log, splits)
    told = _told(models, completions)
    predicted = [
        _predicted(name, copy.deepcopy(model), log, splits, clock=clock, told=told[name])
        for name, model in models.items()
    ]
    return compare(held_out, predicted, against=against, replicates=replicates, seed=seed)


def _folds_of(log: ResponseLog, folds: ArrayLike | None, seed: int) -> NDArray[np.int64]:
    if folds is None:
        return learner_folds(log, seed=seed) if log.fold is None else log.fold
    fold = np.asarray(folds)
    faults = []
    if fold.shape != (len(log),) or len(np.unique(fold)) < 2:
        problem = f"have shape {fold.shape}, expected two folds at least over ({len(log)},)"
        faults.append(Fault("folds", problem))
    else:
        pairs = np.unique(np.stack([log.learner, fold]), axis=1)
        learner, count = np.unique(pairs[0], return_counts=True)
        if (count > 1).any():
            torn = log.learner_ids[learner[count > 1][0]]
            remedy = "split by learner, as learner_folds does"
            faults.append(Fault("folds", f"have the learner {torn!r} in several", remedy))
    if faults:
        raise InvalidInput("cross-validation", faults)
    return fold


def _told(
    models: Mapping[str, Predictor], completions: Iterable[Completion] | None
) -> dict[str, dict[str, Any]]:
    """Return what each model is told beside a log."""
    if completions is None:
        return {name: {} for name in models}
    listed = list(completions)
    return {
        name: {"completions": listed} if isinstance(model, Estimator) else {}
        for name, model in models.items()
    }


def _predicted(
    name: str,
    model: Any,
    log: ResponseLog,
    splits: Splits,
    *,
    clock: Callable[[], float] | None,
    told: Mapping[str, Any],
) -> Predictions:
    seconds, parts = 0.0, []
    for train, test in splits:
        seen, unseen = (log.select(np.asarray(rows)) for rows in (train, test))
        began = clock() if clock else 0.0
        model.fit(seen, **told)
        seconds += clock() - began if clock else 0.0
        parts.append(model.predict_correct(unseen, **told))
    return Predictions(name, np.concatenate(parts), seconds if clock else None)

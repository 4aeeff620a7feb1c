"""Which learners are fitted and which predicted, as the options say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from engine import Fault, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from engine import ResponseLog

__all__ = ["Split", "rows_in_folds", "splits_of"]

_DEFAULT_FOLDS = 5


class Split(NamedTuple):
    """The rows to fit on and the rows to predict, as masks of shape (n_responses,)."""

    train: NDArray[np.bool_]
    test: NDArray[np.bool_]


def rows_in_folds(log: ResponseLog, folds: Sequence[int], option: str) -> NDArray[np.bool_]:
    """Return which rows are in some folds; raise where the log has no such fold."""
    import numpy as np

    if log.fold is None:
        remedy = "name it with --columns fold=…, or let --folds 5 make folds of learners"
        raise InvalidInput("request", [Fault(option, "takes a log with a column fold", remedy)])
    present = np.unique(log.fold).tolist()
    absent = [fold for fold in folds if fold not in present]
    if absent or not folds:
        problem = f"names the folds {absent or 'none'}; the log has {', '.join(map(str, present))}"
        raise InvalidInput("request", [Fault(option, problem)])
    return np.isin(log.fold, folds)


def splits_of(
    log: ResponseLog,
    *,
    train_folds: Sequence[int] | None = None,
    test_folds: Sequence[int] | None = None,
    folds: int | None = None,
    seed: int = 0,
) -> tuple[list[Split], str]:
    """Return the splits that the options ask for, and what they are in a few words.

    Named folds make one split; what is left unnamed is all the others. Otherwise every fold is
    predicted once by a model of all the others: the log's own folds, or folds of learners made
    from the seed where the log has none or a number of them is asked for.

    Raises
    ------
    InvalidInput
        The options contradict each other or the log.
    """
    import numpy as np

    if train_folds is not None or test_folds is not None:
        if folds is not None:
            problem = "cannot go with --train-folds or --test-folds"
            raise InvalidInput("request", [Fault("--folds", problem)])
        return [_named_split(log, train_folds, test_folds)], "the folds named"
    if folds is None and log.fold is not None and len(np.unique(log.fold)) > 1:
        return _each_in_turn(log.fold), "each fold of the log in turn"
    count = _DEFAULT_FOLDS if folds is None else folds
    _check_count(log, count)
    from engine.knowledge_tracing import learner_folds

    made = learner_folds(log, count, seed=seed)
    asked = "" if folds is not None else " (the log has none; --folds asks for another number)"
    return _each_in_turn(made), f"each of {count} folds of learners in turn{asked}"


def _named_split(
    log: ResponseLog, train_folds: Sequence[int] | None, test_folds: Sequence[int] | None
) -> Split:
    train = None if train_folds is None else rows_in_folds(log, train_folds, "--train-folds")
    test = None if test_folds is None else rows_in_folds(log, test_folds, "--test-folds")
    if test is None:
        train = cast("NDArray[np.bool_]", train)
        test = ~train
    elif train is None:
        train = ~test
    faults = [
        Fault(name, f"leaves nothing to {use}")
        for name, mask, use in (("--test-folds", train, "fit"), ("--train-folds", test, "predict"))
        if not mask.any()
    ]
    if (train & test).any():
        faults.append(Fault("--test-folds", "share folds with --train-folds"))
    if faults:
        raise InvalidInput("request", faults)
    return Split(train, test)


def _each_in_turn(fold: NDArray[np.int64]) -> list[Split]:
    import numpy as np

    return [Split(fold != one, fold == one) for one in np.unique(fold)]


def _check_count(log: ResponseLog, count: int) -> None:
    n_learners = len(set(log.learner.tolist()))
    if not 2 <= count <= n_learners:
        problem = f"is {count}, expected 2 to {n_learners}, the number of learners"
        raise InvalidInput("request", [Fault("--folds", problem)])

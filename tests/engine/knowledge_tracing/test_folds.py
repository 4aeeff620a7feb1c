"""Splits by learner."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.domain import ResponseLog
from engine.errors import InvalidInput
from engine.knowledge_tracing import in_folds, learner_folds

MakeLog = Callable[..., ResponseLog]


def test_nobody_is_in_two_folds_and_folds_are_of_a_size(make_log: MakeLog) -> None:
    log = make_log(1, n=500, n_learners=23)
    folds = learner_folds(log, n=4, seed=5)
    pairs = set(zip(log.learner.tolist(), folds.tolist(), strict=True))
    assert len(pairs) == 23
    sizes = np.bincount([fold for _, fold in pairs])
    assert sizes.tolist() in ([6, 6, 6, 5], [6, 6, 5, 6], [6, 5, 6, 6], [5, 6, 6, 6])


def test_the_order_of_the_rows_does_not_move_anybody(make_log: MakeLog) -> None:
    log = make_log(1)
    order = np.random.default_rng(0).permutation(len(log))
    np.testing.assert_array_equal(learner_folds(log)[order], learner_folds(log.select(order)))


def test_another_seed_gives_another_split(make_log: MakeLog) -> None:
    log = make_log(1)
    assert (learner_folds(log, seed=0) != learner_folds(log, seed=1)).any()


def test_more_folds_than_learners_are_refused(make_log: MakeLog) -> None:
    with pytest.raises(InvalidInput, match="number of learners, 12"):
        learner_folds(make_log(1), n=13)


def test_folds_of_the_log_are_picked_by_number() -> None:
    log = ResponseLog.from_columns(
        learner="abc", item="qqq", skills="kkk", score=[0, 1, 1], fold=[0, 1, 2]
    )
    assert in_folds(log, [0, 2]).tolist() == [True, False, True]
    with pytest.raises(InvalidInput, match="has no 7, only 0, 1, 2"):
        in_folds(log, [7])


def test_a_log_without_folds_says_so(make_log: MakeLog) -> None:
    with pytest.raises(InvalidInput, match="fold: is missing"):
        in_folds(make_log(1), [0])

"""Tracers and baselines in scikit-learn's hands: selection, search, folds of learners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.domain import ResponseLog
from engine.knowledge_tracing import BKT, DynamicIRT, learner_folds, log_loss
from engine.knowledge_tracing.baselines import PFA

selection = pytest.importorskip("sklearn.model_selection")
pandas = pytest.importorskip("pandas")


@pytest.fixture
def frame() -> Any:
    rng = np.random.default_rng(0)
    learner = np.repeat([f"l{i}" for i in range(24)], 8)
    able = np.repeat(rng.random(24) < 0.5, 8)
    item = np.tile([f"q{i}" for i in range(8)], 24)
    correct = (rng.random(len(learner)) < np.where(able, 0.85, 0.35)).astype(int)
    return pandas.DataFrame({"learner": learner, "item": item, "skills": "sql", "correct": correct})


@pytest.mark.parametrize("model", [BKT(), DynamicIRT(search_rounds=0), PFA()])
def test_cross_validation_over_folds_of_learners_is_that_of_the_engine(
    model: Any, frame: Any
) -> None:
    scores = selection.cross_val_score(
        model, frame, cv=selection.GroupKFold(3), groups=frame["learner"]
    )
    folds = selection.GroupKFold(3).split(frame, groups=frame["learner"])
    for score, (train, test) in zip(scores, folds, strict=True):
        unseen = frame.iloc[test]
        p = type(model)(**model.get_params()).fit(frame.iloc[train]).predict_correct(unseen)
        assert score == pytest.approx(-log_loss(unseen["correct"].to_numpy(), p))


def test_options_are_searched_for(frame: Any) -> None:
    grid = {"forget": [None, "opportunity"]}
    search = selection.GridSearchCV(BKT(), grid, cv=selection.GroupKFold(3))
    search.fit(frame, groups=frame["learner"])
    tried = search.cv_results_["mean_test_score"]
    assert search.best_score_ == max(tried)
    assert search.best_estimator_.parameters_["sql"][1].guess > 0.0


def test_folds_of_learners_split_frames(frame: Any) -> None:
    fold = learner_folds(ResponseLog.from_frame(frame), n=3)
    splits = selection.PredefinedSplit(fold)
    assert len(selection.cross_val_score(BKT(), frame, cv=splits)) == 3


@pytest.fixture
def certain() -> Callable[[float], Any]:
    class Certain(BKT):
        def __init__(self, p: float = 0.5) -> None:
            super().__init__()
            self.p = p

        def predict_correct(self, log: Any, **_: Any) -> Any:
            return np.full(len(log), self.p)

    return Certain


def test_the_score_is_the_mean_log_likelihood(certain: Any, frame: Any) -> None:
    share = frame["correct"].mean()
    expected = share * np.log(0.8) + (1 - share) * np.log(0.2)
    assert certain(0.8).score(frame) == pytest.approx(expected)
    assert certain(0.8).score(frame) != certain(0.6).score(frame)

"""Tracers compared: rows of metrics, no leaks, the caller's clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from engine.domain import ResponseLog
from engine.errors import InvalidInput
from engine.knowledge_tracing import BKT, auc, evaluate, learner_folds, score_of

MakeLog = Callable[..., ResponseLog]


def test_each_tracer_gets_a_row_of_metrics(make_log: MakeLog) -> None:
    log = make_log(4)
    test = learner_folds(log, n=3) == 0
    tracers = {"plain": BKT(), "forgetful": BKT(forget="opportunity")}
    rows = list(evaluate(tracers, log, train=~test, test=test))
    assert [row["name"] for row in rows] == ["plain", "forgetful"]
    assert set(rows[0]) == {
        "name", "auc", "rmse", "log_loss", "accuracy", "calibration_error", "n", "fit_seconds",
    }  # fmt: skip
    assert rows[0]["n"] == test.sum()
    assert rows[0]["fit_seconds"] is None
    held_out = log.select(test)
    assert rows[0]["auc"] == auc(held_out.score, tracers["plain"].predict_correct(held_out))


def test_the_caller_brings_the_clock(make_log: MakeLog) -> None:
    log, ticks = make_log(4), count(step=2.5)
    [row] = evaluate(
        {"bkt": BKT()}, log, train=range(200), test=range(200, 300), clock=lambda: next(ticks)
    )
    assert row["fit_seconds"] == 2.5


def test_answers_to_be_predicted_do_not_reach_the_fit(make_log: MakeLog) -> None:
    log = make_log(4)
    test = learner_folds(log, n=3) == 0
    flipped = np.where(test, 1 - log.score, log.score)
    other = replace(log, score=flipped)
    one, two = BKT(), BKT()
    list(evaluate({"one": one}, log, train=~test, test=test))
    list(evaluate({"two": two}, other, train=~test, test=test))
    assert one.to_json() == two.to_json()


def test_no_answer_is_predicted_from_itself_or_later_ones(make_log: MakeLog) -> None:
    log = make_log(6)
    tracer = BKT().fit(log)
    before = tracer.predict_correct(log)
    row = int(log.time_order[150])
    changed = log.score.copy()
    changed[row] = 1.0 - changed[row] if changed[row] != 0.5 else 0.0
    other = replace(log, score=changed)
    moved = np.flatnonzero(tracer.predict_correct(other) != before)
    place = np.empty(len(log), dtype=int)
    place[log.time_order] = np.arange(len(log))
    assert len(moved)
    assert (place[moved] > 150).all()
    assert (log.learner[moved] == log.learner[row]).all()


def test_a_row_on_both_sides_is_refused(make_log: MakeLog) -> None:
    with pytest.raises(InvalidInput, match="shares 1 rows with train"):
        list(evaluate({"bkt": BKT()}, make_log(4), train=[0, 1], test=[1, 2]))
    with pytest.raises(InvalidInput, match="test: is empty"):
        list(evaluate({"bkt": BKT()}, make_log(4), train=[0, 1], test=np.zeros(300, dtype=bool)))


def test_a_score_without_wrong_answers_has_no_auc() -> None:
    assert score_of("x", [1, 1], [0.4, 0.6])["auc"] is None

"""Models compared: measures with intervals, paired differences, parts, no leaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pytest

from engine.domain import ResponseLog
from engine.errors import InvalidInput, NotFitted, UnknownId
from engine.knowledge_tracing import (
    BKT,
    HeldOut,
    Predictions,
    auc,
    compare,
    cross_validate,
    evaluate,
    learner_folds,
)
from engine.knowledge_tracing.baselines import ItemMean
from engine.knowledge_tracing.scores import MEASURES, Difference, Estimate

MakeLog = Callable[..., ResponseLog]


def held_out(score: Any, learner: Any) -> HeldOut:
    n = len(score)
    ones = np.ones(n, int)
    return HeldOut(np.asarray(score, float), np.asarray(learner), ones, ones, np.ones(n, bool))


def answers(seed: int, n_learners: int, n_each: int) -> tuple[HeldOut, np.ndarray]:
    """Return answers whose chances go with the learner, and the chances."""
    rng = np.random.default_rng(seed)
    of_learner = rng.beta(4, 2, n_learners)
    p = np.clip(np.repeat(of_learner, n_each) + rng.uniform(-0.2, 0.2, n_learners * n_each), 0, 1)
    y = (rng.random(len(p)) < p).astype(float)
    return held_out(y, np.repeat(np.arange(n_learners), n_each)), p


def test_each_model_gets_its_measures(make_log: MakeLog) -> None:
    log = make_log(4)
    test = learner_folds(log, n=3) == 0
    models = {"plain": BKT(), "item mean": ItemMean()}
    found = evaluate(models, log, train=~test, test=test, replicates=50)
    assert [score.name for score in found.scores] == ["plain", "item mean"]
    assert set(found["plain"].measures) == set(MEASURES)
    assert found["plain"].n == test.sum()
    assert found["plain"].fit_seconds is None
    unseen = log.select(test)
    p = models["plain"].predict_correct(unseen)
    assert found["plain"].measures["auc"].value == auc(unseen.score, p)
    for estimate in found["plain"].measures.values():
        assert estimate.low <= estimate.value <= estimate.high


def test_the_caller_brings_the_clock(make_log: MakeLog) -> None:
    log, ticks = make_log(4), count(step=2.5)
    found = evaluate(
        {"bkt": BKT()}, log, train=range(200), test=range(200, 300), clock=lambda: next(ticks)
    )
    assert found["bkt"].fit_seconds == 2.5


def test_answers_to_be_predicted_do_not_reach_the_fit(make_log: MakeLog) -> None:
    log = make_log(4)
    test = learner_folds(log, n=3) == 0
    other = replace(log, score=np.where(test, 1 - log.score, log.score))
    one, two = BKT(), BKT()
    evaluate({"one": one}, log, train=~test, test=test, replicates=2)
    evaluate({"two": two}, other, train=~test, test=test, replicates=2)
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
        evaluate({"bkt": BKT()}, make_log(4), train=[0, 1], test=[1, 2])
    with pytest.raises(InvalidInput, match="test: is empty"):
        evaluate({"bkt": BKT()}, make_log(4), train=[0, 1], test=np.zeros(300, dtype=bool))


def test_answers_that_are_all_alike_have_no_auc() -> None:
    found = compare(held_out([1, 1, 1], [0, 0, 1]), [Predictions("x", np.array([0.4, 0.6, 0.5]))])
    assert found["x"].measures["auc"] == Estimate(None, None, None)
    assert found["x"].measures["rmse"].value is not None


def test_a_request_that_cannot_be_met_is_refused() -> None:
    rows = held_out([0, 1], [0, 1])
    one = Predictions("x", np.array([0.5, 0.6]))
    with pytest.raises(UnknownId, match="unknown model 'x3'; did you mean"):
        compare(rows, [one, Predictions("x2", one.p)], against="x3")
    with pytest.raises(InvalidInput, match="none twice"):
        compare(rows, [one, one])
    with pytest.raises(InvalidInput, match="replicates: is 1"):
        compare(rows, [one], replicates=1)
    with pytest.raises(UnknownId, match="unknown model 'y'"):
        compare(rows, [one])["y"]


def test_a_model_does_not_differ_from_itself() -> None:
    rows, p = answers(0, 30, 10)
    found = compare(rows, [Predictions("one", p), Predictions("same", p.copy())], replicates=100)
    [difference] = found.differences
    assert all(one == Estimate(0.0, 0.0, 0.0) for one in difference.measures.values())
    assert {difference.verdict(name) for name in MEASURES} == {"level"}


def test_pairing_tells_models_apart_that_their_own_intervals_do_not() -> None:
    rows, p = answers(1, 80, 25)
    rough = np.clip(p + np.random.default_rng(2).normal(0, 0.1, len(p)), 0, 1)
    found = compare(rows, [Predictions("rough", rough), Predictions("true", p)])
    alone = [found[name].measures["auc"] for name in ("rough", "true")]
    assert alone[0].high > alone[1].low
    assert found.differences[0].verdict("auc") == "better"
    assert found.differences[0].verdict("log_loss") == "better"


@pytest.mark.parametrize(
    ("measure", "interval", "verdict"),
    [
        ("auc", (0.01, 0.02), "better"),
        ("auc", (-0.02, -0.01), "worse"),
        ("accuracy", (-0.02, 0.01), "level"),
        ("rmse", (-0.02, -0.01), "better"),
        ("log_loss", (0.01, 0.02), "worse"),
        ("calibration_error", (0.0, 0.02), "level"),
    ],
)
def test_better_is_said_only_where_the_interval_leaves_out_zero(
    measure: str, interval: tuple[float, float], verdict: str
) -> None:
    assert Difference("x", "y", {measure: Estimate(0.0, *interval)}).verdict(measure) == verdict


def test_parts_tell_early_and_cold_responses_apart() -> None:
    log = ResponseLog.from_columns(
        learner=["old"] * 2 + ["new"] * 14,
        item=["p", "q"] + ["p", "r"] * 7,
        skills=["x", "y"] + ["x", "x~y"] * 7,
        score=[1, 0] * 8,
    )
    rows = HeldOut.of_splits(log, [(np.arange(2), np.arange(2, 16))])
    parts = {name: np.flatnonzero(mask).tolist() for name, mask in rows.parts().items()}
    assert parts["first_opportunities"] == [0, 1]  # the second is the first of y
    assert parts["cold_learners"] == list(range(10))
    assert parts["cold_items"] == list(range(1, 14, 2))
    assert rows.position.tolist() == list(range(1, 15))
    found = compare(rows, [Predictions("x", np.full(14, 0.5))], replicates=10)["x"]
    assert found.parts["warm_items"][0] == 7
    assert found.parts["warm_items"][1]["accuracy"].value == 1.0
    assert [one["opportunity"] for one in found.opportunities][:3] == [1, 2, 3]


def test_an_evaluation_is_plain_json_and_a_frame() -> None:
    rows, p = answers(3, 20, 5)
    found = compare(rows, [Predictions("a", p, 0.5), Predictions("b", p**2)], replicates=20)
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert [one["name"] for one in plain["models"]] == ["a", "b"]
    assert plain["models"][0]["auc"] == found["a"].measures["auc"].value
    assert plain["models"][0]["intervals"]["auc"][0] <= plain["models"][0]["auc"]
    assert plain["differences"][0]["measures"]["auc"]["verdict"] in ("better", "worse", "level")
    frame = found.to_frame()
    assert {len(column) for column in frame.values()} == {2 * 4 * 5}  # three parts hold all rows
    assert frame["measure"][:5] == list(MEASURES)


def test_every_fold_is_predicted_by_a_model_of_the_others(make_log: MakeLog) -> None:
    log = make_log(4)
    fold = learner_folds(log, n=3)
    model = BKT()
    found = cross_validate({"bkt": model}, log, fold, replicates=50, clock=count().__next__)
    by_hand = np.concatenate(
        [BKT().fit(log.select(fold != k)).predict_correct(log.select(fold == k)) for k in range(3)]
    )
    y = np.concatenate([log.score[fold == k] for k in range(3)])
    assert found["bkt"].n == len(log)
    assert found["bkt"].measures["auc"].value == auc(y, by_hand)
    assert found["bkt"].fit_seconds == 3  # the clock ticks once a call
    with pytest.raises(NotFitted):
        _ = model.parameters_


def test_without_folds_the_logs_own_hold_or_five_are_made(make_log: MakeLog) -> None:
    log = make_log(4)
    own = replace(log, fold=learner_folds(log, n=2, seed=3))
    given = cross_validate({"mean": ItemMean()}, log, own.fold, replicates=10)
    assert cross_validate({"mean": ItemMean()}, own, replicates=10) == given
    made = cross_validate({"mean": ItemMean()}, log, learner_folds(log), replicates=10)
    assert cross_validate({"mean": ItemMean()}, log, replicates=10) == made


def test_a_learner_in_two_folds_is_refused(make_log: MakeLog) -> None:
    log = make_log(4)
    with pytest.raises(InvalidInput, match="in several; split by learner"):
        cross_validate({"mean": ItemMean()}, log, np.arange(len(log)) % 2)
    with pytest.raises(InvalidInput, match="expected two folds at least"):
        cross_validate({"mean": ItemMean()}, log, np.zeros(len(log)))

"""Guess and slip of items and of kinds of items."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.domain import Curriculum, Response, ResponseLog
from engine.errors import InvalidInput
from engine.knowledge_tracing import BKT, auc
from engine.knowledge_tracing.priors import MOST_NOISE

MakeLog = Callable[..., ResponseLog]


@pytest.fixture(scope="module")
def uneven() -> ResponseLog:
    """Answers to items of one skill: twenty that differ in guess and slip, one that is rare."""
    rng = np.random.default_rng(5)
    guess, slip = rng.uniform(0.05, 0.5, 20), rng.uniform(0.02, 0.4, 20)
    columns: dict[str, list[object]] = {"learner": [], "item": [], "score": []}
    for who in range(250):
        attained = rng.random() < 0.4
        for item in rng.permutation(20)[:12].tolist():
            right = rng.random() < (1 - slip[item] if attained else guess[item])
            for column, value in zip(
                columns.values(), (who, f"q{item}", float(right)), strict=True
            ):
                column.append(value)
            attained = attained or rng.random() < 0.15
    for column, value in zip(columns.values(), (0, "rare", 0.0), strict=True):
        column.append(value)
    return ResponseLog.from_columns(**columns, skills=["k"] * len(columns["score"]))


@pytest.fixture(scope="module")
def by_item(uneven: ResponseLog) -> BKT:
    return BKT(noise="item").fit(uneven)


def _halves(log: ResponseLog) -> tuple[ResponseLog, ResponseLog]:
    first = log.learner < len(log.learner_ids) // 2
    return log.select(first), log.select(~first)


def test_items_that_differ_predict_better_apart(uneven: ResponseLog) -> None:
    train, test = _halves(uneven)
    together, apart = (
        auc(test.score, BKT(noise=one).fit(train).predict_correct(test))
        for one in ("skill", "item")
    )
    assert apart > together + 0.03


def test_a_rare_item_stays_near_its_skill(by_item: BKT) -> None:
    usual = by_item.parameters_["k"][1]
    frame = by_item.noise_frame()
    rare = frame["item"].index("rare")
    assert frame["guess"][rare] == pytest.approx(usual.guess, abs=0.08)
    assert frame["slip"][rare] == pytest.approx(usual.slip, abs=0.15)


def test_an_item_never_seen_has_the_noise_of_its_skill(uneven: ResponseLog, by_item: BKT) -> None:
    usual = by_item.parameters_["k"][1]
    new = ResponseLog.from_columns(learner=["x"], item=["new"], skills=["k"], score=[1.0])
    expected = usual.prior * (1 - usual.slip) + (1 - usual.prior) * usual.guess
    assert by_item.predict_correct(new)[0] == pytest.approx(expected)


@pytest.mark.parametrize("forget", [None, "opportunity"])
def test_online_updates_predict_what_the_replay_predicts(
    make_log: MakeLog, forget: str | None
) -> None:
    log = make_log(11)
    tracer = BKT(noise="item", forget=forget).fit(log)
    expected = tracer.predict_correct(log)
    states = {one: tracer.start(one) for one in log.learner_ids}
    # The sets of an item's skills vary here in their level only, so an item says it all.
    for row in log.time_order.tolist():
        who, item = log.learner_ids[log.learner[row]], log.item_ids[log.item[row]]
        assert tracer.predict_item(states[who], item) == pytest.approx(expected[row])
        states[who] = tracer.update(states[who], Response(who, item, log.score[row]))


@pytest.mark.parametrize("noise", ["item", "kind"])
def test_guess_and_slip_stay_below_one_in_every_class(make_log: MakeLog, noise: str) -> None:
    log = make_log(4)
    kinds = ("quiz", "project")
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": one} for one in log.skill_ids],
        items=[
            {"item_id": one, "skills": [log.skill_ids[0]], "kind": kinds[i % 2]}
            for i, one in enumerate(log.item_ids)
        ],
    )
    tracer = BKT(noise=noise, curriculum=curriculum).fit(log)
    frame = tracer.noise_frame()
    assert set(frame[noise]) == set(log.item_ids if noise == "item" else kinds)
    for guess, slip in zip(frame["guess"], frame["slip"], strict=True):
        assert guess > 0
        assert slip > 0
        assert guess + slip <= MOST_NOISE + 1e-12


def test_kinds_of_items_differ_in_how_much_they_prove() -> None:
    rng = np.random.default_rng(2)
    items = [{"item_id": f"{kind}{i}", "skills": ["k"], "kind": kind}
             for kind in ("quiz", "project") for i in range(5)]  # fmt: skip
    curriculum = Curriculum.from_records(skills=[{"skill_id": "k"}], items=items)
    learner, item, score = [], [], []
    for who in range(400):
        attained = rng.random() < 0.5
        for one in rng.choice([str(one["item_id"]) for one in items], 8):
            guess, slip = (0.45, 0.1) if one.startswith("quiz") else (0.05, 0.1)
            learner.append(who)
            item.append(str(one))
            score.append(float(rng.random() < (1 - slip if attained else guess)))
    log = ResponseLog.from_columns(learner=learner, item=item, score=score, curriculum=curriculum)
    tracer = BKT(noise="kind", curriculum=curriculum).fit(log)
    told = dict(zip(tracer.noise_frame()["kind"], tracer.noise_frame()["guess"], strict=True))
    assert told["quiz"] == pytest.approx(0.45, abs=0.06)
    assert told["project"] == pytest.approx(0.05, abs=0.05)
    states = [
        tracer.update(tracer.start("a"), Response("a", one, 1.0)) for one in ("quiz0", "project0")
    ]
    quiz, project = (one.skills["k"].p_at_least[0] for one in states)
    assert project > quiz + 0.1


def test_kinds_need_a_curriculum(uneven: ResponseLog) -> None:
    with pytest.raises(InvalidInput, match="give the model a curriculum"):
        BKT(noise="kind").fit(uneven)


def test_a_model_with_items_comes_back_to_the_last_bit(uneven: ResponseLog, by_item: BKT) -> None:
    copy = BKT.from_json(by_item.to_json())
    assert copy.to_json() == by_item.to_json()
    np.testing.assert_array_equal(copy.predict_correct(uneven), by_item.predict_correct(uneven))


def test_the_objective_of_the_refinement_is_reported(by_item: BKT) -> None:
    report = by_item.report_["k"]
    assert report.converged
    assert report.trace[-1] > report.trace[0]

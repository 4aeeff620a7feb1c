"""Forgetting while days pass: a continuous-time chain, exact under replay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import (
    Completion,
    Curriculum,
    KnowledgeState,
    Module,
    ModuleEffect,
    Response,
    ResponseLog,
    SkillLevel,
)
from engine.errors import InvalidInput
from engine.knowledge_tracing import BKT, log_loss
from engine.knowledge_tracing.filtering import faded
from engine.knowledge_tracing.parameters import USUAL_DECAY

DAWN = datetime(2026, 1, 1, tzinfo=UTC)
HALF_LIFE_DAYS = 60.0


@pytest.fixture(scope="module")
def log() -> ResponseLog:
    """Answers of learners who forget with a half-life of sixty days, at uneven intervals."""
    rng = np.random.default_rng(12)
    responses = []
    for who in range(1500):
        attained, at = rng.random() < 0.4, DAWN
        for _ in range(10):
            right = rng.random() < (0.92 if attained else 0.15)
            responses.append(Response(f"l{who}", "q", float(right), at))
            attained = attained or rng.random() < 0.2
            days = float(rng.choice([0.1, 30.0, 90.0]))
            at += timedelta(days=days)
            attained = attained and rng.random() < 0.5 ** (days / HALF_LIFE_DAYS)
    rows = [
        {"learner": one.learner_id, "item": "q", "skills": "k", "score": one.score,
         "answered_at": one.answered_at} for one in responses
    ]  # fmt: skip
    return ResponseLog.from_records(rows)


@pytest.fixture(scope="module")
def fitted(log: ResponseLog) -> BKT:
    return BKT(forget="time").fit(log)


def test_the_half_life_is_found_again(fitted: BKT) -> None:
    assert fitted.half_lives_days_["k"] == pytest.approx(HALF_LIFE_DAYS, rel=0.15)
    assert fitted.parameters_["k"][1].learn == pytest.approx(0.2, abs=0.04)
    assert fitted.parameters_["k"][1].forget == 0.0


def test_time_predicts_better_than_opportunities_where_time_forgets(
    log: ResponseLog, fitted: BKT
) -> None:
    other = BKT(forget="opportunity").fit(log).predict_correct(log)
    assert log_loss(log.score, fitted.predict_correct(log)) < log_loss(log.score, other) - 0.02


def test_updating_online_predicts_what_the_replay_predicts(log: ResponseLog, fitted: BKT) -> None:
    few = log.select(log.learner < 20)
    expected = fitted.predict_correct(few)
    states = {one: fitted.start(one) for one in log.learner_ids[:20]}
    assert few.answered_at is not None
    for row in few.time_order.tolist():
        who = few.learner_ids[few.learner[row]]
        at = few.answered_at[row].astype("datetime64[us]").item().replace(tzinfo=UTC)
        found = fitted.predict_item(states[who], "q", at=at)
        assert found == pytest.approx(expected[row], abs=1e-9)
        states[who] = fitted.update(states[who], Response(who, "q", few.score[row], at))


beliefs = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=4).map(
    lambda one: tuple(sorted(one, reverse=True))
)


@given(beliefs, st.floats(0.0, 5.0), st.floats(0.0, 5.0))
def test_two_waits_equal_one_of_their_joint_length(
    belief: tuple[float, ...], first: float, second: float
) -> None:
    assert faded(faded(belief, first), second) == pytest.approx(faded(belief, first + second))


@given(beliefs, st.floats(0.0, 50.0))
def test_waiting_only_lowers_beliefs_and_keeps_their_order(
    belief: tuple[float, ...], expected: float
) -> None:
    after = faded(belief, expected)
    assert all(0.0 <= new <= old + 1e-12 for new, old in zip(after, belief, strict=True))
    assert all(low >= high - 1e-12 for low, high in pairwise(after))


def test_attainment_halves_in_a_half_life() -> None:
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": "k"}], items=[{"item_id": "q", "skills": ["k"]}]
    )
    tracer = BKT(forget="time", curriculum=curriculum)
    state = tracer.update(tracer.start("a"), Response("a", "q", 1.0, DAWN))
    later = DAWN + timedelta(days=np.log(2.0) / USUAL_DECAY)
    now, then = (tracer.attainment(state, [SkillLevel("k")], at=at)[0] for at in (DAWN, later))
    assert then == pytest.approx(now / 2)
    assert tracer.attainment(state, [SkillLevel("k")])[0] == now  # as it was when last heard of


def test_a_state_knows_of_when_it_speaks_and_survives_json() -> None:
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": "k"}], items=[{"item_id": "q", "skills": ["k"]}]
    )
    tracer = BKT(forget="time", curriculum=curriculum)
    state = tracer.update(tracer.start("a"), Response("a", "q", 1.0, DAWN))
    assert state.skills["k"].believed_at == DAWN
    assert KnowledgeState.from_dict(state.to_dict()) == state
    undated = tracer.update(state, Response("a", "q", 0.0))
    assert undated.skills["k"].believed_at == DAWN
    plain = BKT(curriculum=curriculum).update(tracer.start("a"), Response("a", "q", 1.0, DAWN))
    assert "believed_at" not in plain.to_dict()["skills"]["k"]


def test_a_module_teaches_who_has_forgotten() -> None:
    module = Module("m", [ModuleEffect("k", learn=0.5)], minutes=5)
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": "k"}],
        items=[{"item_id": "q", "skills": ["k"]}],
        modules=[module],
    )
    tracer = BKT(forget="time", curriculum=curriculum)
    state = tracer.update(tracer.start("a"), Response("a", "q", 1.0, DAWN))
    later = DAWN + timedelta(days=300)
    p = tracer.attainment(state, [SkillLevel("k")], at=later)[0]
    after = tracer.complete(state, Completion("a", "m", later))
    assert after.skills["k"].p_at_least[0] == pytest.approx(p + (1 - p) * 0.5)
    assert after.skills["k"].believed_at == later
    projected = tracer.project(state, module, at=later)
    assert projected.skills["k"] == after.skills["k"]


def test_an_answer_that_comes_late_finds_nothing_forgotten_backwards() -> None:
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": "k"}], items=[{"item_id": "q", "skills": ["k"]}]
    )
    tracer = BKT(forget="time", curriculum=curriculum)
    state = tracer.update(tracer.start("a"), Response("a", "q", 1.0, DAWN))
    earlier = tracer.update(state, Response("a", "q", 1.0, DAWN - timedelta(days=400)))
    same = tracer.update(state, Response("a", "q", 1.0, DAWN))
    assert earlier.skills["k"].p_at_least == same.skills["k"].p_at_least
    assert earlier.skills["k"].believed_at == DAWN


def test_a_log_without_dates_cannot_be_fitted_by_time() -> None:
    undated = ResponseLog.from_columns(learner=["a"], item=["q"], skills=["k"], score=[1.0])
    with pytest.raises(InvalidInput, match="answered_at"):
        BKT(forget="time").fit(undated)


def test_rates_are_in_the_model_file(fitted: BKT, log: ResponseLog) -> None:
    copy = BKT.from_json(fitted.to_json())
    assert copy.half_lives_days_ == fitted.half_lives_days_
    np.testing.assert_array_equal(copy.predict_correct(log), fitted.predict_correct(log))


def test_all_options_combine(log: ResponseLog) -> None:
    tracer = BKT(forget="time", noise="item").fit(log.select(log.learner < 300))
    assert tracer.report_.converged
    assert np.isfinite(tracer.predict_correct(log)).all()

"""Answers drawn from a model, and the model found again in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain import Curriculum, Response, SkillLevel
from engine.errors import UnknownId
from engine.knowledge_tracing import BKT, LevelParameters, calibration_error, random_schedule
from engine.knowledge_tracing.fitted import Fitted
from engine.knowledge_tracing.noise import Noise

ITEMS = ("sql-1", "sql-2", "charts-1", "report")
TRUTH = Fitted(
    {
        "sql": {
            1: LevelParameters(0.6, 0.2, 0.05, 0.2, 0.1),
            2: LevelParameters(0.4, 0.15, 0.05, 0.15, 0.12),
        },
        "charts": {1: LevelParameters(0.3, 0.12, 0.08, 0.25, 0.08)},
    },
    noise={"charts-1": {SkillLevel("charts"): Noise(0.1, 0.05)}},
    spread=(1.2, 0.6),
)
OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"forget": "opportunity"},
    {"forget": "opportunity", "noise": "item", "individual": "both"},
)


def _model(curriculum: Curriculum, **options: Any) -> BKT:
    return BKT(curriculum=curriculum, **options)._with(TRUTH)


@pytest.mark.parametrize("options", OPTIONS)
def test_the_model_predicts_its_own_answers_without_bias(
    curriculum: Curriculum, options: dict[str, Any]
) -> None:
    rng = np.random.default_rng(0)
    tracer = _model(curriculum, **options)
    log = tracer.simulate(random_schedule(ITEMS, 1500, 10, rng), rng=rng)
    p = tracer.predict_correct(log)
    assert calibration_error(log.score, p) < 0.015
    for item in range(len(ITEMS)):
        own = log.item == item
        spread = np.sqrt((p[own] * (1 - p[own])).sum()) / own.sum()
        # items of several skills are predicted with independent skills, which is not quite exact
        assert log.score[own].mean() == pytest.approx(p[own].mean(), abs=4 * spread + 0.01)


@pytest.mark.parametrize("options", OPTIONS)
def test_the_levels_behind_the_answers_are_believed_as_often_as_they_are_true(
    curriculum: Curriculum, options: dict[str, Any]
) -> None:
    rng = np.random.default_rng(1)
    tracer = _model(curriculum, **options)
    log, levels = tracer.simulate_levels(random_schedule(ITEMS[:3], 1200, 9, rng), rng=rng)
    believed, true = [], []
    states = {one: tracer.start(one) for one in log.learner_ids}
    for row in range(len(log)):
        who = log.learner_ids[log.learner[row]]
        answer = Response(who, log.item_ids[log.item[row]], log.score[row])
        states[who] = tracer.update(states[who], answer)
    for who, state in states.items():
        for target in (SkillLevel("sql", 1), SkillLevel("sql", 2), SkillLevel("charts")):
            if target.skill_id in levels[who]:
                believed.append(tracer.attainment(state, [target])[0])
                true.append(float(levels[who][target.skill_id] >= target.level))
    assert calibration_error(np.array(true), np.array(believed)) < 0.03


def test_a_fit_finds_the_parameters_again(curriculum: Curriculum) -> None:
    rng = np.random.default_rng(2)
    log = _model(curriculum).simulate(random_schedule(ITEMS[:3], 4000, 15, rng), rng=rng)
    found = BKT(curriculum=curriculum).fit(log).parameters_
    for skill_id, levels in TRUTH.parameters.items():
        for level, one in levels.items():
            expected = one._replace(forget=0.0)
            np.testing.assert_allclose(found[skill_id][level], expected, atol=0.06)


@settings(max_examples=15)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(0, 5))
def test_a_log_has_the_rows_of_its_schedule(seed: int, n_learners: int, length: int) -> None:
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": "a"}, {"skill_id": "b"}],
        items=[{"item_id": "q", "skills": ["a"]}, {"item_id": "r", "skills": ["a", "b"]}],
    )
    tracer = BKT(curriculum=curriculum)
    schedule = random_schedule(["q", "r"], n_learners, length, np.random.default_rng(seed))
    one, other = (tracer.simulate(schedule, rng=np.random.default_rng(seed)) for _ in range(2))
    np.testing.assert_array_equal(one.score, other.score)
    told = [one.item_ids[i] for i in one.item[one.time_order]]
    assert told == [item for own in schedule.values() for item in own]
    assert set(np.unique(one.score)) <= {0.0, 1.0}


def test_items_of_the_fitted_log_will_do_and_others_will_not(curriculum: Curriculum) -> None:
    rng = np.random.default_rng(3)
    log = _model(curriculum).simulate(random_schedule(ITEMS, 20, 5, rng), rng=rng)
    tracer = BKT().fit(log)
    again = tracer.simulate({"x": ["report", "sql-2"]}, rng=rng)
    assert [len(one) for one in again.skill_sets] == [2, 1]
    assert again.skill_sets[1] == (SkillLevel("sql", 2),)
    with pytest.raises(UnknownId, match="did you mean 'report'"):
        tracer.simulate({"x": ["reprt"]}, rng=rng)

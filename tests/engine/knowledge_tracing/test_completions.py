"""Modules completed between answers: what they teach is learned apart from what answering does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from engine.domain import Completion, Curriculum, Response, ResponseLog, SkillLevel
from engine.errors import InvalidInput
from engine.knowledge_tracing import BKT, evaluate, learner_folds, log_loss
from engine.knowledge_tracing.baselines import ItemMean
from engine.knowledge_tracing.lessons import Lessons, completions_among

DAWN = datetime(2026, 1, 1, tzinfo=UTC)
STRONG, WEAK, UNSEEN = 0.7, 0.1, 0.4

CURRICULUM = Curriculum.from_records(
    skills=[{"skill_id": "sql"}],
    items=[{"item_id": "q", "skills": ["sql"]}],
    modules=[
        {"module_id": name, "teaches": [{"skill_id": "sql", "learn": 0.4}], "minutes": 5}
        for name in ("strong", "weak", "unseen")
    ],
)


@pytest.fixture(scope="module")
def evidence() -> tuple[ResponseLog, list[Completion]]:
    """Six answers with a module after the third: half of the learners take each of two."""
    rng = np.random.default_rng(8)
    responses, completions = [], []
    for who in range(1200):
        attained = rng.random() < 0.2
        for t in range(6):
            right = rng.random() < (0.9 if attained else 0.2)
            at = DAWN + timedelta(hours=t)
            responses.append(Response(f"l{who}", "q", float(right), at))
            attained = attained or rng.random() < 0.08
            if t == 2:
                module, learn = ("strong", STRONG) if who % 2 else ("weak", WEAK)
                at += timedelta(minutes=30)
                completions.append(Completion(f"l{who}", module, at))
                attained = attained or rng.random() < learn
    return ResponseLog.from_records(responses, curriculum=CURRICULUM), completions


@pytest.fixture(scope="module")
def fitted(evidence: tuple[ResponseLog, list[Completion]]) -> BKT:
    log, completions = evidence
    return BKT(curriculum=CURRICULUM).fit(log, completions=completions)


def test_tracers_are_compared_on_what_they_are_told_of_completions(
    evidence: tuple[ResponseLog, list[Completion]],
) -> None:
    log, completions = evidence
    test = learner_folds(log, n=2) == 0
    names = {"train": ~test, "test": test, "replicates": 2}
    models = {"told": BKT(curriculum=CURRICULUM), "items": ItemMean()}
    told = evaluate(models, log, completions=completions, **names)
    silent = evaluate(models, log, **names)
    assert told["told"].measures["auc"].value > silent["told"].measures["auc"].value + 0.01
    assert told["items"].measures == silent["items"].measures


def test_who_has_no_rows_in_a_selection_tells_nothing_of_modules(
    evidence: tuple[ResponseLog, list[Completion]],
) -> None:
    log, completions = evidence
    of_one = log.select(log.learner == 0)
    assert {one.learner_id for one in completions_among(completions, of_one, CURRICULUM)} == {
        log.learner_ids[0]
    }


def test_what_modules_teach_is_found_apart_from_what_answering_does(fitted: BKT) -> None:
    sql = SkillLevel("sql")
    assert fitted.effects_["strong"][sql] == pytest.approx(STRONG, abs=0.07)
    assert fitted.effects_["weak"][sql] == pytest.approx(WEAK, abs=0.07)
    assert fitted.parameters_["sql"][1].learn == pytest.approx(0.08, abs=0.03)


def test_without_the_completions_answering_seems_to_teach_it_all(
    evidence: tuple[ResponseLog, list[Completion]],
) -> None:
    log, _ = evidence
    assert BKT(curriculum=CURRICULUM).fit(log).parameters_["sql"][1].learn > 0.12


def test_knowing_the_completions_predicts_better(
    fitted: BKT, evidence: tuple[ResponseLog, list[Completion]]
) -> None:
    log, completions = evidence
    plain = BKT(curriculum=CURRICULUM).fit(log).predict_correct(log)
    told = fitted.predict_correct(log, completions=completions)
    assert log_loss(log.score, told) < log_loss(log.score, plain) - 0.01


def test_the_replay_with_completions_is_the_online_path(
    fitted: BKT, evidence: tuple[ResponseLog, list[Completion]]
) -> None:
    log, completions = evidence
    expected = fitted.predict_correct(log, completions=completions)
    state, found = fitted.start("l1"), []
    rows = log.time_order[log.learner[log.time_order] == log.learner_ids.index("l1")]
    lesson = next(one for one in completions if one.learner_id == "l1")
    for t, row in enumerate(rows.tolist()):
        found.append(fitted.predict_item(state, "q"))
        state = fitted.update(state, Response("l1", "q", log.score[row]))
        if t == 2:
            state = fitted.complete(state, lesson)
    np.testing.assert_allclose(found, expected[rows], rtol=1e-12)


def test_a_learned_effect_goes_before_the_declared_one(fitted: BKT) -> None:
    start = fitted.start("new")
    before = fitted.attainment(start, [SkillLevel("sql")])[0]
    for name, learn in (("strong", fitted.effects_["strong"][SkillLevel("sql")]), ("unseen", 0.4)):
        after = fitted.project(start, CURRICULUM.modules[name])
        expected = before + (1 - before) * learn
        assert fitted.attainment(after, [SkillLevel("sql")])[0] == pytest.approx(expected)


def test_learned_effects_are_in_the_model_file_and_stay_with_another_curriculum(
    fitted: BKT,
) -> None:
    copy = BKT.from_json(fitted.to_json()).with_curriculum(CURRICULUM)
    assert copy.effects_ == fitted.effects_
    states = [one.complete(one.start("a"), Completion("a", "strong")) for one in (copy, fitted)]
    assert states[0] == states[1]


def test_few_completions_leave_an_effect_near_what_is_declared() -> None:
    responses = [
        Response(f"l{i}", "q", float(i % 2), DAWN + timedelta(days=t))
        for i in range(20)
        for t in range(3)
    ]
    log = ResponseLog.from_records(responses, curriculum=CURRICULUM)
    lone = [Completion("l1", "strong", DAWN + timedelta(hours=1))]
    found = BKT(curriculum=CURRICULUM).fit(log, completions=lone).effects_
    assert found["strong"][SkillLevel("sql")] == pytest.approx(0.4, abs=0.2)


def test_a_module_done_at_the_instant_of_an_answer_comes_before_it(
    fitted: BKT,
) -> None:
    log = ResponseLog.from_records([Response("a", "q", 1.0, DAWN)], curriculum=CURRICULUM)
    done = [Completion("a", "strong", DAWN)]
    p = fitted.predict_correct(log, completions=done)[0]
    state = fitted.complete(fitted.start("a"), done[0])
    assert p == pytest.approx(fitted.predict_item(state, "q"))


def test_completions_of_others_and_on_other_skills_change_nothing(
    fitted: BKT, evidence: tuple[ResponseLog, list[Completion]]
) -> None:
    log, _ = evidence
    others = [Completion("somebody-else", "strong", DAWN)]
    np.testing.assert_array_equal(
        fitted.predict_correct(log, completions=others), fitted.predict_correct(log)
    )


def test_every_completion_that_cannot_be_placed_is_named() -> None:
    log = ResponseLog.from_columns(learner=["a"], item=["q"], skills=["sql"], score=[1.0])
    given = [Completion("a", "stron", DAWN), Completion("a", "weak")]
    with pytest.raises(InvalidInput) as caught:
        BKT(curriculum=CURRICULUM).fit(log, completions=given)
    assert [fault.where for fault in caught.value.faults] == [
        "response log", "row 0, module_id", "row 1, completed_at",
    ]  # fmt: skip
    assert "did you mean 'strong'" in str(caught.value)


def test_lower_levels_are_taught_first() -> None:
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": "sql"}],
        modules=[
            {
                "module_id": "m",
                "teaches": [
                    {"skill_id": "sql", "level": 2, "learn": 0.5},
                    {"skill_id": "sql", "level": 1, "learn": 0.6},
                ],
                "minutes": 5,
            }
        ],
    )
    log = ResponseLog.from_columns(
        learner=["a", "a"], item=["x", "y"], skills=["sql"] * 2, level=[1, 2], score=[1, 0],
        answered_at=[DAWN, DAWN + timedelta(days=2)],
    )  # fmt: skip
    tracer = BKT(curriculum=curriculum).fit(log)
    done = [Completion("a", "m", DAWN + timedelta(days=1))]
    lessons = Lessons.of(done, log, curriculum, tracer._bound.chains_for(log))
    assert [reached.level for _, reached in lessons.effects] == [1, 2]
    state = tracer.update(tracer.start("a"), Response("a", "x", 1.0))
    state = tracer.complete(state, done[0])
    replayed = tracer.predict_correct(log, completions=done)
    assert replayed[1] == pytest.approx(tracer.predict_item(state, "y"))

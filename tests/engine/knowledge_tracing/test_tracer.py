"""What every tracer promises. A new kind of tracer joins `TRACERS` and inherits all of it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import pytest

from engine.domain import (
    Completion,
    Curriculum,
    KnowledgeState,
    Response,
    ResponseLog,
    Role,
    SkillLevel,
    SkillTarget,
)
from engine.errors import InvalidInput, UnknownId
from engine.knowledge_tracing import BKT, DynamicIRT, StepTracing, Tracer, tracer_from_json

TRACERS: dict[str, Callable[..., Any]] = {
    "BKT": BKT,
    "BKT with forgetting": lambda **options: BKT(forget="opportunity", **options),
    "BKT of learners who differ": lambda **options: BKT(individual="both", **options),
    "DynamicIRT": DynamicIRT,
    "StepTracing": StepTracing,
}
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SQL, SQL_2, SQL_3 = (SkillLevel("sql", level) for level in (1, 2, 3))
CHARTS = SkillLevel("charts")


def _history(curriculum: Curriculum) -> list[Response]:
    """Answers of five weak learners and ten strong ones, some of them half right."""
    rng = np.random.default_rng(1)
    items = list(curriculum.items)
    return [
        Response(
            f"l{learner}",
            items[rng.integers(len(items))],
            float(
                rng.choice([0.0, 0.5, 1.0], p=(0.1, 0.2, 0.7) if learner % 3 else (0.7, 0.2, 0.1))
            ),
        )
        for learner in range(15)
        for _ in range(12)
    ]


@pytest.fixture(params=TRACERS)
def make_tracer(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return TRACERS[request.param]


@pytest.fixture(scope="module")
def fitted(curriculum: Curriculum) -> Callable[[Callable[..., Any]], Any]:
    """Return fitted tracers, of each kind the same one, to be copied."""

    @cache
    def fitted(make_tracer: Callable[..., Any]) -> Any:
        log = ResponseLog.from_records(_history(curriculum), curriculum=curriculum)
        return make_tracer(curriculum=curriculum).fit(log)

    return fitted


@pytest.fixture(params=["before a fit", "after a fit"])
def tracer(
    request: pytest.FixtureRequest,
    make_tracer: Callable[..., Any],
    fitted: Callable[[Callable[..., Any]], Any],
    curriculum: Curriculum,
) -> Any:
    if request.param == "before a fit":
        return make_tracer(curriculum=curriculum)
    return deepcopy(fitted(make_tracer), {id(curriculum): curriculum})  # but for that


class TestTracerContract:
    """The battery."""

    def test_it_satisfies_the_protocol(self, tracer: Any) -> None:
        assert isinstance(tracer, Tracer)

    def test_a_right_answer_raises_attainment_and_a_wrong_one_lowers_it(self, tracer: Any) -> None:
        state = tracer.start("ada")
        before = tracer.attainment(state, [CHARTS])[0]
        right = tracer.update(state, Response("ada", "charts-1", 1.0))
        wrong = tracer.update(right, Response("ada", "charts-1", 0.0))
        assert tracer.attainment(right, [CHARTS])[0] > before
        assert tracer.attainment(wrong, [CHARTS])[0] < tracer.attainment(right, [CHARTS])[0]

    def test_attainment_never_rises_with_the_level(self, tracer: Any) -> None:
        state = tracer.start("ada")
        for item_id, score in [("sql-3", 1.0), ("sql-1", 0.0), ("sql-2", 0.5), ("report", 0.0)]:
            state = tracer.update(state, Response("ada", item_id, score))
            p = tracer.attainment(state, [SkillLevel("sql", level) for level in range(1, 7)])
            assert (np.diff(p) <= 1e-12).all()
            assert ((p >= 0) & (p <= 1)).all()

    def test_success_at_a_high_level_speaks_for_the_lower_ones(self, tracer: Any) -> None:
        state = tracer.start("ada")
        after = tracer.update(state, Response("ada", "sql-3", 1.0))
        assert (
            tracer.attainment(after, [SQL, SQL_2]) > tracer.attainment(state, [SQL, SQL_2])
        ).all()

    def test_states_are_values(self, tracer: Any) -> None:
        state = tracer.update(tracer.start("ada"), Response("ada", "report", 1.0))
        kept = KnowledgeState.from_dict(state.to_dict())
        tracer.update(state, Response("ada", "report", 0.0))
        tracer.complete(state, Completion("ada", "m-both"))
        assert state == kept

    def test_replay_one_by_one_equals_prediction_of_the_whole_log(
        self, tracer: Any, curriculum: Curriculum
    ) -> None:
        history = _history(curriculum)
        mixed = [history[i] for i in np.random.default_rng(2).permutation(len(history))]
        log = ResponseLog.from_records(mixed, curriculum=curriculum)
        states: dict[str, KnowledgeState] = {}
        one_by_one = []
        for response in mixed:
            state = states.get(response.learner_id) or tracer.start(response.learner_id)
            one_by_one.append(tracer.predict_item(state, response.item_id))
            states[response.learner_id] = tracer.update(state, response)
        np.testing.assert_allclose(tracer.predict_correct(log), one_by_one, atol=1e-10)

    def test_evidence_about_one_skill_leaves_the_others_alone(self, tracer: Any) -> None:
        state = tracer.update(tracer.start("ada"), Response("ada", "sql-1", 1.0))
        assert set(state.skills) == {"sql"}

    def test_what_was_answered_is_remembered(self, tracer: Any) -> None:
        state = tracer.start("ada")
        state = tracer.update(state, Response("ada", "sql-2", 0.5, NOON))
        state = tracer.update(state, Response("ada", "sql-1", 0.4, NOON.replace(hour=13)))
        state = tracer.update(state, Response("ada", "sql-1", 0.9))
        known = state.skills["sql"]
        assert known.opportunities == 3
        assert known.successes == {"sql-2": 2, "sql-1": 1}
        assert known.last_failed_at == known.last_answered_at == NOON.replace(hour=13)
        assert state.independent_successes("sql", 2) == 1
        undated = tracer.update(state, Response("ada", "sql-3", 0.0)).skills["sql"]
        assert undated.last_failed_at == undated.last_answered_at == NOON.replace(hour=13)
        assert undated.successes == known.successes

    def test_foreseeing_rows_of_modules_is_projecting_them_one_by_one(self, tracer: Any) -> None:
        state = tracer.update(tracer.start("ada"), Response("ada", "report", 1.0, NOON))
        one, both = (tracer.curriculum.modules[name] for name in ("m-sql-1", "m-both"))
        asked = [
            (wanted, modules)
            for wanted in (SQL, SQL_2, SQL_3, CHARTS)
            for modules in ((), (one,), (both,), (one, both), (both, one, both))
        ]
        for at in (None, NOON.replace(hour=18)):
            found = tracer.attainment_after(state, asked, at=at)
            for (wanted, modules), p in zip(asked, found, strict=True):
                then = state
                for module in modules:
                    then = tracer.project(then, module, at=at)
                assert p == pytest.approx(tracer.attainment(then, [wanted], at=at)[0], abs=1e-12)

    def test_completing_a_module_is_its_projection_and_is_noted(self, tracer: Any) -> None:
        state = tracer.update(tracer.start("ada"), Response("ada", "sql-1", 1.0))
        done = tracer.complete(state, Completion("ada", "m-both", NOON))
        projected = tracer.project(state, tracer.curriculum.modules["m-both"], at=NOON)
        assert done.skills == projected.skills
        assert dict(done.completed) == {"m-both": NOON}
        assert not projected.completed
        assert done.skills["sql"].opportunities == 1
        assert (
            tracer.attainment(done, [SQL_2, CHARTS]) > tracer.attainment(state, [SQL_2, CHARTS])
        ).all()

    def test_a_role_is_attained_target_by_target(self, tracer: Any) -> None:
        role = Role("analyst", [SkillTarget("charts"), SkillTarget("sql", level=2)])
        state = tracer.update(tracer.start("ada"), Response("ada", "sql-1", 1.0))
        np.testing.assert_array_equal(
            tracer.attainment(state, role), tracer.attainment(state, [CHARTS, SQL_2])
        )

    def test_skills_never_heard_of_have_a_prior(self, tracer: Any) -> None:
        state = tracer.start("ada")
        p = tracer.attainment(state, [SkillLevel("untouched", 2), SkillLevel("nowhere")])
        assert ((p > 0) & (p < 1)).all()

    def test_unknown_ids_are_refused_with_near_matches(self, tracer: Any) -> None:
        state = tracer.start("ada")
        with pytest.raises(UnknownId, match="unknown item 'sql_1'; did you mean 'sql-1'"):
            tracer.update(state, Response("ada", "sql_1", 1.0))
        with pytest.raises(UnknownId, match="item"):
            tracer.predict_item(state, "no-such-item")
        with pytest.raises(UnknownId, match="did you mean 'm-both'"):
            tracer.complete(state, Completion("ada", "m-bth"))

    def test_evidence_of_another_learner_is_refused(self, tracer: Any) -> None:
        with pytest.raises(InvalidInput, match="the state is of 'ada'"):
            tracer.update(tracer.start("ada"), Response("bob", "sql-1", 1.0))
        with pytest.raises(InvalidInput, match="the state is of 'ada'"):
            tracer.complete(tracer.start("ada"), Completion("bob", "m-both"))

    def test_a_log_of_unseen_skills_levels_and_items_is_predicted(self, tracer: Any) -> None:
        log = ResponseLog.from_columns(
            learner=["new", "new", "l1"],
            item=["x", "y", "z"],
            skills=["sql", "nowhere", "sql~elsewhere"],
            level=[9, 4, 2],
            score=[1, 0, 0.5],
        )
        p = tracer.predict_correct(log)
        assert p.shape == (3,)
        assert ((p > 0) & (p < 1)).all()

    def test_as_text_and_back_nothing_changes(self, tracer: Any, curriculum: Curriculum) -> None:
        copy = tracer_from_json(tracer.to_json(), curriculum=curriculum)
        assert copy.to_json() == tracer.to_json()
        log = ResponseLog.from_records(_history(curriculum), curriculum=curriculum)
        np.testing.assert_array_equal(copy.predict_correct(log), tracer.predict_correct(log))

    def test_another_curriculum_keeps_the_parameters(
        self, tracer: Any, curriculum: Curriculum
    ) -> None:
        assert tracer.with_curriculum(None).to_json() == tracer.to_json()
        assert tracer.curriculum is curriculum

    def test_hyper_parameters_are_read_and_set(self, tracer: Any) -> None:
        params = tracer.get_params()
        assert type(tracer)(**params).get_params() == params
        tracer.set_params(seed=9)
        assert tracer.get_params() == {**params, "seed": 9}
        with pytest.raises(UnknownId, match="did you mean 'seed'"):
            tracer.set_params(sede=1)

    def test_any_kind_of_frame_is_fitted_and_predicted(self, make_tracer: Any) -> None:
        columns = {
            "learner": ["a", "a", "b", "b"],
            "item": ["q", "r", "q", "r"],
            "skills": ["k", "k~m", "k", "k~m"],
            "correct": [0, 1, 1, 0],
        }
        pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
        fits = [
            make_tracer().fit(make_frame(columns)).predict_correct(make_frame(columns))
            for make_frame in (pandas.DataFrame, polars.DataFrame)
        ]
        np.testing.assert_array_equal(*fits)

    def test_seven_days_of_silence_do_not_fail(self, tracer: Any) -> None:
        state = tracer.update(tracer.start("ada"), Response("ada", "sql-1", 1.0, NOON))
        later = NOON.replace(day=12)
        assert 0 < tracer.attainment(state, [SQL], at=later)[0] < 1
        assert 0 < tracer.predict_item(state, "sql-1", at=later) < 1

"""The planner with a real tracer, with hand-written projectors, and at its door."""

# ruff: noqa: ARG002  # a projector has its arguments by protocol

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from engine.domain import (
    Completion,
    Curriculum,
    KnowledgeState,
    Response,
    Role,
    SkillLevel,
    SkillTarget,
)
from engine.errors import InvalidCurriculum, InvalidInput
from engine.knowledge_tracing import BKT
from engine.planner import PathPlanner
from engine.recommender import ScoreWeights

NOW = datetime(2025, 5, 5, tzinfo=UTC)


def module(module_id, *skills, level=1, minutes=10, **more):
    taught = [{"skill_id": one, "level": level, "learn": 0.5} for one in skills]
    return {"module_id": module_id, "teaches": taught, "minutes": minutes, **more}


@pytest.fixture
def curriculum():
    return Curriculum.from_records(
        skills=[
            {"skill_id": "select", "name": "Selecting"},
            {"skill_id": "joins", "name": "Joining tables"},
            {"skill_id": "charts", "name": "Charts"},
        ],
        prerequisites=[{"skill_id": "joins", "requires": "select"}],
        items=[
            {"item_id": f"{skill}-{k}", "skills": [skill]}
            for skill in ("select", "joins", "charts")
            for k in range(6)
        ],
        modules=[
            module("m-select", "select"),
            module("m-joins", "joins", minutes=20),
            module("m-charts", "charts", minutes=30),
        ],
    )


@pytest.fixture
def analyst():
    return Role("analyst", [SkillTarget("joins", weight=3), SkillTarget("charts")], name="Analyst")


@pytest.fixture
def planner(curriculum):
    return PathPlanner(tracer=BKT(), curriculum=curriculum)


def answered(planner, state, skill, score, times):
    for k in range(times):
        response = Response(state.learner_id, f"{skill}-{k}", score, NOW)
        state = planner.tracer.update(state, response)
    return state


def ids(found):
    return [one.module_id for one in found]


def test_a_new_hire_without_evidence_gets_recommendations(planner, analyst):
    found = planner.recommend(KnowledgeState("ada"), role=analyst)
    assert ids(found) == ["m-select", "m-charts"]
    expected = "You need Selecting at level 1 (Awareness) before Joining tables."
    assert found[0].reasons[0].sentence == expected


def test_right_answers_open_what_the_prerequisite_held_back(planner, analyst):
    state = answered(planner, KnowledgeState("ada"), "select", 1.0, 3)
    assert planner.tracer.attainment(state, [SkillLevel("select")])[0] >= 0.8
    assert "m-joins" in ids(planner.recommend(state, role=analyst))
    assert "m-select" not in ids(planner.recommend(state, role=analyst))


def test_wrong_answers_never_open_it(planner, analyst):
    state = answered(planner, KnowledgeState("ada"), "select", 0.0, 6)
    assert "m-joins" not in ids(planner.recommend(state, role=analyst))


def test_a_completed_module_comes_back_after_a_wrong_answer_only(planner, analyst):
    done = Completion("ada", "m-charts", datetime(2025, 5, 1, tzinfo=UTC))
    state = planner.tracer.complete(KnowledgeState("ada"), done)
    assert "m-charts" not in ids(planner.recommend(state, role=analyst))
    state = answered(planner, state, "charts", 0.0, 2)
    (again,) = (
        one for one in planner.recommend(state, role=analyst) if one.module_id == "m-charts"
    )
    assert again.terms["review"] > 0
    assert any("on 5 May 2025" in reason.sentence for reason in again.reasons)


def test_the_threshold_of_prerequisites_is_the_planners(curriculum, analyst):
    planner = PathPlanner(tracer=BKT(), curriculum=curriculum, prerequisite_threshold=0.1)
    assert "m-joins" in ids(planner.recommend(KnowledgeState("ada"), role=analyst))


def test_a_plan_expects_more_after_each_step_and_keeps_to_its_budget(planner, analyst):
    path = planner.plan(KnowledgeState("ada"), role=analyst, budget_minutes=45)
    assert [step.module_id for step in path.steps] == ["m-select", "m-joins"]
    assert path.minutes == 30
    expected = [path.readiness, *(step.expected_readiness for step in path.steps)]
    assert expected == sorted(expected)
    assert path.readiness == pytest.approx(
        planner.gaps(KnowledgeState("ada"), role=analyst).readiness
    )


def test_the_plan_foresees_what_the_tracer_will_say(planner, analyst):
    path = planner.plan(KnowledgeState("ada"), role=analyst, budget_minutes=600)
    state = KnowledgeState("ada")
    for step in path.steps:
        state = planner.tracer.complete(state, Completion("ada", step.module_id, NOW))
        now = planner.gaps(state, role=analyst).readiness
        assert step.expected_readiness == pytest.approx(now)


def test_gaps_count_right_answers_to_different_items(planner, analyst):
    state = answered(planner, KnowledgeState("ada"), "charts", 1.0, 6)
    report = planner.gaps(state, role=analyst)
    joins, charts = report.gaps
    assert (charts.mastered, charts.independent_successes) == (True, 6)
    assert not joins.mastered
    assert report.interval[0] <= report.readiness <= report.interval[1]


def test_who_has_mastered_all_is_told_so(planner):
    role = Role("charter", [SkillTarget("charts")], name="Charter")
    state = answered(planner, KnowledgeState("ada"), "charts", 1.0, 6)
    found = planner.recommend(state, role=role)
    assert list(found) == []
    assert found.note == "You are ready for Charter: every target is mastered."
    assert planner.plan(state, role=role, budget_minutes=60).note == found.note


def test_a_ladder_gives_readiness_for_each_rung(planner):
    senior = Role("senior", [SkillTarget("joins"), SkillTarget("charts")], ladder="a", rung=2)
    junior = Role("junior", [SkillTarget("charts")], ladder="a", rung=1)
    state = answered(planner, KnowledgeState("ada"), "charts", 1.0, 4)
    reports = planner.ladder(state, [senior, junior])
    assert [report.role_id for report in reports] == ["junior", "senior"]
    assert reports[0].readiness > reports[1].readiness


# -- other tracers and curricula -----------------------------------------------------------------


class Vector:
    """A projector written by hand: one number per skill, halved in its lack by each module."""

    def __init__(self, p):
        self.p = p

    def attainment(self, state, targets, *, at=None):
        taken = [state.completed.get(f"did-{k.skill_id}", 0) for k in targets]
        return np.array(
            [1 - (1 - self.p[k.skill_id]) * 0.5**n for k, n in zip(targets, taken, strict=True)]
        )

    def project(self, state, module, *, at=None):
        done = dict(state.completed)
        for effect in module.teaches:
            done[f"did-{effect.skill_id}"] = done.get(f"did-{effect.skill_id}", 0) + 1
        return KnowledgeState(state.learner_id, {}, done)


class Constant:
    def attainment(self, state, targets, *, at=None):
        return np.full(len(targets), 0.5)

    def project(self, state, module, *, at=None):
        return state


def test_a_hand_written_vector_drives_the_planner(curriculum, analyst):
    tracer = Vector({"select": 0.9, "joins": 0.2, "charts": 0.2})
    planner = PathPlanner(tracer=tracer, curriculum=curriculum)
    first, second = planner.recommend(KnowledgeState("ada"), role=analyst)
    assert first.module_id == "m-joins"
    assert first.score == pytest.approx(0.75 * 0.4 / 20)
    assert second.score == pytest.approx(0.25 * 0.4 / 30)
    path = planner.plan(KnowledgeState("ada"), role=analyst, budget_minutes=60)
    assert path.expected_readiness == pytest.approx(0.6)


def test_a_constant_has_nothing_to_recommend_and_says_so(curriculum, analyst):
    planner = PathPlanner(tracer=Constant(), curriculum=curriculum)
    found = planner.recommend(KnowledgeState("ada"), role=analyst)
    assert list(found) == []
    assert "adds nothing to Joining tables at level 1 (Awareness) and Charts" in found.note


def test_every_skill_may_be_its_own_item_and_module(analyst):
    skills = ["select", "joins", "charts"]
    curriculum = Curriculum.from_records(
        skills=[{"skill_id": one} for one in skills],
        prerequisites=[{"skill_id": "joins", "requires": "select"}],
        items=[{"item_id": one, "skills": [one]} for one in skills],
        modules=[module(one, one) for one in skills],
    )
    for tracer in (BKT(), Vector(dict.fromkeys(skills, 0.3))):
        planner = PathPlanner(tracer=tracer, curriculum=curriculum)
        found = planner.recommend(KnowledgeState("ada"), role=analyst)
        assert ids(found) == ["select", "charts"]
        path = planner.plan(KnowledgeState("ada"), role=analyst, budget_minutes=60)
        assert [step.module_id for step in path.steps] == ["select", "joins", "charts"]


def test_the_instant_asked_about_reaches_the_tracer(curriculum, analyst):
    class Watched(Constant):
        seen = set()

        def attainment(self, state, targets, *, at=None):
            self.seen.add(at)
            return super().attainment(state, targets)

        def project(self, state, module, *, at=None):
            self.seen.add(at)
            return state

    planner = PathPlanner(tracer=Watched(), curriculum=curriculum)
    planner.recommend(KnowledgeState("ada"), role=analyst, at=NOW)
    planner.plan(KnowledgeState("ada"), role=analyst, budget_minutes=60, at=NOW)
    planner.gaps(KnowledgeState("ada"), role=analyst, at=NOW)
    assert Watched.seen == {NOW}


def test_a_tracer_is_bound_to_the_planners_curriculum_and_left_as_it_was(curriculum):
    tracer = BKT()
    planner = PathPlanner(tracer=tracer, curriculum=curriculum)
    assert tracer.curriculum is None
    assert planner.tracer.curriculum is curriculum


def test_the_weights_of_the_score_are_the_planners(curriculum, analyst):
    weights = ScoreWeights(enables=0.0)
    planner = PathPlanner(tracer=BKT(), curriculum=curriculum, weights=weights)
    assert ids(planner.recommend(KnowledgeState("ada"), role=analyst)) == ["m-charts"]


# -- the door -------------------------------------------------------------------------------------


def test_roles_with_unknown_skills_are_refused_with_near_matches(planner):
    role = Role("r", [SkillTarget("join"), SkillTarget("charts", level=9)])
    for ask in (
        lambda: planner.recommend(KnowledgeState("ada"), role=role),
        lambda: planner.plan(KnowledgeState("ada"), role=role, budget_minutes=5),
        lambda: planner.gaps(KnowledgeState("ada"), role=role),
    ):
        with pytest.raises(InvalidCurriculum, match="did you mean 'joins'") as refused:
            ask()
        assert len(refused.value.faults) == 2


def test_unknown_modules_in_the_allow_list_are_all_named(planner, analyst):
    with pytest.raises(InvalidInput) as refused:
        planner.recommend(KnowledgeState("ada"), role=analyst, allowed=["m-join", "m-charts", "x"])
    first, second = refused.value.faults
    assert "'m-join'; did you mean 'm-joins'" in first.problem
    assert (first.where, second.where) == ("allowed[0]", "allowed[2]")


@pytest.mark.parametrize("allowed", ["m-joins", 7, [None]])
def test_what_is_no_list_of_modules_is_refused(planner, analyst, allowed):
    with pytest.raises(InvalidInput, match="allow"):
        planner.recommend(KnowledgeState("ada"), role=analyst, allowed=allowed)


def test_modules_themselves_may_stand_in_the_allow_list(planner, analyst, curriculum):
    allowed = (one for one in [curriculum.modules["m-charts"]])
    found = planner.recommend(KnowledgeState("ada"), role=analyst, allowed=allowed)
    assert ids(found) == ["m-charts"]


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, "3"])
def test_a_limit_is_a_whole_number_from_one(planner, analyst, limit):
    with pytest.raises(InvalidInput, match="limit"):
        planner.recommend(KnowledgeState("ada"), role=analyst, limit=limit)


def test_a_path_until_a_date_has_the_budget_that_the_learner_s_time_amounts_to(curriculum, analyst):
    planner, ada = PathPlanner(tracer=BKT(), curriculum=curriculum), KnowledgeState("ada")
    asked = {"role": analyst, "at": NOW, "minutes_per_week": 70.0}
    path = planner.plan(ada, until=NOW + timedelta(days=3, hours=12), **asked)
    assert path.budget_minutes == 35.0
    assert path == planner.plan(ada, budget_minutes=35.0, **asked)


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({}, ["budget_minutes"]),
        ({"until": NOW, "budget_minutes": 5, "minutes_per_week": 9}, ["budget_minutes", "until"]),
        ({"until": NOW + timedelta(days=1)}, ["minutes_per_week"]),
        ({"until": NOW.replace(tzinfo=None), "minutes_per_week": 9}, ["until"]),
        ({"until": NOW, "minutes_per_week": 9}, ["until"]),
    ],
)
def test_a_path_has_a_budget_or_a_date_that_is_to_come(curriculum, analyst, asked, where):
    planner = PathPlanner(tracer=BKT(), curriculum=curriculum)
    with pytest.raises(InvalidInput) as refused:
        planner.plan(KnowledgeState("ada"), role=analyst, at=NOW, **asked)
    assert [fault.where for fault in refused.value.faults] == where


@pytest.mark.parametrize("budget", [0, -5, float("nan"), float("inf"), "60"])
def test_a_budget_is_a_number_above_zero(planner, analyst, budget):
    with pytest.raises(InvalidInput, match="budget_minutes"):
        planner.plan(KnowledgeState("ada"), role=analyst, budget_minutes=budget)


def test_a_naive_instant_is_refused_everywhere(planner, analyst):
    naive = datetime(2025, 5, 5)  # noqa: DTZ001
    state = KnowledgeState("ada")
    for ask in (
        lambda: planner.recommend(state, role=analyst, at=naive),
        lambda: planner.plan(state, role=analyst, budget_minutes=5, at=naive),
        lambda: planner.gaps(state, role=analyst, at=naive),
    ):
        with pytest.raises(InvalidInput, match="without a time zone"):
            ask()


@pytest.mark.parametrize("threshold", [0.0, 1.1, float("nan"), "0.8"])
def test_a_threshold_is_a_probability_above_zero(curriculum, threshold):
    with pytest.raises(InvalidInput, match="prerequisite_threshold"):
        PathPlanner(tracer=BKT(), curriculum=curriculum, prerequisite_threshold=threshold)


# -- the exact method -----------------------------------------------------------------------------


def test_a_plan_can_be_asked_for_exactly_and_says_how_far_off_it_may_be(planner, analyst):
    state = KnowledgeState("ada")
    greedy = planner.plan(state, role=analyst, budget_minutes=45)
    exact = planner.plan(state, role=analyst, budget_minutes=45, method="exact")
    assert (greedy.method, exact.method) == ("greedy", "exact")
    assert exact.gain >= greedy.gain
    assert exact.gap == pytest.approx(0.0, abs=1e-6)
    assert 0.0 <= greedy.gap <= 1.0
    assert exact.gain == pytest.approx(exact.expected_readiness - exact.readiness)


@pytest.mark.parametrize(("name", "value"), [("method", "best"), ("seconds", 0.0)])
def test_another_method_or_no_time_is_refused(planner, analyst, name, value):
    with pytest.raises(InvalidInput, match=name):
        planner.plan(KnowledgeState("ada"), role=analyst, budget_minutes=45, **{name: value})

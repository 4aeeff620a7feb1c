"""What comes next for somebody who works towards several roles at once."""

from __future__ import annotations

import pytest

from engine.domain import KnowledgeState, Role, SkillTarget
from engine.planner import PathPlanner


@pytest.fixture
def planner(say):
    curriculum = say.curriculum_of(
        ["sql", "charts"],
        [
            say.teach("sql-1", ("sql", 1)),
            say.teach("sql-2", ("sql", 2)),
            say.teach("charts-1", ("charts", 1)),
        ],
    )
    return PathPlanner(tracer=say.HandWritten(), curriculum=curriculum)


@pytest.fixture
def roles():
    now = Role("analyst", [SkillTarget("sql", 1), SkillTarget("charts", 1)], name="Analyst")
    return now, Role("senior", [SkillTarget("sql", 2)], name="Senior analyst")


def test_the_shares_decide_between_the_current_role_and_the_next(planner, roles, say):
    now, following = roles
    state = say.believe(sql=(0.9, 0.3), charts=0.7)

    def first(share):
        role = Role.combined({now: 1 - share, following: share})
        return planner.recommend(state, role=role)[0].module_id

    # charts-1 halves .3 of half of the current role, sql-2 half of what is between .9 and .3
    assert (first(0.1), first(0.5)) == ("charts-1", "sql-2")


def test_a_reason_says_for_which_role_it_speaks(planner, roles):
    role = Role.combined({roles[0]: 0.5, roles[1]: 0.5})
    found = planner.recommend(KnowledgeState("ada"), role=role)
    said = {one.module_id: one.reasons[0].sentence for one in found}
    assert said["sql-1"] == (
        "Raises your expected readiness for Analyst by 20.0 points in 10 minutes."
    )
    path = planner.plan(KnowledgeState("ada"), role=role, budget_minutes=30)
    assert [step.module_id for step in path.steps] == ["sql-1", "sql-2", "charts-1"]
    assert path.steps[1].reason.sentence == (
        "Raises your expected readiness for Senior analyst by 25.0 points in 10 minutes."
    )


def test_a_module_for_both_roles_says_what_it_does_for_each(say, roles):
    now, following = roles
    both = say.teach("sql-all", ("sql", 1), ("sql", 2))
    curriculum = say.curriculum_of(["sql", "charts"], [both])
    planner = PathPlanner(tracer=say.HandWritten(), curriculum=curriculum)
    role = Role.combined({now: 0.5, following: 0.5})
    (found,) = planner.recommend(KnowledgeState("ada"), role=role)
    # .2 -> .6, then .1 -> .35; the current role has charts besides
    assert found.reasons[0].sentence == (
        "Raises your expected readiness for Analyst by 20.0 points"
        " and for Senior analyst by 25.0 points in 10 minutes."
    )
    assert found.expected_gain == pytest.approx(0.5 * 0.2 + 0.5 * 0.25)


def test_the_exact_path_for_several_roles_is_at_least_as_good(planner, roles, say):
    role = Role.combined({roles[0]: 0.7, roles[1]: 0.3})
    state = say.believe(sql=(0.4, 0.1), charts=0.2)
    greedy, exact = (
        planner.plan(state, role=role, budget_minutes=20, method=how) for how in ("greedy", "exact")
    )
    assert exact.gain >= greedy.gain - 1e-12
    assert exact.gain <= exact.bound + 1e-9

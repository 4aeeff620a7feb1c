"""Gaps against one role, and the order of the roles of a ladder."""

from __future__ import annotations

import pytest

from engine.domain import KnowledgeState, Role, SkillKnowledge, SkillTarget
from engine.errors import InvalidInput
from engine.recommender import gaps, rungs, same_ladder


def knowing(successes):
    return KnowledgeState("ada", {"sql": SkillKnowledge((1, 2), (0.99, 0.97), 3, successes)})


@pytest.mark.parametrize(
    ("p", "successes", "mastered"),
    [
        (0.95, {"q1": 2, "q2": 2}, True),
        (0.949, {"q1": 2, "q2": 2}, False),
        (0.99, {"q1": 2}, False),
        (0.99, {"q1": 2, "q2": 1}, False),  # the second one was below the target's level
    ],
)
def test_mastery_takes_the_threshold_and_two_successes_at_the_level(p, successes, mastered):
    role = Role("analyst", [SkillTarget("sql", level=2)])
    report = gaps(knowing(successes), role, [p])
    assert report.gaps[0].mastered is mastered
    assert report.ready is mastered


def test_a_gap_report_tells_readiness_interval_and_gaps_in_the_order_of_the_targets():
    role = Role("analyst", [SkillTarget("sql", weight=3.0), SkillTarget("charts")])
    report = gaps(KnowledgeState("ada"), role, [0.9, 0.3])
    assert (report.learner_id, report.role_id) == ("ada", "analyst")
    assert report.readiness == pytest.approx(0.75)
    # shares 0, .25, .75, 1 with P = .07, .03, .63, .27: the cumulative .1 is reached at .25
    assert report.interval == (0.25, 1.0)
    assert [gap.gap for gap in report.gaps] == pytest.approx([0.1, 0.7])


def test_as_many_attainments_as_targets_are_needed():
    with pytest.raises(InvalidInput, match="has shape"):
        gaps(KnowledgeState("ada"), Role("analyst", [SkillTarget("sql")]), [0.5, 0.5])


def step(role_id, rung, ladder="analyst"):
    return Role(role_id, [SkillTarget("sql")], ladder=ladder, rung=rung)


def test_a_ladder_is_ordered_by_rung_and_then_by_id():
    roles = [step("lead", 3), step("b", 1), step("a", 1), step("senior", 2)]
    assert [role.role_id for role in rungs(roles)] == ["a", "b", "senior", "lead"]


def test_the_roles_of_the_same_ladder_are_found_among_others():
    senior, writer = step("senior", 2), step("writer", 1, ladder="prose")
    assert [one.role_id for one in same_ladder(step("junior", 1), [writer, senior])] == [
        "junior",
        "senior",
    ]


@pytest.mark.parametrize(
    ("roles", "problem"),
    [
        ([], "are none"),
        ([step("a", 1), step("b", 1, ladder="prose")], "several ladders: analyst, prose"),
        ([step("a", 1, ladder="")], "stands on no ladder"),
        ([step("a", 1), step("a", 2)], "repeats 'a'"),
    ],
)
def test_what_is_no_single_ladder_is_refused(roles, problem):
    with pytest.raises(InvalidInput, match=problem):
        rungs(roles)

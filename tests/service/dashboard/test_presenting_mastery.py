"""Readiness, mastery and the ladder as view values."""

from __future__ import annotations

from types import SimpleNamespace

from engine import Gap, SkillTarget
from service.dashboard import mastery as presenting


def test_statuses_tell_mastered_in_progress_and_not_started_apart() -> None:
    target = SkillTarget("sql-joins", 2)
    keys = [
        presenting.status_of(Gap(target, p, successes, mastered), opportunities).key
        for p, successes, mastered, opportunities in (
            (0.97, 2, True, 4),
            (0.97, 1, False, 1),
            (0.97, 0, False, 0),
        )
    ]
    assert keys == ["mastered", "in-progress", "not-started"]


def test_readiness_comes_with_its_interval_and_counts(build: SimpleNamespace) -> None:
    report = build.report_for(build.ANALYST, 0.97, 0.6, 0.2)
    view = presenting.readiness_view(build.mastery_of(report))
    assert (view.percent, view.low, view.high) == ("59%", "50%", "75%")
    assert (view.position, view.low_position, view.high_position) == ("59%", "50%", "75%")
    assert [(status.label, count) for status, count in view.counts] == [
        ("Mastered", 1),
        ("In progress", 1),
        ("Not started", 1),
    ]
    assert view.n_targets == 3
    assert view.has_evidence


def test_targets_are_grouped_in_the_order_of_the_role(build: SimpleNamespace) -> None:
    report = build.report_for(build.ANALYST, 0.97, 0.6, 0.2)
    groups = presenting.mastery_view(build.mastery_of(report), build.ANALYST, build.CURRICULUM)
    assert [(group.label, group.summary) for group in groups] == [
        ("Querying", "1 of 2 mastered"),
        ("Showing", "0 of 1 mastered"),
    ]
    joins, windows = groups[0].rows
    assert (joins.label, joins.level, joins.target) == ("Joining tables", "Working", "Working")
    assert (joins.answers, joins.successes) == ("4 answers", "3 independent successes")
    assert joins.last_answered == "5 Jan 2026"
    assert (windows.level, windows.percent, windows.position) == ("None yet", "60%", "60%")
    untouched = groups[1].rows[0]
    assert (untouched.answers, untouched.successes) == ("No answers yet", "")
    assert untouched.last_answered == ""


def test_a_skill_beyond_the_role_is_listed_apart(build: SimpleNamespace) -> None:
    mastery = build.mastery_of(build.report_for(build.ANALYST, 0.97, 0.6, 0.2))
    (other,) = presenting.other_skills(mastery, build.CURRICULUM)
    assert (other.label, other.level, other.answers) == ("Data ethics", "Awareness", "2 answers")


def test_the_ladder_marks_the_role_that_is_shown(build: SimpleNamespace) -> None:
    reports = [
        build.report_for(build.ANALYST, 0.97, 0.6, 0.2),
        build.report_for(build.SENIOR, 0.3),
    ]
    roles = {role.role_id: role for role in (build.ANALYST, build.SENIOR)}
    first, second = presenting.ladder_view(reports, roles, "senior")
    assert (first.label, first.percent, first.mastered) == (
        "Data analyst",
        "59%",
        "1 of 3 mastered",
    )
    assert (first.chosen, second.chosen) == (False, True)
    assert second.href == "learner?id=ada&role=senior"

"""What follows from the evidence: gaps, mastery, what to take next, the ladder, growth."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.domain import Completion, Response
from engine.errors import InvalidInput, UnknownId
from service.errors import NoRole
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def answers(skill_id: str, *scores: float, start: int = 0) -> list[Response]:
    return [
        Response(
            "ada",
            f"{skill_id}-{1 + n % 4}",
            score,
            NOON - timedelta(days=9) + timedelta(hours=start + n),
            f"{skill_id}-{start + n}",
        )
        for n, score in enumerate(scores)
    ]


def test_somebody_without_evidence_starts_at_the_first_prerequisite(workspace: Workspace) -> None:
    assert [one.module_id for one in workspace.recommend("ada")] == ["select-101"]


def test_what_comes_next_follows_the_evidence(workspace: Workspace) -> None:
    workspace.record(answers("select", *[1.0] * 5))
    assert next(iter(workspace.recommend("ada"))).module_id == "joins-101"
    workspace.record(answers("select", *[0.0] * 6, start=10))
    assert next(iter(workspace.recommend("ada"))).module_id == "select-101"


def test_a_path_takes_prerequisites_first_and_keeps_to_the_budget(workspace: Workspace) -> None:
    path = workspace.plan("ada", budget_minutes=45)
    order = [step.module_id for step in path.steps]
    assert path.minutes <= 45
    assert order == sorted(order, key=["select-101", "joins-101", "charts-101"].index)


def test_only_allowed_modules_are_recommended_and_unknown_ones_refused(
    workspace: Workspace,
) -> None:
    assert len(workspace.recommend("ada", allowed=["charts-101"])) == 0
    assert workspace.recommend("ada", allowed=["charts-101"]).note
    with pytest.raises(InvalidInput, match="did you mean 'charts-101'"):
        workspace.recommend("ada", allowed=["chart-101"])


def test_the_level_shown_takes_attainment_and_two_independent_successes(
    workspace: Workspace,
) -> None:
    def select_level() -> int:
        return next(one.level for one in workspace.mastery("ada").skills)

    same_item = [
        Response("ada", "select-1", 1.0, NOON - timedelta(days=2, hours=-n), f"same-{n}")
        for n in range(8)
    ]
    workspace.record(same_item)
    assert workspace.gaps("ada").gaps[0].p_attained > 0.95
    assert select_level() == 0
    workspace.record(answers("select", 1.0, 1.0, start=200))
    assert select_level() == 1


def test_mastery_lists_targets_first_then_other_skills_with_evidence(
    workspace: Workspace,
) -> None:
    workspace.record(answers("charts", 1.0))
    report = workspace.mastery("ada", role_id="junior")
    assert [one.skill_id for one in report.skills] == ["select", "charts"]
    assert [one.gap is None for one in report.skills] == [False, True]
    assert [one.opportunities for one in report.skills] == [0, 1]
    assert list(report.skills[1].p_at_least) == [1, 2]
    assert report.report.readiness == workspace.gaps("ada", "junior").readiness


def test_the_ladder_has_every_role_of_it_lowest_first(workspace: Workspace) -> None:
    reports = workspace.ladder("ada", role_id="senior")
    assert [report.role_id for report in reports] == ["junior", "senior"]


def test_growth_runs_from_the_prior_to_the_present(workspace: Workspace) -> None:
    assert workspace.growth("ada") == ()
    prior = workspace.gaps("ada").readiness
    workspace.record([*answers("select", 0.0, 1.0, 1.0)])
    workspace.record([Completion("ada", "select-101", NOON - timedelta(days=8), "c1")])
    points = workspace.growth("ada")
    assert points[0].readiness == prior
    assert points[-1].readiness == workspace.gaps("ada").readiness
    assert [point.at for point in points] == sorted(point.at for point in points)
    assert all(0 <= point.low <= point.high <= 1 for point in points)


def test_growth_with_very_much_evidence_is_thinned_but_ends_where_it_ends(
    workspace: Workspace,
) -> None:
    workspace.record(
        [
            Response(
                "ada",
                f"select-{1 + n % 4}",
                float(n % 3 > 0),
                NOON - timedelta(minutes=700 - n),
                f"{n:03}",
            )
            for n in range(611)
        ]
    )
    points = workspace.growth("ada")
    assert len(points) <= 202
    assert points[-1].at == NOON - timedelta(minutes=90)
    assert points[-1].readiness == workspace.gaps("ada").readiness


def test_who_and_what_is_not_known_is_said(workspace: Workspace) -> None:
    with pytest.raises(UnknownId, match="unknown learner 'adda'; did you mean 'ada'"):
        workspace.recommend("adda")
    with pytest.raises(UnknownId, match="unknown role 'seniour'"):
        workspace.gaps("ada", "seniour")
    workspace.record([Response("bob", "select-1", 1.0, NOON, "r1")])
    with pytest.raises(NoRole):
        workspace.plan("bob")
    assert workspace.gaps("bob", "junior").role_id == "junior"


def test_the_instant_asked_about_is_passed_on_and_checked(workspace: Workspace) -> None:
    assert workspace.view("ada").at == NOON
    asked = datetime(2026, 5, 1, tzinfo=UTC)
    assert workspace.view("ada", at=asked).at == asked
    with pytest.raises(InvalidInput, match="without a time zone"):
        workspace.gaps("ada", at=datetime(2026, 5, 1))  # noqa: DTZ001

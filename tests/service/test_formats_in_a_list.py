"""Variety of formats and a preference for one, as far as a question asks for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from engine.domain import Completion, Curriculum, Role, SkillTarget
from service.records import LearnerProfile
from service.workspace import Workspace

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
NEXT = "/v1/learners/ada/recommendations"


@pytest.fixture
def formats(empty_workspace: Workspace) -> Workspace:
    """Two videos that are shorter than a lesson; Ada has watched four more videos."""
    forms = ["video", "video", "lesson"] + ["video"] * 4 + ["lesson"] * 4
    skills = [{"skill_id": f"s{k}"} for k in range(len(forms))]
    modules: list[dict[str, Any]] = [
        {"module_id": f"{form}-{k}", "format": form, "minutes": 10 + k, "teaches": [skills[k]]}
        for k, form in enumerate(forms)
    ]
    empty_workspace.put_catalog(Curriculum.from_records(skills=skills, modules=modules))
    empty_workspace.put_role(Role("all", [SkillTarget(f"s{k}") for k in range(3)]))
    empty_workspace.put_learners([LearnerProfile("ada", role_id="all", team_id="data")])
    empty_workspace.record([Completion("ada", f"video-{k}", NOON, f"c{k}") for k in range(3, 7)])
    return empty_workspace


def listed(empty_client: TestClient, **asked: Any) -> list[str]:
    found = empty_client.get(NEXT, params=asked)
    assert found.status_code == 200, found.text
    for one in found.json()["recommendations"]:
        assert sum(one["terms"].values()) == pytest.approx(one["score"], abs=1e-12)
    posted = empty_client.post(NEXT, json=asked).json()
    assert posted["recommendations"] == found.json()["recommendations"]
    return [one["module_id"] for one in found.json()["recommendations"]]


def test_they_count_as_far_as_the_question_says(
    empty_client: TestClient, formats: Workspace
) -> None:
    assert listed(empty_client) == ["video-0", "video-1", "lesson-2"]
    assert listed(empty_client, variety=0.5) == ["video-0", "lesson-2", "video-1"]
    rows = [row.content for row, _ in formats.decisions("ada", 10)[0]]
    assert sum('"variety":0.5' in content for content in rows) == len(rows) - 1 == 1
    team = empty_client.get("/v1/teams/data/recommendations", params={"variety": 0.5}).json()
    assert [one["module_id"] for one in team["learners"][0]["recommendations"]] == [
        *("video-0", "lesson-2", "video-1")
    ]


def test_a_preference_is_learned_from_what_was_completed(
    empty_client: TestClient, formats: Workspace
) -> None:
    found = empty_client.get(NEXT, params={"preference": 1.0, "limit": 1}).json()["recommendations"]
    assert found[0]["terms"]["preference"] > 0.0
    assert found[0]["reasons"][-1]["sentence"] == (
        "Its format is video, as of 4 of the 4 modules you completed."
    )


@pytest.mark.parametrize("asked", [{"variety": 1.5}, {"preference": -1}, {"variety": "x"}])
def test_weights_are_from_0_to_1(
    empty_client: TestClient, formats: Workspace, asked: dict[str, Any]
) -> None:
    assert empty_client.get(NEXT, params=asked).status_code == 422

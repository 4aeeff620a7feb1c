"""What a whole team is to take next, in one call."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.records import LearnerProfile
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
TEAM = "/v1/teams/ops%2Femea/recommendations"


@pytest.fixture
def team(client: TestClient, workspace: Workspace) -> list[str]:
    roles = {"ada": "senior", "grace": "senior", "kim": "junior", "new": ""}
    workspace.put_learners(
        [LearnerProfile(one, team_id="ops/emea", role_id=role) for one, role in roles.items()]
    )
    batch = [
        {"response_id": f"{who}-{n}", "learner_id": who, "item_id": f"select-{n}", "score": score}
        for who, score in (("ada", 1.0), ("grace", 0.0))
        for n in range(1, 4)
    ]
    assert client.post("/v1/responses", json={"responses": batch}).status_code == 200
    return list(roles)


def test_each_is_told_what_they_would_be_told_alone(client: TestClient, team: list[str]) -> None:
    told = client.get(TEAM, params={"limit": 2}).json()
    assert [one["learner_id"] for one in told["learners"]] == team
    *with_role, new = told["learners"]
    for one in with_role:
        alone = client.get(f"/v1/learners/{one['learner_id']}/recommendations?limit=2").json()
        assert {name: alone[name] for name in one if name != "name"} | {"name": ""} == one
    assert (new["role_id"], new["recommendations"], new["decision_id"]) == ("", [], "")
    assert "has no role" in new["note"]
    ada, grace, _ = with_role
    assert ada["recommendations"] != grace["recommendations"]


def test_a_role_can_be_asked_about_for_all(client: TestClient, team: list[str]) -> None:
    told = client.get(TEAM, params={"role": "junior", "denied": "select-101"}).json()
    assert [one["role_id"] for one in told["learners"]] == ["junior"] * 4
    assert [one["recommendations"] for one in told["learners"]] == [[]] * 4


def test_a_large_team_comes_in_pages(client: TestClient, team: list[str]) -> None:
    found, after = [], ""
    while after is not None:
        page: Any = client.get(TEAM, params={"learners": 3, "after": after}).json()
        found += page["learners"]
        after = page["next"]
    assert found == client.get(TEAM).json()["learners"]


def test_each_of_them_is_a_decision(client: TestClient, team: list[str]) -> None:
    told = client.get(TEAM).json()["learners"]
    logged = client.get("/v1/decisions").json()["decisions"]
    assert {(one["learner_id"], one["decision_id"]) for one in logged} == {
        (one["learner_id"], one["decision_id"]) for one in told if one["decision_id"]
    }


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/teams/nobody/recommendations", 404),
        (f"{TEAM}?role=none", 404),
        (f"{TEAM}?allowed=none-101", 422),
        (f"{TEAM}?after=nonsense", 422),
    ],
)
def test_what_is_unknown_is_named(
    client: TestClient, team: list[str], path: str, status: int
) -> None:
    assert client.get(path).status_code == status

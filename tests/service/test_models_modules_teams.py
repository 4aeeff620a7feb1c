"""Which model answers, one module changed, and a team's gaps without anybody's."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from engine.knowledge_tracing import BKT
from service.records import LearnerProfile
from service.workspace import Workspace

STORES = ("sqlite", "postgres")


def answer(client: TestClient, learner_id: str, *scores: float) -> None:
    batch = [
        {
            "response_id": f"{learner_id}-{n}",
            "learner_id": learner_id,
            "item_id": f"select-{n + 1}",
            "score": score,
        }
        for n, score in enumerate(scores)
    ]
    assert client.post("/v1/responses", json={"responses": batch}).status_code == 200


def test_a_model_can_be_made_active_and_the_default_one_again(
    client: TestClient, workspace: Workspace
) -> None:
    answer(client, "ada", 1.0, 0.0)
    default = workspace.model_version
    before = client.get("/v1/learners/ada/gaps").json()["gaps"]
    fitted = workspace.install_model(BKT(seed=5, forget="opportunity").to_json())
    for version in (default, fitted, default):
        put = client.put("/v1/models/active", json={"model_version": version})
        assert (put.status_code, put.json()["active"]) == (200, True)
        told = client.get("/v1/learners/ada/gaps").json()
        assert told["model_version"] == version
        active = [one for one in client.get("/v1/models").json()["models"] if one["active"]]
        assert [one["model_version"] for one in active] == [version]
    assert told["gaps"] == before
    unknown = client.put("/v1/models/active", json={"model_version": "bkt-0"})
    assert unknown.status_code == 404


def test_one_module_changes_and_the_rest_stays(client: TestClient) -> None:
    before = client.get("/v1/catalog").json()
    patched = client.patch(
        "/v1/modules/select-101", json={"minutes": 20, "url": "https://x.example"}
    )
    assert patched.status_code == 200
    told = patched.json()
    assert (told["minutes"], told["title"]) == (20, "Select from the start")
    after = client.get("/v1/catalog").json()
    assert after["catalog_version"] == told["catalog_version"] == before["catalog_version"] + 1
    assert [one for one in after["modules"] if one["module_id"] != "select-101"] == [
        one for one in before["modules"] if one["module_id"] != "select-101"
    ]
    assert after["items"] == before["items"]


def test_a_retired_module_is_recommended_no_more(client: TestClient) -> None:
    def first() -> list[str]:
        told = client.get("/v1/learners/ada/recommendations").json()
        return [one["module_id"] for one in told["recommendations"]]

    assert first() == ["select-101"]
    client.patch("/v1/modules/select-101", json={"retired": True})
    assert "select-101" not in first()


@pytest.mark.parametrize(
    ("module_id", "body", "status"),
    [
        ("nothing", {"minutes": 5}, 404),
        ("select-101", {"minutes": -1}, 422),
        ("select-101", {"teaches": [{"skill_id": "selct"}]}, 422),
        ("select-101", {"module_id": "other"}, 422),
        ("select-101", {"minutes": "5"}, 422),
    ],
)
def test_a_change_that_is_none_leaves_the_catalogue_alone(
    client: TestClient, module_id: str, body: dict[str, Any], status: int
) -> None:
    before = client.get("/v1/catalog").json()
    assert client.patch(f"/v1/modules/{module_id}", json=body).status_code == status
    assert client.get("/v1/catalog").json() == before


@pytest.fixture
def team(client: TestClient, workspace: Workspace) -> list[str]:
    ids = [f"l{n}" for n in range(5)]
    workspace.put_learners([LearnerProfile(one, team_id="ops/emea") for one in ids])
    for n, one in enumerate(ids):
        answer(client, one, *([1.0, 1.0, 1.0, 1.0] if n < 2 else [0.0]))
    return ids


def test_a_teams_gaps_are_the_mean_of_its_learners(client: TestClient, team: list[str]) -> None:
    told = client.get("/v1/teams/ops%2Femea/gaps?role=senior").json()
    each = [client.get(f"/v1/learners/{one}/gaps?role=senior").json() for one in team]
    assert (told["learners"], told["role_id"]) == (5, "senior")
    assert told["readiness"] == pytest.approx(sum(one["readiness"] for one in each) / 5)
    select = told["gaps"][0]
    theirs = [gap for one in each for gap in one["gaps"] if gap["skill_id"] == "select"]
    assert select["attained"] == pytest.approx(sum(gap["attainment"] for gap in theirs) / 5)
    assert select["mastered"] == sum(gap["mastered"] for gap in theirs) == 2
    low, high = select["attained_interval"].values()
    assert 0.0 <= low <= select["attained"] <= high <= 1.0


def test_a_team_of_four_is_not_told_of(
    client: TestClient, workspace: Workspace, team: list[str]
) -> None:
    workspace.put_learners([LearnerProfile(team[0], team_id="elsewhere")])
    refused = client.get("/v1/teams/ops%2Femea/gaps?role=senior")
    assert refused.status_code == 403
    assert "too few" in refused.json()["detail"]
    assert not any(one in refused.text for one in team)


@pytest.mark.parametrize(
    ("path", "status"),
    [("nobody/gaps?role=senior", 404), ("ops%2Femea/gaps?role=x", 404), ("ops%2Femea/gaps", 422)],
)
def test_a_team_or_role_that_is_not_there(
    client: TestClient, team: list[str], path: str, status: int
) -> None:
    assert client.get(f"/v1/teams/{path}").status_code == status

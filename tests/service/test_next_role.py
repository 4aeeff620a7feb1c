"""Who works towards a next role is served both, in the shares of their profile."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from service.records import LearnerProfile
from service.workspace import Workspace

NEXT = "/v1/learners/kim/recommendations"


@pytest.fixture
def kim(workspace: Workspace) -> Workspace:
    """A junior analyst with nothing known of her."""
    workspace.put_learners([LearnerProfile("kim", role_id="junior", next_role_weight=0.3)])
    return workspace


def test_the_next_role_comes_from_the_ladder_where_the_profile_names_none(
    client: TestClient, kim: Workspace
) -> None:
    told = client.get(NEXT).json()
    assert (told["role_id"], told["aims"]) == ("junior", {"junior": 0.7, "senior": 0.3})
    # .7·(1 − p)·.4 for junior; a third of .3 of that for senior; the rest of senior waits for it
    sentence = told["recommendations"][0]["reasons"][0]["sentence"]
    assert sentence.startswith("Raises your expected readiness for junior by ")
    assert " and for Senior analyst by " in sentence
    assert "aims" not in client.get("/v1/learners/kim/mastery").json()  # measured by the current


def test_a_named_role_is_asked_about_alone(client: TestClient, kim: Workspace) -> None:
    assert client.get(NEXT, params={"role": "senior"}).json()["aims"] == {"senior": 1.0}
    assert client.get(NEXT, params={"role": "junior"}).json()["aims"] == {"junior": 1.0}


def test_a_path_and_a_forecast_serve_both_roles(client: TestClient, kim: Workspace) -> None:
    path = client.get("/v1/learners/kim/path").json()
    assert [step["module_id"] for step in path["steps"]] == [
        "select-101",
        "joins-101",
        "charts-101",
    ]
    assert path["aims"] == {"junior": 0.7, "senior": 0.3}
    alone = client.get("/v1/learners/kim/forecast", params={"role": "junior"}).json()
    both = client.get("/v1/learners/kim/forecast").json()
    assert both["path_minutes"] > alone["path_minutes"]


def test_another_share_changes_what_was_answered_before(client: TestClient, kim: Workspace) -> None:
    before = client.get(NEXT).json()
    profile = {"role_id": "junior", "next_role_id": "senior", "next_role_weight": 1}
    assert client.put("/v1/learners/kim", json=profile).status_code == 200
    after = client.get(NEXT).json()
    assert after["aims"] == {"senior": 1.0} != before["aims"]
    assert client.get("/v1/learners/kim").json()["next_role_weight"] == 1.0
    client.put("/v1/learners/kim", json={**profile, "next_role_weight": 0})
    assert client.get(NEXT).json()["aims"] == {"junior": 1.0}


def test_a_decision_says_for_which_roles_it_was_made(client: TestClient, kim: Workspace) -> None:
    for policy in ("greedy", "random"):
        body = {"policy": policy}
        made = client.post("/v1/learners/kim/decisions", json=body)
        assert made.status_code == 200, made.text
        assert made.json()["role_id"] == "junior"
    client.post("/v1/learners/kim/decisions", json={"policy": "greedy", "role": "senior"})
    told = client.get("/v1/learners/kim/decisions").json()["decisions"]
    aims = [(one["role_id"], one["role_version"], one["aims"]) for one in told]
    both = ("junior", 1, {"junior": 0.7, "senior": 0.3})
    assert aims == [both, both, ("senior", 1, {"senior": 1.0})]


@pytest.mark.parametrize("weight", [-0.1, 1.1, "half", True])
def test_a_share_is_from_0_to_1(client: TestClient, kim: Workspace, weight: object) -> None:
    refused = client.put("/v1/learners/kim", json={"next_role_weight": weight})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["where"].endswith("next_role_weight")


def test_on_the_highest_rung_the_current_role_is_all(client: TestClient, kim: Workspace) -> None:
    kim.put_learners([LearnerProfile("kim", role_id="senior", next_role_weight=0.3)])
    assert client.get(NEXT).json()["aims"] == {"senior": 1.0}

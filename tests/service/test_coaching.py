"""Who of a team needs coaching and who may move on, over HTTP and from the command line."""

import json
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from service.cli.app import app
from service.keys import Grant
from service.records import LearnerProfile
from service.scopes import Scope
from service.store import Place
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
TEAMS = ("ops/emea", "data")
SKILLS = ("select", "joins", "charts")


@pytest.fixture
def team(client: TestClient, workspace: Workspace) -> None:
    workspace.put_learners(
        [
            LearnerProfile("grace", name="Grace", team_id="ops/emea", role_id="junior"),
            LearnerProfile("ada", name="Ada", team_id="ops/emea", role_id="junior"),
            LearnerProfile("kim", team_id="ops/emea", role_id="senior"),
            LearnerProfile("new", team_id="ops/emea"),
        ]
    )
    wrong = [("ada", f"joins-{n % 4 + 1}", 0.0) for n in range(12)]
    right = [
        (who, f"{one}-{n}", 1.0) for who in ("grace", "kim") for one in SKILLS for n in range(1, 5)
    ]
    batch = [
        {"response_id": f"r{n}", "learner_id": who, "item_id": item, "score": score}
        for n, (who, item, score) in enumerate([*wrong, *right])
    ]
    assert client.post("/v1/responses", json={"responses": batch}).status_code == 200


def test_coaching_names_who_spins_their_wheels_with_the_evidence(
    client: TestClient, team: None
) -> None:
    told = client.get("/v1/teams/ops%2Femea/coaching?role=senior").json()
    assert (told["learners"], told["role_id"]) == (4, "senior")
    (ada,) = told["coaching"]
    assert ada["learner_id"] == "ada"
    (joins,) = ada["stuck"]
    assert (joins["skill_id"], joins["opportunities"]) == ("joins", 12)
    assert joins["attainment"] < 0.5
    assert joins["reason"].startswith("12 answers on Joins, none of them right")


def test_ready_names_who_has_mastered_the_role_and_is_not_in_it(
    client: TestClient, team: None
) -> None:
    told = client.get("/v1/teams/ops%2Femea/ready?role=senior").json()
    (grace,) = told["ready"]
    assert (grace["learner_id"], grace["role_id"]) == ("grace", "junior")
    assert all(one["independent_successes"] >= 2 for one in grace["targets"])
    assert all(one["attainment"] >= 0.95 for one in grace["targets"])
    junior = client.get("/v1/teams/ops%2Femea/ready?role=junior").json()
    assert junior["ready"] == []  # those who could are there, or higher


def test_both_come_in_pages_that_lose_and_repeat_nothing(
    client: TestClient, workspace: Workspace
) -> None:
    names = [f"m{n}" for n in range(7)]
    workspace.put_learners([LearnerProfile(one, team_id="data") for one in names])
    batch = [
        {"response_id": f"{who}-{n}", "learner_id": who, "item_id": item, "score": score}
        for k, who in enumerate(names)
        for n, (item, score) in enumerate(
            [(f"joins-{n % 4 + 1}", 0.0) for n in range(10 + k // 2)]  # some as badly off
            + [(f"select-{n}", 1.0) for n in range(1, 5)]
        )
    ]
    assert client.post("/v1/responses", json={"responses": batch}).status_code == 200
    for about, role in (("coaching", "senior"), ("ready", "junior")):
        path = f"/v1/teams/data/{about}"
        whole = client.get(path, params={"role": role}).json()
        assert {one["learner_id"] for one in whole[about]} == set(names)
        assert whole["next"] is None
        found, after = [], ""
        while after is not None:
            asked = {"role": role, "limit": 3, "after": after}
            told = client.get(path, params=asked).json()
            assert (len(told[about]) <= 3, told["learners"]) == (True, 8)
            found += told[about]
            after = told["next"]
        assert found == whole[about]
        assert client.get(path, params={"role": role, "after": "x"}).status_code == 422
    worst = client.get("/v1/teams/data/coaching?role=senior&limit=1").json()["coaching"]
    assert worst[0]["learner_id"] == "m6"


@pytest.mark.parametrize("about", ["coaching", "ready"])
@pytest.mark.parametrize(
    ("team_id", "query", "status"),
    [("nobody", "?role=senior", 404), ("ops%2Femea", "?role=x", 404), ("ops%2Femea", "", 422)],
)
def test_a_team_or_role_that_is_not_there(
    client: TestClient, team: None, about: str, team_id: str, query: str, status: int
) -> None:
    assert client.get(f"/v1/teams/{team_id}/{about}{query}").status_code == status


@pytest.mark.parametrize("about", ["coaching", "ready"])
def test_only_a_key_of_the_team_is_told_names(
    client: TestClient,
    team: None,
    workspace: Workspace,
    bearing: Callable[..., dict[str, str]],
    about: str,
) -> None:
    path = f"/v1/teams/ops%2Femea/{about}?role=senior"
    of = {one: bearing(workspace, Grant([Scope.READ_TEAM], team_ids=[one])) for one in TEAMS}
    own = bearing(workspace, Grant([Scope.READ_OWN], learner_id="ada"))
    assert client.get(path, headers=of["ops/emea"]).status_code == 200
    assert client.get(path, headers=of["data"]).status_code == 404
    assert client.get(path, headers=own).status_code == 403


def test_the_report_of_a_team_says_the_same(client: TestClient, team: None, place: Place) -> None:
    asked = ["report", "--team", "ops/emea", "--role", "senior", "-d", str(place)]
    plain = CliRunner().invoke(app, asked)
    assert plain.exit_code == 0, plain.output
    assert "Ready to move on: 1\n  Grace: every target mastered" in plain.stdout
    assert "In need of coaching: 1\n  Ada\n   - 12 answers on Joins" in plain.stdout
    found = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert [one["learner_id"] for one in found["ready"]] == ["grace"]
    assert [one["learner_id"] for one in found["coaching"]] == ["ada"]


@pytest.mark.parametrize(
    "words", [["report"], ["report", "ada", "--team", "ops/emea"], ["report", "ada", "--teams"]]
)
def test_a_report_is_of_a_learner_or_of_a_team_or_says_which_teams_there_are(
    words: list[str], team: None, place: Place
) -> None:
    assert CliRunner().invoke(app, [*words, "-d", str(place)]).exit_code == 2

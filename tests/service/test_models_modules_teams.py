"""Which model answers, one module changed, and a team's gaps without anybody's."""

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from engine import Role, SkillTarget
from engine.knowledge_tracing import BKT
from engine.recommender.pooled import Meaning, pooled_interval
from service.cli.app import app
from service.keys import Grant
from service.records import LearnerProfile
from service.scopes import Scope
from service.store import Place
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


def told_of(client: TestClient, role: str = "senior") -> Any:
    return client.get(f"/v1/teams/ops%2Femea/gaps?role={role}").json()


def by_skill(told: Any) -> dict[str, Any]:
    return {one["skill_id"]: one for one in told["gaps"]}


def test_a_teams_gaps_are_those_of_its_learners_in_whole_ones(
    client: TestClient, team: list[str]
) -> None:
    told = told_of(client)
    each = [client.get(f"/v1/learners/{one}/gaps?role=senior").json() for one in team]
    assert (told["learners"], told["role_id"]) == (5, "senior")
    select = by_skill(told)["select"]
    theirs = [gap for one in each for gap in one["gaps"] if gap["skill_id"] == "select"]
    assert select["attained"] == round(sum(gap["attainment"] for gap in theirs)) / 5
    assert select["mastered"] == sum(gap["mastered"] for gap in theirs) == 2
    low, high = select["attained_interval"].values()
    assert 0.0 <= low <= select["attained"] <= high <= 1.0


def test_what_a_target_may_mean_is_the_same_for_the_whole_team(
    client: TestClient, workspace: Workspace, team: list[str]
) -> None:
    """As likely level 1 as 4: the interval is no narrower than with a level drawn for each."""
    nearly = SkillTarget("select", 2, level_rated=2.5, level_error=50.0)
    workspace.put_role(Role("either", [nearly]))
    told = by_skill(told_of(client, "either"))["select"]["attained_interval"]
    each = [client.get(f"/v1/learners/{one}/gaps?role=either").json()["gaps"][0] for one in team]
    alone = pooled_interval([[Meaning(1.0, [gap["attainment"] for gap in each])]], [1.0])
    asked = [
        Meaning(levels[0]["p_asked"], [one["p_attained"] for one in levels])
        for levels in zip(*(gap["levels_asked"] for gap in each), strict=True)
    ]
    assert tuple(told.values()) == pooled_interval([asked], [1.0])
    assert told["high"] - told["low"] >= alone[1] - alone[0]


def test_a_target_of_which_few_have_shown_anything_is_not_told_nor_to_be_had_from_the_rest(
    client: TestClient, workspace: Workspace, team: list[str]
) -> None:
    """Four who never answered on joins count alike; beside them the fifth would be known."""
    before = told_of(client)
    joins = {"response_id": "j", "learner_id": team[0], "item_id": "joins-1", "score": 1.0}
    assert client.post("/v1/responses", json={"responses": [joins]}).status_code == 200
    told = told_of(client)
    hidden = by_skill(told)["joins"]
    assert (hidden["attained"], hidden["attained_interval"], hidden["mastered"]) == (None,) * 3
    assert told["readiness"] == before["readiness"] == by_skill(told)["select"]["attained"]
    assert told["readiness_interval"] == before["readiness_interval"]
    workspace.put_role(Role("niche", [SkillTarget("joins")]))
    refused = client.get("/v1/teams/ops%2Femea/gaps?role=niche")
    assert refused.status_code == 403
    assert "who have shown something that the role wants" in refused.json()["detail"]


def test_learners_of_whom_nothing_is_known_do_not_make_a_team_large_enough(
    client: TestClient, workspace: Workspace, team: list[str]
) -> None:
    workspace.put_learners([LearnerProfile(team[0], team_id="elsewhere")])
    workspace.put_learners([LearnerProfile(f"new-{k}", team_id="ops/emea") for k in range(9)])
    refused = client.get("/v1/teams/ops%2Femea/gaps?role=senior")
    assert refused.status_code == 403


def test_the_reports_before_and_after_somebody_leaves_do_not_tell_what_they_know(
    client: TestClient, workspace: Workspace, team: list[str]
) -> None:
    """Shares in whole learners leave it open between a half and all of them, or none and a half."""
    workspace.put_learners([LearnerProfile("zoe", team_id="ops/emea")])
    answer(client, "zoe", 0.0, 1.0)
    (hers,) = [
        one["attainment"]
        for one in client.get("/v1/learners/zoe/gaps?role=senior").json()["gaps"]
        if one["skill_id"] == "select"
    ]
    with_her = 6 * by_skill(told_of(client))["select"]["attained"]
    workspace.put_learners([LearnerProfile("zoe", team_id="elsewhere")])
    without = 5 * by_skill(told_of(client))["select"]["attained"]
    assert 0.1 < hers < 0.9
    assert round(with_her - without, 9) in {0.0, 1.0}


def test_a_team_of_four_is_not_told_of(
    client: TestClient, workspace: Workspace, team: list[str]
) -> None:
    workspace.put_learners([LearnerProfile(team[0], team_id="elsewhere")])
    refused = client.get("/v1/teams/ops%2Femea/gaps?role=senior")
    assert refused.status_code == 403
    assert "too few" in refused.json()["detail"]
    assert not any(one in refused.text for one in team)


def test_the_command_line_tells_a_teams_gaps_as_http_does(
    client: TestClient, team: list[str], place: Place
) -> None:
    asked = ["report", "--team", "ops/emea", "--role", "senior", "-d", str(place)]
    plain = CliRunner().invoke(app, asked).stdout
    assert re.search(r"^  select at level \d: 60% \(\d+% to \d+%\), shown by 2$", plain, re.M)
    assert "  joins at level 1: too few have shown anything about it\n" in plain
    found = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    told = told_of(client)
    for name in ("readiness", "readiness_interval", "gaps"):
        assert found[name] == told[name]


def test_teams_come_in_pages_to_whoever_may_read_them_and_to_a_manager_the_own_alone(
    client: TestClient, workspace: Workspace, team: list[str], place: Place, bearing: Any
) -> None:
    roles = {"a": "junior", "b": "senior", "c": "senior", "d": "", "e": "", "f": ""}
    workspace.put_learners(
        [LearnerProfile(one, team_id="größe", role_id=role) for one, role in roles.items()]
    )
    workspace.put_learners([LearnerProfile("alone")])
    of_data, emea, size = (
        {"team_id": team_id, "learners": learners, "usual_role_id": usual}
        for team_id, learners, usual in (
            ("data", 1, "senior"),
            ("ops/emea", 5, ""),
            ("größe", 6, "senior"),
        )
    )
    everybody = sorted([of_data, emea, size], key=lambda one: one["team_id"])
    found, after = [], ""
    while after is not None:
        told = client.get("/v1/teams", params={"limit": 2, "after": after})
        found += told.json()["teams"]
        after = told.json()["next"]
    assert found == everybody
    again = client.get("/v1/teams")
    tagged = {"If-None-Match": again.headers["etag"]}
    assert client.get("/v1/teams", headers=tagged).status_code == 304
    manager = bearing(workspace, Grant([Scope.READ_TEAM], team_ids=["ops/emea", "not yet"]))
    assert client.get("/v1/teams", headers=manager).json()["teams"] == [emea]
    page = client.get("/teams").text
    assert all(f"team?id={quote(one['team_id'], safe='')}" in page for one in everybody)
    listed = CliRunner().invoke(app, ["report", "--teams", "-d", str(place), "--json"])
    assert json.loads(listed.stdout)["teams"] == everybody
    assert "6" in CliRunner().invoke(app, ["report", "--teams", "-d", str(place)]).stdout
    usual = CliRunner().invoke(app, ["report", "--team", "größe", "-d", str(place)])
    assert "Team größe (6) against senior" in usual.stdout
    nobodys = CliRunner().invoke(app, ["report", "--team", "ops/emea", "-d", str(place)])
    assert (nobodys.exit_code, "--role" in nobodys.stderr) == (2, True)


def test_the_page_of_a_team_tells_what_the_interface_does_and_keeps_back_the_same(
    client: TestClient, workspace: Workspace, team: list[str]
) -> None:
    workspace.put_learners(
        [LearnerProfile(one, team_id="ops/emea", role_id="senior") for one in team]
    )
    text = client.get("/team?id=ops%2Femea").text
    told = told_of(client)
    select = by_skill(told)["select"]
    low, high = (round(5 * one) for one in select["attained_interval"].values())
    assert f">{round(5 * select['attained'])} of 5<" in text
    assert f">{low} to {high}<" in text
    assert f"shown by {select['mastered']}" in text
    assert f">{told['readiness']:.0%}<" in text
    assert "Not told, since too few have shown anything about them: Joins (" in text
    workspace.put_learners([LearnerProfile(team[0], team_id="elsewhere")])
    small = client.get("/team?id=ops%2Femea&role=senior")
    assert (small.status_code, "too few to tell of" in small.text) == (200, True)
    assert "80% interval" not in small.text


@pytest.mark.parametrize(
    ("path", "status"),
    [("nobody/gaps?role=senior", 404), ("ops%2Femea/gaps?role=x", 404), ("ops%2Femea/gaps", 422)],
)
def test_a_team_or_role_that_is_not_there(
    client: TestClient, team: list[str], path: str, status: int
) -> None:
    assert client.get(f"/v1/teams/{path}").status_code == status

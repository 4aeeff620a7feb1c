"""What the interface takes and gives, route by route."""

from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from service.workspace import Workspace

STORES = ("sqlite", "postgres")


def answer(n: int, *, item_id: str = "select-1", score: float = 1.0) -> dict[str, object]:
    at = f"2026-03-{n:02}T09:00:00+02:00"
    return {
        "response_id": f"r{n}",
        "learner_id": "ada",
        "item_id": item_id,
        "score": score,
        "answered_at": at,
    }


def test_a_catalogue_comes_back_as_it_was_put(
    empty_client: TestClient, catalog_records: dict[str, Any]
) -> None:
    put = empty_client.put("/v1/catalog", json=catalog_records).json()
    assert put["catalog_version"] == 1
    got = empty_client.get("/v1/catalog").json()
    assert got["catalog_version"] == 1
    assert [one["item_id"] for one in got["items"]] == [
        one["item_id"] for one in catalog_records["items"]
    ]
    for name in ("model_version", "catalog_version"):
        del got[name]
    assert empty_client.put("/v1/catalog", json=got).json() == put


def test_roles_are_put_read_and_listed(client: TestClient) -> None:
    body = {"targets": [{"skill_id": "joins", "weight": 2}], "name": "Plumber", "rung": 3}
    put = client.put("/v1/roles/plumber", json=body)
    assert put.status_code == 200
    assert client.get("/v1/roles/plumber").json() == put.json()
    listed = client.get("/v1/roles").json()["roles"]
    assert [one["role_id"] for one in listed] == ["plumber", "junior", "senior"]


def test_learners_are_put_one_by_one_or_many_at_once(client: TestClient) -> None:
    assert client.put("/v1/learners/bob", json={"name": "Bob"}).json()["name"] == "Bob"
    many = [{"learner_id": f"l{n}", "role_id": "junior", "team_id": "ops"} for n in range(3)]
    assert client.post("/v1/learners", json={"learners": many}).json()["accepted"] == 3
    first = client.get("/v1/learners?query=ops&limit=2").json()
    rest = client.get("/v1/learners", params={"query": "ops", "after": first["next"]}).json()
    assert [one["learner_id"] for one in first["learners"] + rest["learners"]] == ["l0", "l1", "l2"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    "learner_id", ["a/b", "a b", "ünï", "日本", "a?b#c", "..", "x" * 500, "a+b@c.d", "/"]
)
def test_odd_ids_work_in_addresses(client: TestClient, learner_id: str) -> None:
    path = f"/v1/learners/{quote(learner_id, safe='').replace('.', '%2E')}"
    put = client.put(path, json={"role_id": "junior"})
    assert put.status_code == 200
    assert put.json()["learner_id"] == learner_id
    assert client.get(path).json() == put.json()
    assert client.get(f"{path}/mastery").json()["learner_id"] == learner_id


def test_evidence_is_counted_once_and_told_as_it_was_counted(client: TestClient) -> None:
    batch = {"responses": [answer(2), answer(1, score=0.25)]}
    done = {"completion_id": "c1", "learner_id": "ada", "module_id": "select-101"}
    assert client.post("/v1/responses", json=batch).json()["accepted"] == 2
    assert client.post("/v1/responses", json=batch).json()["repeated"] == 2
    assert client.post("/v1/completions", json={"completions": [done]}).json()["accepted"] == 1
    counted = client.get("/v1/learners/ada/evidence").json()["evidence"]
    assert [one["evidence_id"] for one in counted] == ["r1", "r2", "c1"]
    assert counted[0] == {
        "kind": "response",
        "evidence_id": "r1",
        "at": "2026-03-01T07:00:00Z",
        "item_id": "select-1",
        "module_id": None,
        "score": 0.25,
        "catalog_version": 1,
    }
    assert counted[2]["at"] == "2026-03-31T12:00:00Z"  # the service's clock: none was sent


def test_mastery_tells_level_attainment_and_gap_of_every_target(client: TestClient) -> None:
    responses = [answer(n, item_id=f"select-{1 + n % 4}") for n in range(1, 7)]
    client.post("/v1/responses", json={"responses": responses})
    mastery = client.get("/v1/learners/ada/mastery").json()
    assert (mastery["learner_id"], mastery["role_id"]) == ("ada", "senior")
    select, joins, charts = mastery["skills"]
    assert select["mastered"] is True
    assert (select["level"], select["target_level"], select["opportunities"]) == (1, 1, 6)
    assert select["attainment"] == pytest.approx(1 - select["gap"])
    assert select["last_answered_at"] == "2026-03-06T07:00:00Z"
    assert (joins["level"], joins["opportunities"], joins["last_answered_at"]) == (0, 0, None)
    assert [level["name"] for level in charts["levels"]] == ["Awareness", "Working"]
    interval = mastery["readiness_interval"]
    assert 0 <= interval["low"] <= mastery["readiness"] <= interval["high"] <= 1


def test_gaps_and_ladder_agree_with_mastery(client: TestClient) -> None:
    client.post("/v1/responses", json={"responses": [answer(1)]})
    mastery = client.get("/v1/learners/ada/mastery").json()
    gaps = client.get("/v1/learners/ada/gaps").json()
    ladder = client.get("/v1/learners/ada/ladder").json()
    assert gaps["readiness"] == mastery["readiness"]
    assert [one["gap"] for one in gaps["gaps"]] == [one["gap"] for one in mastery["skills"]]
    assert [one["role_id"] for one in ladder["rungs"]] == ["junior", "senior"]
    assert ladder["rungs"][1]["readiness"] == gaps["readiness"]


def test_recommendations_name_the_module_and_say_why(client: TestClient) -> None:
    (first, *_) = client.get("/v1/learners/ada/recommendations?limit=1").json()["recommendations"]
    assert first["module_id"] == "select-101"
    assert first["title"] == "Select from the start"
    assert first["url"] == "https://lms.example/select"
    assert (first["format"], first["minutes"]) == ("lesson", 10.0)
    assert sum(first["terms"].values()) == pytest.approx(first["score"], abs=1e-12)
    assert first["reasons"][0]["sentence"]
    assert first["expected_gain"] > 0


def test_an_empty_list_of_allowed_modules_is_answered_with_the_reason(client: TestClient) -> None:
    answered = client.post("/v1/learners/ada/recommendations", json={"allowed": []})
    assert answered.status_code == 200
    assert answered.json()["recommendations"] == []
    assert answered.json()["note"].startswith("No module is both allowed and available")


def test_a_long_list_of_allowed_modules_is_posted(client: TestClient) -> None:
    path = "/v1/learners/ada/recommendations"
    assert client.post(path, json={}).json()["recommendations"]
    answered = client.post(path, json={"allowed": ["charts-101"], "limit": 5}).json()
    assert answered["recommendations"] == []
    assert answered["note"]
    got = client.get(f"{path}?allowed=select-101&allowed=charts-101").json()
    assert [one["module_id"] for one in got["recommendations"]] == ["select-101"]


def test_modules_are_left_out_on_demand_and_long_ones_when_there_is_little_time(
    client: TestClient,
) -> None:
    path = "/v1/learners/ada/recommendations"
    best = client.get(path).json()["recommendations"][0]
    for answer in (
        client.get(f"{path}?denied={best['module_id']}&denied=charts-101"),
        client.post(path, json={"denied": [best["module_id"]]}),
        client.get(f"{path}?within_minutes={best['minutes'] - 0.5}"),
    ):
        assert best["module_id"] not in {
            one["module_id"] for one in answer.json()["recommendations"]
        }
    steps = client.get(f"/v1/learners/ada/path?denied={best['module_id']}").json()["steps"]
    assert best["module_id"] not in {one["module_id"] for one in steps}


def test_a_forecast_says_when_and_that_without_modules_it_is_never(client: TestClient) -> None:
    path = "/v1/learners/ada/forecast?minutes_per_week=30"
    found = client.get(path).json()
    assert found["weeks"] == found["minutes"] / 30
    denied = "&".join(f"denied={one}" for one in ("select-101", "joins-101", "charts-101"))
    never = client.get(f"{path}&{denied}").json()
    assert never["minutes"] is None
    assert never["note"].startswith("Nothing on offer leads to")


def test_probing_leads_to_what_says_most_until_there_is_no_more_to_ask(client: TestClient) -> None:
    path, asked = "/v1/learners/ada/probe?precision=0.01", []
    while (found := client.get(path).json())["item"]:
        item = found["item"]
        assert item["item_id"] not in asked
        assert 0 < item["p_right"] < 1
        assert item["information"] > 0
        assert found["reason"]["term"] == "information"
        asked.append(item["item_id"])
        path += f"&asked={item['item_id']}"
    assert asked
    assert found["reason"]["term"] == "exhausted"
    sure = client.get("/v1/learners/ada/probe?precision=1").json()
    assert (sure["item"], sure["reason"]["term"]) == (None, "precision")


def test_an_unknown_item_asked_before_is_named(client: TestClient) -> None:
    found = client.get("/v1/learners/ada/probe?asked=select-1&asked=slect-2")
    assert found.status_code == 422
    (error,) = found.json()["errors"]
    assert "asked[1]" in str(error)
    assert "did you mean 'select-2'" in str(error)


def test_what_lost_is_explained_on_demand(client: TestClient) -> None:
    path = "/v1/learners/ada/recommendations?limit=1"
    assert client.get(path).json()["alternatives"] == []
    for one in client.get(f"{path}&alternatives=2").json()["alternatives"]:
        assert one["title"] in one["sentence"]


def test_a_path_keeps_to_its_budget(client: TestClient) -> None:
    path = client.get("/v1/learners/ada/path?budget_minutes=25").json()
    assert path["budget_minutes"] == 25
    assert 0 < path["minutes"] <= 25
    assert path["steps"][0]["module_id"] == "select-101"
    assert path["expected_readiness"] > path["readiness"]
    for step in path["steps"]:
        assert 0 <= step["readiness_interval"]["low"] <= step["readiness_interval"]["high"] <= 1


def test_the_best_path_there_is_can_be_asked_for(client: TestClient) -> None:
    greedy = client.get("/v1/learners/ada/path?budget_minutes=25").json()
    exact = client.get("/v1/learners/ada/path?budget_minutes=25&method=exact&seconds=5").json()
    assert (greedy["method"], exact["method"]) == ("greedy", "exact")
    assert greedy["gain"] <= exact["gain"] <= exact["bound"] <= greedy["bound"] + 1e-9
    assert exact["bound"] == pytest.approx(exact["gain"], abs=1e-6)
    assert exact["minutes"] <= 25


def test_reads_can_be_asked_of_another_instant(client: TestClient) -> None:
    asked = "/v1/learners/ada/mastery?at=2026-05-01T08:00:00%2B02:00"
    assert client.get(asked).json()["at"] == "2026-05-01T06:00:00Z"
    assert client.get("/v1/learners/ada/mastery").json()["at"] == "2026-03-31T12:00:00Z"


def test_every_answer_names_the_model(client: TestClient, workspace: Workspace) -> None:
    paths = ["/v1/catalog", "/v1/roles", "/v1/roles/senior", "/v1/learners", "/v1/learners/ada"]
    about = ["evidence", "mastery", "gaps", "ladder", "recommendations", "path"]
    paths += [f"/v1/learners/ada/{one}" for one in about]
    paths += ["/v1/models", f"/v1/models/{workspace.model_version}", "/readyz"]
    for path in paths:
        assert client.get(path).json()["model_version"] == workspace.model_version, path


def test_models_are_listed_and_read(client: TestClient, workspace: Workspace) -> None:
    (listed,) = client.get("/v1/models").json()["models"]
    assert listed["active"] is True
    content = client.get(f"/v1/models/{workspace.model_version}").json()["content"]
    assert content["model"] == "bkt"

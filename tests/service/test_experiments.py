"""Policies in arms, and what another policy would have been worth: over HTTP and by commands."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from engine.recommender import arm_of, snips
from service.cli.app import app
from service.deciding import Asked
from service.experiments import Outcome
from service.records import LearnerProfile
from service.workspace import Workspace

ADA = "/v1/learners/ada/decisions"
ESTIMATES = "/v1/decisions/estimates"
SPRING = {"experiment": "spring", "arms": {"greedy": 1, "random": 3}}
N = 60


@pytest.fixture
def outcomes(client: TestClient) -> list[dict[str, Any]]:
    """Decisions drawn at random, worth 1 where joins were chosen; joins are what is estimated."""
    answers = [
        {"response_id": f"r{n}", "learner_id": "ada", "item_id": f"select-{n}", "score": 1.0}
        for n in range(1, 3)
    ]
    assert client.post("/v1/responses", json={"responses": answers}).status_code == 200
    made = [
        client.post(ADA, json={"policy": "random", "request_key": str(n)}).json() for n in range(N)
    ]
    assert {one["chosen"] for one in made} > {"joins-101"}
    return [
        {
            "decision_id": one["decision_id"],
            "outcome": float(one["chosen"] == "joins-101"),
            "p_target": float(one["chosen"] == "joins-101"),
        }
        for one in made
    ]


def run(*words: object) -> Any:
    return CliRunner().invoke(app, [str(one) for one in words])


def test_each_learner_is_always_in_the_same_arm_and_the_log_says_of_which_experiment(
    client: TestClient, workspace: Workspace
) -> None:
    workspace.put_learners([LearnerProfile(f"l{k}", role_id="senior") for k in range(20)])
    seen = set()
    for k in range(20):
        for day in ("monday", "tuesday"):
            body = {**SPRING, "request_key": day}
            made = client.post(f"/v1/learners/l{k}/decisions", json=body).json()
            assert made["policy"] == arm_of(f"l{k}", "spring", SPRING["arms"])  # type: ignore[arg-type]
            assert made["request"]["experiment"] == "spring"
            seen.add(made["policy"])
    assert seen == {"greedy", "random"}


def test_who_names_no_policy_gets_the_default_one(client: TestClient) -> None:
    assert client.post(ADA, json={}).json()["policy"] == "pursue"


@pytest.mark.parametrize(
    ("body", "status", "where"),
    [
        ({**SPRING, "policy": "greedy"}, 422, "policy"),
        ({"experiment": "spring"}, 422, "arms"),
        ({"arms": {"greedy": 1}}, 422, "arms"),
        ({"experiment": "spring", "arms": {}}, 422, "shares"),
        ({"experiment": "spring", "arms": {"greedy": 0}}, 422, "shares[greedy]"),
        ({"experiment": "spring", "arms": {"gready": 1}}, 404, "policy"),
    ],
)
def test_an_experiment_that_is_none_is_refused(
    client: TestClient, body: Any, status: int, where: str
) -> None:
    told = client.post(ADA, json=body)
    assert (told.status_code, told.json()["errors"][0]["where"]) == (status, where)


def test_another_policy_is_worth_what_it_would_have_chosen(
    client: TestClient, workspace: Workspace, outcomes: list[dict[str, Any]]
) -> None:
    told = client.post(ESTIMATES, json={"outcomes": outcomes, "fewest": 5}).json()
    logged, _ = workspace.decisions("ada", N)
    p = {row.decision_id: row.propensity for row, _ in logged}
    chosen = [one["p_target"] for one in outcomes]
    by_hand = snips(chosen, [p[one["decision_id"]] for one in outcomes], chosen, fewest=5)
    assert (told["snips"]["value"], told["decisions"]) == (1.0, N)
    assert told["effective_decisions"] == by_hand.effective_n == sum(chosen)
    low, high = told["ips"]["low"], told["ips"]["high"]
    assert low < told["ips"]["value"] < high
    assert told["ips"]["value"] == pytest.approx(sum(chosen) / p[outcomes[0]["decision_id"]] / N)


def test_decisions_that_tell_too_little_or_are_none_are_refused(
    client: TestClient, outcomes: list[dict[str, Any]]
) -> None:
    few = client.post(ESTIMATES, json={"outcomes": outcomes[:20]})
    assert (few.status_code, few.json()["errors"][0]["where"]) == (422, "effective sample size")
    assert client.post(ESTIMATES, json={"outcomes": []}).status_code == 422
    strange = {**outcomes[0], "decision_id": "none"}
    wrong = client.post(ESTIMATES, json={"outcomes": [strange, *outcomes, outcomes[0]]}).json()
    assert [one["where"] for one in wrong["errors"]] == [
        "outcomes[0].decision_id",
        f"outcomes[{N + 1}].decision_id",
    ]


def test_the_commands_decide_and_estimate_as_http_does(
    client: TestClient,
    workspace: Workspace,
    outcomes: list[dict[str, Any]],
    database: Path,
    tmp_path: Path,
) -> None:
    asked = ["decide", "ada", "-d", database, "--policy", "random", "--request-key", "0"]
    made = json.loads(run(*asked, "--json").stdout)
    again = client.post(ADA, json={"policy": "random", "request_key": "0"}).json()
    assert made == again
    plain = run(*asked).stdout
    assert f"random takes {made['chosen'][:-4].capitalize()} from the start" in plain
    assert f"decision {made['decision_id']}\n" in plain
    in_arm = run("decide", "ada", "-d", database, "--experiment", "spring", "--arms", "greedy=1")
    assert "greedy takes " in in_arm.stdout
    assert run("decide", "ada", "-d", database, "--arms", "greedy=x").exit_code == 2
    table = tmp_path / "outcomes.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ("decision_id", "outcome", "p_target"))
        writer.writeheader()
        writer.writerows(outcomes)
    told = run("estimate", table, "-d", database, "--fewest", 5, "--json")
    asked_over_http = {"outcomes": outcomes, "fewest": 5}
    assert json.loads(told.stdout) == client.post(ESTIMATES, json=asked_over_http).json()
    shown = run("estimate", table, "-d", database, "--fewest", 5).stdout
    assert shown.startswith(f"{N} decisions, worth ")
    assert "self-normalised       1 per decision" in shown
    listed = tmp_path / "decisions.csv"
    n = N + 1  # with that of the arm
    assert f"Wrote {n} decisions" in run("decisions", "ada", "-d", database, "-o", listed).stdout
    with listed.open(newline="", encoding="utf-8") as file:
        rows = {one["decision_id"]: one for one in csv.DictReader(file)}
    for one in client.get(ADA, params={"limit": 1000}).json()["decisions"]:
        logged = rows.pop(one["decision_id"])
        for name in ("learner_id", "policy", "chosen", "made_at"):
            assert logged[name] == one[name]
        assert float(logged["propensity"]) == one["propensity"]
    assert not rows
    shown = run("decisions", "-d", database).stdout
    assert f"{n} decisions, the latest 20" in shown
    assert shown.count("random") == 19
    told = json.loads(run("decisions", "-d", database, "--json").stdout)["decisions"]
    assert made in told
    named = {"outcomes": [{k: one[k] for k in ("decision_id", "outcome")} for one in outcomes]}
    lines = [f"{one['decision_id']},{one['outcome']}" for one in outcomes]
    table.write_text("\n".join(["decision_id,outcome", *lines]), encoding="utf-8")
    by_name = run("estimate", table, "-d", database, "--policy", "random", "--json")
    asked_by_name = {**named, "policy": "random"}
    assert json.loads(by_name.stdout) == client.post(ESTIMATES, json=asked_by_name).json()
    shown = run("estimate", table, "-d", database, "--policy", "random").stdout
    assert "of what random would have chosen, 100% could be logged" in shown
    table.write_text("decision_id,outcome,p_target\nx,much,1\n", encoding="utf-8")
    refused = run("estimate", table, "-d", database)
    assert (refused.exit_code, "outcomes.csv line 2, outcome" in refused.output) == (2, True)


def test_what_waits_to_be_logged_is_estimated_from_too(workspace: Workspace) -> None:
    made = [workspace.serve(workspace.view("ada"), Asked(limit=n))[1] for n in (1, 2)]
    worth = workspace.worth([Outcome(one, 1.0, 1.0) for one in made], fewest=2)
    assert (worth.snips.value, worth.snips.effective_n) == (1.0, 2.0)

"""What targets say besides skill and level, over HTTP and on a real database."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from engine.domain import Completion, Role, SkillTarget
from service.cli.app import app
from service.records import LearnerProfile
from service.store import Place
from service.workspace import Workspace

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
TARGETS = [
    {"skill_id": "select", "valid_days": 365.0},
    {"skill_id": "joins", "due_at": "2026-04-10T00:00:00Z"},
    {"skill_id": "charts"},
]


def told(client: TestClient, what: str, **asked: Any) -> Any:
    answer = client.get(f"/v1/learners/ada/{what}", params={"role": "safe", **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_role_keeps_its_dates_and_is_the_same_when_put_again(client: TestClient) -> None:
    for _ in range(2):
        put = client.put("/v1/roles/safe", json={"targets": TARGETS})
        assert put.status_code == 200, put.text
        assert put.json()["role_version"] == 1
    kept = client.get("/v1/roles/safe").json()["targets"]
    assert [(one["due_at"], one["valid_days"]) for one in kept] == [
        (None, 365.0),
        ("2026-04-10T00:00:00Z", None),
        (None, None),
    ]
    refused = client.put("/v1/roles/safe", json={"targets": [{**TARGETS[0], "valid_days": -1}]})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["where"].endswith("targets[0].valid_days")


def test_a_role_without_dates_is_kept_as_before_there_were_any(workspace: Workspace) -> None:
    workspace.put_role(Role("plain", [SkillTarget("select")]))
    content = workspace._store.read(lambda session: session.roles.content("plain"))
    assert content is not None
    for name in ("due_at", "valid_days", "level_error", "level_rated", "weight_error"):
        assert name not in content


def test_a_target_known_only_nearly_is_kept_and_counts_at_what_it_may_mean(
    client: TestClient,
) -> None:
    rated = {"skill_id": "joins", "level": 2, "level_rated": 1.6, "level_error": 0.2}
    targets = [{**rated, "weight": 3.0, "weight_error": 0.25}, {"skill_id": "charts"}]
    for _ in range(2):
        put = client.put("/v1/roles/safe", json={"targets": targets})
        assert (put.status_code, put.json()["role_version"]) == (200, 1), put.text
    kept, certain = client.get("/v1/roles/safe").json()["targets"]
    assert {name: kept[name] for name in targets[0]} == targets[0]
    assert (certain["level_error"], certain["weight_error"]) == (None, None)
    found = told(client, "gaps")
    gap, other = found["gaps"]
    assert [(one["level"], round(one["p_asked"], 2)) for one in gap["levels_asked"]] == [
        (1, 0.31),
        (2, 0.69),
    ]
    mean = sum(one["p_asked"] * one["p_attained"] for one in gap["levels_asked"])
    assert gap["attainment"] == pytest.approx(mean, abs=1e-12)
    assert other["levels_asked"] == []
    assert found["note"].startswith("How much is asked is known only nearly of Joins (level 1: 31")
    assert told(client, "mastery")["note"] == found["note"]
    client.put("/v1/roles/safe", json={"targets": [{**targets[0], "weight_error": None}]})
    refused = client.put("/v1/roles/safe", json={"targets": [{**rated, "level_rated": 2.6}]})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["where"].endswith("targets[0].level_rated")


def test_a_path_is_in_time_over_http_and_on_the_command_line(
    client: TestClient, place: Place
) -> None:
    client.put("/v1/roles/safe", json={"targets": TARGETS[1:]})
    assert told(client, "path")["arrivals"] == []
    found = told(client, "path", minutes_per_week=60.0)
    assert found["minutes_per_week"] == 60.0
    joins, charts = found["arrivals"]
    assert (joins["skill_id"], joins["due_at"]) == ("joins", "2026-04-10T00:00:00Z")
    assert (joins["late"], joins["late_days"]) == (False, 0.0)
    assert joins["reached_at"] < joins["due_at"]
    assert joins["sentence"].endswith("before it is due.")
    assert charts["due_at"] is None
    late = told(client, "path", minutes_per_week=0.001)["arrivals"][0]
    assert (late["late"], late["late_days"] > 10_000) == (True, True)
    week = {"at": "2026-03-31T12:00:00Z", "until": "2026-04-07T12:00:00Z"}
    assert told(client, "path", **week, minutes_per_week=25.0)["budget_minutes"] == 25.0
    for wrong in ({"minutes_per_week": 0}, week, {**week, "budget_minutes": 9}):
        refused = client.get("/v1/learners/ada/path", params={"role": "safe", **wrong})
        assert refused.status_code == 422
    asked = ["plan", "ada", "-d", str(place), "--role", "safe", "--minutes-per-week", "60"]
    asked += ["--at", "2026-03-31T12:00:00Z"]
    until = CliRunner().invoke(app, [*asked, "--until", "2026-04-07T12:00:00Z", "--json"])
    assert json.loads(until.stdout)["budget_minutes"] == 60.0
    shown = CliRunner().invoke(app, asked)
    assert "With 60 min a week:" in shown.stdout, shown.output
    assert "Joins at level 1 (Awareness) is to be expected by" in " ".join(shown.stdout.split())


def test_proof_expires_and_is_asked_for_again_before(
    client: TestClient, workspace: Workspace, clock: Any
) -> None:
    client.put("/v1/roles/safe", json={"targets": TARGETS[:1]})
    workspace.put_learners([LearnerProfile("ada", role_id="safe")])
    workspace.record([Completion("ada", "select-101", NOON, "c1")])
    (gap,) = told(client, "gaps")["gaps"]
    assert (gap["attainment"] > 0, gap["expires_at"]) == (True, "2027-03-31T12:00:00Z")
    year = {"minutes_per_week": 60.0, "until": "2028-03-31T12:00:00Z"}
    found = told(client, "path", **year)
    steps = [(one["module_id"], one["reason"]["term"]) for one in found["steps"]]
    assert steps == [("select-101", "keeping")] * 2
    first, again = (one["ends_at"] for one in found["steps"])
    assert "2027-03-01" < first < "2027-03-31" < "2028-01-31" < again < "2028-03-04"
    (kept,) = found["arrivals"]
    assert (kept["expires_at"], kept["late"]) == ("2027-03-31T12:00:00Z", False)
    clock.move(days=366)
    (gap,) = told(client, "gaps")["gaps"]
    assert (gap["attainment"], gap["mastered"]) == (0.0, False)
    (found,) = told(client, "recommendations")["recommendations"]
    assert found["module_id"] == "select-101"
    assert sum(found["terms"].values()) == found["score"]
    assert "expired on 31 March 2027" in " ".join(one["sentence"] for one in found["reasons"])


def test_what_is_due_says_so(client: TestClient) -> None:
    client.put("/v1/roles/safe", json={"targets": TARGETS[1:]})
    (found, *_) = told(client, "recommendations")["recommendations"]
    assert found["terms"]["urgency"] > 0.0
    assert "Joins at level 1 (Awareness) is due on 10 April 2026." in [
        one["sentence"] for one in found["reasons"]
    ]
    assert told(client, "gaps")["gaps"][0]["due_at"] == "2026-04-10T00:00:00Z"

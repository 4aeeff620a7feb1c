"""What the lint finds in what is kept: over HTTP in pages, and on the command line."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from engine import Response, Role, SkillTarget
from service.api.long_work import LongWork
from service.cli.app import app
from service.cursors import cursor
from service.workspace import Workspace

FINDINGS = "/v1/catalog/findings"
LACKING = 12


def answers_against_a_prerequisite(workspace: Workspace) -> None:
    """Learners who fail what charts require, and pass them all the same."""
    told = [
        Response(f"l{k:02}", item, score, workspace.now() - timedelta(days=1), f"{k}-{item}")
        for k in range(LACKING)
        for item, score in [("joins-1", 0.0), ("joins-2", 0.0), ("charts-1", 1.0)]
    ]
    workspace.record(told)


def by_check(told: dict[str, Any]) -> dict[str, Any]:
    return {one["check"]: one for one in told["findings"]}


def test_the_catalogue_and_the_roles_are_held_against_the_evidence(
    client: TestClient, workspace: Workspace
) -> None:
    workspace.put_role(Role("chief", [SkillTarget("charts", 3)]))
    answers_against_a_prerequisite(workspace)
    told = client.get(FINDINGS).json()
    assert (told["catalog_version"], told["learners"], told["next"]) == (1, LACKING + 1, None)
    found = by_check(told)
    assert found["untaught-target"]["where"] == "chief"
    contradicted = found["contradicted-prerequisite"]
    assert contradicted["where"] == "charts at level 1"
    assert "of 12 learners who lack that by their last answers, 12" in contradicted["problem"]
    assert told["counts"]["untaught-target"] == 1
    assert sum(told["counts"].values()) == len(told["findings"])


def test_pages_of_findings_are_together_all_of_them(
    client: TestClient, workspace: Workspace
) -> None:
    workspace.put_role(Role("chief", [SkillTarget(one, 3) for one in ("select", "charts")]))
    whole = client.get(FINDINGS).json()
    found, after = [], ""
    while after is not None:
        page = client.get(FINDINGS, params={"limit": 3, "after": after}).json()
        assert (len(page["findings"]) <= 3, page["counts"]) == (True, whole["counts"])
        found += page["findings"]
        after = page["next"]
    assert found == whole["findings"]
    assert len(found) > 3
    for wrong in (cursor(-1), cursor("1"), "x"):
        assert client.get(FINDINGS, params={"after": wrong}).status_code == 422


def test_what_was_found_holds_for_a_minute_or_until_the_catalogue_or_a_role_changes(
    client: TestClient, workspace: Workspace, clock: Any
) -> None:
    first = client.get(FINDINGS)
    answers_against_a_prerequisite(workspace)
    client.app.state.long_work = LongWork(0)  # type: ignore[attr-defined]  # nothing is found anew
    again = client.get(FINDINGS, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    workspace.put_role(Role("chief", [SkillTarget("charts", 3)]))
    refused = client.get(FINDINGS)
    assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    client.app.state.long_work = LongWork()  # type: ignore[attr-defined]
    assert {"untaught-target", "contradicted-prerequisite"} <= set(
        by_check(client.get(FINDINGS).json())
    )
    workspace.erase("l00")
    clock.move(seconds=61)
    told = by_check(client.get(FINDINGS).json())["contradicted-prerequisite"]
    assert "of 11 learners" in told["problem"]


def test_of_many_learners_some_are_looked_at_evenly(workspace: Workspace) -> None:
    answers_against_a_prerequisite(workspace)
    checks = {}
    for most in (10, 6, None):
        found = workspace.findings(most)
        checks[found.learners] = "contradicted-prerequisite" in found.counts()
    assert checks == {7: False, 5: False, 13: True}  # every second, every third, all


def test_before_there_is_a_catalogue_nothing_can_be_found_in_it(empty_client: TestClient) -> None:
    assert empty_client.get(FINDINGS).status_code == 404


def test_the_command_line_finds_in_a_database_what_http_does(
    client: TestClient, workspace: Workspace, database: Path
) -> None:
    answers_against_a_prerequisite(workspace)
    told = CliRunner().invoke(app, ["lint", "--database", str(database), "--json"])
    assert told.exit_code == 1
    found = json.loads(told.stdout)["findings"]
    assert found == client.get(FINDINGS).json()["findings"]
    assert "contradicted-prerequisite" in {one["check"] for one in found}


@pytest.mark.parametrize("asked", ["limit=0", "limit=1001", "check=x"])
def test_a_question_that_is_none_is_refused(client: TestClient, asked: str) -> None:
    assert client.get(f"{FINDINGS}?{asked}").status_code == 422

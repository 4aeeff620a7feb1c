"""What is kept for no longer than is needed, and never so that mastery changes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from engine.domain import Response
from engine.errors import InvalidInput
from service.cli.app import app
from service.deciding import Asked
from service.records import LearnerProfile
from service.store import Place
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture
def years(workspace: Workspace, clock: Any) -> Workspace:
    """Gone was last heard of long ago, ada and kim lately too, and new came lately."""
    workspace.put_learners([LearnerProfile("zz-gone", name="zz-name", role_id="senior")])
    workspace.put_learners([LearnerProfile("kim", role_id="senior")])
    old = [Response(who, "select-1", 1.0, NOON, f"{who}-1") for who in ("ada", "zz-gone", "kim")]
    workspace.record(old)
    for who in ("ada", "zz-gone"):
        workspace.serve(workspace.view(who), Asked())
    clock.move(days=1000)
    workspace.record([Response("ada", "select-2", 1.0, None, "ada-2")])
    workspace.put_learners([LearnerProfile("new")])
    workspace.serve(workspace.view("kim"), Asked())
    return workspace


def test_who_is_long_gone_is_erased_and_of_others_all_evidence_stays(
    years: Workspace, clock: Any, place: Place
) -> None:
    before = years.knowledge("ada"), years.evidence("ada")
    since = clock.at - timedelta(days=730)
    assert years.silent_since(since) == 1
    done = years.retain(since)
    assert (done.learners, done.evidence, done.decisions) == (1, 1, 1)
    assert [one.learner_id for one in years.learners()] == ["ada", "kim", "new"]
    assert (years.knowledge("ada"), years.evidence("ada")) == before
    assert not any(differing for _, differing in years.differing())
    assert [row.learner_id for row, _ in years.decisions(None, 10)[0]] == ["kim"]
    if isinstance(place, Path):
        content = b"".join(one.read_bytes() for one in place.parent.glob("attain.db*"))
        assert b"zz-" not in content
    again = years.retain(since)
    assert (again.learners, again.evidence, again.decisions) == (0, 0, 0)


def test_another_tenant_keeps_what_it_has(years: Workspace, clock: Any) -> None:
    theirs = years.of_tenant("theirs")
    theirs.retain(clock.at)
    assert len(years.learners()) == 4


def test_more_learners_than_go_at_once_all_go(workspace: Workspace, clock: Any) -> None:
    workspace.put_learners([LearnerProfile(f"l{n:03}") for n in range(250)])
    clock.move(days=1)
    assert workspace.retain(clock.at, everybody=True).learners == 251


def test_nobody_is_erased_where_it_would_be_everybody_and_the_clock_is_more_likely_wrong(
    years: Workspace, clock: Any
) -> None:
    clock.move(days=5000)
    with pytest.raises(InvalidInput, match=r"everybody: nothing was heard of all 4 .*clock right"):
        years.retain(clock.at - timedelta(days=730))
    assert len(years.learners()) == 4
    assert years.retain(clock.at - timedelta(days=730), everybody=True).learners == 4


def test_the_command_says_what_it_would_do_and_does_it(years: Workspace, place: Place) -> None:
    def run(*arguments: str) -> Any:
        given = ["retain", "--older-than-days", "1", "--database", str(place), "--json", *arguments]
        result = CliRunner().invoke(app, given)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    assert run("--dry-run")["learners"] == run("--dry-run")["learners"]
    assert len(years.learners()) == 4
    assert run("--dry-run")["learners"] == run()["learners"]

"""Mastery of a skill over time, as it follows from the evidence."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from engine.domain import Completion, Response
from engine.knowledge_tracing import BKT
from service.records import Void
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
HISTORY = "/v1/learners/ada/mastery/history"
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NOON - timedelta(minutes=60 - minute)


@pytest.fixture
def learning(workspace: Workspace) -> Workspace:
    workspace.record(
        [
            Response("ada", "select-1", 1.0, at(1), "r1"),
            Response("ada", "joins-1", 0.0, at(2), "r2"),
            Response("ada", "select-2", 1.0, at(3), "r3"),
            Completion("ada", "select-101", at(4), "c1"),
            Response("ada", "select-3", 0.0, at(5), "r4"),
        ]
    )
    return workspace


def history(client: TestClient, **asked: Any) -> Any:
    return client.get(HISTORY, params={"skill": "select", **asked}).json()


def test_each_piece_of_evidence_about_a_skill_is_a_point(
    client: TestClient, learning: Workspace
) -> None:
    points = history(client)["points"]
    assert [(one["evidence_id"], one["kind"], one["opportunities"]) for one in points] == [
        ("r1", "response", 1),
        ("r3", "response", 2),
        ("c1", "completion", 2),
        ("r4", "response", 3),
    ]
    p = [one["levels"][0]["p_at_least"] for one in points]
    assert p[0] < p[1] < p[2] > p[3]
    assert points[0]["at"] == "2026-03-31T11:01:00Z"
    mastery = client.get("/v1/learners/ada/mastery").json()["skills"][0]
    assert p[-1] == pytest.approx(mastery["levels"][0]["p_at_least"])


def test_it_comes_in_pages_that_join_to_the_whole(client: TestClient, learning: Workspace) -> None:
    whole, found, after = history(client)["points"], [], ""
    while after is not None:
        page = history(client, limit=1, after=after)
        found += page["points"]
        after = page["next"]
    assert found == whole
    assert client.get(HISTORY, params={"skill": "select", "after": "x"}).status_code == 422


def test_what_comes_late_or_is_taken_back_changes_the_points_behind_it(
    client: TestClient, learning: Workspace
) -> None:
    before = history(client)["points"]
    learning.record([Response("ada", "select-4", 0.0, at(2), "late")])
    learning.void([Void("v1", "response", "r1", "for the test")])
    after = history(client)["points"]
    assert [one["evidence_id"] for one in after] == ["late", "r3", "c1", "r4"]
    assert after[-1]["levels"] != before[-1]["levels"]


def test_it_is_as_the_current_model_reads_it_and_has_a_tag(
    client: TestClient, learning: Workspace
) -> None:
    first = client.get(HISTORY, params={"skill": "select"})
    again = client.get(
        HISTORY, params={"skill": "select"}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304
    version = learning.install_model(BKT(seed=5).to_json())
    assert history(client)["model_version"] == version


@pytest.mark.parametrize(
    ("path", "what"),
    [
        (f"{HISTORY}?skill=selects", "skill"),
        ("/v1/learners/nobody/mastery/history?skill=select", "learner"),
    ],
)
def test_an_unknown_skill_or_learner_is_named(client: TestClient, path: str, what: str) -> None:
    told = client.get(path)
    assert told.status_code == 404
    assert told.json()["errors"][0]["where"] == what

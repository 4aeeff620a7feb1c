"""Two ids that turn out to be one learner."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from engine.domain import Completion, Response
from engine.errors import InvalidInput, UnknownId
from service.errors import EvidenceConflict, MergeConflict
from service.keys import Grant
from service.knowledge import replayed
from service.records import LearnerProfile, Void
from service.scopes import Scope
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NOON - timedelta(minutes=100 - minute)


def answers(learner_id: str, first: int, n: int = 12) -> list[Response]:
    return [
        Response(
            learner_id, f"select-{1 + k % 4}", k % 3 / 2, at(first + 2 * k), f"{learner_id}-{k}"
        )
        for k in range(n)
    ]


@pytest.fixture
def two(workspace: Workspace) -> Workspace:
    """Ada, whose answers came under two ids in turn, some of them taken back."""
    workspace.put_learners([LearnerProfile("ada-2", name="A. L.", team_id="sales")])
    workspace.record(answers("ada", 1))
    workspace.record([*answers("ada-2", 2), Completion("ada-2", "select-101", at(40), "c1")])
    workspace.void([Void("v1", "response", "ada-2-3", "for the test")])
    list(workspace.replay_all())
    return workspace


def test_the_evidence_of_both_is_replayed_together(two: Workspace) -> None:
    merged = two.merge("ada", "ada-2", "two accounts")
    assert (merged.learner_id, merged.evidence) == ("ada", 13)
    rows = two._store.read(lambda session: session.evidence.of("ada"))
    assert len(rows) == 24
    assert two.knowledge("ada") == replayed(two.current(), "ada", rows)
    two.record([Response("ada", "select-1", 1.0, at(99), "later")])
    list(two.replay_all())
    assert not any(differing for _, differing in two.differing())
    assert two.learner("ada") == LearnerProfile("ada", role_id="senior", team_id="data")


def test_the_other_id_stands_for_who_is_kept(two: Workspace, client: TestClient) -> None:
    two.merge("ada", "ada-2", "two accounts")
    for what in ("gaps", "recommendations", "mastery"):
        told = client.get(f"/v1/learners/ada-2/{what}").json()
        assert told == client.get(f"/v1/learners/ada/{what}").json()
        assert told["learner_id"] == "ada"
    for what in ("evidence", "decisions", "mastery/history?skill=select", "export"):
        told = client.get(f"/v1/learners/ada-2/{what}").json()
        assert told == client.get(f"/v1/learners/ada/{what}").json()
    assert client.get("/v1/learners/ada-2").json()["learner_id"] == "ada"
    listed = client.get("/v1/learners").json()["learners"]
    assert [one["learner_id"] for one in listed] == ["ada"]
    assert [one["alias"] for one in client.get("/v1/learners/ada/export").json()["aliases"]] == [
        "ada-2"
    ]


def test_what_is_sent_under_the_other_id_is_counted_for_who_is_kept(two: Workspace) -> None:
    two.merge("ada", "ada-2", "two accounts")
    assert two.record(answers("ada-2", 2)).repeated == 12, "a retry changes nothing"
    new = Response("ada-2", "joins-1", 1.0, at(90), "new")
    assert two.record([new]).accepted == 1
    assert two.evidence("ada")[-1] == Response("ada", "joins-1", 1.0, at(90), "new")
    with pytest.raises(EvidenceConflict):
        two.record([Response("ada", "joins-1", 1.0, at(90), "new")])


def test_merging_again_changes_nothing_and_chains_lead_to_the_end(two: Workspace) -> None:
    two.merge("ada", "ada-2", "two accounts")
    assert two.merge("ada", "ada-2", "again").evidence == 0
    two.put_learners([LearnerProfile("lovelace"), LearnerProfile("byron")])
    assert two.merge("lovelace", "ada", "married").evidence == 25
    for alias in ("ada", "ada-2"):
        assert two.learner(alias).learner_id == "lovelace"
    with pytest.raises(MergeConflict, match="merged into 'lovelace' before"):
        two.merge("byron", "ada-2", "no")
    with pytest.raises(InvalidInput, match="who is kept"):
        two.merge("ada", "lovelace", "themselves")
    with pytest.raises(UnknownId):
        two.merge("lovelace", "nobody", "no")


def test_the_profile_of_an_alias_can_be_put_no_more(two: Workspace, client: TestClient) -> None:
    client.post("/v1/learners/ada/merges", json={"merged_learner_id": "ada-2", "reason": "one"})
    told = client.put("/v1/learners/ada-2", json={"name": "Ada"})
    assert (told.status_code, told.json()["errors"][0]["where"]) == (409, "learners[0].learner_id")
    many = {"learners": [{"learner_id": "bob"}, {"learner_id": "ada-2"}]}
    assert client.post("/v1/learners", json=many).status_code == 409
    assert client.get("/v1/learners/bob").status_code == 404


def test_keys_of_either_id_read_who_is_kept(
    two: Workspace, client: TestClient, bearing: Any
) -> None:
    keys = [
        bearing(two, Grant([Scope.READ_OWN], learner_id="ada")),
        bearing(two, Grant([Scope.READ_OWN], learner_id="ada-2")),
    ]
    two.merge("ada", "ada-2", "two accounts")
    keys.append(bearing(two, Grant([Scope.READ_OWN], learner_id="ada-2")))
    for headers in keys:
        for learner_id in ("ada", "ada-2"):
            assert client.get(f"/v1/learners/{learner_id}/gaps", headers=headers).is_success
    sales = bearing(two, Grant([Scope.READ_TEAM], team_ids=["sales"]))
    assert client.get("/v1/learners/ada-2/gaps", headers=sales).status_code == 404


def test_erasing_either_id_erases_both(two: Workspace, client: TestClient) -> None:
    two.merge("ada", "ada-2", "two accounts")
    assert client.delete("/v1/learners/ada-2").json()["learner_id"] == "ada"
    for learner_id in ("ada", "ada-2"):
        assert client.get(f"/v1/learners/{learner_id}").status_code == 404
    two.put_learners([LearnerProfile("ada-2")])
    assert two.learner("ada-2").learner_id == "ada-2"

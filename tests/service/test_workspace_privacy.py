"""Export gives all that is kept of a learner; erasure leaves no byte of it."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from engine.domain import Completion, Curriculum, Response
from engine.errors import UnknownId
from service.records import LearnerProfile, Void
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
ERASED = "zz-erased-日本"
TRACES = ["zz-erased", "Zelda Zebra", "zz-answer", "zz-done", "zz-void", "zz-reason"]


def record_much(workspace: Workspace, learner_id: str, prefix: str, n: int) -> None:
    """Record evidence in pieces, so that states are replaced and pages split."""
    for i in range(n):
        at = NOON - timedelta(minutes=n - i)
        item_id = f"select-{1 + i % 4}"
        workspace.record([Response(learner_id, item_id, i % 2 / 1, at, f"{prefix}-answer-{i}")])


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    workspace.put_learners([LearnerProfile(ERASED, name="Zelda Zebra", role_id="senior")])
    for n in range(6):
        record_much(workspace, ERASED, f"zz-answer-{n}", 20)
        record_much(workspace, f"other-{n}", f"o{n}", 20)
    workspace.record([Completion(ERASED, "select-101", NOON, "zz-done")])
    workspace.void([Void("zz-void", "completion", "zz-done", "zz-reason")])
    list(workspace.replay_all())
    return workspace


def traces(database: Path) -> list[str]:
    """Return what of the learner is found in the bytes of the database's files."""
    content = b"".join(file.read_bytes() for file in sorted(database.parent.glob("attain.db*")))
    escaped = ERASED.encode("ascii", "backslashreplace").decode()
    return [one for one in [*TRACES, ERASED, escaped] if one.encode() in content]


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)  # whose bytes are looked at
def test_an_erased_learner_leaves_no_byte(filled: Workspace, database: Path) -> None:
    assert len(traces(database)) == len(TRACES) + 2
    others = filled.knowledge("other-1")
    erased = filled.erase(ERASED)
    assert erased.evidence == 121
    assert traces(database) == []
    with pytest.raises(UnknownId):
        filled.learner(ERASED)
    assert filled.knowledge("other-1") == others
    filled.close()
    assert traces(database) == []
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)  # whose bytes are looked at
def test_an_erasure_cut_short_is_finished_when_the_database_is_opened(
    filled: Workspace, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("service.store.Store.scrub", die)
    with pytest.raises(KeyboardInterrupt):
        filled.erase(ERASED)
    monkeypatch.undo()
    filled.close()
    Workspace.open(database).close()
    assert traces(database) == []


def test_somebody_erased_can_come_back_as_somebody_new(filled: Workspace) -> None:
    filled.erase(ERASED)
    filled.record([Response(ERASED, "select-1", 1.0, NOON, "zz-answer-0-answer-0")])
    assert filled.knowledge(ERASED).skills["select"].opportunities == 1


def test_an_export_has_everything_and_what_was_taken_back(client: TestClient) -> None:
    one = {"response_id": "r1", "learner_id": "ada", "item_id": "select-1", "score": 0.5}
    done = {"completion_id": "c1", "learner_id": "ada", "module_id": "select-101"}
    void = {"void_id": "v1", "kind": "response", "evidence_id": "r1", "reason": "broken"}
    client.post("/v1/responses", json={"responses": [one]})
    client.post("/v1/completions", json={"completions": [done]})
    client.post("/v1/voids", json={"voids": [void]})
    export = client.get("/v1/learners/ada/export").json()
    assert export["profile"] == {
        "learner_id": "ada",
        "name": "",
        "team_id": "data",
        "role_id": "senior",
        "next_role_id": "",
        "next_role_weight": 0.0,
    }
    assert export["created_at"] == "2026-03-31T12:00:00Z"
    assert [
        (one["kind"], one["evidence_id"], one["subject_id"], one["score"])
        for one in export["evidence"]
    ] == [("completion", "c1", "select-101", None), ("response", "r1", "select-1", 0.5)]
    assert [(one["void_id"], one["reason"]) for one in export["voids"]] == [("v1", "broken")]
    assert list(export["knowledge"]["completed"]) == ["select-101"]


def test_over_http_an_erased_learner_is_not_found_again(client: TestClient) -> None:
    one = {"response_id": "r1", "learner_id": "a/b", "item_id": "select-1", "score": 0.5}
    client.post("/v1/responses", json={"responses": [one]})
    assert client.delete("/v1/learners/a%2Fb").json()["erased_evidence"] == 1
    for what in ("", "/export", "/evidence", "/mastery?role=junior"):
        assert client.get(f"/v1/learners/a%2Fb{what}").status_code == 404
    assert client.delete("/v1/learners/a%2Fb").status_code == 404


def test_an_export_before_there_is_a_catalogue_has_the_profile(
    empty_workspace: Workspace, curriculum: Curriculum
) -> None:
    empty_workspace.put_learners([LearnerProfile("ada", name="Ada")])
    export = empty_workspace.export("ada")
    assert (export.profile.name, export.evidence, export.knowledge) == ("Ada", (), None)

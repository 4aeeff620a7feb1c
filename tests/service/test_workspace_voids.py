"""Evidence taken back: mastery is what it is without it, and the record keeps both."""

from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain import Completion, Curriculum, Response
from engine.errors import InvalidInput
from service.errors import EvidenceConflict
from service.evidence import Evidence
from service.records import Void
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def answer(n: int, score: float = 1.0, learner_id: str = "ada") -> Response:
    at = NOON - timedelta(hours=20 - n)
    return Response(learner_id, f"select-{1 + n % 4}", score, at, f"r{n}")


def void(n: int, void_id: str = "", reason: str = "the item was broken") -> Void:
    return Void(void_id or f"v{n}", "response", f"r{n}", reason)


def test_mastery_is_what_it_would_be_without_what_was_taken_back(workspace: Workspace) -> None:
    workspace.record([answer(1), answer(3)])
    without = workspace.knowledge("ada")
    workspace.record([answer(2, 0.0)])
    receipt = workspace.void([void(2)])
    assert (receipt.accepted, receipt.repeated) == (1, 0)
    assert workspace.knowledge("ada") == without
    assert [one.response_id for one in workspace.evidence("ada")] == ["r1", "r3"]  # type: ignore[union-attr]


def test_a_repeated_void_changes_nothing(workspace: Workspace) -> None:
    workspace.record([answer(1), answer(2)])
    workspace.void([void(1)])
    state = workspace.knowledge("ada")
    receipt = workspace.void([void(1), void(1)])
    assert (receipt.accepted, receipt.repeated) == (0, 2)
    assert workspace.knowledge("ada") == state


def test_a_learner_without_any_evidence_left_is_as_at_the_start(workspace: Workspace) -> None:
    start = workspace.knowledge("ada")
    workspace.record([answer(1)])
    workspace.void([void(1)])
    assert workspace.knowledge("ada") == start
    workspace.record([answer(2)])
    assert workspace.knowledge("ada").skills["select"].opportunities == 1


def test_what_was_taken_back_stays_so_when_it_is_sent_again(workspace: Workspace) -> None:
    workspace.record([answer(1)])
    workspace.void([void(1)])
    assert workspace.record([answer(1)]).repeated == 1
    assert workspace.evidence("ada") == ()
    with pytest.raises(EvidenceConflict):
        workspace.record([answer(1, 0.0)])


def test_contradictions_are_listed_and_nothing_is_taken_back(workspace: Workspace) -> None:
    workspace.record([answer(1), answer(2), answer(3)])
    workspace.void([void(1)])
    batch = [void(3), void(1, reason="another"), void(1, "other"), void(2, "v1")]
    with pytest.raises(EvidenceConflict) as raised:
        workspace.void(batch)
    assert [fault.where for fault in raised.value.faults] == [
        "voids[1].void_id",
        "voids[2].evidence_id",
        "voids[3].void_id",
    ]
    assert len(workspace.evidence("ada")) == 2


def test_evidence_that_is_not_on_record_is_listed(workspace: Workspace) -> None:
    workspace.record([answer(1)])
    with pytest.raises(InvalidInput) as raised:
        workspace.void([void(1), void(8), Void("v9", "completion", "r1", "why not")])
    assert [fault.where for fault in raised.value.faults] == [
        "voids[1].evidence_id",
        "voids[2].evidence_id",
    ]
    assert len(workspace.evidence("ada")) == 1


def test_a_void_cannot_be_taken_back_nor_be_without_a_reason(client: TestClient) -> None:
    body = {"void_id": "v2", "kind": "void", "evidence_id": "v1", "reason": " "}
    answered = client.post("/v1/voids", json={"voids": [body]})
    assert answered.status_code == 422
    places = [fault["where"] for fault in answered.json()["errors"]]
    assert places == ["voids[0].kind", "voids[0].reason"]


def test_over_http_what_was_taken_back_no_longer_counts(client: TestClient) -> None:
    one = {"response_id": "r1", "learner_id": "ada", "item_id": "select-1", "score": 0.0}
    client.post("/v1/responses", json={"responses": [one]})
    low = client.get("/v1/learners/ada/gaps").json()["readiness"]
    body = {"void_id": "v1", "kind": "response", "evidence_id": "r1", "reason": "broken"}
    assert client.post("/v1/voids", json={"voids": [body]}).json()["accepted"] == 1
    assert client.post("/v1/voids", json={"voids": [body]}).json()["repeated"] == 1
    assert client.get("/v1/learners/ada/gaps").json()["readiness"] > low
    assert client.get("/v1/learners/ada/evidence").json()["evidence"] == []


@st.composite
def histories(draw: st.DrawFn) -> list[Evidence | Void]:
    """Return evidence in any order of time, with some of it taken back somewhere after it came."""
    history: list[Evidence | Void] = []
    came: list[tuple[str, str]] = []
    for n in range(draw(st.integers(1, 10))):
        at = NOON - timedelta(hours=draw(st.integers(0, 4)))
        if n % 3 == 2:
            history.append(Completion("ada", "select-101", at, f"e{n}"))
        else:
            score = draw(st.sampled_from([0.0, 0.5, 1.0]))
            history.append(Response("ada", f"select-{1 + n % 4}", score, at, f"e{n}"))
        came.append(("completion" if n % 3 == 2 else "response", f"e{n}"))
        if draw(st.booleans()):
            kind, evidence_id = came.pop(draw(st.integers(0, len(came) - 1)))
            history.append(Void(f"v-{kind}-{evidence_id}", kind, evidence_id, "by chance"))
    return history


@settings(max_examples=15)
@given(histories())
def test_any_history_with_voids_gives_the_state_of_what_is_left(
    curriculum: Curriculum, history: list[Evidence | Void]
) -> None:
    gone = {one.evidence_id for one in history if isinstance(one, Void)}
    left = [
        one
        for one in history
        if not isinstance(one, Void)
        and (one.response_id if isinstance(one, Response) else one.completion_id) not in gone
    ]
    with TemporaryDirectory() as folder:
        with Workspace.open(f"{folder}/a.db", clock=lambda: NOON) as workspace:
            workspace.put_catalog(curriculum)
            for one in history:
                if isinstance(one, Void):
                    workspace.void([one])
                else:
                    workspace.record([one])
            reached = workspace.knowledge("ada")
        with Workspace.open(f"{folder}/b.db", clock=lambda: NOON) as workspace:
            workspace.put_catalog(curriculum)
            workspace.record([Response("ada", "joins-1", 1.0, NOON, "makes ada")])
            workspace.void([Void("v", "response", "makes ada", "only to make the learner")])
            workspace.record(left)
            assert workspace.knowledge("ada") == reached

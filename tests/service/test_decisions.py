"""Decisions: every recommendation served is logged; people can say otherwise."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from engine.domain import Response
from engine.errors import InvalidInput, UnknownId
from engine.knowledge_tracing import BKT
from service.deciding import Asked, DecisionQueue, Override
from service.errors import OverrideConflict, StoreUnavailable
from service.store import Place
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
ADA = "/v1/learners/ada"


def served(workspace: Workspace, **asked: Any) -> str:
    return workspace.serve(workspace.view("ada"), Asked(**asked))[1]


def ids(workspace: Workspace, learner_id: str | None = "ada") -> list[str]:
    return [row.decision_id for row, _ in workspace.decisions(learner_id, 100)[0]]


def test_the_same_answer_is_the_same_decision_and_another_one_is_another(
    workspace: Workspace,
) -> None:
    first = served(workspace)
    assert served(workspace) == first
    other_limit = served(workspace, limit=1)
    workspace.record([Response("ada", "select-1", 0.0, None, "r1")])
    after_evidence = served(workspace)
    workspace.install_model(BKT(seed=5).to_json())
    under_another_model = served(workspace)
    made = {first, other_limit, after_evidence, under_another_model}
    assert len(made) == 4
    assert set(ids(workspace)) == set(ids(workspace, None)) == made


def test_the_log_says_what_was_asked_believed_and_served(client: TestClient) -> None:
    told = client.get(f"{ADA}/recommendations?limit=2&denied=charts-101").json()
    logged = client.get(f"{ADA}/decisions/{told['decision_id']}").json()
    assert logged["request"] == {"limit": 2, "denied": ["charts-101"]}
    assert (logged["policy"], logged["propensity"]) == ("greedy", 1.0)
    assert logged["chosen"] == told["recommendations"][0]["module_id"]
    assert [(one["module_id"], one["score"]) for one in logged["ranked"]] == [
        (one["module_id"], one["score"]) for one in told["recommendations"]
    ]
    gaps = client.get(f"{ADA}/gaps").json()["gaps"]
    assert [one["attainment"] for one in logged["attainments"]] == pytest.approx(
        [one["attainment"] for one in gaps]
    )
    assert logged["model_version"] == told["model_version"]
    assert logged["made_at"] == "2026-03-31T12:00:00Z"


def test_a_long_list_of_modules_is_kept_as_its_length_and_a_digest(client: TestClient) -> None:
    allowed = [*["select-101"] * 150, "joins-101"]
    body = {"limit": 1, "allowed": allowed}
    told = client.post(f"{ADA}/recommendations", json=body).json()
    kept = client.get(f"{ADA}/decisions/{told['decision_id']}").json()["request"]["allowed"]
    assert kept["count"] == 151


def test_answers_that_are_kept_keep_their_decision_and_their_tag(client: TestClient) -> None:
    first, again = client.get(f"{ADA}/recommendations"), client.get(f"{ADA}/recommendations")
    assert first.json() == again.json()
    tag = {"If-None-Match": first.headers["etag"]}
    assert client.get(f"{ADA}/recommendations", headers=tag).status_code == 304
    assert len(client.get(f"{ADA}/decisions").json()["decisions"]) == 1


def test_the_log_comes_in_pages(workspace: Workspace, clock: Any) -> None:
    made = []
    for n in range(1, 6):
        clock.move(seconds=1)
        made.append(served(workspace, limit=n))
    found, after = [], ""
    while after is not None:
        page, after = workspace.decisions("ada", 2, after)
        found += [row.decision_id for row, _ in page]
    assert found == made
    with pytest.raises(InvalidInput, match="no place in this list"):
        workspace.decisions("ada", 2, "nonsense")


def test_a_policy_that_draws_is_on_the_disk_first_and_draws_once_per_request(
    client: TestClient, workspace: Workspace
) -> None:
    body = {"policy": "random", "request_key": "monday"}
    drawn = client.post(f"{ADA}/decisions", json=body).json()
    candidates = {one["id"]: one["propensity"] for one in drawn["candidates"]}
    assert candidates[drawn["chosen"]] == drawn["propensity"]
    assert sum(candidates.values()) == pytest.approx(1.0)
    assert client.post(f"{ADA}/decisions", json=body).json() == drawn
    other = client.post(f"{ADA}/decisions", json={**body, "request_key": "tuesday"}).json()
    assert other["decision_id"] != drawn["decision_id"]
    assert set(ids(workspace)) == {drawn["decision_id"], other["decision_id"]}
    unknown = client.post(f"{ADA}/decisions", json={"policy": "gready"})
    assert (unknown.status_code, "greedy" in unknown.json()["detail"]) == (404, True)


def test_a_person_can_say_otherwise_once_per_id(client: TestClient) -> None:
    decision_id = client.get(f"{ADA}/recommendations").json()["decision_id"]
    path = f"{ADA}/decisions/{decision_id}/overrides"
    said = {
        "override_id": "o1",
        "decided_by": "grace",
        "reason": "she knows it",
        "instead": "joins-101",
    }
    told = client.post(path, json=said).json()
    assert told["overrides"][0] | said == told["overrides"][0]
    assert told["overrides"][0]["key_id"].startswith("k-")
    assert client.post(path, json=said).json() == told
    assert client.post(path, json={**said, "reason": "no"}).status_code == 409
    strange = {**said, "override_id": "o2", "instead": "nothing-101"}
    assert client.post(path, json=strange).json()["errors"][0]["where"] == "instead"
    assert client.post(f"{ADA}/decisions/none/overrides", json=said).status_code == 404
    assert client.get(f"{ADA}/decisions").json()["decisions"] == [told]


def test_decisions_of_somebody_else_are_unknown(workspace: Workspace) -> None:
    decision_id = served(workspace)
    workspace.record([Response("bob", "select-1", 1.0, None, "r1")])
    said = Override("o1", decision_id, "grace", "because")
    for ask in (
        lambda: workspace.decision("bob", decision_id),
        lambda: workspace.override("bob", said),
    ):
        with pytest.raises(UnknownId, match="decision"):
            ask()
    workspace.override("ada", said)
    with pytest.raises(OverrideConflict):
        workspace.override("ada", Override("o1", decision_id, "grace", "for another reason"))


def test_an_override_says_who_and_why() -> None:
    with pytest.raises(InvalidInput, match="2 faults"):
        Override("o1", "d1", "", " ")


def test_decisions_go_with_the_learner_into_exports_and_into_nothing(
    client: TestClient, workspace: Workspace, place: Place
) -> None:
    decision_id = client.get(f"{ADA}/recommendations").json()["decision_id"]
    workspace.override("ada", Override("o1", decision_id, "zz-grace", "zz-reason"))
    export = client.get(f"{ADA}/export").json()["decisions"]
    assert [(one["decision_id"], len(one["overrides"])) for one in export] == [(decision_id, 1)]
    view = workspace.view("ada")
    assert client.delete(ADA).status_code == 200
    assert ids(workspace, None) == []
    workspace.serve(view, Asked())  # a glimpse of before, answered after
    assert ids(workspace, None) == []
    if isinstance(place, Path):
        content = b"".join(one.read_bytes() for one in place.parent.glob("attain.db*"))
        assert b"zz-reason" not in content
        with sqlite3.connect(place) as connection:
            assert connection.execute("SELECT count(*) FROM overrides").fetchone() == (0,)


@pytest.fixture
def held(workspace: Workspace) -> Any:
    """Hold the writer up until it is called."""
    inside, leave = threading.Event(), threading.Event()

    def linger(_: object) -> None:
        inside.set()
        leave.wait(10)

    workspace._store.submit(linger)
    inside.wait(10)
    yield leave.set
    leave.set()


def test_an_answer_does_not_wait_for_the_log(
    workspace: Workspace, held: Callable[[], None]
) -> None:
    made = {served(workspace, limit=n) for n in range(1, 20)}
    pieces = workspace.writing.pieces
    held()
    assert set(ids(workspace)) == made
    assert workspace.writing.pieces - pieces <= 3, "they share a piece of work"


def test_what_cannot_be_logged_is_tried_again_and_given_up_only_when_there_is_too_much(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StoreUnavailable("full")

    queue = workspace._decisions = DecisionQueue(workspace._store, most=3)
    monkeypatch.setattr("service.store.Store.submit", refuse)
    made = [served(workspace, limit=n) for n in range(1, 6)]
    assert (queue.waiting, queue.given_up) == (3, 2)
    assert (workspace.decisions_waiting(), workspace.decisions_given_up()) == (3, 2)
    monkeypatch.undo()
    monkeypatch.setattr("service.deciding._AT_ONCE", 2)  # more wait than are written at once
    assert set(ids(workspace)) == set(made[:3])
    assert queue.waiting == 0

"""When a module can be taken and how often, over HTTP and on the clock."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.workspace import Workspace

STORES = ("sqlite", "postgres")
ASKED = "/v1/learners/ada/recommendations"


def modules(client: TestClient, path: str = ASKED, name: str = "recommendations") -> list[Any]:
    return [one["module_id"] for one in client.get(path).json()[name]]


def test_a_module_comes_and_goes_with_the_clock(client: TestClient, clock: Any) -> None:
    window = {"available_from": "2026-04-01T00:00:00Z", "available_until": "2026-04-02T00:00:00Z"}
    told = client.patch("/v1/modules/select-101", json=window).json()
    assert told["available_from"] == "2026-04-01T00:00:00Z"
    assert "select-101" not in modules(client)
    clock.move(days=1)
    best = client.get(ASKED).json()["recommendations"][0]
    assert (best["module_id"], best["available_until"]) == ("select-101", "2026-04-02T00:00:00Z")
    assert modules(client, "/v1/learners/ada/path", "steps")[0] == "select-101"
    clock.move(days=1)
    assert "select-101" not in modules(client)
    assert "select-101" in modules(client, f"{ASKED}?at=2026-04-01T12:00:00Z")
    opened = client.patch("/v1/modules/select-101", json=dict.fromkeys(window)).json()
    assert opened["available_from"] is None
    assert "select-101" in modules(client)


@pytest.mark.parametrize("attempts", [1, 2, None])
def test_what_was_completed_as_often_as_it_may_be_is_not_called_for_again(
    client: TestClient, workspace: Workspace, clock: Any, attempts: int | None
) -> None:
    client.patch("/v1/modules/select-101", json={"attempts": attempts})
    done = {"completion_id": "c1", "learner_id": "ada", "module_id": "select-101"}
    client.post("/v1/completions", json={"completions": [done]})
    clock.move(minutes=1)
    wrong = [
        {"response_id": f"r{n}", "learner_id": "ada", "item_id": f"select-{n}", "score": 0.0}
        for n in range(1, 4)
    ]
    client.post("/v1/responses", json={"responses": wrong})
    found = {one["module_id"]: one for one in client.get(ASKED).json()["recommendations"]}
    assert ("select-101" in found) == (attempts != 1)  # a review calls for it
    if attempts != 1:
        left = None if attempts is None else attempts - 1
        assert found["select-101"]["attempts_left"] == left
    chosen = client.post("/v1/learners/ada/decisions", json={"policy": "random"}).json()
    assert ("select-101" in [one["id"] for one in chosen["candidates"]]) == (attempts != 1)
    void = {"void_id": "v1", "kind": "completion", "evidence_id": "c1", "reason": "a mistake"}
    client.post("/v1/voids", json={"voids": [void]})
    assert "select-101" in modules(client)

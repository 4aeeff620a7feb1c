"""A disk or a file that takes nothing more: a 503 that asks for a retry, and nothing lost."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.workspace import Workspace


def post(client: TestClient, name: str, n: int = 1) -> Any:
    responses = [
        {
            "response_id": f"{name}-{i}",
            "learner_id": f"ada-{i % 7}",
            "item_id": "select-1",
            "score": 1.0,
            "answered_at": "2026-03-31T09:30:00Z",
        }
        for i in range(n)
    ]
    return client.post("/v1/responses", json={"responses": responses})


@pytest.mark.parametrize(
    ("goes", "is_back", "said"),
    [
        ("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000", "the disk is full"),
        ("PRAGMA query_only = ON", "PRAGMA query_only = OFF", "is read-only"),
    ],
    ids=["disk full", "read-only"],
)
def test_what_cannot_be_written_is_refused_for_now_and_what_was_is_still_read(
    client: TestClient,
    workspace: Workspace,
    caplog: pytest.LogCaptureFixture,
    goes: str,
    is_back: str,
    said: str,
) -> None:
    assert post(client, "before", 7).json()["accepted"] == 7
    workspace._store._writer.execute(goes).fetchall()  # SQLite makes it the present size
    refused = post(client, "meanwhile", 3000)
    assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    assert said in caplog.text  # and not in the answer: it is the operator's to know
    kept = client.get("/v1/learners/ada-0/evidence").json()["evidence"]
    assert [one["evidence_id"] for one in kept] == ["before-0"]
    assert client.get("/readyz").status_code == 200
    workspace._store._writer.execute(is_back).fetchall()
    assert post(client, "meanwhile", 3000).json()["accepted"] == 3000

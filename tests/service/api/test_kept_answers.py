"""Answers that are kept never outlive what they stand on."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from engine.knowledge_tracing import BKT
from service.advice import LearnerView
from service.binding import Binding, bind
from service.store import Session
from service.store.versions import Versions
from service.workspace import Workspace, ground

STORES = ("sqlite", "postgres")
ASKED = "/v1/learners/ada/recommendations"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The learners for whom recommendations were really made, one after the other."""
    seen: list[str] = []
    make = LearnerView.recommend

    def noted(self: LearnerView, **asked: object) -> object:
        seen.append(self.profile.learner_id)
        return make(self, **asked)  # type: ignore[arg-type]

    monkeypatch.setattr(LearnerView, "recommend", noted)
    return seen


def post(client: TestClient, response_id: str, score: float = 1.0, learner_id: str = "ada") -> None:
    one = {"response_id": response_id, "item_id": "select-1", "score": score}
    one["learner_id"] = learner_id
    assert client.post("/v1/responses", json={"responses": [one]}).status_code == 200


def test_the_same_question_is_answered_once(client: TestClient, made: list[str]) -> None:
    assert client.get(ASKED).json() == client.get(ASKED).json()
    assert made == ["ada"]
    client.get(f"{ASKED}?limit=2")
    client.get(f"{ASKED}?role=junior")
    assert made == ["ada"] * 3


@pytest.mark.parametrize(
    "change",
    [
        lambda client, _: post(client, "r1"),
        lambda _, workspace: workspace.install_model(BKT(seed=5).to_json()),
        lambda client, _: client.put("/v1/learners/ada", json={"role_id": "junior"}),
        lambda client, _: client.put(
            "/v1/roles/senior", json={"targets": [{"skill_id": "charts"}]}
        ),
        lambda client, _: client.put(
            "/v1/catalog",
            json={
                **{k: v for k, v in client.get("/v1/catalog").json().items() if "version" not in k},
                "modules": [],
            },
        ),
    ],
    ids=["evidence", "model", "profile", "role", "catalogue"],
)
def test_a_change_of_anything_it_stands_on_makes_it_anew(
    client: TestClient,
    workspace: Workspace,
    made: list[str],
    change: Callable[[TestClient, Workspace], object],
) -> None:
    client.get(ASKED)
    change(client, workspace)
    client.get(ASKED)
    assert made == ["ada", "ada"]


def test_without_an_instant_an_answer_serves_a_minute_at_most_and_says_of_when_it_is(
    client: TestClient, clock: Any, made: list[str]
) -> None:
    first = client.get(ASKED).json()["at"]
    clock.move(seconds=29)
    assert client.get(ASKED).json()["at"] == first
    clock.move(seconds=31)
    assert client.get(ASKED).json()["at"] > first
    assert made == ["ada", "ada"]


def test_what_a_class_asked_at_once_is_not_all_out_of_date_at_once(
    client: TestClient, clock: Any, made: list[str]
) -> None:
    everybody = [f"learner-{n}" for n in range(24)]
    for one in everybody:
        post(client, f"r-{one}", learner_id=one)
    renewed = []
    for _ in range(4):  # now, and after 15, 30 and 45 seconds
        for one in everybody:
            client.get(f"/v1/learners/{one}/recommendations?role=junior")
        renewed.append(len(made))
        clock.move(seconds=15)
    assert renewed[:3] == [24] * 3
    assert 24 < renewed[3] < 48


def test_under_another_model_the_first_answer_stands_on_a_replay_and_is_kept(
    client: TestClient, workspace: Workspace, made: list[str]
) -> None:
    post(client, "r1")
    version = workspace.install_model(BKT(seed=5).to_json())
    fresh = client.get(ASKED).json()
    assert fresh["model_version"] == version
    assert client.get(ASKED).json() == fresh
    assert made == ["ada"]


def test_a_new_catalogue_is_loaded_once_and_not_where_all_others_wait(
    client: TestClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []

    def noted(session: Session, versions: Versions) -> Binding | None:
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()  # nobody's requests are answered by this thread
        time.sleep(0.05)
        loaded.append(versions.catalog_version)
        return bind(session, versions)

    monkeypatch.setattr(ground, "bind", noted)
    monkeypatch.setattr(workspace, "_bound", None)
    with ThreadPoolExecutor(8) as asking:
        told = list(asking.map(lambda _: client.get(ASKED).status_code, range(8)))
    assert told == [200] * 8
    assert loaded == [1]

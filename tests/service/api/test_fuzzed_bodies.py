"""Bodies of every kind crash nothing: each is answered, or refused with a problem.

`make fuzz` sends more of them, as many as ATTAIN_FUZZ_BODIES says, half to each store, in rounds:
each has a database of its own, so that replays of what there is do not take longer and longer.
"""

import copy
import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from engine.domain import Curriculum
from service.app import create_app
from service.fitting.asking import Fit
from service.fitting.runner import FitRunner
from service.settings import Settings
from service.store import Place
from service.workspace import Workspace
from service.workspace.keyholding import FIRST

STORES = ("sqlite", "postgres")
BODIES = int(os.environ.get("ATTAIN_FUZZ_BODIES", "600")) // len(STORES)
A_ROUND = 2500
ROUNDS = [min(A_ROUND, BODIES - begun) for begun in range(0, BODIES, A_ROUND)]
OUTCOMES = {200, 202, 400, 404, 409, 413, 415, 422}
OFTEN = ["ada", "select-1", "select-101", "joins", "response", "senior", "r1", "", "\ud800", "\x00"]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([0.5, 1, -1, 10**400, 2**63, 1e308, "2026-03-31T09:30:00Z", "9999-12-31"])
    | st.sampled_from(OFTEN)
    | st.text(max_size=20)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(OFTEN) | st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every part of a value."""
    found = [way]
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            found += places(part, (*way, key))
    return found


def with_part(value: Any, way: tuple[Any, ...], part: Any) -> Any:
    """Return a value with another part at the end of a way."""
    if not way:
        return part
    changed = copy.deepcopy(value)
    inside = changed
    for key in way[:-1]:
        inside = inside[key]
    inside[way[-1]] = part
    return changed


@st.composite
def bodies(draw: st.DrawFn, examples: dict[str, Any]) -> tuple[str, bytes]:
    """Draw an operation and a body: anything at all, or an example with some parts put wrong."""
    operation = draw(st.sampled_from(sorted(examples)))
    if draw(st.integers(0, 9)) == 0:
        return operation, draw(st.binary(max_size=200))
    body = examples[operation] if draw(st.integers(0, 9)) else draw(values)
    for _ in range(draw(st.integers(0, 3))):
        way = draw(st.sampled_from(places(body)))
        body = with_part(body, way, draw(values))
    return operation, json.dumps(body).encode()


def examples_of(described: dict[str, Any]) -> dict[str, Any]:
    """Return the examples of the bodies that are described, by operation."""
    found = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if "requestBody" in operation:
                body = operation["requestBody"]["content"]["application/json"]
                found[f"{method.upper()} {path}"] = body["example"]
    return found


class NoProcesses(FitRunner):
    """Fits that are asked for, and fail."""

    def _start(self, slot: str, workspace: Workspace, fit: Fit) -> None:
        self._running.pop(slot)
        workspace.fail_fit(fit.fit_id, "for the test")


@pytest.fixture
def client(new_place: Callable[[], Place], curriculum: Curriculum) -> Any:
    settings = Settings(requests_per_second=1e6, burst=10**6)
    with Workspace.open(new_place()) as workspace:
        workspace.put_catalog(curriculum)
        key = workspace.create_key("fuzz", FIRST).secret
        app = create_app(workspace, settings=settings)
        app.state.fits = NoProcesses(at_once=1, seconds=1.0)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        yield TestClient(app, raise_server_exceptions=False, headers=headers)


@pytest.mark.parametrize("number", range(len(ROUNDS)))
def test_no_body_crashes_anything_and_what_they_leave_is_sound(
    client: TestClient, curriculum: Curriculum, number: int
) -> None:
    app: Any = client.app
    examples = examples_of(app.openapi())
    examples["PUT /v1/catalog"] = curriculum.to_records()
    client.put("/v1/roles/senior", json={"targets": [{"skill_id": "select"}]})
    client.put("/v1/learners/ada", json={"role_id": "senior"})
    decision_id = client.get("/v1/learners/ada/recommendations").json()["decision_id"]
    names = {"learner_id": "ada", "role_id": "senior", "module_id": "select-101"}
    names["decision_id"] = decision_id

    @seed(number)
    @settings(
        max_examples=ROUNDS[number],
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(bodies(examples))
    def send(drawn: tuple[str, bytes]) -> None:
        operation, body = drawn
        method, _, path = operation.partition(" ")
        told = client.request(method, path.format(**names), content=body)
        assert told.status_code in OUTCOMES, told.text
        if told.status_code not in (200, 202):
            assert told.headers["content-type"] == "application/problem+json"
            assert told.json()["status"] == told.status_code

    send()
    assert client.get("/v1/learners/ada").status_code in (200, 404)
    workspace: Workspace = app.state.workspace
    differing = [one for _, found in workspace.differing() for one in found]
    assert differing == []
    workspace.check()

"""Evidence in good order goes past the framework, and nobody can tell from the answer."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.domain import Curriculum
from service.api.short_way import ShortWay
from service.app import create_app
from service.keys import Grant
from service.scopes import Scope
from service.settings import Settings
from service.store import Place
from service.workspace import Workspace
from service.workspace.keyholding import FIRST

STORES = ("sqlite", "postgres")
GOOD = {
    "response_id": "r1",
    "learner_id": "ada",
    "item_id": "select-1",
    "score": 1.0,
    "answered_at": "2026-03-30T09:00:00+02:00",
}
DONE = {"completion_id": "c1", "learner_id": "ada", "module_id": "select-101"}
FAST = Settings(requests_per_second=1e6, burst=10**6)


class Handed:
    """Notes which requests the short way has handed on."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.paths: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.paths.append(scope["path"])
        await self.app(scope, receive, send)


def long_way_only(app: Any) -> Any:
    app.user_middleware = [one for one in app.user_middleware if one.cls is not ShortWay]
    return app


@pytest.fixture(scope="module")
def both(
    new_place: Callable[[], Place], curriculum: Curriculum
) -> Iterator[tuple[TestClient, TestClient]]:
    """Clients of two services that are alike, but that one takes the long way only."""
    clients = []
    for change in (lambda app: app, long_way_only):
        workspace = Workspace.open(new_place())
        workspace.put_catalog(curriculum)
        key = workspace.create_key("both", FIRST).secret
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        app = change(create_app(workspace, settings=FAST))
        clients.append(TestClient(app, raise_server_exceptions=False, headers=headers))
    short, long = clients
    yield short, long
    for client in clients:
        client.app.state.workspace.close()  # type: ignore[attr-defined]


def told(answer: Any) -> tuple[int, str, dict[str, str]]:
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, answer.text, headers


def check_alike(both: tuple[TestClient, TestClient], path: str, body: bytes, **more: Any) -> int:
    short, long = (told(client.post(path, content=body, **more)) for client in both)
    assert short == long
    return short[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-be"])
def test_a_body_in_any_encoding_of_json_is_taken(
    both: tuple[TestClient, TestClient], encoding: str
) -> None:
    body = json.dumps({"responses": [{**GOOD, "learner_id": "éva"}]}, ensure_ascii=False)
    assert check_alike(both, "/v1/responses", body.encode(encoding)) == 200


@pytest.mark.parametrize(
    "part",
    [
        '"score": NaN',
        '"score": 1e999',
        '"score": -0.0',
        '"score": 1',
        '"score": true',
        '"score": "1"',
        '"score": ' + "9" * 5000,
        '"score": 0.1, "score": 2',
        '"score": 2, "score": 0.1',
        '"score": 1, "more": ' + "[" * 900 + "]" * 900,
        '"score": 1, "response_id": "\\ud800"',
        '"score": 1, "response_id": "\\u0000"',
        '"score": 1,',
        '"score": 1, "answered_at": "2026-02-30T09:00:00Z"',
        '"score": 1, "answered_at": null',
        '"score": 1, "answered_at": 7',
    ],
)
def test_what_is_odd_is_told_the_same_either_way(
    both: tuple[TestClient, TestClient], part: str
) -> None:
    record = f'{{"response_id": "o", "learner_id": "a", "item_id": "select-1", {part}}}'
    check_alike(both, "/v1/responses", f'{{"responses": [{record}]}}'.encode())


json_values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
scores = st.sampled_from([0.0, 0.25, 1.0, 1, -0.0, 1.5, "1", None]) | json_values
ids = st.sampled_from(["ada", "bob", "r1", "r2", "select-1", "select-2", "joins-101", "", "\x00"])
records = st.fixed_dictionaries(
    {},
    optional={
        "response_id": ids,
        "completion_id": ids,
        "learner_id": ids,
        "item_id": ids,
        "module_id": ids,
        "score": scores,
        "answered_at": st.sampled_from(["2026-03-30T09:00:00Z", "2026-03-30", "1999-01-01T00:00Z"]),
        "x": json_values,
    },
)
batches = st.lists(
    st.just(GOOD) | st.just(DONE) | st.builds(lambda a, b: {**a, **b}, st.just(GOOD), records),
    max_size=4,
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["responses", "completions"]),
    batches | json_values,
    st.sampled_from(["", " ", "x"]),
)
def test_every_body_is_told_the_same_either_way(
    both: tuple[TestClient, TestClient], kind: str, batch: Any, after: str
) -> None:
    check_alike(both, f"/v1/{kind}", (json.dumps({kind: batch}) + after).encode())


def test_what_has_a_query_another_method_or_no_body_is_told_the_same(
    both: tuple[TestClient, TestClient],
) -> None:
    body = json.dumps({"responses": []}).encode()
    assert check_alike(both, "/v1/responses", body) == 200
    assert check_alike(both, "/v1/responses?verbose=1", body) == 422
    assert check_alike(both, "/v1/responses/", body) == 200  # led to the right address
    assert check_alike(both, "/v1/responses", b"") == 422
    short, long = (told(client.get("/v1/responses")) for client in both)
    assert short == long
    assert check_alike(both, "/v1/responses", body, headers={"Content-Type": "text/plain"}) == 415


@pytest.fixture
def handed(workspace: Workspace, bearing: Callable[..., dict[str, str]]) -> tuple[Any, Any]:
    """A client of a service, and the requests that its short way hands on."""
    app = create_app(workspace, settings=Settings(body_limit_bytes=2000))
    client = TestClient(app, raise_server_exceptions=False, headers=bearing(workspace))
    client.get("/healthz")  # the layers are put together now
    layer: Any = app.middleware_stack
    while not isinstance(layer, ShortWay):
        layer = layer.app
    layer.app = handed = Handed(layer.app)
    return client, handed.paths


def test_good_evidence_takes_the_short_way_and_the_metrics_know_it(
    handed: tuple[TestClient, list[str]],
) -> None:
    client, paths = handed
    posts = {"responses": GOOD, "completions": DONE}
    for kind, one in posts.items():
        for accepted in (1, 0):
            answer = client.post(f"/v1/{kind}", json={kind: [one]}).json()
            assert (answer["accepted"], answer["repeated"]) == (accepted, 1 - accepted)
    assert paths == []
    text = client.get("/metrics").text
    assert 'attain_request_seconds_count{method="POST",route="/v1/completions",status="200"} 2' in (
        text
    )


def test_a_contradiction_and_an_unknown_item_are_refused_on_it_in_the_same_words(
    handed: tuple[TestClient, list[str]],
) -> None:
    client, paths = handed
    client.post("/v1/responses", json={"responses": [GOOD]})
    other = client.post("/v1/responses", json={"responses": [{**GOOD, "score": 0.0}]})
    unknown = client.post("/v1/responses", json={"responses": [{**GOOD, "item_id": "selct-1"}]})
    assert (other.status_code, unknown.status_code) == (409, 422)
    assert "did you mean 'select-1'" in unknown.json()["errors"][0]["problem"]
    assert paths == []


def test_a_key_without_the_scope_and_a_body_too_large_go_the_long_way_to_their_refusal(
    handed: tuple[TestClient, list[str]],
    workspace: Workspace,
    bearing: Callable[..., dict[str, str]],
) -> None:
    client, paths = handed
    reader = bearing(workspace, Grant([Scope.READ_ALL]))
    assert client.post("/v1/responses", json={"responses": []}, headers=reader).status_code == 403

    def endless() -> Iterator[bytes]:
        yield from [b" " * 500] * 9

    json_type = {"Content-Type": "application/json"}
    assert client.post("/v1/responses", content=endless(), headers=json_type).status_code == 413
    assert paths == ["/v1/responses"] * 2


def test_nobody_gets_to_it_without_a_key(workspace: Workspace) -> None:
    stranger = TestClient(create_app(workspace))
    assert stranger.post("/v1/responses", json={"responses": [GOOD]}).status_code == 401

"""Every error is a problem that lists all that is wrong, and nothing is half-applied."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.store import Store
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
JSON = {"Content-Type": "application/json"}


def check_problem(answer: Any, status: int) -> list[dict[str, str]]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "errors"}
    assert problem["status"] == status
    assert problem["type"].startswith("urn:attain:problem:")
    assert problem["detail"]
    assert "Traceback" not in answer.text
    for fault in problem["errors"]:
        assert set(fault) == {"where", "problem", "remedy"}
    return list(problem["errors"])


def one_response(**changes: object) -> dict[str, object]:
    whole = {"response_id": "r1", "learner_id": "ada", "item_id": "select-1", "score": 1.0}
    return {**whole, "answered_at": "2026-03-30T09:00:00Z", **changes}


def post(client: TestClient, *responses: object) -> Any:
    return client.post("/v1/responses", json={"responses": list(responses)})


@pytest.mark.parametrize(
    ("changes", "where", "problem"),
    [
        ({"score": 1.5}, "responses[1].score", "less than or equal to 1"),
        ({"score": -0.01}, "responses[1].score", "greater than or equal to 0"),
        ({"score": "1"}, "responses[1].score", "valid number"),
        ({"score": True}, "responses[1].score", "valid number"),
        ({"score": None}, "responses[1].score", "valid number"),
        ({"answered_at": "2026-03-30T09:00:00"}, "responses[1].answered_at", "no time zone"),
        ({"answered_at": "30.03.2026"}, "responses[1].answered_at", "RFC 3339"),
        ({"answered_at": "2026-02-30T09:00:00Z"}, "responses[1].answered_at", "day"),
        ({"answered_at": 1774861200}, "responses[1].answered_at", "RFC 3339"),
        ({"answered_at": "2026-04-02T09:00:00Z"}, "responses[1].answered_at", "ahead"),
        ({"answered_at": "1999-03-30T09:00:00Z"}, "responses[1].answered_at", "before 2000"),
        ({"answered_at": "0001-01-01T00:00:00+23:59"}, "responses[1].answered_at", "beyond"),
        ({"answered_at": "9999-12-31T23:59:59-23:59"}, "responses[1].answered_at", "beyond"),
        ({"answered_at": "2500-12-31T23:59:59Z"}, "responses[1].answered_at", "2200"),
        ({"item_id": "select-0"}, "responses[1].item_id", "unknown item"),
        ({"item_id": ""}, "responses[1].item_id", "at least 1 character"),
        ({"item_id": 7}, "responses[1].item_id", "valid string"),
        ({"learner_id": "a\u0000b"}, "responses[1].learner_id", "printable"),
        ({"learner_id": "x" * 501}, "responses[1].learner_id", "at most 500"),
        ({"response_id": " "}, "responses[1].response_id", "non-empty"),
        ({"correct": 1}, "responses[1].correct", "not known here"),
    ],
)
def test_one_bad_response_refuses_its_batch(
    client: TestClient, changes: dict[str, object], where: str, problem: str
) -> None:
    bad = one_response(response_id="r2") | changes
    (fault,) = check_problem(post(client, one_response(), bad), 422)
    assert fault["where"] == where
    assert problem in fault["problem"]
    assert client.get("/v1/learners/ada/evidence").json()["evidence"] == []


def test_all_faults_of_a_batch_are_listed(client: TestClient) -> None:
    bad = [one_response(response_id=f"r{n}", item_id=f"selct-{n}") for n in range(30)]
    faults = check_problem(post(client, *bad), 422)
    assert [fault["where"] for fault in faults] == [f"responses[{n}].item_id" for n in range(30)]
    assert "did you mean 'select-1'" in faults[1]["problem"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 422),
        (b"[]", 422),
        (b"null", 422),
        (b'{"responses": {}}', 422),
        (b'{"responses": [null, 3, []]}', 422),
        (b"\xff\xfe\x00", 400),
        (b"[" * 100_000, 400),
        (b'{"responses": [{"score": NaN}]}', 422),
        (b'{"responses": [{"score": -Infinity}]}', 422),
        (b'{"responses": [{"score": 1e999}]}', 422),
        (b'{"responses": [{"score": ' + b"9" * 5000 + b"}]}", 400),
        (b'{"responses": [{"response_id": "\\ud800"}]}', 422),
    ],
)
def test_bodies_that_are_not_what_was_expected(
    client: TestClient, body: bytes, status: int
) -> None:
    check_problem(client.post("/v1/responses", content=body, headers=JSON), status)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/nothing", 404),
        ("DELETE", "/v1/catalog", 405),
        ("PATCH", "/v1/responses", 405),
        ("GET", "/v1/learners/nobody", 404),
        ("GET", "/v1/learners/nobody/mastery", 404),
        ("GET", "/v1/learners/nobody/evidence", 404),
        ("GET", "/v1/learners//mastery", 404),
        ("GET", "/v1/learners/%FF/path", 404),
        ("GET", "/v1/learners/ada/mastery?role=nobody", 404),
        ("GET", "/v1/roles/nobody", 404),
        ("GET", "/v1/models/bkt-0", 404),
        ("GET", "/v1/learners/ada/mastery?rôle=senior", 422),
        ("GET", "/v1/learners/ada/mastery?role=senior&role=junior", 422),
        ("GET", "/v1/learners/ada/mastery?at=yesterday", 422),
        ("GET", "/v1/learners/ada/mastery?at=2026-03-31T09:00:00", 422),
        ("GET", "/v1/learners/ada/recommendations?limit=0", 422),
        ("GET", "/v1/learners/ada/recommendations?limit=many", 422),
        ("GET", "/v1/learners/ada/recommendations?allowed=nothing", 422),
        ("GET", "/v1/learners/ada/recommendations?denied=nothing", 422),
        ("GET", "/v1/learners/ada/recommendations?within_minutes=0", 422),
        ("GET", "/v1/learners/ada/path?budget_minutes=nan", 422),
        ("GET", "/v1/learners/ada/path?budget_minutes=-1", 422),
        ("GET", "/v1/learners/ada/path?method=best", 422),
        ("GET", "/v1/learners/ada/path?method=exact&seconds=3600", 422),
        ("GET", "/v1/learners?limit=100000", 422),
        ("GET", "/v1/catalog?verbose=1", 422),
        ("GET", "/readyz?verbose=1", 422),
    ],
)
def test_addresses_that_are_not_what_was_expected(
    client: TestClient, method: str, path: str, status: int
) -> None:
    check_problem(client.request(method, path), status)


def test_a_refused_method_names_the_ones_taken(client: TestClient) -> None:
    assert "PUT" in client.delete("/v1/catalog").headers["allow"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "json"])
def test_a_body_that_is_not_called_json_is_refused(client: TestClient, kind: str) -> None:
    body = json.dumps({"responses": [one_response()]})
    check_problem(client.post("/v1/responses", content=body, headers={"Content-Type": kind}), 415)


def test_a_learner_without_a_role_has_to_be_asked_about_one(client: TestClient) -> None:
    post(client, one_response(learner_id="bob"))
    check_problem(client.get("/v1/learners/bob/recommendations"), 422)
    assert client.get("/v1/learners/bob/recommendations?role=senior").status_code == 200


def test_the_same_id_with_other_content_is_a_conflict(client: TestClient) -> None:
    assert post(client, one_response()).json()["accepted"] == 1
    (fault,) = check_problem(
        post(client, one_response(response_id="r2"), one_response(score=0.5)), 409
    )
    assert fault["where"] == "responses[1].response_id"
    assert len(client.get("/v1/learners/ada/evidence").json()["evidence"]) == 1


def test_a_catalogue_that_contradicts_itself_is_refused_with_every_fault(
    client: TestClient, catalog_records: dict[str, Any]
) -> None:
    before = client.get("/v1/catalog").json()
    bad = {
        **catalog_records,
        "prerequisites": [{"skill_id": "joins", "requires": "selct"}],
        "items": [{"item_id": "q", "skills": ["join"], "kind": "exam"}],
        "modules": [{"module_id": "m", "minutes": -5, "teaches": [{"skill_id": "charts"}]}],
    }
    faults = check_problem(client.put("/v1/catalog", json=bad), 422)
    places = {fault["where"] for fault in faults}
    assert {"prerequisites[0].requires", "items[0].kind", "modules[0].minutes"} <= places
    assert client.get("/v1/catalog").json() == before


def test_a_circle_of_prerequisites_is_shown_in_its_order(
    client: TestClient, catalog_records: dict[str, Any]
) -> None:
    circle = [{"skill_id": "select", "requires": "charts"}]
    bad = {**catalog_records, "prerequisites": catalog_records["prerequisites"] + circle}
    (fault,) = check_problem(client.put("/v1/catalog", json=bad), 422)
    assert fault["problem"].count("requires") == 3


def test_a_catalogue_that_leaves_out_what_is_in_use_is_a_conflict_with_the_remedy(
    client: TestClient, catalog_records: dict[str, Any]
) -> None:
    post(client, one_response())
    smaller = {**catalog_records, "items": catalog_records["items"][1:]}
    (fault,) = check_problem(client.put("/v1/catalog", json=smaller), 409)
    assert fault["where"] == "items[select-1]"
    assert "retired: true" in fault["remedy"]


def test_a_role_that_wants_unknown_skills_is_refused(client: TestClient) -> None:
    body = {"targets": [{"skill_id": "selct"}, {"skill_id": "joins", "level": 9}]}
    assert len(check_problem(client.put("/v1/roles/odd", json=body), 422)) == 2
    check_problem(client.get("/v1/roles/odd"), 404)


def test_a_learner_with_an_unknown_role_is_refused(client: TestClient) -> None:
    (fault,) = check_problem(client.put("/v1/learners/bob", json={"role_id": "senoir"}), 422)
    assert "did you mean 'senior'" in fault["problem"]


def test_before_there_is_a_catalogue_the_answer_says_so(empty_client: TestClient) -> None:
    check_problem(empty_client.get("/v1/catalog"), 404)
    check_problem(post(empty_client, one_response()), 409)


@pytest.fixture
def locked_client(
    workspace: Workspace, bearing: Callable[[Workspace], dict[str, str]]
) -> Iterator[TestClient]:
    """A client of a service on a database that another process holds locked."""
    headers = bearing(workspace)
    impatient = Workspace(Store.open(workspace._store.name, busy_seconds=0.1))
    other = sqlite3.connect(workspace._store.name, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    app = create_app(impatient)
    with TestClient(app, raise_server_exceptions=False, headers=headers) as client:
        yield client
    other.close()
    impatient.close()


# A server is locked in another way: tests/service/store/test_postgres_store.py.
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_locked_database_asks_for_a_retry_and_reads_go_on(locked_client: TestClient) -> None:
    answer = post(locked_client, one_response())
    check_problem(answer, 503)
    assert int(answer.headers["retry-after"]) > 0
    assert str(locked_client.get("/readyz").status_code) == "200"


def test_a_full_queue_asks_for_a_retry_and_reads_go_on(
    client: TestClient, workspace: Workspace
) -> None:
    inside, leave = threading.Event(), threading.Event()

    def linger(_: object) -> None:
        inside.set()
        assert leave.wait(10)

    under_way = workspace._store.submit(linger)
    assert inside.wait(10)
    waiting = [workspace._store.submit(lambda _: None) for _ in range(1024)]
    for batch in (1, 30):
        many = [one_response(response_id=f"r{n}") for n in range(batch)]
        answer = post(client, *many)
        check_problem(answer, 503)
        assert int(answer.headers["retry-after"]) > 0
    assert client.get("/v1/learners/ada/evidence").json()["evidence"] == []
    leave.set()
    under_way.result(10)
    waiting[-1].result(10)
    assert post(client, one_response()).json()["accepted"] == 1


def test_a_closed_database_is_not_ready_but_alive(workspace: Workspace) -> None:
    client = TestClient(create_app(workspace), raise_server_exceptions=False)
    workspace.close()
    check_problem(client.get("/readyz"), 503)
    assert client.get("/healthz").status_code == 200


def test_a_mistake_of_the_service_is_logged_and_told_without_its_traceback(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(Workspace, "published_roles", fail)
    answer = client.get("/v1/roles")
    check_problem(answer, 500)
    assert "secret" not in answer.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/catalog", "GET, PUT"),
        ("/v1/learners", "GET, POST"),
        ("/v1/responses", "POST"),
        ("/v1/learners/ada/recommendations", "GET, POST"),
        ("/v1/learners/a/b/export", "GET"),
        ("/v1/models/active", "PUT"),
    ],
)
def test_a_method_that_an_address_does_not_take_is_told_all_that_it_does(
    client: TestClient, path: str, methods: str
) -> None:
    answer = client.delete(path)
    check_problem(answer, 405)
    assert answer.headers["allow"] == methods
    assert client.get("/v1/learners/ada").status_code == 200, "nobody was erased"


def test_no_store_stumbles_over_a_character_that_it_cannot_keep(client: TestClient) -> None:
    decided = client.post("/v1/learners/ada/decisions", json={}).json()["decision_id"]
    outcome = {"outcome": 1.0, "p_target": 0.5}
    outcomes = [{"decision_id": one, **outcome} for one in (decided, "a\0b")]
    for told in (
        client.get("/v1/learners/a%00b"),
        client.post("/v1/learners/ada/merges", json={"merged_learner_id": "a\0b", "reason": "r"}),
        client.post("/v1/decisions/estimates", json={"outcomes": outcomes}),
    ):
        assert told.status_code in (404, 422), told.text

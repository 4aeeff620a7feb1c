"""Past the gate or not: keys, rates, headers, cookies, and that no secret gets out."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.api.rates import Rates
from service.app import create_app
from service.keys import Grant, Secret
from service.records import LearnerProfile
from service.scopes import Scope
from service.settings import Settings
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
Bearing = Callable[..., dict[str, str]]
READ_ALL = Grant([Scope.READ_ALL])


@pytest.fixture
def stranger(workspace: Workspace) -> TestClient:
    """A client that has no key, and follows nothing."""
    app = create_app(workspace)
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


def check_401(answer: Any, challenge: str) -> None:
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == challenge
    assert answer.json()["status"] == 401


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer attain_x", "Basic YTpi", "attain_x", "bearer é", "日"]
)
def test_what_is_no_key_is_told_so(stranger: TestClient, header: str) -> None:
    headers = {"Authorization": header.encode()}
    told = stranger.get("/v1/roles", headers=headers)  # type: ignore[arg-type]
    check_401(told, 'Bearer realm="attain", error="invalid_token"')


def test_without_a_key_the_answer_says_what_is_needed(stranger: TestClient) -> None:
    told = stranger.get("/v1/roles")
    check_401(told, 'Bearer realm="attain"')
    assert "Authorization: Bearer KEY" in told.json()["detail"]


@pytest.mark.parametrize("path", ["/v1/nothing", "/nothing", "/v1", "//healthz", "/assets"])
def test_a_stranger_does_not_even_learn_what_addresses_there_are(
    stranger: TestClient, path: str
) -> None:
    assert stranger.get(path).status_code == 401


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json", "/docs", "/login"])
def test_what_is_open_tells_of_nobody(
    stranger: TestClient, workspace: Workspace, path: str
) -> None:
    workspace.put_learners([learner("first-of-all", "data")])
    told = stranger.get(path)
    assert told.status_code == (401 if path == "/login" else 200)
    assert "first-of-all" not in told.text


def test_the_body_of_a_stranger_is_not_read(workspace: Workspace) -> None:
    taken, sent = [], []

    async def receive() -> dict[str, Any]:
        taken.append(1)
        return {"type": "http.request", "body": b"{" * 1024, "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/v1/responses", "query_string": b""}
    headers = [(b"content-type", b"application/json"), (b"transfer-encoding", b"chunked")]
    asyncio.run(create_app(workspace)({**scope, "headers": headers}, receive, send))  # type: ignore[arg-type]
    assert (taken, sent[0]["status"]) == ([], 401)


def test_a_session_is_good_for_pages_alone_and_a_key_for_all(
    stranger: TestClient, workspace: Workspace
) -> None:
    issued = workspace.invite("pages", READ_ALL)
    told = stranger.get("/login", params={"code": issued.secret})
    cookie = told.headers["set-cookie"]
    assert (told.status_code, told.headers["location"]) == (303, "./")
    for part in ("HttpOnly", "SameSite=strict", "Max-Age=43200", "Path=/"):
        assert part in cookie
    assert stranger.get("/").status_code == 200
    check_401(stranger.get("/v1/roles"), 'Bearer realm="attain"')
    session = stranger.cookies["attain_session"]
    stranger.cookies.clear()
    for secret in (session, issued.secret):
        assert bearing_text(stranger, secret).status_code == 401
    assert (
        stranger.get("/", headers={"Cookie": f"attain_session={issued.secret}"}).status_code == 401
    )
    key = workspace.create_key("the LMS", READ_ALL).secret
    assert bearing_text(stranger, key).status_code == 200
    assert stranger.get("/", headers={"Cookie": f"attain_session={key}"}).status_code == 401


def bearing_text(client: TestClient, secret: str) -> Any:
    return client.get("/v1/roles", headers={"Authorization": f"Bearer {secret}"})


def test_over_tls_the_cookie_stays_within_tls(workspace: Workspace) -> None:
    client = TestClient(create_app(workspace), base_url="https://attain.example")
    login = workspace.invite("pages", READ_ALL).secret
    told = client.get("/login", params={"code": login}, follow_redirects=False)
    assert "Secure" in told.headers["set-cookie"]


def test_a_login_leads_to_a_learner_and_to_no_other_site(
    stranger: TestClient, workspace: Workspace
) -> None:
    for asked, place in [
        ("ada", "learner?id=ada"),
        ("//evil.example/", "learner?id=%2F%2Fevil.exa"),
    ]:
        login = workspace.invite("pages", READ_ALL).secret
        told = stranger.get("/login", params={"code": login, "id": asked})
        assert told.headers["location"].startswith(place)


def test_a_login_used_already_opens_nothing(stranger: TestClient, workspace: Workspace) -> None:
    login = workspace.invite("pages", READ_ALL).secret
    assert stranger.get("/login", params={"code": login}).status_code == 303
    again = stranger.get("/login", params={"code": login})
    assert again.status_code == 401
    assert "set-cookie" not in again.headers
    assert "was used already" in again.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "http://testserver"}, 303),
        ({}, 303),
    ],
)
def test_no_other_site_s_page_can_sign_anybody_out(
    stranger: TestClient, workspace: Workspace, headers: dict[str, str], status: int
) -> None:
    stranger.get("/login", params={"code": workspace.invite("pages", READ_ALL).secret})
    assert stranger.post("/logout", headers=headers).status_code == status
    assert [one.kind for one in workspace.all_keys()] == (["session"] if status == 403 else [])


def test_signing_out_with_a_key_revokes_no_key(
    stranger: TestClient, workspace: Workspace, bearing: Bearing
) -> None:
    headers = bearing(workspace)
    assert stranger.post("/logout", headers=headers).status_code == 303
    assert stranger.get("/v1/roles", headers=headers).status_code == 200


def test_a_learner_who_signs_in_sees_one_page_and_a_manager_one_team(
    stranger: TestClient, workspace: Workspace
) -> None:
    workspace.put_learners([learner("bo", "data"), learner("cy", "sales")])
    stranger.get(
        "/login", params={"code": workspace.invite("", Grant([Scope.READ_OWN], "ada")).secret}
    )
    assert stranger.get("/").headers["location"] == "learner?id=ada"
    assert stranger.get("/learner?id=ada").status_code == 200
    for other in ("bo", "cy", "adaa"):
        told = stranger.get(f"/learner?id={other}")
        assert told.status_code == 404
        assert 'href="learner?id=ada"' not in told.text
    team = Grant([Scope.READ_TEAM], team_ids=["data"])
    stranger.get("/login", params={"code": workspace.invite("", team).secret})
    listed = stranger.get("/").text
    assert ("learner?id=bo" in listed, "learner?id=cy" in listed) == (True, False)
    assert stranger.get("/learner?id=bo").status_code == 200
    assert stranger.get("/learner?id=cy").status_code == 404


def learner(learner_id: str, team_id: str) -> LearnerProfile:
    return LearnerProfile(learner_id, role_id="senior", team_id=team_id)


def test_a_key_that_does_not_read_gets_no_page(
    stranger: TestClient, workspace: Workspace, bearing: Bearing
) -> None:
    headers = bearing(workspace, Grant([Scope.WRITE_EVIDENCE]))
    told = stranger.get("/learner?id=ada", headers=headers)
    assert told.status_code == 403
    assert "This is not for you" in told.text


def test_a_database_that_does_not_answer_lets_nobody_in(
    workspace: Workspace, bearing: Bearing
) -> None:
    client = TestClient(create_app(workspace), headers=bearing(workspace))
    workspace.close()
    told = client.get("/v1/roles")
    assert (told.status_code, told.json()["title"]) == (503, "Unavailable")
    assert int(told.headers["retry-after"]) > 0


def test_a_bucket_lets_a_burst_pass_and_then_a_steady_rate(seconds: Any) -> None:
    rates = Rates(per_second=2.0, burst=3, clock=seconds)
    assert [rates.wait("k") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert rates.wait("other") == 0.0
    seconds.now = 0.5
    assert [rates.wait("k"), rates.wait("k")] == [0.0, 0.5]
    seconds.now = 1e9
    assert [rates.wait("k") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_only_so_many_buckets_are_kept(seconds: Any) -> None:
    rates = Rates(per_second=1.0, burst=1, most=2, clock=seconds)
    assert [rates.wait(name) for name in ("a", "b", "c", "c", "a")] == [0.0, 0.0, 0.0, 1.0, 0.0]


def test_who_asks_too_much_is_told_when_to_come_back(
    workspace: Workspace, bearing: Bearing
) -> None:
    settings = Settings(requests_per_second=0.1, burst=2)
    client = TestClient(create_app(workspace, settings=settings))
    one, other = bearing(workspace), bearing(workspace)
    assert [client.get("/v1/roles", headers=one).status_code for _ in range(3)] == [200, 200, 429]
    told = client.get("/v1/roles", headers=one)
    assert told.headers["content-type"] == "application/problem+json"
    assert 1 <= int(told.headers["retry-after"]) <= 10
    assert client.get("/v1/roles", headers=other).status_code == 200
    assert client.get("/healthz").status_code == 200


def test_a_body_that_does_not_come_is_waited_for_only_so_long(
    workspace: Workspace, bearing: Bearing
) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [
        (name.lower().encode(), value.encode()) for name, value in bearing(workspace).items()
    ]
    headers += [(b"content-type", b"application/json"), (b"content-length", b"100")]
    scope = {"type": "http", "method": "POST", "path": "/v1/responses", "query_string": b""}
    scope |= {"raw_path": b"/v1/responses", "headers": headers, "server": ("x", 80)}
    app = create_app(workspace, settings=Settings(body_seconds=0.01))
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 408
    assert b"send it again" in sent[1]["body"]


SAFE = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'",
}


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/roles", "/v1/learners/ada/gaps", "/v1/learners/nobody", "/nothing", "/healthz"),
        *("/", "/learner?id=nobody", "/login", "/docs", "/openapi.json", "/assets/attain.css"),
        "/metrics",
    ],
)
def test_every_answer_has_safe_headers(client: TestClient, stranger: TestClient, path: str) -> None:
    for asking in (client, stranger):
        told = asking.get(path)
        for name, start in SAFE.items():
            assert told.headers[name].startswith(start), name
        assert "frame-ancestors 'none'" in told.headers["content-security-policy"]
        assert told.headers["referrer-policy"] in ("no-referrer", "same-origin")
        if not path.startswith("/assets"):
            assert told.headers["cache-control"] in ("private, no-cache", "no-store")


def test_a_mistake_and_a_304_have_them_too(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = client.get("/v1/roles").headers["etag"]
    unchanged = client.get("/v1/roles", headers={"If-None-Match": tag})
    monkeypatch.setattr(Workspace, "published_roles", lambda *_: 1 / 0)
    for told, status in ((unchanged, 304), (client.get("/v1/roles"), 500)):
        assert told.status_code == status
        assert told.headers["x-content-type-options"] == "nosniff"
        assert told.headers["cache-control"] == "private, no-cache"


def test_no_secret_is_in_the_log_nor_in_an_answer(
    workspace: Workspace,
    bearing: Bearing,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = TestClient(
        create_app(workspace), raise_server_exceptions=False, follow_redirects=False
    )
    key, wrong = bearing(workspace), Secret("attain_wrong")
    login = workspace.invite("pages", READ_ALL).secret
    with caplog.at_level(logging.DEBUG):
        told = [client.get("/login", params={"code": login})]
        session = client.cookies["attain_session"]
        told += [client.get("/v1/roles", headers=key), client.get("/learner?id=ada")]
        told += [client.get("/v1/roles", headers={"Authorization": f"Bearer {wrong}"})]
        told += [client.post("/v1/responses", headers=key, json={"responses": [{}]})]
        monkeypatch.setattr(Workspace, "published_roles", lambda *_: 1 / 0)
        monkeypatch.setattr(Workspace, "roles", lambda _: 1 / 0)
        told += [client.get("/v1/roles", headers=key), client.get("/")]
    assert [one.status_code for one in told] == [303, 200, 200, 401, 422, 500, 500]
    secrets = [key["Authorization"].partition(" ")[2], wrong, login, session]
    ours = [one for one in caplog.records if one.name.startswith("attain")]
    written = "".join(f"{caplog.handler.format(one)} {vars(one)}" for one in ours)
    assert "ZeroDivisionError" in written
    for secret in secrets:
        for text in (written, *(one.text for one in told)):
            assert secret not in text
            assert Secret(secret).digest.hex() not in text
    assert any(hasattr(one, "key_id") for one in ours), "who asked is told by the key's id"


LEAK = """
import logging, sys
sys.stderr.isatty = lambda: TERMINAL
from service.journal import keep_journal
keep_journal("debug")
def fail(secret):
    raise ZeroDivisionError
try:
    fail("attain_" + "secret")  # newer Pythons show this line; the value is not in it
except ZeroDivisionError as error:
    logging.getLogger("attain.service").error("unexpected error", exc_info=error)
"""


@pytest.mark.parametrize("terminal", [True, False])
def test_a_traceback_in_the_journal_shows_no_values(terminal: bool) -> None:
    code = LEAK.replace("TERMINAL", str(terminal))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "ZeroDivisionError" in done.stderr
    assert "attain_secret" not in done.stderr
    if not terminal:
        assert json.loads(done.stderr.splitlines()[0])["event"] == "unexpected error"


def test_an_export_tells_of_the_learner_s_keys_and_not_of_their_digests(
    client: TestClient, workspace: Workspace, bearing: Bearing
) -> None:
    headers = bearing(workspace, Grant([Scope.READ_OWN], "ada"))
    told = client.get("/v1/learners/ada/export", headers=headers)
    (key,) = told.json()["keys"]
    assert set(key) == {"key_id", "kind", "label", "created_at", "expires_at"}

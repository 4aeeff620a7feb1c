"""What fails, one thing at a time, under a service that runs: each row of the README's table.

ATTAIN_LOCK_SECONDS says for how long another process holds the lock.
"""

from __future__ import annotations

import json
import os
import re
import resource
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from fastapi.testclient import TestClient

from engine.domain import Curriculum, Response, Role
from engine.knowledge_tracing import BKT
from service.keys import Grant
from service.records import LearnerProfile
from service.scopes import Scope
from service.workspace import Workspace

LOCK_SECONDS = float(os.environ.get("ATTAIN_LOCK_SECONDS", "1"))
README = Path(__file__).parents[2] / "README.md"
FULL = resource.RLIM_INFINITY


class Said(NamedTuple):
    """What the README says of something that fails: the status of writes, of reads, and so on."""

    writes: str
    reads: str
    ready: str

    def check(self, served: Any, write: tuple[Any, ...], read: str) -> None:
        """Hold a service that something has failed under to what is said."""
        for said, asked in zip(self, (write, ("GET", read), ("GET", "/readyz")), strict=True):
            told = served.answer(*asked)
            status, _, retry = said.partition(", ")
            assert (told.status, told.retry) == (int(status), retry == "retry"), (asked, told)
        assert served.answer("GET", "/healthz").status == 200


def rows() -> dict[str, Said]:
    text = README.read_text(encoding="utf-8")
    table = text.split("\n### When something fails\n")[1].split("\n### ")[0]
    found = (line.strip("| ").split(" | ") for line in re.findall(r"^\| .*", table, re.MULTILINE))
    return {name: Said(*cells) for name, *cells, _ in list(found)[1:]}


@pytest.fixture
def said(request: pytest.FixtureRequest) -> Said:
    """The row of the fault that a test is of."""
    marker = request.node.get_closest_marker("fault")
    assert marker is not None
    return rows()[marker.args[0]]


def test_every_row_of_the_table_has_a_test_and_no_other_is_named() -> None:
    sources = "".join(
        one.read_text(encoding="utf-8") for one in Path(__file__).parent.rglob("*.py")
    )
    named = set(re.findall(r'pytest\.mark\.fault\(\s*"(.+?)"', sources))
    assert named == set(rows())


def responses(name: str, n: int = 1) -> tuple[str, str, Any]:
    batch = [
        {
            "response_id": f"{name}-{i}",
            "learner_id": f"l{i % 7}",
            "item_id": "select-1",
            "score": 1.0,
            "answered_at": "2026-03-31T09:30:00Z",
        }
        for i in range(n)
    ]
    return ("POST", "/v1/responses", {"responses": batch})


ABOUT = "/v1/learners/l0/mastery?role=senior"
IMPATIENT = """
from service.store import Store
Store.open.__func__.__kwdefaults__["busy_seconds"] = 0.5
"""


def begun(folder: Path, curriculum: Curriculum, roles: tuple[Role, ...]) -> Path:
    """Return a new database with a catalogue, roles and a learner."""
    database = folder / "attain.db"
    with Workspace.open(database) as workspace:
        workspace.put_catalog(curriculum)
        for role in roles:
            workspace.put_role(role)
        workspace.put_learners([LearnerProfile("ada", role_id="senior", team_id="data")])
    return database


@pytest.fixture(scope="module")
def lasting(
    serve: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
    curriculum: Curriculum,
    roles: tuple[Role, ...],
) -> Any:
    """A service that goes on from test to test, whatever fails in between."""
    database = begun(tmp_path_factory.mktemp("lasting"), curriculum, roles)
    served = serve(database, IMPATIENT if LOCK_SECONDS < 6.0 else "")
    assert served.answer(*responses("before", 7)).content["accepted"] == 7
    served.answer("GET", ABOUT)
    return served


@pytest.fixture
def running(lasting: Any) -> Iterator[Any]:
    """The same, of which nothing may be lost, and no mistake made."""
    before = recorded(lasting)
    yield lasting
    assert before <= recorded(lasting)
    assert "Traceback" not in lasting.told()
    assert '"level": "error"' not in lasting.told()


def recorded(served: Any) -> set[str]:
    """Return the ids of all evidence that is on record."""
    with closing(sqlite3.connect(served.place)) as connection:
        return {one for (one,) in connection.execute("SELECT evidence_id FROM evidence")}


@pytest.mark.fault("the disk is full")
def test_a_full_disk_refuses_writes_for_now_and_what_was_written_is_read(
    running: Any, said: Said
) -> None:
    log = running.place.with_name("attain.db-wal")
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (log.stat().st_size, FULL))
    for _ in range(3):
        said.check(running, responses("meanwhile", 1000), ABOUT)
    served = running.answer("GET", "/v1/learners/l0/recommendations?role=senior")
    assert not any(one.startswith("meanwhile") for one in recorded(running))
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (FULL, FULL))
    assert running.answer(*responses("meanwhile", 1000)).content["accepted"] == 1000
    logged = running.answer("GET", "/v1/decisions").content["decisions"]
    assert served.content["decision_id"] in {one["decision_id"] for one in logged}
    assert "input/output error" in running.told()


@pytest.mark.fault("the disk is full")
@pytest.mark.fault("the database is read-only")
@pytest.mark.parametrize(
    ("goes", "is_back", "why"),
    [
        ("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000", "the disk is full"),
        ("PRAGMA query_only = ON", "PRAGMA query_only = OFF", "is read-only"),
    ],
    ids=["disk full", "read-only"],
)
def test_what_cannot_be_written_is_refused_for_now_and_the_log_says_why(
    client: TestClient,
    workspace: Workspace,
    caplog: pytest.LogCaptureFixture,
    said: Said,
    goes: str,
    is_back: str,
    why: str,
) -> None:
    def post(name: str, n: int) -> Any:
        return client.post("/v1/responses", json=responses(name, n)[2])

    assert post("before", 7).json()["accepted"] == 7
    workspace._store._writer.execute(goes).fetchall()  # SQLite makes it the present size
    refused = post("meanwhile", 3000)
    assert said.writes == "503, retry"
    assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
    assert why in caplog.text  # and not in the answer: it is the operator's to know
    kept = client.get("/v1/learners/l0/evidence").json()["evidence"]
    assert [one["evidence_id"] for one in kept] == ["before-0"]
    assert [said.ready, said.reads] == [str(client.get("/readyz").status_code), "200"]
    workspace._store._writer.execute(is_back).fetchall()
    assert post("meanwhile", 3000).json()["accepted"] == 3000


@pytest.mark.fault("another process holds the database's lock")
def test_a_lock_that_is_held_delays_writes_and_then_refuses_them_for_now(
    running: Any, said: Said
) -> None:
    other = sqlite3.connect(running.place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    end = time.monotonic() + LOCK_SECONDS
    refused = set()
    with ThreadPoolExecutor(8) as senders:  # who do not give up
        while time.monotonic() < end:
            sent = [senders.submit(running.answer, *responses(f"s{n}", 5)) for n in range(8)]
            assert running.answer("GET", ABOUT).status == int(said.reads)
            assert running.answer("GET", "/readyz").status == int(said.ready)
            refused |= {(one.result().status, one.result().retry) for one in sent}
        assert refused == {(503, True)}
        assert said.writes == "503, retry"
        other.execute("ROLLBACK")
        other.close()
        sent = [senders.submit(running.answer, *responses(f"s{n}", 5)) for n in range(8)]
        assert [one.result().content["accepted"] for one in sent] == [5] * 8
    assert "locked by another process" in running.told()


@pytest.mark.fault("too much waits to be written")
def test_a_queue_that_is_full_refuses_writes_at_once(running: Any, said: Said) -> None:
    other = sqlite3.connect(running.place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    connections = [running.ask(*responses(f"w{n}")) for n in range(1300)]
    said.check(running, responses("more"), ABOUT)
    other.execute("ROLLBACK")
    other.close()
    told = []
    for one in connections:
        with closing(one):
            told.append(one.getresponse().status)
    assert {503} <= set(told) <= {200, 503}
    acknowledged = {f"w{n}-0" for n, status in enumerate(told) if status == 200}
    assert acknowledged == {one for one in recorded(running) if one.startswith("w")}


def spoil(database: Path, table: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        assert connection.execute(f"UPDATE {table} SET content = '{{\"mo'").rowcount


@pytest.mark.fault("the model that is kept cannot be read")
def test_a_model_that_is_spoilt_is_told_of_and_another_or_the_same_put_in_its_place(
    workspace: Workspace, database: Path, serve: Callable[..., Any], said: Said
) -> None:
    default, installed = workspace.model_version, workspace.install_model(BKT(seed=5).to_json())
    workspace.record([Response("l0", "select-1", 1.0, None, "before-0")])
    workspace.close()
    spoil(database, "tracers")
    served = serve(database)
    said.check(served, responses("meanwhile"), ABOUT)
    said.check(served, responses("meanwhile"), f"/v1/models/{installed}")
    assert f"the model {installed} in the database cannot be read" in served.told()
    for path in ("/v1/models", "/v1/learners/l0", "/v1/learners/l0/evidence", "/v1/roles"):
        assert served.answer("GET", path).status == 200, path
    put = served.answer("PUT", "/v1/models/active", {"model_version": default})
    assert put.status == 200
    assert served.answer(*responses("meanwhile")).content["accepted"] == 1
    assert served.answer("GET", "/readyz").content["model_version"] == default
    with Workspace.open(database) as beside:
        assert beside.install_model(BKT(seed=5).to_json()) == installed
    assert served.answer("GET", ABOUT).content["model_version"] == installed
    spoil(database, "tracers")
    assert served.answer("GET", ABOUT).status == 200  # it is in memory still


class InProcess(NamedTuple):
    """A client asked as a service in a process of its own is."""

    client: TestClient

    def answer(self, method: str, path: str, body: Any = None) -> Any:
        told = self.client.request(method, path, json=body)
        retry = "Retry-After" in told.headers
        return SimpleNamespace(status=told.status_code, retry=retry, content=told.json())


@pytest.mark.fault("a role that is kept cannot be read")
def test_a_role_that_is_spoilt_is_told_of_and_put_again(
    client: TestClient, workspace: Workspace, database: Path, said: Said
) -> None:
    served = InProcess(client)
    served.answer(*responses("before", 7))
    spoil(database, "roles")
    said.check(served, responses("meanwhile"), ABOUT)
    targets = {"targets": [{"skill_id": "select"}]}
    assert served.answer("PUT", "/v1/roles/senior", targets).status == 200
    assert served.answer("GET", ABOUT).status == 200


@pytest.mark.fault("the mastery that is kept cannot be read")
def test_mastery_that_is_spoilt_is_replayed(
    client: TestClient, workspace: Workspace, database: Path, said: Said
) -> None:
    served = InProcess(client)
    for n in range(10):
        served.answer(*responses(f"r{n}", 7))
    list(workspace.replay_all())
    at = f"{ABOUT}&at=2026-04-01T00:00:00Z"
    before = served.answer("GET", at).content
    spoil(database, "knowledge")
    assert served.answer("GET", f"{at}&").content == before  # another address, made anew
    said.check(served, responses("meanwhile"), ABOUT)
    assert any(differing for _, differing in workspace.differing())  # which the doctor tells
    list(workspace.replay_all())
    assert not any(differing for _, differing in workspace.differing())


@pytest.mark.fault("the file is damaged")
def test_a_file_that_is_damaged_is_told_of(
    workspace: Workspace, database: Path, serve: Callable[..., Any], said: Said
) -> None:
    workspace.close()
    served = serve(database)
    served.answer(*responses("before", 700))
    served.stop()
    spoilt = ("evidence", "learners", "current_versions")
    with closing(sqlite3.connect(database)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_master"))
    content = bytearray(database.read_bytes())
    for name in spoilt:
        content[(roots[name] - 1) * size : roots[name] * size] = b"\xff" * size
    database.write_bytes(content)
    served.start()
    said.check(served, responses("meanwhile"), ABOUT)
    assert "is damaged; restore it from a backup" in served.told()


JUMPING = """
import sys
from datetime import timedelta
from pathlib import Path
from service import instants

plain = instants.now
offset = Path({path!r})
instants.now = lambda: plain() + timedelta(seconds=float(offset.read_text() or "0"))
"""
DAY = 24 * 3600.0


class Jumping(NamedTuple):
    """A service whose clock can be put ahead or back while it runs."""

    served: Any
    offset: Path

    def jump(self, seconds: float) -> None:
        moved = self.offset.with_name("moved")
        moved.write_text(str(seconds))
        moved.replace(self.offset)


@pytest.fixture(scope="module")
def with_clock(
    serve: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
    curriculum: Curriculum,
    roles: tuple[Role, ...],
) -> Jumping:
    folder = tmp_path_factory.mktemp("jumping")
    offset = folder / "offset"
    offset.write_text("0")
    code = JUMPING.format(path=str(offset))
    return Jumping(serve(begun(folder, curriculum, roles), code), offset)


@pytest.fixture
def jumping(with_clock: Jumping) -> Iterator[Jumping]:
    """A service whose clock is right before a test, and again after it."""
    yield with_clock
    with_clock.jump(0.0)
    served = with_clock.served
    assert served.answer("GET", MINE).status == 200
    assert '"status": 500' not in served.told()
    with Workspace.open(served.place) as beside:  # in whatever order, mastery is the replay
        assert not any(differing for _, differing in beside.differing())


def untimed(name: str, n: int = 1, **more: Any) -> tuple[str, str, Any]:
    one = {"learner_id": "ada", "item_id": "select-1", "score": 1.0, **more}
    batch = [{"response_id": f"{name}-{i}", **one} for i in range(n)]
    return ("POST", "/v1/responses", {"responses": batch})


MINE = "/v1/learners/ada/mastery"


@pytest.mark.fault("the clock of the service says a year before 2000 or after 2199")
@pytest.mark.parametrize("years", [-56.5, 200.0])
def test_a_clock_that_cannot_be_right_times_nothing(
    jumping: Jumping, said: Said, years: float
) -> None:
    jumping.jump(years * 365.25 * DAY)
    before = recorded(jumping.served)
    said.check(jumping.served, untimed("absurd"), MINE)
    said.check(jumping.served, untimed("timed", answered_at="2026-03-31T09:30:00Z"), MINE)
    assert jumping.served.answer("GET", f"{MINE}?at=2026-03-31T09:30:00Z").status == 200
    jumping.jump(0.0)
    assert recorded(jumping.served) == before
    assert jumping.served.answer(*untimed(f"absurd-{years}")).content["accepted"] == 1


@pytest.mark.fault("the clock of the service is ahead")
def test_a_clock_that_is_ahead_times_what_has_no_time_and_ends_what_expires(
    jumping: Jumping, said: Said
) -> None:
    served, tag = jumping.served, jumping.served.answer("GET", MINE).headers["etag"]
    with Workspace.open(served.place) as beside:
        lasting = datetime.now(UTC) + timedelta(days=90)
        passing = beside.create_key("a", Grant([Scope.READ_ALL]), expires_at=lasting).secret
    jumping.jump(400 * DAY)
    said.check(served, untimed("meanwhile"), MINE)
    assert served.answer("GET", MINE).headers["etag"] != tag
    assert with_key(served, passing) == 401
    ahead = served.answer("GET", "/v1/learners/ada/evidence").content["evidence"][-1]
    assert ahead["at"] > f"{datetime.now(UTC) + timedelta(days=399):%Y-%m-%d}"
    jumping.jump(0.0)
    assert with_key(served, passing) == 200
    void = {"kind": "response", "evidence_id": "meanwhile-0", "reason": "the clock was ahead"}
    assert served.answer("POST", "/v1/voids", {"voids": [{"void_id": "v1", **void}]}).status == 200
    at = {"answered_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    assert served.answer(*untimed("again", **at)).content["accepted"] == 1
    # An answer of the minute that was ahead is not one of the minute that is now.
    assert served.answer("GET", MINE).content["at"] < ahead["at"]


@pytest.mark.fault("the clock of the service is behind")
def test_a_clock_that_is_behind_refuses_what_seems_to_be_ahead_and_says_so(
    jumping: Jumping, said: Said
) -> None:
    served = jumping.served
    with Workspace.open(served.place) as beside:
        soon = datetime.now(UTC) + timedelta(seconds=0.01)
        expired = beside.create_key("a", Grant([Scope.READ_ALL]), expires_at=soon).secret
    time.sleep(0.02)
    assert with_key(served, expired) == 401
    before = served.answer("GET", MINE).content["at"]
    jumping.jump(-400 * DAY)
    at = {"answered_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    said.check(served, untimed("timed", **at), MINE)
    told = served.answer(*untimed("timed", **at)).content
    assert told["errors"][0]["remedy"] == "check the sender's clock, and the service's"
    assert served.answer("GET", MINE).content["at"] < before
    assert served.answer(*untimed("behind")).content["accepted"] == 1
    assert with_key(served, expired) == 200  # as the table says
    jumping.jump(0.0)
    assert with_key(served, expired) == 401
    assert served.answer(*untimed("timed", **at)).content["accepted"] == 1


def with_key(served: Any, secret: str) -> int:
    mine, served.headers = served.headers, {"Authorization": f"Bearer {secret}"}
    try:
        return int(served.answer("GET", "/v1/roles").status)
    finally:
        served.headers = mine


def open_files(served: Any) -> int:
    return len(list(Path(f"/proc/{served.process.pid}/fd").iterdir()))


def send_some(served: Any, body: bytes, share: float, *, reset: bool) -> None:
    """Send a share of a request, and be gone; with a reset in place of an end where asked."""
    lines = [f"{name}: {value}" for name, value in served.headers.items()]
    lines += ["POST /v1/responses HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
    lines = [lines[-3], *lines[-2:], *lines[:-3]]
    sent = "\r\n".join([*lines, "", ""]).encode() + body
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        connection.sendall(sent[: int(len(sent) * share)])
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, *[0] * 7]))


def settled(served: Any, files: int) -> bool:
    end = time.monotonic() + 10
    while open_files(served) > files and time.monotonic() < end:
        time.sleep(0.02)
    return open_files(served) <= files


@pytest.mark.fault("the sender is gone before all of the body has come")
def test_of_a_body_that_ends_half_way_nothing_is_recorded_and_nothing_is_left(
    running: Any, said: Said
) -> None:
    files = open_files(running)
    for n in range(100):
        body = json.dumps(responses(f"half-{n}", 20)[2]).encode()
        send_some(running, body, (0.05, 0.5, 0.999)[n % 3], reset=n % 2 == 0)
    assert settled(running, files)
    assert not any(one.startswith("half") for one in recorded(running))
    assert (said.reads, said.ready) == ("200", "200")
    assert running.answer(*responses("half-1", 20)).content["accepted"] == 20


@pytest.mark.fault("the sender is gone before the answer")
def test_what_was_sent_whole_is_recorded_once_though_nobody_waits_for_the_answer(
    running: Any, said: Said
) -> None:
    files = open_files(running)
    for n in range(100):
        body = json.dumps(responses(f"gone-{n}", 20)[2]).encode()
        send_some(running, body, 1.0, reset=n % 2 == 0)
    assert settled(running, files)
    again = [running.answer(*responses(f"gone-{n}", 20)).content for n in range(100)]
    assert {(one["accepted"], one["repeated"]) for one in again} <= {(0, 20), (20, 0)}
    assert sum(one["repeated"] for one in again) > 0
    assert sum(one.startswith("gone") for one in recorded(running)) == 100 * 20
    assert (said.reads, said.ready) == ("200", "200")


@pytest.mark.fault("the server of PostgreSQL is gone")
def test_a_server_of_postgres_that_goes_is_told_of_and_found_again(
    postgres: str,
    running_postgres: Any,
    serve: Callable[..., Any],
    curriculum: Curriculum,
    roles: tuple[Role, ...],
    said: Said,
) -> None:
    with Workspace.open(postgres) as workspace:
        workspace.put_catalog(curriculum)
        for role in roles:
            workspace.put_role(role)
    served, gone = serve(postgres), threading.Event()
    assert served.answer(*responses("before", 7)).content["accepted"] == 7

    def send(name: str) -> Iterator[str]:
        """Send until the server is gone, and give what was acknowledged."""
        for n in count():
            told = served.answer(*responses(f"{name}-{n}", 3))
            if told.status == 200:
                yield from (f"{name}-{n}-{i}" for i in range(3))
            elif gone.is_set():
                assert (told.status, told.retry) == (503, True)
                return

    acknowledged: set[str] = set()
    with ThreadPoolExecutor(6) as senders:
        for fall in range(2):
            gone.clear()
            sent = [senders.submit(lambda one=one: set(send(one))) for one in names(fall)]
            time.sleep(0.3)
            running_postgres.stop()
            try:
                gone.set()
                acknowledged.update(*(one.result() for one in sent))
                said.check(served, responses(f"down-{fall}", 70), ABOUT)
            finally:
                running_postgres.start()
            assert served.answer("GET", "/readyz").status == 200
            assert served.answer("GET", ABOUT).status == 200
            assert served.answer(*responses(f"down-{fall}", 70)).content["accepted"] == 70
    served.stop()
    assert "does not answer" in served.told()
    assert '"level": "error"' not in served.told()
    with Workspace.open(postgres) as workspace:
        assert not any(differing for _, differing in workspace.differing())
        kept = {
            one.response_id  # type: ignore[union-attr]
            for learner in workspace.learners()
            for one in workspace.evidence(learner.learner_id)
        }
    assert acknowledged
    assert acknowledged <= kept


@pytest.mark.fault("the server of PostgreSQL is gone")
def test_a_server_of_postgres_that_is_silent_keeps_nobody_waiting_who_does_not_need_it(
    postgres: str,
    running_postgres: Any,
    serve: Callable[..., Any],
    curriculum: Curriculum,
) -> None:
    with Workspace.open(postgres) as workspace:
        workspace.put_catalog(curriculum)
    served = serve(postgres)
    served.answer(*responses("before", 7))
    with running_postgres.silent(), ThreadPoolExecutor(3) as senders:
        asked = ("/v1/roles", "/v1/learners/l0", "/v1/learners/l0/evidence")
        waiting = [senders.submit(served.answer, "GET", one) for one in asked]
        time.sleep(3.0)  # by when it is not remembered any more whose the key is
        waiting.append(senders.submit(served.answer, "GET", "/v1/roles"))
        begun = time.monotonic()
        assert served.answer("GET", "/healthz").status == 200
        assert time.monotonic() - begun < 2.0
        running_postgres.wake()
        assert [one.result().status for one in waiting] == [200] * 4


def names(fall: int) -> list[str]:
    return [f"up-{fall}-{n}" for n in range(6)]


def test_a_head_that_does_not_come_is_not_waited_for_for_ever(
    workspace: Workspace, database: Path, serve: Callable[..., Any]
) -> None:
    workspace.close()
    served = serve(database, "import service.heads as heads; heads.HEAD_SECONDS = 0.3")
    for begun in (b"", b"GET / HTTP/1.1\r\nHost:"):
        with socket.create_connection(("127.0.0.1", served.port)) as connection:
            connection.sendall(begun)
            connection.settimeout(10)
            assert connection.recv(100) == b""

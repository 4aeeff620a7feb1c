"""The main job over real HTTP, on real databases, with the service killed in between."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from engine.domain import Role
from engine.domain.records import plain
from service.store import Place
from service.workspace import Workspace
from service.workspace.keyholding import FIRST

STORES = ("sqlite", "postgres")
SERVE = "from service.server import serve; serve()"


class Server:
    """The service in a process of its own, on a free port of the loopback interface."""

    def __init__(self, database: Place) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.database = database
        with Workspace.open(database) as workspace:
            secret = workspace.create_key("the LMS", FIRST).secret
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.start()

    def start(self) -> None:
        settings = {"ATTAIN_DATABASE": str(self.database), "ATTAIN_PORT": str(self.port)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE],
            env={**os.environ, **settings},
            stderr=subprocess.PIPE,
            text=True,
        )
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the service did not start")

    def stop(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        code = self.process.wait(20)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, json.loads(content)

    def told(self, method: str, path: str, body: object = None) -> Any:
        status, content = self.ask(method, path, body)
        assert status == 200, content
        return content


class Learner:
    """A learner of the service who works towards the senior role."""

    def __init__(self, server: Server, learner_id: str) -> None:
        self.server = server
        self.path = f"/v1/learners/{learner_id}"
        self.learner_id = learner_id
        server.told("PUT", self.path, {"role_id": "senior"})

    def read(self, what: str) -> Any:
        return self.server.told("GET", f"{self.path}/{what}")

    def next_modules(self) -> list[str]:
        return [
            one["module_id"] for one in self.read("recommendations?limit=10")["recommendations"]
        ]

    def attainment(self, skill_id: str) -> float:
        skills = self.read("mastery")["skills"]
        return float(next(one["attainment"] for one in skills if one["skill_id"] == skill_id))

    def answer(self, skill_id: str, *scores: float, day: int) -> Any:
        body = batch(self.learner_id, skill_id, *scores, day=day)
        return self.server.told("POST", "/v1/responses", body)


def batch(learner_id: str, skill_id: str, *scores: float, day: int) -> dict[str, Any]:
    return {
        "responses": [
            {
                "response_id": f"{learner_id}-{day}-{n}",
                "learner_id": learner_id,
                "item_id": f"{skill_id}-{1 + n % 4}",
                "score": score,
                "answered_at": f"2026-03-{day:02}T09:{n:02}:00Z",
            }
            for n, score in enumerate(scores)
        ]
    }


@pytest.fixture(scope="module")
def server(
    new_place: Callable[[], Place],
    catalog_records: dict[str, Any],
    roles: tuple[Role, ...],
) -> Iterator[Server]:
    server = Server(new_place())
    server.told("PUT", "/v1/catalog", catalog_records)
    for role in roles:
        body = {key: value for key, value in plain(role).items() if key != "role_id"}
        server.told("PUT", f"/v1/roles/{role.role_id}", body)
    yield server
    if server.process.poll() is None:
        server.stop(signal.SIGKILL)


def test_a_new_hire_is_led_from_the_first_prerequisite_on(server: Server) -> None:
    ada = Learner(server, "ada")

    # Nothing is known of the new hire: what everything else requires comes first.
    assert ada.next_modules() == ["select-101"]
    order = [step["module_id"] for step in ada.read("path?budget_minutes=600")["steps"]]
    assert order[0] == "select-101"

    # A wrong answer moves mastery down, right ones move it up, and the next module changes.
    before = ada.attainment("select")
    ada.answer("select", 0.0, day=1)
    after_wrong = ada.attainment("select")
    ada.answer("select", 1.0, 1.0, 1.0, 1.0, 1.0, day=2)
    assert after_wrong < before < ada.attainment("select")
    assert ada.next_modules() == ["joins-101"]

    # Charts wait for joins, however well select goes.
    ada.answer("select", 1.0, 1.0, 1.0, day=3)
    assert "charts-101" not in ada.next_modules()

    # When select turns out to be shaky after all, it comes first again.
    ada.answer("select", *[0.0] * 6, day=4)
    assert ada.next_modules() == ["select-101"]

    # Completing the module is a chance to learn.
    low = ada.attainment("select")
    done = {"completion_id": "c1", "learner_id": "ada", "module_id": "select-101"}
    server.told("POST", "/v1/completions", {"completions": [done]})
    assert ada.attainment("select") > low


def test_a_replayed_batch_changes_nothing(server: Server) -> None:
    eve = Learner(server, "eve")
    first = eve.answer("select", 1.0, 0.0, 1.0, day=1)
    mastery = eve.read("mastery?at=2026-04-01T00:00:00Z")
    again = eve.answer("select", 1.0, 0.0, 1.0, day=1)
    assert (first["accepted"], again["accepted"], again["repeated"]) == (3, 0, 3)
    assert mastery == eve.read("mastery?at=2026-04-01T00:00:00Z")
    status, problem = server.ask("POST", "/v1/responses", batch("eve", "select", 0.0, day=1))
    assert (status, problem["errors"][0]["where"]) == (409, "responses[0].response_id")


def test_what_was_acknowledged_outlives_a_kill(server: Server) -> None:
    bob = Learner(server, "bob")
    acknowledged = 0
    for day in (1, 2):
        scores = [1.0, 0.0, 1.0, 1.0][: day + 1]
        acknowledged += bob.answer("select", *scores, day=day)["accepted"]
        attained = bob.attainment("select")
        server.stop(signal.SIGKILL)
        server.start()
        assert len(bob.read("evidence")["evidence"]) == acknowledged
        assert bob.attainment("select") == attained
    assert acknowledged == 5


def test_a_port_in_use_is_told_before_anything_else_happens(server: Server, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other.db"
    settings = {"ATTAIN_DATABASE": str(elsewhere), "ATTAIN_PORT": str(server.port)}
    second = subprocess.run(
        [sys.executable, "-c", SERVE],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode != 0
    assert f"port {server.port} on 127.0.0.1 is taken" in second.stderr
    assert "--port" in second.stderr
    assert not elsewhere.exists()


@pytest.mark.parametrize("learner_id", ["a/b", "a%2Fb", "日本 ü", "x?y#z&=+"])
def test_odd_ids_travel_through_real_addresses(server: Server, learner_id: str) -> None:
    path = f"/v1/learners/{quote(learner_id, safe='')}"
    server.told("PUT", path, {"role_id": "junior"})
    assert server.told("GET", f"{path}/gaps")["learner_id"] == learner_id


def send(server: Server, *pieces: bytes) -> bytes:
    """Send bytes as they are, and return what comes back until nothing more does."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return connection.recv(65536)


def head(server: Server, *lines: str) -> bytes:
    fixed = ["POST /v1/responses HTTP/1.1", "Host: x", "Content-Type: application/json"]
    fixed += [f"{name}: {value}" for name, value in server.headers.items()]
    return "\r\n".join([*fixed, *lines, "", ""]).encode()


def test_a_body_of_fifty_megabytes_is_refused_and_the_service_goes_on(server: Server) -> None:
    announced = send(server, head(server, "Content-Length: 52428800"))
    assert announced.startswith(b"HTTP/1.1 413"), "before any of the body is sent"

    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    chunked = send(server, head(server, "Transfer-Encoding: chunked"), *[chunk] * 50, b"0\r\n\r\n")
    assert chunked.startswith(b"HTTP/1.1 413")

    understated = send(server, head(server, "Content-Length: 2"), b"{}" + b" " * 1000)
    # What follows the body is no request: one parser answers the first, the other neither.
    assert understated.startswith((b"HTTP/1.1 422", b"HTTP/1.1 400"))
    assert server.ask("GET", "/readyz")[0] == 200


def test_an_interrupted_service_stops_cleanly_and_closes_its_database(server: Server) -> None:
    Learner(server, "zoe").answer("select", 1.0, day=1)
    assert server.stop(signal.SIGINT) == 0
    if isinstance(server.database, Path):
        assert [file.name for file in server.database.parent.iterdir()] == [server.database.name]
    with Workspace.open(server.database) as workspace:
        assert len(workspace.evidence("zoe")) == 1

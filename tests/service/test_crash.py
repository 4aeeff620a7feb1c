"""Killed under writes of every kind: what was acknowledged is there, and mastery is its replay.

`make crash` runs more rounds, as many as ATTAIN_CRASH_ROUNDS says.
"""

import http.client
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from engine.domain import Curriculum, Role
from service.keys import Grant, Secret
from service.knowledge import replayed
from service.scopes import Scope
from service.workspace import Workspace
from service.workspace.keyholding import FIRST

ROUNDS = int(os.environ.get("ATTAIN_CRASH_ROUNDS", "2"))
SENDERS = range(6)
SERVE = "from service.server import serve; serve()"


KEPT_IN = {
    "responses": "SELECT evidence_id FROM evidence",
    "voids": "SELECT void_id FROM voids",
    "profiles": "SELECT learner_id FROM learners WHERE name != ''",
    "decisions drawn": "SELECT decision_id FROM decisions",
    "overrides": "SELECT override_id FROM overrides",
    "merges": "SELECT alias FROM aliases",
    "sessions": "SELECT hex(digest) FROM keys WHERE kind = 'session'",
}
"""Where what was acknowledged has to be, by its kind."""
Acknowledged = set[tuple[str, str]]


class Sender(threading.Thread):
    """Writes one thing after the other until the service is gone; notes what was acknowledged."""

    def __init__(self, port: int, key: str, name: str, logins: Iterable[str]) -> None:
        super().__init__()
        self.headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
        self.name, self.first = name, int(name[-1])
        self.logins = iter(logins)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.acknowledged: list[tuple[str, str]] = []

    def run(self) -> None:
        try:
            for n in count(self.first):  # so that each begins with another kind
                self.write(n)
        except (OSError, http.client.HTTPException):
            return

    def write(self, n: int) -> None:
        learner_id, response_id = f"l{n % 3}", f"{self.name}-{n}"
        self.respond(response_id, learner_id, n)
        if n % 4 == 1:
            void = {"kind": "response", "evidence_id": response_id, "reason": "for the test"}
            body = {"voids": [{"void_id": f"{response_id}-v", **void}]}
            self.send("voids", f"{response_id}-v", "POST", "/v1/voids", body)
        if n % 4 == 2:
            new = f"{response_id}-p"
            self.send("profiles", new, "PUT", f"/v1/learners/{new}", {"name": "Ada"})
        if n % 4 == 3:
            self.decide(learner_id, response_id)
        if n % 8 == 4:
            other = f"{response_id}-m"
            self.respond(f"{response_id}-o", other, n)
            body = {"merged_learner_id": other, "reason": "for the test"}
            self.send("merges", other, "POST", f"/v1/learners/{learner_id}/merges", body)
        if n % 8 == 0:
            self.enter()

    def respond(self, response_id: str, learner_id: str, n: int) -> None:
        one = {"learner_id": learner_id, "item_id": f"select-{1 + n % 4}", "score": n % 2 / 1}
        body = {"responses": [{"response_id": response_id, **one}]}
        self.send("responses", response_id, "POST", "/v1/responses", body)

    def decide(self, learner_id: str, name: str) -> None:
        asked = {"policy": "random", "role": "senior", "request_key": name}
        place = f"/v1/learners/{learner_id}/decisions"
        told = self.send("decisions drawn", None, "POST", place, asked)
        if told is not None:
            place += f"/{told['decision_id']}/overrides"
            body = {"override_id": name, "decided_by": "Grace", "reason": "for the test"}
            self.send("overrides", name, "POST", place, body)

    def enter(self) -> None:
        """Use a login up for a session."""
        login = next(self.logins, None)
        if login is None:
            return
        self.connection.request("GET", f"/login?code={login}")
        answer = self.connection.getresponse()
        answer.read()
        cookie = answer.headers.get("set-cookie", "")
        secret = cookie.partition("attain_session=")[2].partition(";")[0]
        assert answer.status == 303
        self.acknowledged.append(("sessions", Secret(secret).digest.hex().upper()))

    def send(self, kind: str, name: str | None, method: str, path: str, body: Any) -> Any:
        """Send something, and note that it was acknowledged if it was; return the answer then."""
        self.connection.request(method, path, json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        told = json.loads(answer.read())
        if answer.status != 200:
            assert answer.status == 503, told
            return None
        self.acknowledged.append((kind, told["decision_id"] if name is None else name))
        return told


def start(database: Path) -> tuple[Any, int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    settings = {"ATTAIN_DATABASE": str(database), "ATTAIN_PORT": str(port)}
    settings["ATTAIN_LOG_LEVEL"] = "warning"
    process = subprocess.Popen([sys.executable, "-c", SERVE], env={**os.environ, **settings})
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process, port
        time.sleep(0.05)
    raise AssertionError("the service did not start")


def kill_while_writing(database: Path, key: str, name: str, seconds: float) -> Acknowledged:
    """Serve, write over many connections, kill; return what was acknowledged."""
    with Workspace.open(database) as workspace:
        grant = Grant([Scope.READ_ALL])
        logins = [[str(workspace.invite("test", grant).secret) for _ in "12"] for _ in SENDERS]
    process, port = start(database)
    senders = [
        Sender(port, key, f"{name}-{n}", mine) for n, mine in zip(SENDERS, logins, strict=True)
    ]
    for sender in senders:
        sender.start()
    end = time.monotonic() + 30
    while time.monotonic() < end and set(KEPT_IN) > {
        kind for sender in senders for kind, _ in list(sender.acknowledged)
    }:
        time.sleep(0.01)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    for sender in senders:
        sender.join(20)
    return set().union(*(sender.acknowledged for sender in senders))


def kept(database: Path) -> Acknowledged:
    """Return all that is on record of what senders write; the file has to be whole."""
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return {
            (kind, one) for kind, asked in KEPT_IN.items() for (one,) in connection.execute(asked)
        }


@pytest.mark.fault("the service is killed, or the power goes")
def test_nothing_acknowledged_is_lost_and_mastery_is_the_replay(
    on_disk: Path, curriculum: Curriculum, roles: tuple[Role, ...]
) -> None:
    database, chance = on_disk / "attain.db", random.Random(7)
    with Workspace.open(database) as workspace:
        workspace.put_catalog(curriculum)
        for role in roles:
            workspace.put_role(role)
        key = workspace.create_key("senders", FIRST).secret
    acknowledged: Acknowledged = set()
    for n in range(ROUNDS):
        acknowledged |= kill_while_writing(database, key, f"r{n}", chance.uniform(0.0, 0.3))
        lost = acknowledged - kept(database)
        assert not lost
        learners = check_replay(database)
    assert {kind for kind, _ in acknowledged} == set(KEPT_IN)
    counts = Counter(kind for kind, _ in acknowledged)
    print(f"\n| acknowledged in {ROUNDS} kills | how many | lost |\n|---|---|---|")
    for kind in KEPT_IN:
        print(f"| {kind} | {counts[kind]:,} | {sum(one[0] == kind for one in lost)} |")
    print(f"Integrity ok after each; the replay differs for 0 of {learners:,} learners.")


def check_replay(database: Path) -> int:
    """Hold what is read and kept of each learner to a replay; return how many there are."""
    with Workspace.open(database) as workspace:
        bound = workspace.current()
        for one in ("l0", "l1", "l2"):
            rows = workspace._store.read(lambda session, one=one: session.evidence.of(one))
            assert workspace.knowledge(one) == replayed(bound, one, rows)
        assert not any(differing for _, differing in workspace.differing())
        return workspace.learner_count()

"""Killed under concurrent posts: what was acknowledged is there, and mastery is its replay.

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
from pathlib import Path
from typing import Any

import pytest

from engine.domain import Curriculum
from service.keys import Grant
from service.knowledge import replayed
from service.scopes import Scope
from service.workspace import Workspace

ROUNDS = int(os.environ.get("ATTAIN_CRASH_ROUNDS", "2"))
SENDERS = 6
SERVE = "from service.server import serve; serve()"


class Sender(threading.Thread):
    """Posts one response after the other until the service is gone; notes what was acknowledged."""

    def __init__(self, port: int, key: str, name: str) -> None:
        super().__init__()
        self.port = port
        self.headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
        self.name = name
        self.acknowledged: list[str] = []

    def run(self) -> None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            for n in range(5000):
                self.post(connection, f"{self.name}-{n}", f"l{n % 3}", n)
        except (OSError, http.client.HTTPException):
            return

    def post(self, connection: Any, response_id: str, learner_id: str, n: int) -> None:
        item_id, score = f"select-{1 + n % 4}", n % 2 / 1
        one = {"response_id": response_id, "learner_id": learner_id}
        body = {"responses": [{**one, "item_id": item_id, "score": score}]}
        connection.request("POST", "/v1/responses", json.dumps(body), self.headers)
        answer = connection.getresponse()
        if answer.status == 200 and json.loads(answer.read())["accepted"] == 1:
            self.acknowledged.append(response_id)


def start(database: Path) -> tuple[Any, int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    settings = {"ATTAIN_DATABASE": str(database), "ATTAIN_PORT": str(port)}
    settings["ATTAIN_LOG_LEVEL"] = "warning"
    process = subprocess.Popen([sys.executable, "-c", SERVE], env={**os.environ, **settings})
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process, port
        time.sleep(0.05)
    raise AssertionError("the service did not start")


def kill_while_posting(database: Path, key: str, name: str, seconds: float) -> set[str]:
    """Serve, post from many connections, kill; return the ids that were acknowledged."""
    process, port = start(database)
    senders = [Sender(port, key, f"{name}-{n}") for n in range(SENDERS)]
    for sender in senders:
        sender.start()
    end = time.monotonic() + 30
    while not all(sender.acknowledged for sender in senders) and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    for sender in senders:
        sender.join(20)
    return {one for sender in senders for one in sender.acknowledged}


@pytest.mark.fault("the service is killed, or the power goes")
def test_nothing_acknowledged_is_lost_and_mastery_is_the_replay(
    tmp_path: Path, curriculum: Curriculum
) -> None:
    database, chance = tmp_path / "attain.db", random.Random(7)
    with Workspace.open(database) as workspace:
        workspace.put_catalog(curriculum)
        key = workspace.create_key("senders", Grant([Scope.WRITE_EVIDENCE])).secret
    acknowledged: set[str] = set()
    for n in range(ROUNDS):
        acknowledged |= kill_while_posting(database, key, f"r{n}", chance.uniform(0.0, 0.3))
        with sqlite3.connect(database) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            kept = {one for (one,) in connection.execute("SELECT evidence_id FROM evidence")}
        assert len(acknowledged) >= SENDERS
        lost = acknowledged - kept
        assert not lost
        learners = check_replay(database)
    print(
        "\n| kills | acknowledged | lost | integrity | replay differs for |\n|---|---|---|---|---|"
        f"\n| {ROUNDS} | {len(acknowledged):,} | {len(lost)} | ok | 0 of {learners} learners |"
    )


def check_replay(database: Path) -> int:
    """Hold what is read and kept of each learner to a replay; return how many there are."""
    with Workspace.open(database) as workspace:
        bound = workspace.current()
        for profile in workspace.learners():
            one = profile.learner_id
            rows = workspace._store.read(lambda session, one=one: session.evidence.of(one))
            assert workspace.knowledge(one) == replayed(bound, one, rows)
        assert not any(differing for _, differing in workspace.differing())
        return len(workspace.learners())

"""What is PostgreSQL's own: several processes that write, connections that are lost, its URL."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import wait
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from engine.domain import Curriculum, Response
from engine.errors import InvalidInput
from service.cli.app import app
from service.errors import StoreError, StoreUnavailable
from service.knowledge import replayed
from service.records import LearnerProfile
from service.store import RESPONSE, Store, postgres_schema
from service.store.copying import back_up, restore
from service.workspace import Workspace

psycopg = pytest.importorskip("psycopg")
from service.store.postgres import PostgresConnection, PostgresDatabase  # noqa: E402  takes psycopg

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
WRITE = """
import sys
from concurrent.futures import wait
from datetime import UTC, datetime, timedelta
from engine.domain import Response
from service.workspace import Workspace

url, name, start = sys.argv[1], sys.argv[2], datetime(2026, 3, 31, tzinfo=UTC)
with Workspace.open(url) as workspace:
    answers = []
    for n in range(30):
        at = start + timedelta(minutes=(n * 17) % 30)
        batch = [
            Response(f"l{k}", f"select-{1 + n % 4}", float(n % 3 > 0), at, f"{name}-{n}-{k}")
            for k in ((0, 1, 2), (2, 1, 0))[n % 2]  # in both orders, to lock each other out
        ]
        answers.append(workspace.record_soon(batch))
        if n % 10 == 0:
            workspace.knowledge("l0")
            list(workspace.replay_all())
    wait(answers)
    print(sum(one.result().accepted for one in answers))
"""


def sql(url: str, statement: str) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_four_processes_that_write_lose_nothing_and_come_to_the_state_of_a_serial_order(
    postgres: str, curriculum: Curriculum
) -> None:
    with Workspace.open(postgres) as workspace:
        workspace.put_catalog(curriculum)
        workspace.put_learners([LearnerProfile(f"l{k}") for k in range(3)])
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITE, postgres, f"w{n}"],
                stdout=subprocess.PIPE,
                text=True,
                cwd=Path(__file__).parents[3],
            )
            for n in range(4)
        ]
        told = [writer.communicate(timeout=120)[0].strip() for writer in writers]
        assert told == ["90"] * 4
        bound = workspace.current()
        for k in range(3):
            rows = workspace._store.read(lambda session, k=k: session.evidence.of(f"l{k}"))
            assert len(rows) == 120
            assert workspace.knowledge(f"l{k}") == replayed(bound, f"l{k}", rows)
        assert not any(differing for _, differing in workspace.differing())


def test_a_connection_that_was_lost_is_opened_again(postgres: str) -> None:
    store = Store.open(postgres)
    store.write(lambda session: session.learners.note_changes({"ada": 0}, 0))
    assert store.read(lambda session: session.learners.count()) == 1
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid()"
    sql(postgres, f"{others} AND application_name = 'attain'")
    store.write(lambda session: session.learners.note_changes({"bob": 0}, 0))
    assert store.read(lambda session: session.learners.count()) == 2
    store.close()


def test_a_server_that_is_not_there_may_be_tried_again_and_no_secret_is_told(
    tmp_path: Path,
) -> None:
    with pytest.raises(StoreUnavailable, match="does not answer") as caught:
        Store.open(f"postgresql://ada:hush@/attain?host={tmp_path}")
    assert "postgresql://ada@/attain" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_network_that_is_silent_is_not_waited_for_for_ever_unless_the_url_says_so(
    postgres: str,
) -> None:
    def settings(url: str) -> dict[str, str]:
        store = Store.open(url)
        parameters: dict[str, str] = store._writer._connection.info.get_parameters()
        store.close()
        return parameters

    usual = settings(postgres)
    assert (usual["connect_timeout"], usual["tcp_user_timeout"]) == ("5", "10000")
    patient = settings(f"{postgres}&connect_timeout=60")
    assert (patient["connect_timeout"], patient["keepalives_idle"]) == ("60", "5")


HOLD_ON = "SELECT pg_advisory_xact_lock(1098151009)"


def test_a_turn_to_write_is_waited_for_longer_than_other_locks(postgres: str) -> None:
    store = Store.open(postgres, busy_seconds=0.1)
    with psycopg.connect(postgres) as other:
        other.execute(HOLD_ON)
        answer = store.submit(lambda session: session.learners.note_changes({"ada": 0}, 0))
        with pytest.raises(TimeoutError):
            answer.result(0.5)
    assert answer.result(10) is None
    store.close()


def test_who_waits_behind_a_turn_that_does_not_come_is_refused_with_it(postgres: str) -> None:
    database = PostgresDatabase(postgres, busy_seconds=5.0, turn_seconds=2.0)
    store = Store(database, tenant_id="default", busy_seconds=5.0)
    with psycopg.connect(postgres) as other:
        other.execute(HOLD_ON)
        answers = [  # more than share a transaction
            store.submit(lambda session: session.learners.note_changes({"ada": 0}, 0))
            for _ in range(600)
        ]
        done = wait(answers, timeout=5)  # not 2 seconds for each of three transactions
        assert not done.not_done
        errors = [one.exception() for one in answers]
    assert all(isinstance(one, StoreUnavailable) and "locked" in str(one) for one in errors)
    store.write(lambda session: session.learners.note_changes({"ada": 0}, 0))
    store.close()


def test_a_turn_that_does_not_come_is_a_503_that_says_when_to_come_back(
    postgres: str, curriculum: Curriculum, client_of: Callable[[Workspace], TestClient]
) -> None:
    database = PostgresDatabase(postgres, busy_seconds=5.0, turn_seconds=0.2)
    with Workspace(Store(database, tenant_id="default", busy_seconds=5.0)) as workspace:
        workspace.put_catalog(curriculum)
        sent = {"response_id": "r1", "learner_id": "ada", "item_id": "select-1", "score": 1.0}
        with client_of(workspace) as client:
            with psycopg.connect(postgres) as other:
                other.execute(HOLD_ON)
                refused = client.post("/v1/responses", json={"responses": [sent]})
            assert refused.status_code == 503
            assert int(refused.headers["Retry-After"]) > 0
            again = client.post("/v1/responses", json={"responses": [sent]})
            assert again.json()["accepted"] == 1


def test_opening_again_changes_nothing_and_a_strange_or_newer_schema_is_refused(
    postgres: str,
) -> None:
    Store.open(postgres).close()
    Store.open(postgres).close()
    sql(postgres, "INSERT INTO attain.migrations VALUES ('tomorrow')")
    with pytest.raises(StoreError, match=r"newer version of Attain \(unknown here: tomorrow\)"):
        Store.open(postgres)
    sql(postgres, "DROP SCHEMA attain CASCADE; CREATE SCHEMA attain")
    with pytest.raises(StoreError, match="something else"):
        Store.open(postgres)


@pytest.mark.parametrize("had", range(1, len(postgres_schema.MIGRATIONS)))
def test_a_database_of_an_older_schema_is_brought_up_to_date_with_all_that_it_had(
    postgres: str, monkeypatch: pytest.MonkeyPatch, had: int
) -> None:
    make_older(postgres, monkeypatch, had)
    check_migrated(postgres)


def make_older(postgres: str, monkeypatch: pytest.MonkeyPatch, had: int) -> None:
    """Make a database that had so many migrations, with something in it."""
    older = dict(list(postgres_schema.MIGRATIONS.items())[:had])
    monkeypatch.setattr(postgres_schema, "MIGRATIONS", older)
    Store.open(postgres).close()
    role = """{"role_id": "junior", "targets": [{"skill_id": "select"}]}"""
    sql(postgres, f"INSERT INTO attain.roles VALUES ('default', 'junior', '', '{role}')")
    if "published_versions" in older:
        sql(
            postgres,
            f"INSERT INTO attain.role_versions VALUES ('default', 'junior', 1, '{role}', 0, 0)",
        )
    ada = "INSERT INTO attain.learners (tenant_id, learner_id, created_at_us)"
    sql(postgres, f"{ada} VALUES ('default', 'ada', 5)")
    answer = "'default', 'response', 'r1', 'ada', 'select-1', 1.0, 7, 8, ''"
    sql(postgres, f"INSERT INTO attain.evidence VALUES ({answer})")
    if "evidence_counts" in older:
        about = "'default', 'response', 'select-1', 1"
        sql(postgres, f"INSERT INTO attain.evidence_counts VALUES ({about})")
    monkeypatch.undo()


def check_migrated(postgres: str) -> None:
    """Open it; nothing may be missing."""
    with Workspace.open(postgres) as workspace:
        counted = workspace._store.read(
            lambda some: some.evidence.count_about(RESPONSE, "select-1")
        )
        assert counted == 1
        assert workspace.published_role("junior").version == 1
        assert workspace.evidence("ada")[0].response_id == "r1"
    assert applied_in(postgres) == set(postgres_schema.MIGRATIONS)


def applied_in(url: str) -> set[str]:
    return {name for (name,) in sql(url, "SELECT name FROM attain.migrations")}


def die_at(name: str, monkeypatch: pytest.MonkeyPatch, die: Callable[[], None]) -> None:
    """Have something happen once a migration was applied, before it is noted that it was."""
    execute = PostgresConnection.execute

    def doomed(self: Any, statement: str, parameters: Any = ()) -> Any:
        if parameters == (name,):
            die()
        return execute(self, statement, parameters)

    monkeypatch.setattr(PostgresConnection, "execute", doomed)


@pytest.mark.fault("a migration is killed half-way")
@pytest.mark.parametrize("name", postgres_schema.MIGRATIONS)
def test_a_migration_killed_half_way_begins_anew_with_all_that_there_was(
    postgres: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    had = list(postgres_schema.MIGRATIONS).index(name) > 0  # of the first there is nothing before
    if had:
        make_older(postgres, monkeypatch, 1)
    die_at(name, monkeypatch, lambda: os.kill(os.getpid(), signal.SIGKILL))
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            Store.open(postgres)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    monkeypatch.undo()
    if had:
        check_migrated(postgres)
    else:
        Store.open(postgres).close()


@pytest.mark.fault("a migration is killed half-way")
def test_a_server_that_goes_while_it_migrates_has_all_that_there_was(
    postgres: str, running_postgres: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_older(postgres, monkeypatch, 1)
    *_, last = postgres_schema.MIGRATIONS
    die_at(last, monkeypatch, running_postgres.stop)
    try:
        with pytest.raises(StoreUnavailable, match="does not answer"):
            Store.open(postgres)
    finally:
        running_postgres.start()
    monkeypatch.undo()
    assert sql(postgres, "SELECT count(*) FROM attain.migrations") == [(1,)]
    check_migrated(postgres)


def test_a_character_that_postgres_cannot_keep_is_a_fault_of_the_input(postgres: str) -> None:
    with Workspace.open(postgres) as workspace, pytest.raises(InvalidInput, match="NUL"):
        workspace.put_learners([LearnerProfile("ada", name="A\0da")])


def test_it_has_the_columns_of_a_file(postgres: str, tmp_path: Path) -> None:
    def columns(store: Store, statement: str) -> set[tuple[str, str]]:
        return set(store.write(lambda session: session._connection.execute(statement).fetchall()))

    file, server = Store.open(tmp_path / "attain.db"), Store.open(postgres)
    ours = columns(
        server,
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'attain' AND table_name NOT IN ('migrations', 'upkeep')"
        " AND column_name != 'rowid'",
    )
    theirs = columns(
        file,
        "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
        " WHERE m.type = 'table'",
    )
    theirs = {one for one in theirs if not one[0].startswith(("_", "sqlite"))}
    assert ours == theirs
    file.close()
    server.close()


def test_doctor_replay_and_backup_say_what_they_do(
    postgres: str, curriculum: Curriculum, tmp_path: Path
) -> None:
    with Workspace.open(postgres) as workspace:
        workspace.put_catalog(curriculum)
        workspace.record([Response("ada", "select-1", 1.0, NOON, "r1")])

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, [*arguments, "--database", postgres])

    replay = run("replay", "--json")
    assert json.loads(replay.stdout)["learners"] == 1
    doctor = run("doctor", "--json")
    assert doctor.exit_code == 0, doctor.output
    found = {one["check"]: one["grade"] for one in json.loads(doctor.stdout)["findings"]}
    assert found == dict.fromkeys(["server", "durability", "schema", "mastery"], "ok")
    sql(postgres, "UPDATE attain.knowledge SET evidence_count = 9")
    assert run("doctor").exit_code == 1
    with pytest.raises(StoreError, match="pg_dump"):
        back_up(postgres, tmp_path / "copy.db")
    with pytest.raises(StoreError, match="pg_restore"):
        restore(tmp_path / "copy.db", postgres)

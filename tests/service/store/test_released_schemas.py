"""Databases of every released schema open, killed half-way or not, and say what they said."""

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.domain import Completion, Response
from service.records import RoleVersion, Void
from service.store import Session, Store
from service.store.migrating import MIGRATIONS, applied_migrations
from service.store.schema import migrations
from service.store.sqlite import SqliteConnection, SqliteFile
from service.workspace import Workspace

RELEASED = {
    len(applied): one
    for one in (Path(__file__).parent / "released").glob("*.sql")
    if (applied := [line for line in one.read_text("utf-8").splitlines() if "'attain'," in line])
}
OLDEST = min(RELEASED)


def made_of(dump: Path, path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
    return path


@pytest.fixture(params=sorted(RELEASED), ids=lambda had: RELEASED[had].stem)
def had(request: pytest.FixtureRequest) -> int:
    """How many migrations a database has had."""
    return int(request.param)


@pytest.fixture
def database(had: int, tmp_path: Path) -> Path:
    return made_of(RELEASED[had], tmp_path / "attain.db")


def test_there_is_a_database_of_every_schema_since_the_first(tmp_path: Path) -> None:
    assert sorted(RELEASED) == list(range(OLDEST, OLDEST + len(RELEASED)))
    assert len(RELEASED) >= len(MIGRATIONS) - OLDEST
    for had, dump in RELEASED.items():
        path = made_of(dump, tmp_path / f"{had}.db")
        with closing(sqlite3.connect(path)) as connection:
            assert applied_migrations(connection) == list(MIGRATIONS[:had])


def test_a_released_database_is_brought_up_to_date_with_all_that_it_had(
    database: Path, had: int
) -> None:
    check(database, had)


def check(database: Path, had: int) -> None:
    """Open a database that had so many migrations; nothing that was in it may be missing."""

    def at(hour: int) -> datetime:
        return datetime(2026, 3, 31, hour, tzinfo=UTC)

    with Workspace.open(database) as workspace:
        assert workspace.evidence("ada") == (
            Response("ada", "select-1", 1.0, at(9), "r1"),
            Response("ada", "select-2", 0.0, at(10), "r2"),
            Completion("ada", "select-101", at(11), "c1"),
        )
        assert workspace.learner("ada").name == "Ada"
        assert workspace.published_role("junior") == RoleVersion(
            workspace.role("junior"), 1, catalog_version=0, published_at=None
        )
        assert workspace._store.read(changes_known) == (3, None)  # to be replayed, with lessons
        assert counts_kept(database) == counts_of_evidence(database)
        assert workspace.knowledge("ada").times("select-101") == 1
        assert workspace.knowledge("ada").skills["select"].opportunities == 2
        assert 0.0 < workspace.gaps("ada").readiness < 1.0
        for since, check_more in MORE.items():
            if had >= since:
                check_more(workspace)
        assert not any(differing for _, differing in workspace.differing())
        before = workspace.gaps("ada").readiness
        workspace.void([Void("v1", "response", "r2", "for the test")])
        assert workspace.gaps("ada").readiness > before
    with closing(sqlite3.connect(database)) as connection:
        assert applied_migrations(connection) == list(MIGRATIONS)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def counts_kept(database: Path) -> set[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return set(connection.execute("SELECT * FROM evidence_counts"))


def counts_of_evidence(database: Path) -> set[tuple[Any, ...]]:
    by = "tenant_id, kind, subject_id"
    with closing(sqlite3.connect(database)) as connection:
        return set(connection.execute(f"SELECT {by}, count(*) FROM evidence GROUP BY {by}"))


def changes_known(session: Session) -> tuple[int, int | None]:
    kept = session.knowledge.find("ada")
    return session.learners.stamp_of("ada").changes, kept and kept.evidence_changes


def check_decisions(workspace: Workspace) -> None:
    served = {row.learner_id: (row, said) for row, said in workspace.decisions(None, 10)[0]}
    assert served["ada"][0].policy == "random"
    (said,) = served["bo"][1]
    assert (said.decided_by, said.reason) == ("Grace", "she knows it")
    assert workspace.export("bo").voids[0].reason == "sent twice"
    assert workspace.evidence("bo")[0].score == 1.0  # type: ignore[union-attr]
    assert [one.label for one in workspace.all_keys()] == ["the LMS"]


def check_aliases(workspace: Workspace) -> None:
    assert workspace.learner("bob").learner_id == "bo"
    assert {one.response_id for one in workspace.evidence("bob")} >= {"b1", "b3"}  # type: ignore[union-attr]


def check_versions(workspace: Workspace) -> None:
    versions, _ = workspace.role_versions("senior", 10)
    assert [one.role.targets[0].weight for one in versions] == [2.0, 3.0]
    assert [row.catalog_version for row in workspace.export("bo").evidence] == [0, 0, 0, 1]


def check_prior(workspace: Workspace) -> None:
    assert workspace.prior_version is not None
    assert workspace.export("ada").in_prior is not None


MORE: dict[int, Callable[[Workspace], None]] = {
    7: check_decisions,
    8: check_aliases,
    9: check_versions,
    10: check_prior,
}
"""What is in a database besides, since so many migrations."""


class Doomed(SqliteConnection):
    """A connection whose process is killed at one of its statements, or in the middle of it."""

    at = ""

    def execute(self, statement: str, *more: Any) -> sqlite3.Cursor:  # type: ignore[override]
        if statement == self.at == "VACUUM":
            self.set_progress_handler(die, 50)
        elif statement == self.at:
            die()
        return super().execute(statement, *more)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed_at(moment: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open a database in a process that is killed after a migration, or at a statement."""
    for one in migrations._migrations:
        if one.name == moment:
            monkeypatch.setattr(one, "fn", lambda db, run=one.fn: (run(db), die()))
    monkeypatch.setattr(Doomed, "at", moment)
    monkeypatch.setattr("service.store.sqlite.SqliteConnection", Doomed)
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            Store.open(path)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, moment
    monkeypatch.undo()


def moments() -> Iterator[tuple[int, str]]:
    """Give each moment to kill: each migration of the oldest database, the last of every other."""
    for name in (*MIGRATIONS[OLDEST:], "COMMIT", "VACUUM"):
        yield OLDEST, name
    for had in sorted(RELEASED):
        if OLDEST < had < len(MIGRATIONS):
            yield had, MIGRATIONS[-1]


@pytest.mark.fault("a migration is killed half-way")
@pytest.mark.parametrize(("had", "moment"), list(moments()))
def test_a_migration_killed_half_way_begins_anew_with_all_that_there_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, had: int, moment: str
) -> None:
    path = made_of(RELEASED[had], tmp_path / "attain.db")
    leave_ghosts(path)
    killed_at(moment, path, monkeypatch)
    killed_at(moment, path, monkeypatch)  # and once more
    if moment != "VACUUM":
        with closing(sqlite3.connect(path)) as connection:
            assert applied_migrations(connection) == list(MIGRATIONS[:had])
    check(path, had)
    assert b"ghost-0" not in path.read_bytes()


@pytest.mark.parametrize("moment", [*MIGRATIONS, "COMMIT"])
def test_a_new_database_killed_half_way_is_none_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    path = tmp_path / "attain.db"
    killed_at(moment, path, monkeypatch)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    with Workspace.open(path) as workspace:
        assert workspace.catalog() is None


def leave_ghosts(database: Path) -> None:
    """Leave the bytes of learners who were deleted, as older versions did."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        rows = [("default", f"ghost-{n:04}", 0) for n in range(500)]
        connection.executemany(
            "INSERT INTO learners (tenant_id, learner_id, created_at_us) VALUES (?, ?, ?)", rows
        )
        connection.commit()
        connection.execute("DELETE FROM learners WHERE learner_id LIKE 'ghost-%'")
        connection.commit()
    assert b"ghost-0" in database.read_bytes()


@pytest.mark.parametrize("had", sorted(set(RELEASED) - {len(MIGRATIONS)}), indirect=True)
def test_what_was_deleted_before_the_migration_is_gone_after_it(database: Path) -> None:
    leave_ghosts(database)
    Workspace.open(database).close()
    assert b"ghost-0" not in database.read_bytes()
    assert not SqliteFile(database, 1.0).open_writer().owes_scrubbing()

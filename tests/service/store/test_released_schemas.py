"""Databases of every released schema open, and say what they said before."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.domain import Completion, Response
from service.records import RoleVersion, Void
from service.store import Session
from service.store.migrating import MIGRATIONS, applied_migrations
from service.workspace import Workspace

RELEASED = sorted((Path(__file__).parent / "released").glob("*.sql"))


@pytest.fixture(params=RELEASED, ids=lambda path: path.stem)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "attain.db"
    connection = sqlite3.connect(path)
    connection.executescript(request.param.read_text(encoding="utf-8"))
    connection.close()
    return path


def test_a_released_database_is_brought_up_to_date_with_all_that_it_had(database: Path) -> None:
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
        assert workspace._store.read(changes_known) == (3, 3)  # what was kept is up to date
        assert workspace.knowledge("ada").skills["select"].opportunities == 2
        assert 0.0 < workspace.gaps("ada").readiness < 1.0
        before = workspace.gaps("ada").readiness
        workspace.void([Void("v1", "response", "r2", "for the test")])
        assert workspace.gaps("ada").readiness > before
    with sqlite3.connect(database) as connection:
        assert applied_migrations(connection) == list(MIGRATIONS)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def changes_known(session: Session) -> tuple[int, int]:
    kept = session.knowledge.find("ada")
    assert kept is not None
    return session.learners.stamp_of("ada").changes, kept.evidence_changes


def test_what_was_deleted_before_the_migration_is_gone_after_it(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        rows = [("default", f"ghost-{n:04}", 0) for n in range(500)]
        connection.executemany(
            "INSERT INTO learners (tenant_id, learner_id, created_at_us) VALUES (?, ?, ?)", rows
        )
        connection.commit()
        connection.execute("DELETE FROM learners WHERE learner_id LIKE 'ghost-%'")
    connection.close()
    assert b"ghost-0" in database.read_bytes()
    Workspace.open(database).close()
    assert b"ghost-0" not in database.read_bytes()

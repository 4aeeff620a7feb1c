"""Opening a database: ours or not, old or new, whole or not at all."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlite_utils import Database

from service.errors import StoreError, StoreUnavailable
from service.store import Store
from service.store.migrating import APPLICATION_ID, MIGRATIONS, migrate
from service.store.schema import migrations


def tables(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return [name for (name,) in rows if not name.startswith("_")]


def test_the_names_of_the_migrations_are_known_without_loading_them() -> None:
    assert tuple(one.name for one in migrations.pending(Database(memory=True))) == MIGRATIONS


def test_every_table_is_strict_and_has_the_tenant_first_in_its_key(tmp_path: Path) -> None:
    path = tmp_path / "attain.db"
    Store.open(path).close()
    db = Database(path)
    for name in tables(path):
        assert db[name].strict, name
        assert db[name].pks[0] == "tenant_id", name
        assert next(c for c in db[name].columns if c.name == "tenant_id").notnull, name
    db.close()


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "attain.db"
    Store.open(path).close()
    before = path.read_bytes()
    Store.open(path).close()
    assert path.read_bytes() == before


def test_an_empty_file_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "attain.db"
    path.touch()
    Store.open(path).close()
    assert "evidence" in tables(path)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, only some words " * 100)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="is not a database"):
        Store.open(path)
    assert path.read_bytes() == before


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE learners (name TEXT)")
    with pytest.raises(StoreError, match="something else"):
        Store.open(path)
    assert tables(path) == ["learners"]


def test_a_newer_schema_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "attain.db"
    Store.open(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('attain', 'dreams', 'tomorrow')"
        )
    with pytest.raises(StoreError, match=r"newer version of Attain \(unknown here: dreams\)"):
        Store.open(path)


@pytest.mark.parametrize("missing", ["nowhere/attain.db", "nowhere/at/all.db"])
def test_a_folder_that_does_not_exist_is_named(tmp_path: Path, missing: str) -> None:
    with pytest.raises(StoreError, match="there is no folder"):
        Store.open(tmp_path / missing)


def test_a_folder_and_memory_are_no_files(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a folder"):
        Store.open(tmp_path)
    with pytest.raises(StoreError, match="name a file"):
        Store.open(":memory:")


def test_a_locked_database_can_be_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "attain.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    other.execute("CREATE TABLE passing (x)")
    with pytest.raises(StoreUnavailable, match="locked"):
        Store.open(path, busy_seconds=0.1)
    other.execute("ROLLBACK")
    other.close()
    Store.open(path).close()


def test_a_migration_that_fails_half_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "attain.db"

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(migrations._migrations[-1], "fn", fail)
    connection = sqlite3.connect(path, isolation_level=None)
    with pytest.raises(KeyboardInterrupt):
        migrate(connection, str(path))
    connection.close()
    assert tables(path) == []
    monkeypatch.undo()
    Store.open(path).close()
    assert "knowledge" in tables(path)


def test_two_that_open_a_new_file_at_once_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "attain.db"
    errors = []

    def open_it() -> None:
        try:
            Store.open(path).close()
        except Exception as error:  # whatever it is, it is a failure
            errors.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_a_path_with_odd_characters_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a b?c#d%20é.db"
    Store.open(path).close()
    assert path.is_file()

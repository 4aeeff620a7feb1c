"""Whose database it is, how old its schema is, and bringing it up to date."""

from __future__ import annotations

import sqlite3

from ..errors import StoreError
from .scrubbing import note_erasure

__all__ = ["APPLICATION_ID", "MIGRATIONS", "applied_migrations", "migrate", "refuse_strangers"]

APPLICATION_ID = 0x41747461  # "Atta", in the file's header: this database is ours

MIGRATIONS = (
    "catalogs_and_tracers",
    "roles_and_learners",
    "evidence_and_knowledge",
    "voids",
    "keys",
    "evidence_changes",
    "decisions",
    "aliases",
    "published_versions",
    "priors",
    "lessons",
    "next_role_weights",
    "evidence_counts",
    "fits",
)
"""The names of the migrations in :mod:`.schema`, in their order."""


def migrate(connection: sqlite3.Connection, name: str) -> None:
    """Bring a database up to the present schema, all or nothing.

    One that was there before is then to be scrubbed, as after an erasure: of what was deleted
    before deleting overwrote what it deleted, bytes may be left.

    Parameters
    ----------
    connection : sqlite3.Connection
        In autocommit mode.
    name : str
        What errors call the database.

    Raises
    ------
    StoreError
        The database is not Attain's, or newer than this code.
    """
    refuse_strangers(connection, name)
    strange = [one for one in applied_migrations(connection) if one not in MIGRATIONS]
    if strange:
        raise StoreError(
            f"{name} was written by a newer version of Attain"
            f" (unknown here: {', '.join(strange)}); upgrade Attain to open it"
        )
    applied = len(applied_migrations(connection))
    if applied < len(MIGRATIONS):
        _apply(connection, scrub=applied > 0)


def _apply(connection: sqlite3.Connection, *, scrub: bool) -> None:
    from sqlite_utils import Database

    from .schema import migrations

    # Immediate, so that two processes that open a new file take turns; sqlite-utils' own
    # transactions become savepoints of this one, and a kill half-way leaves nothing behind.
    connection.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(Database(connection, execute_plugins=False))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        if scrub:
            note_erasure(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def refuse_strangers(connection: sqlite3.Connection, name: str) -> None:
    """Raise :class:`StoreError` where a database is not Attain's."""
    # In this order: who makes the file meanwhile commits its tables and its mark together.
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    if application_id not in (0, APPLICATION_ID) or (tables and not application_id):
        raise StoreError(f"{name} is a database of something else; choose another file")


def applied_migrations(connection: sqlite3.Connection) -> list[str]:
    """Return the names of the migrations that a database has had, in their order."""
    (exists,) = connection.execute(
        "SELECT count(*) FROM sqlite_master WHERE name = '_sqlite_migrations'"
    ).fetchone()
    if not exists:
        return []
    rows = connection.execute(
        "SELECT name FROM _sqlite_migrations WHERE migration_set = 'attain' ORDER BY id"
    )
    return [name for (name,) in rows]

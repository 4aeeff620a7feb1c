"""The tables, as a list of migrations; what was released is never edited, only added to."""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from ..errors import StoreError

__all__ = ["APPLICATION_ID", "migrate", "migrations"]

APPLICATION_ID = 0x41747461  # "Atta", in the file's header: this database is ours

migrations = Migrations("attain")


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def catalogs_and_tracers(db: Database) -> None:
    """Catalogues and models by version, and which of them are current."""
    db.table("catalogs").create(
        {
            "tenant_id": str,
            "version": int,
            "digest": str,
            "content": str,  # JSON of Curriculum.to_records
            "created_at_us": int,
        },
        pk=("tenant_id", "version"),
        not_null=["tenant_id", "version", "digest", "content", "created_at_us"],
        strict=True,
    )
    db.table("catalogs").create_index(["tenant_id", "digest"], unique=True)
    db.table("tracers").create(
        {"tenant_id": str, "version": str, "content": str, "installed_at_us": int},
        pk=("tenant_id", "version"),
        not_null=["tenant_id", "version", "content", "installed_at_us"],
        strict=True,
    )
    db.table("current_versions").create(
        {"tenant_id": str, "catalog_version": int, "model_version": str},
        pk="tenant_id",
        not_null=["tenant_id"],
        foreign_keys=[
            (("tenant_id", "catalog_version"), "catalogs", ("tenant_id", "version")),
            (("tenant_id", "model_version"), "tracers", ("tenant_id", "version")),
        ],
        strict=True,
    )


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def roles_and_learners(db: Database) -> None:
    """What is wanted, and of whom."""
    db.table("roles").create(
        {"tenant_id": str, "role_id": str, "ladder": str, "content": str},
        pk=("tenant_id", "role_id"),
        not_null=["tenant_id", "role_id", "ladder", "content"],
        strict=True,
    )
    texts = ["name", "team_id", "role_id", "next_role_id"]
    db.table("learners").create(
        {"tenant_id": str, "learner_id": str, **dict.fromkeys(texts, str), "created_at_us": int},
        pk=("tenant_id", "learner_id"),
        not_null=["tenant_id", "learner_id", *texts, "created_at_us"],
        defaults=dict.fromkeys(texts, ""),
        strict=True,
    )


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def evidence_and_knowledge(db: Database) -> None:
    """The log that is the truth, and the mastery that follows from it."""
    learner = [(("tenant_id", "learner_id"), "learners", ("tenant_id", "learner_id"))]
    evidence = {
        "tenant_id": str,
        "kind": str,  # response or completion
        "evidence_id": str,  # the sender's
        "learner_id": str,
        "subject_id": str,  # the item or the module
        "score": float,  # of a response
        "happened_at_us": int,
        "received_at_us": int,
        "digest": bytes,  # of the content as sent
    }
    db.table("evidence").create(
        evidence,
        pk=("tenant_id", "kind", "evidence_id"),
        not_null=[name for name in evidence if name != "score"],
        foreign_keys=learner,
        strict=True,
    )
    replay_order = ["tenant_id", "learner_id", "happened_at_us", "evidence_id", "kind"]
    db.table("evidence").create_index(replay_order, index_name="evidence_in_replay_order")
    db.table("evidence").create_index(["tenant_id", "kind", "subject_id"])
    knowledge = {
        "tenant_id": str,
        "learner_id": str,
        "model_version": str,
        "catalog_version": int,
        "content": str,  # JSON of KnowledgeState.to_dict
        "evidence_count": int,  # applied so far; the last of them, in replay order:
        "last_happened_at_us": int,
        "last_evidence_id": str,
        "last_kind": str,
    }
    db.table("knowledge").create(
        knowledge,
        pk=("tenant_id", "learner_id"),
        not_null=list(knowledge),
        foreign_keys=learner,
        strict=True,
    )


def migrate(connection: sqlite3.Connection, name: str) -> None:
    """Bring a database up to the present schema, all or nothing.

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
    _refuse_strangers(connection, name)
    db = Database(connection, execute_plugins=False)
    _refuse_newer(db, name)
    if not migrations.pending(db):
        return
    # Immediate, so that two processes that open a new file take turns; sqlite-utils' own
    # transactions become savepoints of this one, and a kill half-way leaves nothing behind.
    connection.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(db)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _refuse_strangers(connection: sqlite3.Connection, name: str) -> None:
    (application_id,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application_id not in (0, APPLICATION_ID) or (tables and not application_id):
        raise StoreError(f"{name} is a database of something else; choose another file")


def _refuse_newer(db: Database, name: str) -> None:
    nothing_applied = Database(memory=True, execute_plugins=False)
    known = {one.name for one in migrations.pending(nothing_applied)}
    nothing_applied.close()
    strange = [one.name for one in migrations.applied(db) if one.name not in known]
    if strange:
        raise StoreError(
            f"{name} was written by a newer version of Attain"
            f" (unknown here: {', '.join(strange)}); upgrade Attain to open it"
        )

"""What can be told of a PostgreSQL database without changing anything in it."""

from __future__ import annotations

from collections.abc import Iterator

from .finding import Finding
from .postgres import PostgresConnection, PostgresDatabase
from .postgres_schema import MIGRATIONS, applied_migrations

__all__ = ["examine_server"]

_OLDEST = 130000
_DURABLE = ("fsync", "full_page_writes")


def examine_server(url: str) -> tuple[Finding, ...]:
    """Look at a database, read-only.

    Raises
    ------
    StoreError
        It cannot be opened, or its schema is something else's.
    """
    opened = PostgresDatabase(url, busy_seconds=5.0).open_reader()
    try:
        with opened.translated():
            return tuple(_contents(opened))
    finally:
        opened.close()


def _contents(opened: PostgresConnection) -> Iterator[Finding]:
    number, version = _setting(opened, "server_version_num"), _setting(opened, "server_version")
    if int(number) >= _OLDEST:
        yield Finding("server", "ok", f"PostgreSQL {version}; it checks its own pages and indexes")
    else:
        yield Finding("server", "warning", f"PostgreSQL {version} is no longer maintained; upgrade")
    off = [name for name in _DURABLE if _setting(opened, name) != "on"]
    if off:
        said = f"{' and '.join(off)} is off: what is acknowledged may be lost; turn it on"
        yield Finding("durability", "failed", said)
    else:
        yield Finding("durability", "ok", "what is acknowledged is on the disk")
    applied = applied_migrations(opened)
    if len(applied) < len(MIGRATIONS):
        said = f"{len(applied)} of {len(MIGRATIONS)} migrations; opening it applies the rest"
        yield Finding("schema", "warning", said)
        return
    strange = [name for name in applied if name not in MIGRATIONS]
    if strange:
        yield Finding("schema", "failed", f"newer than this Attain ({', '.join(strange)})")
        return
    yield Finding("schema", "ok", f"current, {len(applied)} migrations")
    if opened.owes_scrubbing():
        said = "an erasure was cut short; starting the service finishes it"
        yield Finding("erasure", "warning", said)


def _setting(opened: PostgresConnection, name: str) -> str:
    row = opened.execute("SELECT current_setting(?)", (name,)).fetchone()
    return str(row[0]) if row else ""

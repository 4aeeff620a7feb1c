"""What can be told of a database file without changing anything in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from .connection import Place, is_url
from .faults import translated
from .finding import Finding, Grade
from .migrating import MIGRATIONS, applied_migrations, refuse_strangers
from .scrubbing import owes_scrubbing
from .sqlite import checked_path, connect

__all__ = ["SAFE_SQLITE", "examine"]

SAFE_SQLITE = (3, 51, 3)
"""Before this version a log could be reset under two checkpoints at once and corrupt the file."""


def examine(place: Place, version: tuple[int, ...] | None = None) -> tuple[Finding, ...]:
    """Look at a database, read-only.

    Parameters
    ----------
    place : path or str
        A file, or a URL.
    version : tuple of int, optional
        Of SQLite; that of this process where it is not given.

    Raises
    ------
    StoreError
        It is not a database of Attain's, or cannot be opened.
    """
    if is_url(place):
        from .postgres_examining import examine_server  # psycopg is an extra

        return examine_server(str(place))
    file = checked_path(place)
    with translated(str(file)), closing(connect(file, mode="ro", busy_seconds=5.0)) as opened:
        refuse_strangers(opened, str(file))
        return (_sqlite(version or sqlite3.sqlite_version_info), *_contents(opened))


def _contents(opened: sqlite3.Connection) -> Iterator[Finding]:
    faults = [str(one) for (one,) in opened.execute("PRAGMA integrity_check(20)")]
    if faults == ["ok"]:
        yield Finding("integrity", "ok", "every page and index is as it should be")
    else:
        yield Finding("integrity", "failed", f"{'; '.join(faults)}; restore a backup")
    loose = opened.execute("PRAGMA foreign_key_check").fetchall()
    grade: Grade = "failed" if loose else "ok"
    yield Finding("references", grade, f"{len(loose)} rows refer to something that is not there")
    yield _schema(applied_migrations(opened))
    if owes_scrubbing(opened):
        said = "an erasure was cut short; starting the service finishes it"
        yield Finding("erasure", "warning", said)


def _schema(applied: list[str]) -> Finding:
    strange = [name for name in applied if name not in MIGRATIONS]
    if strange:
        return Finding("schema", "failed", f"newer than this Attain ({', '.join(strange)})")
    if len(applied) < len(MIGRATIONS):
        said = f"older: {len(applied)} of {len(MIGRATIONS)} migrations; opening it applies the rest"
        return Finding("schema", "warning", said)
    return Finding("schema", "ok", f"current, {len(applied)} migrations")


def _sqlite(version: tuple[int, ...]) -> Finding:
    number = ".".join(map(str, version))
    if version >= SAFE_SQLITE:
        return Finding("sqlite", "ok", number)
    said = (
        f"{number}; before {'.'.join(map(str, SAFE_SQLITE))} a log reset under two checkpoints at "
        "once can corrupt a file: let only one process write to it, or upgrade SQLite"
    )
    return Finding("sqlite", "warning", said)

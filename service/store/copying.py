"""Copies of a database: taken while it is in use, put back while it is not."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from ..errors import StoreError, StoreUnavailable
from .connection import Place, is_url
from .examining import examine
from .faults import translated
from .sqlite import checked_path, connect

__all__ = ["back_up", "restore"]


def back_up(source: Place, target: Path | str) -> int:
    """Copy a database as it stands at one instant, in use or not; return the bytes written.

    The copy is checked before it gets its name, so what is called `target` is always whole.

    Raises
    ------
    StoreError
        The target is there already, or the source is damaged, or on a server.
    """
    _refuse_server(source, "pg_dump --format=custom --schema=attain")
    file, copy = checked_path(source), checked_path(target)
    if copy.exists():
        raise StoreError(f"{copy} is there already; choose another name, or remove it first")
    unfinished = copy.with_name(f"{copy.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        with translated(str(file)), closing(connect(file, mode="ro", busy_seconds=5.0)) as opened:
            _copy(opened, unfinished)
        _refuse_damaged(unfinished)
        unfinished.rename(copy)
    finally:
        unfinished.unlink(missing_ok=True)
    return copy.stat().st_size


def restore(copy: Path | str, target: Place, *, replace: bool = False) -> None:
    """Put a copy in place of a database that nobody uses, all of it or nothing.

    Parameters
    ----------
    copy : path
        A backup.
    target : path
    replace : bool
        Whether what is there may be lost.

    Raises
    ------
    StoreError
        The copy is damaged or none of Attain's; the target is there and may not be replaced.
    StoreUnavailable
        A service still has the target open.
    """
    _refuse_server(target, "pg_restore --clean --if-exists")
    source, file = checked_path(copy), checked_path(target)
    _refuse_damaged(source)
    if file.exists() and not replace:
        raise StoreError(f"{file} is there already, and would be lost; back it up first")
    with translated(str(source)), closing(connect(source, mode="ro", busy_seconds=5.0)) as opened:
        _copy(opened, file)


def _refuse_server(place: Place, remedy: str) -> None:
    if is_url(place):
        raise StoreError(f"a database of PostgreSQL is copied with its own programs: {remedy}")


def _copy(opened: sqlite3.Connection, file: Path) -> None:
    with translated(str(file)), closing(connect(file, mode="rwc", busy_seconds=1.0)) as copy:
        # Leaving the log mode takes that no other connection is open.
        (mode,) = copy.execute("PRAGMA journal_mode = DELETE").fetchone()
        if mode != "delete":
            raise StoreUnavailable(f"{file} is in use; stop the service first")
        copy.execute("PRAGMA synchronous = FULL")
        opened.backup(copy)
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)  # so that the name is on the disk too
    os.close(folder)


def _refuse_damaged(file: Path) -> None:
    failed = [one.said for one in examine(file) if one.grade == "failed"]
    if failed:
        raise StoreError(f"{file} cannot be used: {'; '.join(failed)}")

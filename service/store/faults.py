"""SQLite's errors, told apart: those that pass, those that do not, and bugs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import StoreError, StoreUnavailable

__all__ = ["translated"]

_PASSING = {
    sqlite3.SQLITE_BUSY: "is locked by another process",
    sqlite3.SQLITE_LOCKED: "is locked by another connection",
    sqlite3.SQLITE_FULL: "has no room: the disk is full",
    sqlite3.SQLITE_IOERR: "cannot be read or written: input/output error",
    sqlite3.SQLITE_READONLY: "is read-only",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_PERM: "may not be accessed",
    sqlite3.SQLITE_NOMEM: "cannot be read: out of memory",
}
_LASTING = {
    sqlite3.SQLITE_NOTADB: "is not a database; choose another file",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore it from a backup",
}


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Raise SQLite's complaints about the database `name` as the service's errors.

    Raises
    ------
    StoreUnavailable
        The same may succeed later.
    StoreError
        It will not.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code, without details
        if code in _PASSING:
            raise StoreUnavailable(f"the database {name} {_PASSING[code]}") from error
        if code in _LASTING:
            raise StoreError(f"the database {name} {_LASTING[code]}") from error
        raise

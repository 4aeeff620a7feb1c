"""Deleted rows, gone from the bytes of the files too."""

from __future__ import annotations

import sqlite3
import time

from ..errors import StoreUnavailable

__all__ = ["note_erasure", "owes_scrubbing", "scrub"]

_PATIENCE_SECONDS = 5.0


def note_erasure(connection: sqlite3.Connection) -> None:
    """Note in the file's header, within the transaction, that there are bytes left to scrub."""
    connection.execute("PRAGMA user_version = 1")


def owes_scrubbing(connection: sqlite3.Connection) -> bool:
    """Whether rows were erased whose bytes may be left; an erasure notes it as it commits."""
    (owed,) = connection.execute("PRAGMA user_version").fetchone()
    return bool(owed)


def scrub(connection: sqlite3.Connection) -> None:
    """Rewrite the database and empty its log.

    Overwriting what is deleted (secure_delete) is not enough: a row that moved when a page was
    split has left a copy in unused space. VACUUM leaves no unused space, and a log that is cut to
    nothing keeps no old pages.

    Parameters
    ----------
    connection : sqlite3.Connection
        That writes, outside any transaction.

    Raises
    ------
    StoreUnavailable
        A reader held on to old pages for longer than five seconds.
    """
    connection.execute("VACUUM")
    connection.execute("PRAGMA user_version = 0")
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            return
        if time.monotonic() > end:
            connection.execute("PRAGMA user_version = 1")
            raise StoreUnavailable("the erased bytes are still being read; ask again")
        time.sleep(0.01)

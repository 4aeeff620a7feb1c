"""One SQLite file: how it is opened, locked and scrubbed."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager
from pathlib import Path

from ..errors import StoreError
from .faults import translated
from .migrating import migrate
from .scrubbing import note_erasure, owes_scrubbing, scrub

__all__ = ["DURABLE", "SqliteConnection", "SqliteFile", "checked_path", "connect"]


DURABLE = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # each commit waits for the disk
    "PRAGMA secure_delete = ON",
)
"""What the writer sets before anything else."""

# Evidence lands on a page or two for each learner, in no order. In SQLite's own 2 MiB of cache a
# batch would evict pages that it is still writing to, and at its 1,000 pages of log each batch
# would be followed by copying them all. The cache, in KiB, is filled only as the file grows.
_ROOM = ("PRAGMA cache_size = -65536", "PRAGMA wal_autocheckpoint = 4000")


class SqliteConnection(sqlite3.Connection):
    """A connection of the standard library's that knows how the store uses it."""

    name = ""

    def begin(self, *, writing: bool) -> None:
        """Begin a transaction."""
        # Immediate: a deferred transaction that turns to writing loses to
        # "database is locked" whenever another process has written meanwhile.
        self.execute("BEGIN IMMEDIATE" if writing else "BEGIN")

    def translated(self) -> AbstractContextManager[None]:
        """Raise SQLite's complaints as the service's errors."""
        return translated(self.name)

    def note_erasure(self) -> None:
        """Note in the file's header that there are bytes left to scrub."""
        note_erasure(self)

    def owes_scrubbing(self) -> bool:
        """Whether rows were erased whose bytes may be left."""
        return owes_scrubbing(self)

    def scrub(self) -> None:
        """Rewrite the file, so that nothing that was deleted is left in it or beside it."""
        scrub(self)


class SqliteFile:
    """A database in one file: write-ahead log, ``synchronous=FULL``, what is deleted overwritten.

    Parameters
    ----------
    path : Path
        Absolute.
    busy_seconds : float
        How long to wait for a lock before giving up.
    """

    remote = False

    def __init__(self, path: Path, busy_seconds: float) -> None:
        self.path = path
        self.name = str(path)
        self._busy_seconds = busy_seconds

    @property
    def place(self) -> Path:
        """The file."""
        return self.path

    def open_writer(self) -> SqliteConnection:
        """Return the connection that writes, the file made or migrated as needed."""
        with translated(self.name):
            writer = connect(self.path, mode="rwc", busy_seconds=self._busy_seconds)
            try:
                migrate(writer, self.name)
                for setting in (*DURABLE, *_ROOM):
                    writer.execute(setting)
            except BaseException:
                writer.close()
                raise
        return writer

    def open_reader(self) -> SqliteConnection:
        """Return a connection that cannot write."""
        with translated(self.name):
            return connect(self.path, mode="ro", busy_seconds=self._busy_seconds)


def checked_path(path: Path | str) -> Path:
    """Return the absolute path of a file that could be a database; raise :class:`StoreError`."""
    file = Path(path).expanduser()
    if str(path) == ":memory:":
        raise StoreError("a database in memory cannot be shared among threads; name a file")
    if file.is_dir():
        raise StoreError(f"{file} is a folder; name a file in it")
    if not file.absolute().parent.is_dir():
        raise StoreError(f"there is no folder {file.absolute().parent}; make it first")
    return file.absolute()


def connect(file: Path, *, mode: str, busy_seconds: float) -> SqliteConnection:
    """Return a connection in autocommit mode; `mode` is SQLite's: ``"ro"``, ``"rwc"``."""
    connection = sqlite3.connect(
        f"{file.as_uri()}?mode={mode}",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,  # transactions begin where this module says so
        check_same_thread=False,
        factory=SqliteConnection,
    )
    connection.name = str(file)
    connection.execute("PRAGMA foreign_keys = ON")
    if mode == "ro":
        connection.execute("PRAGMA query_only = ON")
    return connection

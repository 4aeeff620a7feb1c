"""One SQLite file: a single writer, read-only readers, and what is promised of both."""

from __future__ import annotations

import copy
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeVar

from ..errors import StoreError, StoreUnavailable
from .faults import translated
from .migrating import migrate
from .scrubbing import owes_scrubbing as _owes_scrubbing
from .scrubbing import scrub
from .session import Session
from .writer import Writer

__all__ = ["Store", "checked_path", "connect"]

Answer = TypeVar("Answer")


class Store:
    """A store in one SQLite file; safe to share among threads.

    Work is handed in as a function of a :class:`Session` and runs in one transaction. What
    :meth:`write` returns is on the disk (write-ahead log, ``synchronous=FULL``). Everything is
    written through one connection by one thread, the :class:`Writer`, where several pieces of work
    share a commit.

    Parameters
    ----------
    path : Path
    writer : sqlite3.Connection
    tenant_id : str
    busy_seconds : float
        How long to wait for a lock before giving up.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     store = Store.open(f"{folder}/attain.db")
    ...     store.write(lambda session: session.learners.note_changes({"ada": 0}, 0))
    ...     print(store.read(lambda session: session.learners.find("ada")).learner_id)
    ...     store.close()
    ada
    """

    def __init__(
        self, path: Path, writer: sqlite3.Connection, *, tenant_id: str, busy_seconds: float
    ) -> None:
        self.path = path
        self.tenant_id = tenant_id
        self._busy_seconds = busy_seconds
        self._writer = writer
        self._writing = Writer(writer, str(path))
        self._readers: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        self._closed = threading.Event()

    @classmethod
    def open(
        cls, path: Path | str, *, tenant_id: str = "default", busy_seconds: float = 5.0
    ) -> Store:
        """Open a file, made or migrated as needed.

        Raises
        ------
        StoreError
            Not a database, not one of Attain's, of a newer schema, or in no folder.
        StoreUnavailable
            Locked or not writable.
        """
        file = checked_path(path)
        with translated(str(file)):
            writer = connect(file, mode="rwc", busy_seconds=busy_seconds)
            try:
                migrate(writer, str(file))
                writer.execute("PRAGMA journal_mode = WAL")
                writer.execute("PRAGMA synchronous = FULL")
                writer.execute("PRAGMA secure_delete = ON")
                if _owes_scrubbing(writer):  # an erasure was cut short
                    scrub(writer)
            except BaseException:
                writer.close()
                raise
        return cls(file, writer, tenant_id=tenant_id, busy_seconds=busy_seconds)

    def of(self, tenant_id: str) -> Store:
        """Return the same file as another tenant sees it; closed together with this."""
        other = copy.copy(self)
        other.tenant_id = tenant_id
        return other

    def write(
        self, work: Callable[[Session], Answer], *, wait_seconds: float | None = None
    ) -> Answer:
        """Run `work` in a transaction; keep all of what it wrote, or nothing if it raises.

        Parameters
        ----------
        work : callable
            Run a second time where a full disk undid it together with others.
        wait_seconds : float, optional
            How long to wait for the work before this; 0 gives up at once where there is any.

        Raises
        ------
        StoreUnavailable
            Busy, locked, full or read-only: nothing was written.
        """
        patience = self._busy_seconds if wait_seconds is None else wait_seconds
        if patience <= 0.0 and self._writing.waiting:
            raise StoreUnavailable(f"the database {self.path} is busy writing")
        answer = self.submit(work)
        try:
            return answer.result(patience or None)
        except TimeoutError:
            if answer.cancel():
                raise StoreUnavailable(f"the database {self.path} is busy writing") from None
            return answer.result()  # begun already: it will not be long

    def submit(self, work: Callable[[Session], Answer]) -> Future[Answer]:
        """Hand work in, and return where its answer will be once it is on the disk.

        Raises
        ------
        StoreUnavailable
            Too much is waiting to be written, or the store is closed.
        """
        return self._writing.submit(lambda writer: work(Session(writer, self.tenant_id)))

    def owes_scrubbing(self) -> bool:
        """Whether an erasure was cut short before its bytes were overwritten."""
        self._refuse_if_closed()
        with translated(str(self.path)):
            return self._writing.submit(_owes_scrubbing, alone=True).result()

    def scrub(self) -> None:
        """Rewrite the file, so that nothing that was deleted is left in it or beside it.

        Raises
        ------
        StoreUnavailable
            Readers were in the way for too long; the bytes are there still.
        """
        self._writing.submit(scrub, alone=True).result()

    @property
    def writing(self) -> Writer:
        """The writer, for those who watch it."""
        return self._writing

    def read(self, work: Callable[[Session], Answer]) -> Answer:
        """Run `work` on one consistent view of what was committed, without waiting for writers."""
        self._refuse_if_closed()
        with translated(str(self.path)):
            reader = self._borrow_reader()
            try:
                return self._transaction(reader, work)
            finally:
                self._return_reader(reader)

    def close(self) -> None:
        """Finish what was handed in and close the file; a second time does nothing."""
        self._closed.set()
        while (reader := self._idle_reader()) is not None:
            reader.close()
        self._writing.close()  # last, so that the writer alone folds the log into the file

    def _transaction(
        self, connection: sqlite3.Connection, work: Callable[[Session], Answer]
    ) -> Answer:
        connection.execute("BEGIN")
        try:
            return work(Session(connection, self.tenant_id))
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")  # nothing was written: it only ends the view

    def _refuse_if_closed(self) -> None:
        if self._closed.is_set():
            raise StoreUnavailable(f"the database {self.path} is closed")

    def _borrow_reader(self) -> sqlite3.Connection:
        idle = self._idle_reader()
        if idle is not None:
            return idle
        return connect(self.path, mode="ro", busy_seconds=self._busy_seconds)

    def _return_reader(self, reader: sqlite3.Connection) -> None:
        if self._closed.is_set():
            reader.close()
        else:
            self._readers.put(reader)

    def _idle_reader(self) -> sqlite3.Connection | None:
        try:
            return self._readers.get_nowait()
        except Empty:
            return None


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


def connect(file: Path, *, mode: str, busy_seconds: float) -> sqlite3.Connection:
    """Return a connection in autocommit mode; `mode` is SQLite's: ``"ro"``, ``"rwc"``."""
    connection = sqlite3.connect(
        f"{file.as_uri()}?mode={mode}",
        uri=True,
        timeout=busy_seconds,
        isolation_level=None,  # transactions begin where this module says so
        check_same_thread=False,
    )
    connection.execute("PRAGMA foreign_keys = ON")
    if mode == "ro":
        connection.execute("PRAGMA query_only = ON")
    return connection

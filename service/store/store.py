"""The store: a single writer, readers that cannot write, and what is promised of both."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from ..errors import StoreUnavailable
from .connection import Connection, Database, Place, is_url
from .session import Session
from .sqlite import SqliteFile, checked_path
from .writer import Writer

__all__ = ["Store", "database_at", "opened_to_read"]

Answer = TypeVar("Answer")
JointWork = Callable[[Session, Sequence[Any]], Sequence[Any]]


class Store:
    """A store in a database; safe to share among threads.

    Work is handed in as a function of a :class:`Session` and runs in one transaction. What
    :meth:`write` returns is on the disk. Everything is written through one connection by one
    thread, the :class:`Writer`, where several pieces of work share a commit.

    Parameters
    ----------
    database : Database
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

    def __init__(self, database: Database, *, tenant_id: str, busy_seconds: float) -> None:
        self.name = database.name
        self.tenant_id = tenant_id
        self.remote = database.remote
        self._database = database
        self._busy_seconds = busy_seconds
        self._writer = _opened(database)
        self._writing = Writer(self._writer)
        self._idle: list[Connection] = []  # the one used last comes first: the others stay small
        self._closed = threading.Event()

    @classmethod
    def open(cls, place: Place, *, tenant_id: str = "default", busy_seconds: float = 5.0) -> Store:
        """Open a file or the database of a URL, made or migrated as needed.

        Raises
        ------
        StoreError
            Not a database, not one of Attain's, of a newer schema, or in no folder.
        StoreUnavailable
            Locked, not writable or not reached.
        """
        database = database_at(place, busy_seconds)
        return cls(database, tenant_id=tenant_id, busy_seconds=busy_seconds)

    def of(self, tenant_id: str) -> Store:
        """Return the same database as another tenant sees it; closed together with this."""
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
            raise StoreUnavailable(f"the database {self.name} is busy writing")
        answer = self.submit(work)
        try:
            return answer.result(patience or None)
        except TimeoutError:
            if answer.cancel():
                raise StoreUnavailable(f"the database {self.name} is busy writing") from None
            return answer.result()  # begun already: it will not be long

    def submit(self, work: Callable[[Session], Answer]) -> Future[Answer]:
        """Hand work in, and return where its answer will be once it is on the disk.

        Raises
        ------
        StoreUnavailable
            Too much is waiting to be written, or the store is closed.
        """
        return self._writing.submit(lambda writer: work(Session(writer, self.tenant_id)))

    def submit_joint(self, work: JointWork, given: object) -> Future[Any]:
        """Hand in what work is to be done on, together with what waits for equal work.

        Parameters
        ----------
        work : callable
            Takes a session and all that was given; returns as many answers, or exceptions, each
            of which is raised for whom it is about. What it raises undoes all of it, and it is
            done on each by itself.
        given : object

        Raises
        ------
        StoreUnavailable
            Too much is waiting to be written, or the store is closed.
        """
        return self._writing.submit_joint(_OfTenant(self.tenant_id, work), given)

    def owes_scrubbing(self) -> bool:
        """Whether an erasure was cut short before its bytes were overwritten."""
        self._refuse_if_closed()
        return self._writing.submit(lambda writer: writer.owes_scrubbing(), alone=True).result()

    def scrub(self) -> None:
        """Rewrite what was deleted from, so that nothing of it is left in the database's files.

        Raises
        ------
        StoreUnavailable
            Readers were in the way for too long; the bytes are there still.
        """
        self._writing.submit(lambda writer: writer.scrub(), alone=True).result()

    @property
    def place(self) -> Place:
        """Where it is, secrets included: for another process to open it, and for no log."""
        return self._database.place

    @property
    def writing(self) -> Writer:
        """The writer, for those who watch it."""
        return self._writing

    def read(self, work: Callable[[Session], Answer]) -> Answer:
        """Run `work` on one consistent view of what was committed, without waiting for writers."""
        self._refuse_if_closed()
        reader = self._borrow_reader()
        try:
            with reader.translated():
                return _viewed(reader, self.tenant_id, work)
        finally:
            self._return_reader(reader)

    def close(self) -> None:
        """Finish what was handed in and close the database; a second time does nothing."""
        self._closed.set()
        while (reader := self._idle_reader()) is not None:
            reader.close()
        self._writing.close()  # last, so that the writer alone folds the log into the file

    def _refuse_if_closed(self) -> None:
        if self._closed.is_set():
            raise StoreUnavailable(f"the database {self.name} is closed")

    def _borrow_reader(self) -> Connection:
        idle = self._idle_reader()
        if idle is not None:
            return idle
        return self._database.open_reader()

    def _return_reader(self, reader: Connection) -> None:
        if self._closed.is_set():
            reader.close()
        else:
            self._idle.append(reader)

    def _idle_reader(self) -> Connection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None


@contextmanager
def opened_to_read(
    place: Place, *, tenant_id: str = "default", busy_seconds: float = 5.0
) -> Iterator[Callable[[Callable[[Session], Any]], Any]]:
    """Open a database that is there and up to date, and give what :meth:`Store.read` does.

    Nothing is written, made, migrated or scrubbed.

    Raises
    ------
    StoreError, StoreUnavailable
    """
    database = database_at(place, busy_seconds)
    reader = database.open_reader()

    def read(work: Callable[[Session], Any]) -> Any:
        with reader.translated():
            return _viewed(reader, tenant_id, work)

    try:
        yield read
    finally:
        reader.close()


def _viewed(connection: Connection, tenant_id: str, work: Callable[[Session], Answer]) -> Answer:
    connection.begin(writing=False)
    try:
        return work(Session(connection, tenant_id))
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")  # nothing was written: it only ends the view


@dataclass(frozen=True)
class _OfTenant:
    """Joint work in the sessions of a tenant; equal where tenant and work are."""

    tenant_id: str
    work: JointWork

    def __call__(self, connection: Connection, given: Sequence[Any]) -> Sequence[Any]:
        return self.work(Session(connection, self.tenant_id), given)


def database_at(place: Place, busy_seconds: float) -> Database:
    """Return the database of a file or of a URL, not opened yet."""
    if is_url(place):
        from .postgres import PostgresDatabase  # psycopg is an extra

        return PostgresDatabase(str(place), busy_seconds)
    return SqliteFile(checked_path(place), busy_seconds)


def _opened(database: Database) -> Connection:
    """Return the connection that writes; an erasure that was cut short is finished first."""
    writer = database.open_writer()
    try:
        with writer.translated():
            if writer.owes_scrubbing():
                writer.scrub()
    except BaseException:
        writer.close()
        raise
    return writer

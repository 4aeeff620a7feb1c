"""A PostgreSQL database: how it is opened, locked and scrubbed. It takes psycopg, an extra."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

try:
    import psycopg
except ImportError as error:  # pragma: no cover
    raise ImportError("PostgreSQL takes psycopg; try: pip install 'attain[postgres]'") from error
from psycopg.pq import TransactionStatus

from engine.errors import Fault, InvalidInput

from ..errors import StoreError, StoreUnavailable
from .postgres_schema import migrate
from .session import ERASED_FROM

__all__ = ["PostgresConnection", "PostgresDatabase"]

_WRITERS_LOCK = 0x41747461  # "Atta"
_TURN_SECONDS = 60.0
_SOON_ANALYSED = 1000  # rows written
# How long a network that takes everything and gives nothing is believed in, unless the URL says.
_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
_WITHOUT = (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)


class PostgresConnection:
    """A connection that takes what the shelves say to SQLite.

    Everything is in a schema named ``attain``. One transaction writes at a time, whatever process
    it is of: it holds an advisory lock from its beginning to its end, and so sees all that was
    written before. That is what makes evidence from two processes come in a serial order, and
    leaves nothing to deadlock over. Group commit makes up for it, as with one SQLite file. A
    connection that was lost is opened again at the next transaction.

    Parameters
    ----------
    url, name : str
        The name is the URL without secrets.
    busy_seconds : float
        How long to wait for a lock before giving up.
    turn_seconds : float
        How long to wait for one's turn to write: others may be at it for long, and come in the
        order in which they asked.
    """

    def __init__(self, url: str, name: str, busy_seconds: float, turn_seconds: float) -> None:
        self.name = name
        self._url = url
        self._busy_seconds = busy_seconds
        # In one message, since all of it is said often.
        self._begin_writing = (
            "BEGIN ISOLATION LEVEL READ COMMITTED;"
            f" SET LOCAL lock_timeout = {_milliseconds(turn_seconds)};"
            f" SELECT pg_advisory_xact_lock({_WRITERS_LOCK})"
        )
        self._written, self._analyse_at = 0, _SOON_ANALYSED
        self._connection = self._connect()

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction has begun and not ended."""
        return self._connection.info.transaction_status not in _WITHOUT

    def begin(self, *, writing: bool) -> None:
        """Begin a transaction, on a new connection where the old one was lost while it was idle."""
        try:
            self._begin(writing=writing)
        except psycopg.OperationalError:
            if not self._connection.closed:
                raise
            self._connection = self._connect()
            self._begin(writing=writing)

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
        """Run a statement and return a cursor over its rows."""
        return self._connection.execute(_in_postgres(statement), parameters)

    def executemany(self, statement: str, parameters: Iterable[Any]) -> psycopg.Cursor[Any]:
        """Run a statement once for each of the parameters."""
        cursor, rows = self._connection.cursor(), list(parameters)
        cursor.executemany(_in_postgres(statement), rows)
        self._written += len(rows)
        return cursor

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Raise PostgreSQL's complaints as the service's errors."""
        with _translated(self.name):
            yield

    def note_erasure(self) -> None:
        """Note that there are bytes left to scrub."""
        self.execute("UPDATE upkeep SET owes_scrubbing = TRUE")

    def owes_scrubbing(self) -> bool:
        """Whether rows were erased whose bytes may be left."""
        row = self.execute("SELECT owes_scrubbing FROM upkeep").fetchone()
        return bool(row and row[0])

    def scrub(self) -> None:
        """Write the tables anew that rows were erased from; the server deletes the old files.

        What it has in its log and in its backups is there as long as it keeps them.
        """
        for table in (*ERASED_FROM, "priors"):
            self.execute(f"VACUUM (FULL) {table}")
        self.execute("UPDATE upkeep SET owes_scrubbing = FALSE")

    def close(self) -> None:
        """Close it."""
        with suppress(psycopg.Error):
            self._connection.close()

    def _begin(self, *, writing: bool) -> None:
        if writing:
            self._analyse_if_due()
            self.execute(self._begin_writing)
        else:
            self.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def _analyse_if_due(self) -> None:
        """Gather statistics sooner than the server does, after a minute, of itself.

        A planner that takes a table for empty reads all of it to find a few rows.
        """
        if self._written >= self._analyse_at:
            self._analyse_at *= 10
            self.execute("ANALYZE (SKIP_LOCKED) evidence, learners")

    def _connect(self) -> psycopg.Connection[Any]:
        given = psycopg.conninfo.conninfo_to_dict(self._url)
        url = psycopg.conninfo.make_conninfo("", **{**_PATIENCE, **given})
        opened = psycopg.connect(url, autocommit=True, application_name="attain")
        opened.execute(
            "SET search_path = attain; SET synchronous_commit = on;"
            f" SET lock_timeout = {_milliseconds(self._busy_seconds)};"
            " SET client_min_messages = warning"
        )
        return opened


class PostgresDatabase:
    """A database on a server of PostgreSQL.

    Parameters
    ----------
    url : str
        ``postgresql://…``, as libpq reads it.
    busy_seconds : float
        How long to wait for a lock before giving up.
    turn_seconds : float, optional
        How long to wait for one's turn among the processes that write.
    """

    remote = True

    def __init__(
        self, url: str, busy_seconds: float, *, turn_seconds: float = _TURN_SECONDS
    ) -> None:
        self.name = _without_secrets(url)
        self._url = url
        self._busy_seconds = busy_seconds
        self._turn_seconds = turn_seconds

    @property
    def place(self) -> str:
        """The URL, secrets included."""
        return self._url

    def open_writer(self) -> PostgresConnection:
        """Return the connection that writes, the schema made or migrated as needed."""
        writer = self.open_reader()
        try:
            with writer.translated():
                migrate(writer)
        except BaseException:
            writer.close()
            raise
        return writer

    def open_reader(self) -> PostgresConnection:
        """Return a connection whose transactions cannot write."""
        with _translated(self.name):
            return PostgresConnection(self._url, self.name, self._busy_seconds, self._turn_seconds)


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))  # none at all would be for ever


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    named = f"{user.partition(':')[0]}@{host}" if user else host
    return f"postgresql://{named}{parts.path}"


@lru_cache(maxsize=1000)
def _in_postgres(statement: str) -> str:
    """Return a statement with psycopg's marks, and PostgreSQL's words where they differ."""
    return (
        statement.replace("?", "%s")
        .replace("json_each(", "listed(")
        .replace("CROSS JOIN", "JOIN")  # with ON: SQLite's way to keep the order of a join
    )


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except psycopg.errors.ReadOnlySqlTransaction as error:
        raise StoreUnavailable(f"the database {name} is read-only") from error
    except psycopg.errors.LockNotAvailable as error:
        raise StoreUnavailable(f"the database {name} is locked by another process") from error
    except psycopg.errors.DiskFull as error:
        raise StoreUnavailable(f"the database {name} has no room: the disk is full") from error
    except psycopg.errors.InsufficientPrivilege as error:
        said = "may not be used by this account; it has to own the schema attain"
        raise StoreError(f"the database {name} {said}") from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        said = str(error).strip().splitlines()[0] if str(error).strip() else "no connection"
        raise StoreUnavailable(f"the database {name} does not answer: {said}") from error
    except psycopg.DataError as error:
        in_json = isinstance(error, psycopg.errors.UntranslatableCharacter)
        if not in_json and "NUL" not in str(error):
            raise
        problem = "has a NUL character, which PostgreSQL cannot keep"
        raise InvalidInput("request", [Fault("text", problem, "leave it out")]) from error

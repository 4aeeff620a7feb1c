"""What the store needs of a database: the little in which SQLite and PostgreSQL differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

__all__ = ["Connection", "Database", "Place", "is_url"]

Place = Path | str
"""Where everything is kept: a file, or a URL that begins with ``postgresql://``."""


def is_url(place: Place) -> bool:
    """Whether a place is the URL of a PostgreSQL database.

    Examples
    --------
    >>> is_url("postgresql://attain@db.example/attain"), is_url("attain.db")
    (True, False)
    """
    return str(place).startswith(("postgresql://", "postgres://"))


class Connection(Protocol):
    """A connection in autocommit mode; statements have SQLite's ``?`` for what is bound."""

    @property
    def name(self) -> str:
        """What errors call the database; without secrets."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction has begun and not ended."""

    def begin(self, *, writing: bool) -> None:
        """Begin a transaction: the only one that writes, or one that sees a single instant."""

    def execute(self, statement: str, parameters: Sequence[Any] = (), /) -> Any:
        """Run a statement and return a cursor over its rows."""

    def executemany(self, statement: str, parameters: Iterable[Any], /) -> Any:
        """Run a statement once for each of the parameters."""

    def translated(self) -> AbstractContextManager[None]:
        """Raise the database's complaints as the service's errors."""

    def note_erasure(self) -> None:
        """Note, within the transaction, that there are bytes left to scrub."""

    def owes_scrubbing(self) -> bool:
        """Whether rows were erased whose bytes may be left."""

    def scrub(self) -> None:
        """Rewrite what rows were erased from, outside any transaction."""

    def close(self) -> None:
        """Close it."""


class Database(Protocol):
    """A database that connections can be opened to."""

    @property
    def name(self) -> str:
        """What errors call it; without secrets."""

    @property
    def place(self) -> Place:
        """Where it is, secrets included: for another process to open it, and for no log."""

    @property
    def remote(self) -> bool:
        """Whether a network lies between, which may let everybody wait."""

    def open_writer(self) -> Connection:
        """Return a connection that writes, the schema made or migrated as needed."""

    def open_reader(self) -> Connection:
        """Return a connection that cannot write."""

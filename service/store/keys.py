"""The keys of a tenant, and whose key a digest is of."""

from __future__ import annotations

from typing import NamedTuple

from .connection import Connection

__all__ = ["KeyRow", "KeyShelf"]


class KeyRow(NamedTuple):
    """A key, as it is kept.

    Parameters
    ----------
    tenant_id, key_id : str
    kind : str
        ``"key"``, ``"login"`` or ``"session"``.
    digest : bytes
        SHA-256 of its secret.
    label : str
    scopes : str
        JSON list.
    learner_id : str
        Whose it is, or empty.
    team_ids : str
        JSON list.
    created_at_us : int
        Microseconds since 1970, UTC.
    expires_at_us : int or None
        None where it does not expire.
    """

    tenant_id: str
    key_id: str
    kind: str
    digest: bytes
    label: str
    scopes: str
    learner_id: str
    team_ids: str
    created_at_us: int
    expires_at_us: int | None


_COLUMNS = ", ".join(KeyRow._fields)
_MARKS = ", ".join("?" * len(KeyRow._fields))


class KeyShelf:
    """The keys."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def of_digest(self, digest: bytes) -> KeyRow | None:
        """Return the key whose secret has a digest, of whatever tenant: it says of which."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM keys WHERE digest = ?", (digest,)
        ).fetchone()
        return KeyRow(*row) if row else None

    def any(self, kind: str) -> bool:
        """Whether any tenant has a key of a kind."""
        row = self._connection.execute(
            "SELECT EXISTS (SELECT 1 FROM keys WHERE kind = ?)", (kind,)
        ).fetchone()
        return bool(row[0])

    def add(self, row: KeyRow) -> None:
        """Keep a new key of this tenant."""
        self._connection.execute(
            f"INSERT INTO keys ({_COLUMNS}) VALUES ({_MARKS})",
            row._replace(tenant_id=self._tenant_id),
        )

    def find(self, key_id: str) -> KeyRow | None:
        """Return a key, or None where there is none of that id."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM keys WHERE tenant_id = ? AND key_id = ?",
            (self._tenant_id, key_id),
        ).fetchone()
        return KeyRow(*row) if row else None

    def all(self) -> tuple[KeyRow, ...]:
        """Return every key, the oldest first."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM keys WHERE tenant_id = ? ORDER BY created_at_us, key_id",
            (self._tenant_id,),
        )
        return tuple(KeyRow(*row) for row in rows)

    def of(self, learner_id: str) -> tuple[KeyRow, ...]:
        """Return the keys that are a learner's own."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM keys WHERE tenant_id = ? AND learner_id = ?"
            " ORDER BY created_at_us, key_id",
            (self._tenant_id, learner_id),
        )
        return tuple(KeyRow(*row) for row in rows)

    def expire(self, key_id: str, at_us: int) -> None:
        """Have a key expire, unless it does so earlier."""
        self._connection.execute(
            "UPDATE keys SET expires_at_us = ?"
            " WHERE tenant_id = ? AND key_id = ? AND coalesce(expires_at_us, ?) >= ?",
            (at_us, self._tenant_id, key_id, at_us, at_us),
        )

    def remove(self, key_id: str) -> None:
        """Keep a key no longer."""
        self._connection.execute(
            "DELETE FROM keys WHERE tenant_id = ? AND key_id = ?", (self._tenant_id, key_id)
        )

    def sweep(self, now_us: int) -> None:
        """Keep no login and no session that has expired; keys stay, for the list to tell of."""
        self._connection.execute(
            "DELETE FROM keys WHERE tenant_id = ? AND kind != 'key' AND expires_at_us <= ?",
            (self._tenant_id, now_us),
        )

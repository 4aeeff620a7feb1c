"""The prior of what learners complete: one at a time, since it tells of learners."""

from __future__ import annotations

from .connection import Connection

__all__ = ["PriorShelf"]


class PriorShelf:
    """The prior in use, if there is one."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def content(self) -> str | None:
        """Return the prior, or None where there is none."""
        row = self._connection.execute(
            "SELECT content FROM priors WHERE tenant_id = ?", (self._tenant_id,)
        ).fetchone()
        return str(row[0]) if row else None

    def put(self, version: str, content: str, installed_at_us: int) -> None:
        """Keep a prior in place of the one that was there."""
        self._connection.execute(
            "INSERT INTO priors (tenant_id, version, installed_at_us, content)"
            " VALUES (?, ?, ?, ?) ON CONFLICT (tenant_id) DO UPDATE SET"
            " version = excluded.version, installed_at_us = excluded.installed_at_us,"
            " content = excluded.content",
            (self._tenant_id, version, installed_at_us, content),
        )

    def drop(self) -> None:
        """Keep none any more, and note that its bytes have still to be scrubbed."""
        self._connection.execute("DELETE FROM priors WHERE tenant_id = ?", (self._tenant_id,))
        self._connection.note_erasure()

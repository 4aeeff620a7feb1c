"""Ids of learners that were merged into others, and what they stand for now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .connection import Connection

__all__ = ["AliasRow", "AliasShelf"]


class AliasRow(NamedTuple):
    """An id that is another's now.

    Parameters
    ----------
    alias, learner_id : str
        The id that was, and whom it stands for.
    reason : str
    key_id : str
        The key that the merging came with.
    merged_at_us : int
        Microseconds since 1970, UTC.
    """

    alias: str
    learner_id: str
    reason: str
    key_id: str
    merged_at_us: int


_COLUMNS = ", ".join(AliasRow._fields)


class AliasShelf:
    """The ids that are others' now; what they stand for is never an alias itself."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def put(self, row: AliasRow) -> None:
        """Keep a new alias."""
        self._connection.execute(
            f"INSERT INTO aliases (tenant_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
            (self._tenant_id, *row),
        )

    def kept(self, alias: str) -> str | None:
        """Return whom an id stands for, or None where it is no alias."""
        return self.among([alias]).get(alias)

    def among(self, ids: Iterable[str]) -> Mapping[str, str]:
        """Return whom those of the ids stand for that are aliases."""
        rows = self._connection.execute(
            "SELECT alias, learner_id FROM aliases WHERE tenant_id = ?"
            " AND alias IN (SELECT value FROM json_each(?))",
            (self._tenant_id, json.dumps(list(ids))),
        )
        return dict(rows.fetchall())

    def of(self, learner_id: str) -> tuple[AliasRow, ...]:
        """Return the aliases of a learner, in the order in which they became that."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM aliases WHERE tenant_id = ? AND learner_id = ?"
            " ORDER BY merged_at_us, alias",
            (self._tenant_id, learner_id),
        )
        return tuple(AliasRow(*row) for row in rows)

"""Evidence that was taken back, and why; the evidence itself stays on record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .connection import Connection

__all__ = ["VoidRow", "VoidShelf"]


class VoidRow(NamedTuple):
    """One piece of evidence taken back.

    Parameters
    ----------
    void_id : str
        The sender's.
    kind, evidence_id : str
        Of the evidence.
    learner_id : str
        Of the evidence too.
    reason : str
    received_at_us : int
        Microseconds since 1970, UTC.
    """

    void_id: str
    kind: str
    evidence_id: str
    learner_id: str
    reason: str
    received_at_us: int

    @property
    def target(self) -> tuple[str, str]:
        """The evidence that is taken back."""
        return (self.kind, self.evidence_id)


_COLUMNS = ", ".join(VoidRow._fields)


class VoidShelf:
    """What was taken back."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def by_id(self, void_ids: Iterable[str]) -> Mapping[str, VoidRow]:
        """Return those of the voids that are on record."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM voids WHERE tenant_id = ?"
            " AND void_id IN (SELECT value FROM json_each(?))",
            (self._tenant_id, json.dumps(list(void_ids))),
        )
        return {row[0]: VoidRow(*row) for row in rows}

    def by_target(self, targets: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], VoidRow]:
        """Return the voids of those pieces of evidence, by (kind, evidence_id)."""
        wanted = set(targets)
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM voids WHERE tenant_id = ?"
            " AND evidence_id IN (SELECT value FROM json_each(?))",
            (self._tenant_id, json.dumps([evidence_id for _, evidence_id in wanted])),
        )
        found = (VoidRow(*row) for row in rows)
        return {row.target: row for row in found if row.target in wanted}

    def of(self, learner_id: str) -> tuple[VoidRow, ...]:
        """Return what was taken back of a learner, in the order in which it was."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM voids WHERE tenant_id = ? AND learner_id = ?"
            " ORDER BY received_at_us, void_id",
            (self._tenant_id, learner_id),
        )
        return tuple(VoidRow(*row) for row in rows)

    def append(self, rows: Sequence[VoidRow]) -> None:
        """Add rows whose ids and targets are new."""
        marks = ", ".join("?" * len(VoidRow._fields))
        self._connection.executemany(
            f"INSERT INTO voids (tenant_id, {_COLUMNS}) VALUES (?, {marks})",
            [(self._tenant_id, *row) for row in rows],
        )

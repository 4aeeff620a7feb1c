"""The mastery that follows from the evidence: kept only so that reads need no replay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .connection import Connection
from .evidence import EvidenceKey

__all__ = ["KnowledgeRow", "KnowledgeShelf"]


class KnowledgeRow(NamedTuple):
    """A learner's knowledge under one model and catalogue, and how far its evidence reaches.

    Parameters
    ----------
    learner_id, model_version : str
    catalog_version : int
    content : str
        The state, as JSON.
    evidence_count : int
        How much evidence has been applied.
    last_happened_at_us, last_evidence_id, last_kind
        Where the last of it stands in a replay.
    evidence_changes : int
        As of :class:`EvidenceStamp`: those that the state knows of.
    """

    learner_id: str
    model_version: str
    catalog_version: int
    content: str
    evidence_count: int
    last_happened_at_us: int
    last_evidence_id: str
    last_kind: str
    evidence_changes: int

    @property
    def last_key(self) -> EvidenceKey:
        """Where the last evidence applied stands in a replay."""
        return (self.last_happened_at_us, self.last_evidence_id, self.last_kind)


_COLUMNS = ", ".join(KnowledgeRow._fields)
_REPLACED = ", ".join(f"{name} = excluded.{name}" for name in KnowledgeRow._fields[1:])


class KnowledgeShelf:
    """The knowledge of every learner with evidence."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def find(self, learner_id: str) -> KnowledgeRow | None:
        """Return what is kept of a learner, or None where nothing is."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM knowledge WHERE tenant_id = ? AND learner_id = ?",
            (self._tenant_id, learner_id),
        ).fetchone()
        return KnowledgeRow(*row) if row else None

    def forget(self, learner_ids: Iterable[str]) -> None:
        """Keep nothing of those learners."""
        self._connection.executemany(
            "DELETE FROM knowledge WHERE tenant_id = ? AND learner_id = ?",
            [(self._tenant_id, learner_id) for learner_id in learner_ids],
        )

    def put(self, rows: Sequence[KnowledgeRow]) -> None:
        """Keep rows, each in place of what was there of its learner."""
        marks = ", ".join("?" * len(KnowledgeRow._fields))
        self._connection.executemany(
            f"INSERT INTO knowledge (tenant_id, {_COLUMNS}) VALUES (?, {marks})"
            f" ON CONFLICT (tenant_id, learner_id) DO UPDATE SET {_REPLACED}",
            [(self._tenant_id, *row) for row in rows],
        )

"""The decision log: what was recommended to whom, on which grounds, and what people did with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .connection import Connection

__all__ = ["DecisionKey", "DecisionRow", "DecisionShelf", "OverrideRow"]

DecisionKey = tuple[int, str]
"""Where a decision stands in the log: when it was made, its id."""


class DecisionRow(NamedTuple):
    """One decision, as it is kept.

    Parameters
    ----------
    decision_id, learner_id, role_id, policy, model_version : str
    catalog_version : int
    evidence_since_us, evidence_changes : int
        The stamp of the evidence that it stands on, as of :class:`EvidenceStamp`.
    chosen : str
        Empty where there was nothing to choose.
    propensity : float
        With which probability it was chosen.
    content : str
        The question, what was believed and what there was to choose from, as JSON.
    made_at_us : int
        Microseconds since 1970, UTC.
    role_version : int
    """

    decision_id: str
    learner_id: str
    role_id: str
    policy: str
    model_version: str
    catalog_version: int
    evidence_since_us: int
    evidence_changes: int
    chosen: str
    propensity: float
    content: str
    made_at_us: int
    role_version: int

    @property
    def key(self) -> DecisionKey:
        """Where it stands in the log."""
        return (self.made_at_us, self.decision_id)


class OverrideRow(NamedTuple):
    """A person's word against a decision.

    Parameters
    ----------
    override_id : str
        The sender's, by which a retry is known.
    decision_id, learner_id : str
    subject_id : str
        What the person chose instead; empty where nothing was.
    decided_by, reason : str
    key_id : str
        The key that it came with.
    received_at_us : int
    """

    override_id: str
    decision_id: str
    learner_id: str
    subject_id: str
    decided_by: str
    reason: str
    key_id: str
    received_at_us: int


_DECISION = ", ".join(DecisionRow._fields)
_OVERRIDE = ", ".join(OverrideRow._fields)


class DecisionShelf:
    """The decisions, and what people said against them."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def add(self, rows: Sequence[DecisionRow]) -> None:
        """Add decisions about learners that exist; one that was made before changes nothing."""
        marks = ", ".join("?" * len(DecisionRow._fields))
        self._connection.executemany(
            f"INSERT INTO decisions (tenant_id, {_DECISION}) VALUES (?, {marks})"
            " ON CONFLICT DO NOTHING",
            [(self._tenant_id, *row) for row in rows],
        )

    def find(self, decision_id: str) -> DecisionRow | None:
        """Return a decision, or None where there is none of that id."""
        row = self._connection.execute(
            f"SELECT {_DECISION} FROM decisions WHERE tenant_id = ? AND decision_id = ?",
            (self._tenant_id, decision_id),
        ).fetchone()
        return DecisionRow(*row) if row else None

    def among(self, decision_ids: Iterable[str]) -> Mapping[str, DecisionRow]:
        """Return those decisions that are in the log, by id."""
        rows = self._connection.execute(
            f"SELECT {_DECISION} FROM decisions WHERE tenant_id = ?"
            " AND decision_id IN (SELECT value FROM json_each(?))",
            (self._tenant_id, json.dumps(list(decision_ids))),
        )
        return {row[0]: DecisionRow(*row) for row in rows}

    def page(
        self, learner_id: str | None, limit: int | None, after: DecisionKey | None = None
    ) -> tuple[DecisionRow, ...]:
        """Return decisions in the order in which they were made, about one learner or about all.

        At most `limit`; all where it is None.
        """
        whose = "" if learner_id is None else " AND learner_id = ?"
        rows = self._connection.execute(
            f"SELECT {_DECISION} FROM decisions WHERE tenant_id = ?{whose}"
            " AND (made_at_us, decision_id) > (?, ?)"
            f" ORDER BY made_at_us, decision_id{'' if limit is None else ' LIMIT ?'}",
            (
                self._tenant_id,
                *(() if learner_id is None else (learner_id,)),
                *(after or (-(1 << 62), "")),
                *(() if limit is None else (limit,)),
            ),
        )
        return tuple(DecisionRow(*row) for row in rows)

    def override(self, row: OverrideRow) -> None:
        """Add what a person said against a decision, under an id that is new."""
        marks = ", ".join("?" * len(OverrideRow._fields))
        self._connection.execute(
            f"INSERT INTO overrides (tenant_id, {_OVERRIDE}) VALUES (?, {marks})",
            (self._tenant_id, *row),
        )

    def find_override(self, override_id: str) -> OverrideRow | None:
        """Return what was said under an id, or None where nothing was."""
        row = self._connection.execute(
            f"SELECT {_OVERRIDE} FROM overrides WHERE tenant_id = ? AND override_id = ?",
            (self._tenant_id, override_id),
        ).fetchone()
        return OverrideRow(*row) if row else None

    def overrides(self, decision_ids: Iterable[str]) -> Mapping[str, tuple[OverrideRow, ...]]:
        """Return what was said against each of those decisions, in the order in which it was."""
        rows = self._connection.execute(
            f"SELECT {_OVERRIDE} FROM overrides WHERE tenant_id = ?"
            " AND decision_id IN (SELECT value FROM json_each(?))"
            " ORDER BY received_at_us, override_id",
            (self._tenant_id, json.dumps(list(decision_ids))),
        )
        found: dict[str, tuple[OverrideRow, ...]] = {}
        for row in (OverrideRow(*one) for one in rows):
            found[row.decision_id] = (*found.get(row.decision_id, ()), row)
        return found

"""The evidence log: append-only, one row per id of the sender's."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .connection import Connection

__all__ = [
    "COMPLETION",
    "RESPONSE",
    "EvidenceColumns",
    "EvidenceKey",
    "EvidenceLog",
    "EvidenceRow",
    "EvidenceStamp",
]

RESPONSE = "response"
COMPLETION = "completion"

EvidenceKey = tuple[int, str, str]
"""Where evidence stands in a replay: when it happened, the sender's id, the kind."""


class EvidenceRow(NamedTuple):
    """One response or completion, as it is kept.

    Parameters
    ----------
    kind : str
        `RESPONSE` or `COMPLETION`.
    evidence_id : str
        The sender's.
    learner_id : str
    subject_id : str
        The item or the module.
    score : float or None
        Of a response.
    happened_at_us, received_at_us : int
        Microseconds since 1970, UTC.
    digest : bytes
        Of the content as sent, to tell a repetition from a contradiction.
    catalog_version : int
        The catalogue that knew what it names; 0 of what is older than this was kept.
    """

    kind: str
    evidence_id: str
    learner_id: str
    subject_id: str
    score: float | None
    happened_at_us: int
    received_at_us: int
    digest: bytes
    catalog_version: int = 0

    @property
    def key(self) -> EvidenceKey:
        """Where it stands in a replay."""
        return (self.happened_at_us, self.evidence_id, self.kind)


class EvidenceStamp(NamedTuple):
    """What changes whenever evidence of a learner comes, is taken back or is erased.

    Parameters
    ----------
    since_us : int
        When the learner became known; another, where one of the same id was erased before.
    changes : int
        How much evidence has come, and how much of it was taken back, both counted upwards: of a
        state that knows of some of the changes, exactly those pieces of evidence are missing that
        stand behind it in the replay, if they are as many as the changes that it does not know.
    """

    since_us: int
    changes: int


class EvidenceColumns(NamedTuple):
    """The evidence of learners, column by column; as in :class:`EvidenceRow`."""

    kind: tuple[str, ...]
    evidence_id: tuple[str, ...]
    learner_id: tuple[str, ...]
    subject_id: tuple[str, ...]
    score: tuple[float | None, ...]
    happened_at_us: tuple[int, ...]

    def key(self, row: int) -> EvidenceKey:
        """Return where a row stands in the replay of its learner."""
        return (self.happened_at_us[row], self.evidence_id[row], self.kind[row])


_COLUMNS = ", ".join(EvidenceRow._fields)
_COUNTS = (
    " AND NOT EXISTS (SELECT 1 FROM voids v WHERE v.tenant_id = e.tenant_id"
    " AND v.kind = e.kind AND v.evidence_id = e.evidence_id)"
)


class EvidenceLog:
    """The evidence of every learner."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def digests(self, ids: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], bytes]:
        """Return the digests of those (kind, evidence_id) that are in the log."""
        by_kind: dict[str, list[str]] = {}
        for kind, evidence_id in ids:
            by_kind.setdefault(kind, []).append(evidence_id)
        found: dict[tuple[str, str], bytes] = {}
        for kind, evidence_ids in by_kind.items():
            rows = self._connection.execute(
                "SELECT e.evidence_id, e.digest FROM json_each(?) AS asked CROSS JOIN evidence e"
                " ON e.tenant_id = ? AND e.kind = ? AND e.evidence_id = asked.value",
                (json.dumps(evidence_ids), self._tenant_id, kind),
            )
            found.update(((kind, evidence_id), digest) for evidence_id, digest in rows)
        return found

    def append(self, rows: Sequence[EvidenceRow]) -> None:
        """Add rows whose ids are new, of learners that exist."""
        marks = ", ".join("?" * len(EvidenceRow._fields))
        self._connection.executemany(
            f"INSERT INTO evidence (tenant_id, {_COLUMNS}) VALUES (?, {marks})",
            [(self._tenant_id, *row) for row in rows],
        )
        about = Counter((row.kind, row.subject_id) for row in rows)
        self._connection.executemany(
            "INSERT INTO evidence_counts (tenant_id, kind, subject_id, evidence_count)"
            " VALUES (?, ?, ?, ?) ON CONFLICT (tenant_id, kind, subject_id) DO UPDATE"
            " SET evidence_count = evidence_counts.evidence_count + excluded.evidence_count",
            [(self._tenant_id, *subject, count) for subject, count in about.items()],
        )

    def uncount(self, learner_id: str) -> None:
        """Take the evidence of a learner, which is about to be erased, off the counts."""
        self._connection.execute(
            "UPDATE evidence_counts SET evidence_count = evidence_count - gone.count FROM"
            " (SELECT kind, subject_id, count(*) AS count FROM evidence"
            " WHERE tenant_id = ? AND learner_id = ? GROUP BY kind, subject_id) AS gone"
            " WHERE evidence_counts.tenant_id = ? AND evidence_counts.kind = gone.kind"
            " AND evidence_counts.subject_id = gone.subject_id",
            (self._tenant_id, learner_id, self._tenant_id),
        )

    def owners(self, ids: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
        """Return whose evidence those (kind, evidence_id) are that are in the log."""
        wanted = set(ids)
        rows = self._connection.execute(
            "SELECT e.kind, e.evidence_id, e.learner_id FROM json_each(?) AS asked"
            " CROSS JOIN evidence e ON e.tenant_id = ? AND e.kind IN (?, ?)"
            " AND e.evidence_id = asked.value",
            (json.dumps(sorted({one for _, one in wanted})), self._tenant_id, RESPONSE, COMPLETION),
        )
        found = {(kind, evidence_id): learner_id for kind, evidence_id, learner_id in rows}
        return {one: learner_id for one, learner_id in found.items() if one in wanted}

    def of(self, learner_id: str) -> tuple[EvidenceRow, ...]:
        """Return the evidence of a learner that counts, in replay order."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM evidence e WHERE tenant_id = ? AND learner_id = ?{_COUNTS}"
            " ORDER BY happened_at_us, evidence_id, kind",
            (self._tenant_id, learner_id),
        )
        return tuple(EvidenceRow(*row) for row in rows)

    def columns_of(self, learner_ids: Iterable[str]) -> EvidenceColumns | None:
        """Return the evidence of learners that counts, one after the other, in replay order.

        None where there is none.
        """
        names = ", ".join(f"e.{name}" for name in EvidenceColumns._fields)
        rows = self._connection.execute(
            f"SELECT {names} FROM json_each(?) AS asked CROSS JOIN evidence e"
            f" ON e.tenant_id = ? AND e.learner_id = asked.value WHERE TRUE{_COUNTS}"
            " ORDER BY asked.key, e.happened_at_us, e.evidence_id, e.kind",
            (json.dumps(list(learner_ids)), self._tenant_id),
        ).fetchall()
        return EvidenceColumns(*zip(*rows, strict=True)) if rows else None

    def page_of(
        self, learner_id: str, limit: int | None, after: EvidenceKey | None
    ) -> tuple[EvidenceRow, ...]:
        """Return the evidence of a learner that counts and stands after a place in the replay.

        At most `limit` rows; all where it is None.
        """
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM evidence e WHERE tenant_id = ? AND learner_id = ?"
            f" AND (happened_at_us, evidence_id, kind) > (?, ?, ?){_COUNTS}"
            f" ORDER BY happened_at_us, evidence_id, kind{'' if limit is None else ' LIMIT ?'}",
            (
                self._tenant_id,
                learner_id,
                *(after or (-(1 << 62), "", "")),
                *(() if limit is None else (limit,)),
            ),
        )
        return tuple(EvidenceRow(*row) for row in rows)

    def all_of(self, learner_id: str) -> tuple[EvidenceRow, ...]:
        """Return the evidence of a learner, what was taken back included, in replay order."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM evidence WHERE tenant_id = ? AND learner_id = ?"
            " ORDER BY happened_at_us, evidence_id, kind",
            (self._tenant_id, learner_id),
        )
        return tuple(EvidenceRow(*row) for row in rows)

    def completions(self) -> tuple[tuple[str, str, int], ...]:
        """Return all completions that count: learner, module and microseconds since 1970."""
        rows = self._connection.execute(
            "SELECT learner_id, subject_id, happened_at_us FROM evidence e"
            f" WHERE tenant_id = ? AND kind = ?{_COUNTS} ORDER BY happened_at_us, evidence_id",
            (self._tenant_id, COMPLETION),
        )
        return tuple((learner_id, module_id, int(at)) for learner_id, module_id, at in rows)

    def count_changes(self, learner_id: str) -> int:
        """Return how much evidence of a learner is in the log, and how much of it taken back."""
        row = self._connection.execute(
            "SELECT (SELECT count(*) FROM evidence WHERE tenant_id = ? AND learner_id = ?)"
            " + (SELECT count(*) FROM voids WHERE tenant_id = ? AND learner_id = ?)",
            (self._tenant_id, learner_id) * 2,
        ).fetchone()
        return int(row[0])

    def completions_of(self, learner_id: str) -> Mapping[str, int]:
        """Return how often a learner has completed each module, as far as it counts."""
        rows = self._connection.execute(
            "SELECT e.subject_id, count(*) FROM evidence e WHERE e.tenant_id = ?"
            f" AND e.learner_id = ? AND e.kind = ?{_COUNTS} GROUP BY e.subject_id",
            (self._tenant_id, learner_id, COMPLETION),
        )
        return dict(rows.fetchall())

    def has_responses(self) -> bool:
        """Whether there is a response that counts."""
        row = self._connection.execute(
            f"SELECT 1 FROM evidence e WHERE e.tenant_id = ? AND e.kind = ?{_COUNTS} LIMIT 1",
            (self._tenant_id, RESPONSE),
        ).fetchone()
        return row is not None

    def count_about(self, kind: str, subject_id: str) -> int:
        """Return how much evidence refers to an item or to a module."""
        row = self._connection.execute(
            "SELECT evidence_count FROM evidence_counts"
            " WHERE tenant_id = ? AND kind = ? AND subject_id = ?",
            (self._tenant_id, kind, subject_id),
        ).fetchone()
        return int(row[0]) if row else 0

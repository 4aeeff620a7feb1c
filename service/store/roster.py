"""Roles and learners."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, fields

from ..records import LearnerProfile
from .connection import Connection
from .evidence import EvidenceStamp

__all__ = ["LearnerShelf", "RoleShelf"]

_COLUMNS = ", ".join(field.name for field in fields(LearnerProfile))
_AT_ONCE = 1000
_HEARD = {
    "evidence": "received_at_us",
    "voids": "received_at_us",
    "decisions": "made_at_us",
    "aliases": "merged_at_us",
}
"""Where something of a learner comes in, and the column that says when."""


class RoleShelf:
    """The roles, each as the text that the caller gave."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def put(self, role_id: str, ladder: str, content: str) -> None:
        """Keep a role in place of what was there under its id."""
        self._connection.execute(
            "INSERT INTO roles (tenant_id, role_id, ladder, content) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (tenant_id, role_id)"
            " DO UPDATE SET ladder = excluded.ladder, content = excluded.content",
            (self._tenant_id, role_id, ladder, content),
        )

    def content(self, role_id: str) -> str | None:
        """Return a role, or None where there is none of that id."""
        row = self._connection.execute(
            "SELECT content FROM roles WHERE tenant_id = ? AND role_id = ?",
            (self._tenant_id, role_id),
        ).fetchone()
        return str(row[0]) if row else None

    def all(self) -> tuple[str, ...]:
        """Return every role, by id."""
        rows = self._connection.execute(
            "SELECT content FROM roles WHERE tenant_id = ? ORDER BY role_id", (self._tenant_id,)
        )
        return tuple(content for (content,) in rows)

    def on_ladder(self, ladder: str) -> tuple[str, ...]:
        """Return the roles of a ladder, by id."""
        rows = self._connection.execute(
            "SELECT content FROM roles WHERE tenant_id = ? AND ladder = ? ORDER BY role_id",
            (self._tenant_id, ladder),
        )
        return tuple(content for (content,) in rows)

    def ids(self) -> tuple[str, ...]:
        """Return the id of every role."""
        rows = self._connection.execute(
            "SELECT role_id FROM roles WHERE tenant_id = ? ORDER BY role_id", (self._tenant_id,)
        )
        return tuple(role_id for (role_id,) in rows)


class LearnerShelf:
    """The learners."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def put(self, profiles: Sequence[LearnerProfile], created_at_us: int) -> None:
        """Keep profiles, each in place of what was there under its id."""
        self._connection.executemany(
            f"INSERT INTO learners (tenant_id, created_at_us, {_COLUMNS})"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant_id, learner_id) DO UPDATE SET"
            " name = excluded.name, team_id = excluded.team_id, role_id = excluded.role_id,"
            " next_role_id = excluded.next_role_id, next_role_weight = excluded.next_role_weight",
            [(self._tenant_id, created_at_us, *astuple(profile)) for profile in profiles],
        )

    def note_changes(self, changes: Mapping[str, int], created_at_us: int) -> None:
        """Count changes of the evidence of learners; who was not seen before comes into being."""
        self._connection.executemany(
            "INSERT INTO learners (tenant_id, created_at_us, learner_id, evidence_changes)"
            " VALUES (?, ?, ?, ?) ON CONFLICT (tenant_id, learner_id) DO UPDATE"
            " SET evidence_changes = learners.evidence_changes + excluded.evidence_changes",
            [(self._tenant_id, created_at_us, *one) for one in changes.items()],
        )

    def stamp_of(self, learner_id: str) -> EvidenceStamp:
        """Return the stamp of a learner's evidence; zeros where nothing is known of them."""
        row = self._connection.execute(
            "SELECT created_at_us, evidence_changes FROM learners"
            " WHERE tenant_id = ? AND learner_id = ?",
            (self._tenant_id, learner_id),
        ).fetchone()
        return EvidenceStamp(*row) if row else EvidenceStamp(0, 0)

    def stamps_of(self, learner_ids: Iterable[str]) -> Mapping[str, EvidenceStamp]:
        """Return the stamps of the evidence of those learners, by their ids."""
        return {learner_id: self.stamp_of(learner_id) for learner_id in learner_ids}

    def find(self, learner_id: str) -> LearnerProfile | None:
        """Return a learner, or None where there is none of that id."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM learners WHERE tenant_id = ? AND learner_id = ?",
            (self._tenant_id, learner_id),
        ).fetchone()
        return LearnerProfile(*row) if row else None

    def role_ids(self) -> dict[str, str]:
        """Return the role of every learner who has one."""
        rows = self._connection.execute(
            "SELECT learner_id, role_id FROM learners WHERE tenant_id = ? AND role_id != ''",
            (self._tenant_id,),
        )
        return dict(rows)

    def in_team(self, team_id: str) -> tuple[str, ...]:
        """Return the ids of the learners of a team."""
        rows = self._connection.execute(
            "SELECT learner_id FROM learners WHERE tenant_id = ? AND team_id = ? AND team_id != ''",
            (self._tenant_id, team_id),
        )
        return tuple(learner_id for (learner_id,) in rows)

    def team_roles(
        self, limit: int | None, after: str, within: Collection[str] | None = None
    ) -> Mapping[str, Mapping[str, int]]:
        """Return teams by id, from the first one after `after`, and how many have each role.

        `within` are the teams to look among, all where it is None.
        """
        among = "" if within is None else " AND team_id IN (SELECT value FROM json_each(?))"
        teams = () if within is None else (json.dumps(sorted(within)),)
        most = () if limit is None else (limit,)
        rows = self._connection.execute(
            "SELECT team_id, role_id, count(*) FROM learners WHERE tenant_id = ? AND team_id IN"
            f" (SELECT DISTINCT team_id FROM learners WHERE tenant_id = ? AND team_id > ?{among}"
            f" ORDER BY team_id{'' if limit is None else ' LIMIT ?'})"
            " GROUP BY team_id, role_id ORDER BY team_id, role_id",
            (self._tenant_id, self._tenant_id, after, *teams, *most),
        )
        found: dict[str, dict[str, int]] = {}
        for team_id, role_id, count in rows:
            found.setdefault(team_id, {})[role_id] = int(count)
        return found

    def teams(self) -> tuple[str, ...]:
        """Return the id of every team."""
        rows = self._connection.execute(
            "SELECT DISTINCT team_id FROM learners WHERE tenant_id = ? AND team_id != ''",
            (self._tenant_id,),
        )
        return tuple(team_id for (team_id,) in rows)

    def count(self) -> int:
        """Return how many learners there are."""
        row = self._connection.execute(
            "SELECT count(*) FROM learners WHERE tenant_id = ?", (self._tenant_id,)
        ).fetchone()
        return int(row[0])

    def ids_after(self, after: str, limit: int) -> tuple[str, ...]:
        """Return the ids that follow one, in their order, at most so many."""
        rows = self._connection.execute(
            "SELECT learner_id FROM learners WHERE tenant_id = ? AND learner_id > ?"
            " ORDER BY learner_id LIMIT ?",
            (self._tenant_id, after, limit),
        )
        return tuple(learner_id for (learner_id,) in rows)

    def silent_since(self, since_us: int, limit: int | None) -> tuple[str, ...]:
        """Return learners, older than an instant, of whom nothing has come in since."""
        of_them = "tenant_id = l.tenant_id AND learner_id = l.learner_id"
        silent = " ".join(
            f"AND NOT EXISTS (SELECT 1 FROM {table} WHERE {of_them} AND {at} >= ?)"
            for table, at in _HEARD.items()
        )
        rows = self._connection.execute(
            f"SELECT learner_id FROM learners l WHERE tenant_id = ? AND created_at_us < ? {silent}"
            f" ORDER BY learner_id{'' if limit is None else ' LIMIT ?'}",
            (
                self._tenant_id,
                since_us,
                *(since_us,) * len(_HEARD),
                *(() if limit is None else (limit,)),
            ),
        )
        return tuple(learner_id for (learner_id,) in rows)

    def page(
        self, query: str, limit: int, after: str, within: Collection[str] | None = None
    ) -> tuple[LearnerProfile, ...]:
        """Return learners by id, from the first one after `after`.

        `query` is looked for in ids, names and teams, capital letters or not; `within` are the
        teams to look among, all where it is None.
        """
        found: list[LearnerProfile] = []
        # Searched here: SQL folds capitals by rules that differ, SQLite those of ASCII alone.
        folded = query.casefold()
        while len(found) < limit:
            profiles = self._after(after, _AT_ONCE if query else limit, within)
            found += [one for one in profiles if not query or folded in _searched(one)]
            if len(profiles) < (_AT_ONCE if query else limit):
                break
            after = profiles[-1].learner_id
        return tuple(found[:limit])

    def _after(
        self, after: str, limit: int, within: Collection[str] | None
    ) -> tuple[LearnerProfile, ...]:
        among = "" if within is None else " AND team_id IN (SELECT value FROM json_each(?))"
        teams = () if within is None else (json.dumps(sorted(within)),)
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM learners WHERE tenant_id = ? AND learner_id > ?{among}"
            " ORDER BY learner_id LIMIT ?",
            (self._tenant_id, after, *teams, limit),
        )
        return tuple(LearnerProfile(*row) for row in rows)

    def ids_like(self, learner_id: str, limit: int = 200) -> tuple[str, ...]:
        """Return some ids that begin as `learner_id` does, among which to look for near ones."""
        start = learner_id[: max(1, len(learner_id) // 2)]
        rows = self._connection.execute(
            "SELECT learner_id FROM learners WHERE tenant_id = ? AND learner_id >= ?"
            " ORDER BY learner_id LIMIT ?",
            (self._tenant_id, start, limit),
        )
        return tuple(found for (found,) in rows if found.startswith(start))


def _searched(profile: LearnerProfile) -> str:
    return f"{profile.learner_id}\n{profile.name}\n{profile.team_id}".casefold()

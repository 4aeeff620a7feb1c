"""What was published of a role, version by version; a version never changes."""

from __future__ import annotations

from typing import NamedTuple

from .connection import Connection

__all__ = ["RoleVersionRow", "RoleVersionShelf"]


class RoleVersionRow(NamedTuple):
    """A version of a role.

    Parameters
    ----------
    role_id : str
    version : int
        From 1.
    content : str
        JSON.
    catalog_version : int
        The catalogue that its targets were checked against; 0 of what is older than versions are.
    published_at_us : int
        Microseconds since 1970, UTC; 0 likewise.
    """

    role_id: str
    version: int
    content: str
    catalog_version: int
    published_at_us: int


_COLUMNS = ", ".join(RoleVersionRow._fields)


class RoleVersionShelf:
    """The versions of the roles; the newest is what :class:`RoleShelf` has."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def publish(self, role_id: str, content: str, catalog_version: int, at_us: int) -> int:
        """Keep a content as the newest version, unless it is that; return its number."""
        newest = self.newest(role_id)
        if newest is not None and newest.content == content:
            return newest.version
        version = newest.version + 1 if newest else 1
        self._connection.execute(
            f"INSERT INTO role_versions (tenant_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
            (self._tenant_id, role_id, version, content, catalog_version, at_us),
        )
        return version

    def newest(self, role_id: str) -> RoleVersionRow | None:
        """Return the newest version of a role, or None where there is none of that id."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM role_versions WHERE tenant_id = ? AND role_id = ?"
            " ORDER BY version DESC LIMIT 1",
            (self._tenant_id, role_id),
        ).fetchone()
        return RoleVersionRow(*row) if row else None

    def find(self, role_id: str, version: int) -> RoleVersionRow | None:
        """Return a version of a role, or None where there is no such one."""
        found = self.page(role_id, 1, version - 1)
        return found[0] if found and found[0].version == version else None

    def as_of(self, role_id: str, at_us: int) -> RoleVersionRow | None:
        """Return the version of a role that was the newest at an instant, or None."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM role_versions WHERE tenant_id = ? AND role_id = ?"
            " AND published_at_us <= ? ORDER BY version DESC LIMIT 1",
            (self._tenant_id, role_id, at_us),
        ).fetchone()
        return RoleVersionRow(*row) if row else None

    def number_of(self, role_id: str, content: str) -> int:
        """Return the newest version that has a content, or 0 where none has."""
        row = self._connection.execute(
            "SELECT coalesce(max(version), 0) FROM role_versions"
            " WHERE tenant_id = ? AND role_id = ? AND content = ?",
            (self._tenant_id, role_id, content),
        ).fetchone()
        return int(row[0])

    def page(self, role_id: str, limit: int, after: int) -> tuple[RoleVersionRow, ...]:
        """Return versions of a role in their order, from the first one after `after`."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM role_versions WHERE tenant_id = ? AND role_id = ?"
            " AND version > ? ORDER BY version LIMIT ?",
            (self._tenant_id, role_id, after, limit),
        )
        return tuple(RoleVersionRow(*row) for row in rows)

    def all_newest(self) -> tuple[RoleVersionRow, ...]:
        """Return the newest version of every role."""
        names = ", ".join(f"r.{name}" for name in RoleVersionRow._fields)
        rows = self._connection.execute(
            f"SELECT {names} FROM role_versions r WHERE r.tenant_id = ? AND r.version ="
            " (SELECT max(version) FROM role_versions"
            " WHERE tenant_id = r.tenant_id AND role_id = r.role_id)",
            (self._tenant_id,),
        )
        return tuple(RoleVersionRow(*row) for row in rows)

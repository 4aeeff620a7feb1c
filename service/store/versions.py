"""Catalogues and models, each version kept; one of each is current."""

from __future__ import annotations

from typing import NamedTuple

from .connection import Connection

__all__ = ["CatalogRow", "CatalogShelf", "TracerRow", "TracerShelf", "Versions", "read_versions"]


class Versions(NamedTuple):
    """The current catalogue, model and prior; None where there is none.

    The digest tells a catalogue from one whose number was given again after a failed commit.
    """

    catalog_version: int | None
    model_version: str | None
    catalog_digest: str | None = None
    prior_version: str | None = None


class CatalogRow(NamedTuple):
    """A version of the catalogue, in microseconds since 1970."""

    version: int
    created_at_us: int


class TracerRow(NamedTuple):
    """A model that was installed, in microseconds since 1970."""

    version: str
    installed_at_us: int
    active: bool


def read_versions(connection: Connection, tenant_id: str) -> Versions:
    """Return the current versions of a tenant."""
    row = connection.execute(
        "SELECT v.catalog_version, v.model_version, c.digest, p.version FROM current_versions v"
        " LEFT JOIN catalogs c ON c.tenant_id = v.tenant_id AND c.version = v.catalog_version"
        " LEFT JOIN priors p ON p.tenant_id = v.tenant_id"
        " WHERE v.tenant_id = ?",
        (tenant_id,),
    ).fetchone()
    return Versions(*row) if row else Versions(None, None)


class CatalogShelf:
    """The versions of the catalogue."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def find(self, version: int) -> str | None:
        """Return the content of a version, or None where there is no such one."""
        row = self._connection.execute(
            "SELECT content FROM catalogs WHERE tenant_id = ? AND version = ?",
            (self._tenant_id, version),
        ).fetchone()
        return str(row[0]) if row else None

    def page(self, limit: int, after: int) -> tuple[CatalogRow, ...]:
        """Return versions in their order, from the first one after `after`."""
        rows = self._connection.execute(
            "SELECT version, created_at_us FROM catalogs WHERE tenant_id = ? AND version > ?"
            " ORDER BY version LIMIT ?",
            (self._tenant_id, after, limit),
        )
        return tuple(CatalogRow(*row) for row in rows)

    def put(self, content: str, digest: str, created_at_us: int) -> int:
        """Make a content current, and return its version: the one it had before, or the next."""
        tenant = self._tenant_id
        found = self._connection.execute(
            "SELECT version FROM catalogs WHERE tenant_id = ? AND digest = ?", (tenant, digest)
        ).fetchone()
        version = int(found[0]) if found else self._newest() + 1
        if not found:
            self._connection.execute(
                "INSERT INTO catalogs (tenant_id, version, digest, content, created_at_us)"
                " VALUES (?, ?, ?, ?, ?)",
                (tenant, version, digest, content, created_at_us),
            )
        self._connection.execute(
            "INSERT INTO current_versions (tenant_id, catalog_version) VALUES (?, ?)"
            " ON CONFLICT (tenant_id) DO UPDATE SET catalog_version = excluded.catalog_version",
            (tenant, version),
        )
        return version

    def _newest(self) -> int:
        row = self._connection.execute(
            "SELECT coalesce(max(version), 0) FROM catalogs WHERE tenant_id = ?",
            (self._tenant_id,),
        ).fetchone()
        return int(row[0])


class TracerShelf:
    """The versions of the model."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def content(self, version: str) -> str | None:
        """Return the content of a version, or None where there is no such version."""
        row = self._connection.execute(
            "SELECT content FROM tracers WHERE tenant_id = ? AND version = ?",
            (self._tenant_id, version),
        ).fetchone()
        return str(row[0]) if row else None

    def report(self, version: str) -> str:
        """Return what was noted of the fit of a version, as JSON; empty where nothing was."""
        row = self._connection.execute(
            "SELECT report FROM tracers WHERE tenant_id = ? AND version = ?",
            (self._tenant_id, version),
        ).fetchone()
        return str(row[0]) if row else ""

    def all(self) -> tuple[TracerRow, ...]:
        """Return every version, the newest first."""
        rows = self._connection.execute(
            "SELECT t.version, t.installed_at_us, c.model_version = t.version"
            " FROM tracers t LEFT JOIN current_versions c ON c.tenant_id = t.tenant_id"
            " WHERE t.tenant_id = ? ORDER BY t.installed_at_us DESC, t.rowid DESC",
            (self._tenant_id,),
        )
        return tuple(TracerRow(version, at_us, bool(active)) for version, at_us, active in rows)

    def make_current(self, version: str) -> None:
        """Have a kept model answer, or the default one where this is none that is kept."""
        self._connection.execute(
            "INSERT INTO current_versions (tenant_id, model_version)"
            " VALUES (?, (SELECT version FROM tracers WHERE tenant_id = ? AND version = ?))"
            " ON CONFLICT (tenant_id) DO UPDATE SET model_version = excluded.model_version",
            (self._tenant_id, self._tenant_id, version),
        )

    def put(self, version: str, content: str, installed_at_us: int, report: str = "") -> None:
        """Keep a model, if it is new, and what is to be noted of its fit, if nothing was."""
        self._connection.execute(
            "INSERT INTO tracers (tenant_id, version, content, installed_at_us, report)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (tenant_id, version) DO UPDATE SET"
            " content = excluded.content,"  # the same, unless it was damaged
            " report = CASE tracers.report WHEN '' THEN excluded.report ELSE tracers.report END",
            (self._tenant_id, version, content, installed_at_us, report),
        )

"""The tables in PostgreSQL, as a list of migrations; what was released is never edited."""

from __future__ import annotations

from ..errors import StoreError
from .connection import Connection

__all__ = ["MIGRATIONS", "applied_migrations", "migrate"]

# As SQLite has them after its sixth migration. Texts are ordered by their bytes, as there and in
# Python: the order of a replay must be the same everywhere.
_AS_IN_SQLITE = """
CREATE DOMAIN words AS text COLLATE "C";
CREATE TABLE catalogs (
    tenant_id words NOT NULL, version bigint NOT NULL, digest words NOT NULL,
    content words NOT NULL, created_at_us bigint NOT NULL,
    PRIMARY KEY (tenant_id, version), UNIQUE (tenant_id, digest)
);
CREATE TABLE tracers (
    tenant_id words NOT NULL, version words NOT NULL, content words NOT NULL,
    installed_at_us bigint NOT NULL, rowid bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (tenant_id, version)
);
CREATE TABLE current_versions (
    tenant_id words PRIMARY KEY, catalog_version bigint, model_version words,
    FOREIGN KEY (tenant_id, catalog_version) REFERENCES catalogs,
    FOREIGN KEY (tenant_id, model_version) REFERENCES tracers
);
CREATE TABLE roles (
    tenant_id words NOT NULL, role_id words NOT NULL, ladder words NOT NULL,
    content words NOT NULL,
    PRIMARY KEY (tenant_id, role_id)
);
CREATE TABLE learners (
    tenant_id words NOT NULL, learner_id words NOT NULL, name words NOT NULL DEFAULT '',
    team_id words NOT NULL DEFAULT '', role_id words NOT NULL DEFAULT '',
    next_role_id words NOT NULL DEFAULT '', created_at_us bigint NOT NULL,
    evidence_changes bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, learner_id)
);
CREATE TABLE evidence (
    tenant_id words NOT NULL, kind words NOT NULL, evidence_id words NOT NULL,
    learner_id words NOT NULL, subject_id words NOT NULL, score double precision,
    happened_at_us bigint NOT NULL, received_at_us bigint NOT NULL, digest bytea NOT NULL,
    PRIMARY KEY (tenant_id, kind, evidence_id),
    FOREIGN KEY (tenant_id, learner_id) REFERENCES learners
);
CREATE INDEX evidence_in_replay_order
    ON evidence (tenant_id, learner_id, happened_at_us, evidence_id, kind);
CREATE INDEX ON evidence (tenant_id, kind, subject_id);
CREATE TABLE knowledge (
    tenant_id words NOT NULL, learner_id words NOT NULL, model_version words NOT NULL,
    catalog_version bigint NOT NULL, content words NOT NULL, evidence_count bigint NOT NULL,
    last_happened_at_us bigint NOT NULL, last_evidence_id words NOT NULL,
    last_kind words NOT NULL, evidence_changes bigint NOT NULL,
    PRIMARY KEY (tenant_id, learner_id),
    FOREIGN KEY (tenant_id, learner_id) REFERENCES learners
);
CREATE TABLE voids (
    tenant_id words NOT NULL, void_id words NOT NULL, kind words NOT NULL,
    evidence_id words NOT NULL, learner_id words NOT NULL, reason words NOT NULL,
    received_at_us bigint NOT NULL,
    PRIMARY KEY (tenant_id, void_id), UNIQUE (tenant_id, kind, evidence_id),
    FOREIGN KEY (tenant_id, kind, evidence_id) REFERENCES evidence
);
CREATE INDEX ON voids (tenant_id, learner_id);
CREATE TABLE keys (
    tenant_id words NOT NULL, key_id words NOT NULL, kind words NOT NULL,
    digest bytea NOT NULL UNIQUE, label words NOT NULL, scopes words NOT NULL,
    learner_id words NOT NULL, team_ids words NOT NULL, created_at_us bigint NOT NULL,
    expires_at_us bigint,
    PRIMARY KEY (tenant_id, key_id)
);
CREATE INDEX ON keys (tenant_id, learner_id);
CREATE TABLE upkeep (owes_scrubbing boolean NOT NULL);
INSERT INTO upkeep VALUES (FALSE);
CREATE FUNCTION listed(given text) RETURNS TABLE (key bigint, value text)
    LANGUAGE sql IMMUTABLE
    AS 'SELECT ordinality, value FROM json_array_elements_text(given::json) WITH ORDINALITY';
"""

_DECISIONS = """
CREATE TABLE decisions (
    tenant_id words NOT NULL, decision_id words NOT NULL, learner_id words NOT NULL,
    role_id words NOT NULL, policy words NOT NULL, model_version words NOT NULL,
    catalog_version bigint NOT NULL, evidence_since_us bigint NOT NULL,
    evidence_changes bigint NOT NULL, chosen words NOT NULL,
    propensity double precision NOT NULL, content words NOT NULL, made_at_us bigint NOT NULL,
    PRIMARY KEY (tenant_id, decision_id),
    FOREIGN KEY (tenant_id, learner_id) REFERENCES learners
);
CREATE INDEX ON decisions (tenant_id, learner_id, made_at_us, decision_id);
CREATE INDEX ON decisions (tenant_id, made_at_us, decision_id);
CREATE TABLE overrides (
    tenant_id words NOT NULL, override_id words NOT NULL, decision_id words NOT NULL,
    learner_id words NOT NULL, subject_id words NOT NULL, decided_by words NOT NULL,
    reason words NOT NULL, key_id words NOT NULL, received_at_us bigint NOT NULL,
    PRIMARY KEY (tenant_id, override_id),
    FOREIGN KEY (tenant_id, decision_id) REFERENCES decisions
);
CREATE INDEX ON overrides (tenant_id, decision_id);
CREATE INDEX ON overrides (tenant_id, learner_id);
"""

_ALIASES = """
CREATE TABLE aliases (
    tenant_id words NOT NULL, alias words NOT NULL, learner_id words NOT NULL,
    reason words NOT NULL, key_id words NOT NULL, merged_at_us bigint NOT NULL,
    PRIMARY KEY (tenant_id, alias),
    FOREIGN KEY (tenant_id, learner_id) REFERENCES learners
);
CREATE INDEX ON aliases (tenant_id, learner_id);
"""

_PUBLISHED_VERSIONS = """
CREATE TABLE role_versions (
    tenant_id words NOT NULL, role_id words NOT NULL, version bigint NOT NULL,
    content words NOT NULL, catalog_version bigint NOT NULL, published_at_us bigint NOT NULL,
    PRIMARY KEY (tenant_id, role_id, version),
    FOREIGN KEY (tenant_id, role_id) REFERENCES roles
);
INSERT INTO role_versions SELECT tenant_id, role_id, 1, content, 0, 0 FROM roles;
ALTER TABLE evidence ADD COLUMN catalog_version bigint NOT NULL DEFAULT 0;
ALTER TABLE decisions ADD COLUMN role_version bigint NOT NULL DEFAULT 0;
"""

_PRIORS = """
CREATE TABLE priors (
    tenant_id words PRIMARY KEY, version words NOT NULL, installed_at_us bigint NOT NULL,
    content words NOT NULL
);
"""

_LESSONS = """
DELETE FROM knowledge;
"""

_NEXT_ROLE_WEIGHTS = """
ALTER TABLE learners ADD COLUMN next_role_weight double precision NOT NULL DEFAULT 0;
"""

_EVIDENCE_COUNTS = """
CREATE TABLE evidence_counts (
    tenant_id words NOT NULL, kind words NOT NULL, subject_id words NOT NULL,
    evidence_count bigint NOT NULL,
    PRIMARY KEY (tenant_id, kind, subject_id)
);
INSERT INTO evidence_counts SELECT tenant_id, kind, subject_id, count(*) FROM evidence
    GROUP BY tenant_id, kind, subject_id;
DROP INDEX evidence_tenant_id_kind_subject_id_idx;
"""

_FITS = """
CREATE TABLE fits (
    tenant_id words NOT NULL, fit_id words NOT NULL, request_key words, model words NOT NULL,
    options words NOT NULL, activate bigint NOT NULL, key_id words NOT NULL,
    status words NOT NULL, asked_at_us bigint NOT NULL, alive_at_us bigint NOT NULL,
    started_at_us bigint, ended_at_us bigint, responses bigint, model_version words,
    problem words NOT NULL,
    PRIMARY KEY (tenant_id, fit_id), UNIQUE (tenant_id, request_key)
);
CREATE INDEX ON fits (tenant_id, asked_at_us, fit_id);
ALTER TABLE tracers ADD COLUMN report words NOT NULL DEFAULT '';
"""

MIGRATIONS = {
    "as_in_sqlite": _AS_IN_SQLITE,
    "decisions": _DECISIONS,
    "aliases": _ALIASES,
    "published_versions": _PUBLISHED_VERSIONS,
    "priors": _PRIORS,
    "lessons": _LESSONS,
    "next_role_weights": _NEXT_ROLE_WEIGHTS,
    "evidence_counts": _EVIDENCE_COUNTS,
    "fits": _FITS,
}
"""What each migration runs, by its name, in their order."""


def migrate(connection: Connection) -> None:
    """Bring the schema up to the present, all or nothing.

    Raises
    ------
    StoreError
        The schema ``attain`` is something else's, or newer than this code.
    """
    applied = applied_migrations(connection)
    strange = [name for name in applied if name not in MIGRATIONS]
    if strange:
        raise StoreError(
            f"{connection.name} was written by a newer version of Attain"
            f" (unknown here: {', '.join(strange)}); upgrade Attain to open it"
        )
    if len(applied) == len(MIGRATIONS):
        return
    connection.begin(writing=True)  # two processes that open a new database take turns
    try:
        _apply(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def applied_migrations(connection: Connection) -> list[str]:
    """Return the names of the migrations that a database has had; raise where it is not ours."""
    row = connection.execute(
        "SELECT to_regnamespace('attain') IS NOT NULL, to_regclass('attain.migrations') IS NOT NULL"
    ).fetchone()
    has_schema, has_migrations = row or (False, False)
    if not has_migrations:
        if has_schema:
            raise StoreError(
                f"{connection.name} has a schema attain of something else; choose another database"
            )
        return []
    return [name for (name,) in connection.execute("SELECT name FROM migrations ORDER BY name")]


def _apply(connection: Connection) -> None:
    applied = applied_migrations(connection)
    if not applied:
        connection.execute("CREATE SCHEMA attain")
        connection.execute("CREATE TABLE migrations (name text PRIMARY KEY)")
    for name, statements in MIGRATIONS.items():
        if name not in applied:
            for statement in statements.split(";\n"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute("INSERT INTO migrations VALUES (?)", (name,))

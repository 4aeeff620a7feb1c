"""The tables, as a list of migrations; what was released is never edited, only added to.

Imported only when there is something to migrate: sqlite-utils brings pandas with it where that is
installed, which a service that runs has no use for.
"""

from __future__ import annotations

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

__all__ = ["migrations"]

migrations = Migrations("attain")


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def catalogs_and_tracers(db: Database) -> None:
    """Catalogues and models by version, and which of them are current."""
    db.table("catalogs").create(
        {
            "tenant_id": str,
            "version": int,
            "digest": str,
            "content": str,  # JSON of Curriculum.to_records
            "created_at_us": int,
        },
        pk=("tenant_id", "version"),
        not_null=["tenant_id", "version", "digest", "content", "created_at_us"],
        strict=True,
    )
    db.table("catalogs").create_index(["tenant_id", "digest"], unique=True)
    db.table("tracers").create(
        {"tenant_id": str, "version": str, "content": str, "installed_at_us": int},
        pk=("tenant_id", "version"),
        not_null=["tenant_id", "version", "content", "installed_at_us"],
        strict=True,
    )
    db.table("current_versions").create(
        {"tenant_id": str, "catalog_version": int, "model_version": str},
        pk="tenant_id",
        not_null=["tenant_id"],
        foreign_keys=[
            (("tenant_id", "catalog_version"), "catalogs", ("tenant_id", "version")),
            (("tenant_id", "model_version"), "tracers", ("tenant_id", "version")),
        ],
        strict=True,
    )


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def roles_and_learners(db: Database) -> None:
    """What is wanted, and of whom."""
    db.table("roles").create(
        {"tenant_id": str, "role_id": str, "ladder": str, "content": str},
        pk=("tenant_id", "role_id"),
        not_null=["tenant_id", "role_id", "ladder", "content"],
        strict=True,
    )
    texts = ["name", "team_id", "role_id", "next_role_id"]
    db.table("learners").create(
        {"tenant_id": str, "learner_id": str, **dict.fromkeys(texts, str), "created_at_us": int},
        pk=("tenant_id", "learner_id"),
        not_null=["tenant_id", "learner_id", *texts, "created_at_us"],
        defaults=dict.fromkeys(texts, ""),
        strict=True,
    )


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def evidence_and_knowledge(db: Database) -> None:
    """The log that is the truth, and the mastery that follows from it."""
    learner = [(("tenant_id", "learner_id"), "learners", ("tenant_id", "learner_id"))]
    evidence = {
        "tenant_id": str,
        "kind": str,  # response or completion
        "evidence_id": str,  # the sender's
        "learner_id": str,
        "subject_id": str,  # the item or the module
        "score": float,  # of a response
        "happened_at_us": int,
        "received_at_us": int,
        "digest": bytes,  # of the content as sent
    }
    db.table("evidence").create(
        evidence,
        pk=("tenant_id", "kind", "evidence_id"),
        not_null=[name for name in evidence if name != "score"],
        foreign_keys=learner,
        strict=True,
    )
    replay_order = ["tenant_id", "learner_id", "happened_at_us", "evidence_id", "kind"]
    db.table("evidence").create_index(replay_order, index_name="evidence_in_replay_order")
    db.table("evidence").create_index(["tenant_id", "kind", "subject_id"])
    knowledge = {
        "tenant_id": str,
        "learner_id": str,
        "model_version": str,
        "catalog_version": int,
        "content": str,  # JSON of KnowledgeState.to_dict
        "evidence_count": int,  # applied so far; the last of them, in replay order:
        "last_happened_at_us": int,
        "last_evidence_id": str,
        "last_kind": str,
    }
    db.table("knowledge").create(
        knowledge,
        pk=("tenant_id", "learner_id"),
        not_null=list(knowledge),
        foreign_keys=learner,
        strict=True,
    )


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def voids(db: Database) -> None:
    """Evidence that was taken back."""
    void = {
        "tenant_id": str,
        "void_id": str,  # the sender's
        "kind": str,
        "evidence_id": str,
        "learner_id": str,
        "reason": str,
        "received_at_us": int,
    }
    evidence = ("tenant_id", "kind", "evidence_id")
    db.table("voids").create(
        void,
        pk=("tenant_id", "void_id"),
        not_null=list(void),
        foreign_keys=[(evidence, "evidence", evidence)],
        strict=True,
    )
    db.table("voids").create_index(list(evidence), unique=True)
    db.table("voids").create_index(["tenant_id", "learner_id"])


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def keys(db: Database) -> None:
    """Who is allowed what; of the secrets only digests."""
    key = {
        "tenant_id": str,
        "key_id": str,
        "kind": str,  # key, login or session
        "digest": bytes,  # SHA-256 of what was shown once
        "label": str,
        "scopes": str,  # JSON list
        "learner_id": str,  # whose it is, or empty
        "team_ids": str,  # JSON list
        "created_at_us": int,
        "expires_at_us": int,  # never, where there is none
    }
    db.table("keys").create(
        key,
        pk=("tenant_id", "key_id"),
        not_null=[name for name in key if name != "expires_at_us"],
        strict=True,
    )
    db.table("keys").create_index(["digest"], unique=True)
    db.table("keys").create_index(["tenant_id", "learner_id"])


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def evidence_changes(db: Database) -> None:
    """How often the evidence of learners has changed, and how much of that kept mastery knows."""
    for table in ("learners", "knowledge"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN evidence_changes INTEGER NOT NULL DEFAULT 0")
    theirs = "WHERE tenant_id = l.tenant_id AND learner_id = l.learner_id"
    db.execute(
        "UPDATE learners AS l SET evidence_changes ="
        f" (SELECT count(*) FROM evidence {theirs}) + (SELECT count(*) FROM voids {theirs})"
    )
    db.execute(  # which was always written together with them until now
        "UPDATE knowledge AS l SET evidence_changes ="
        f" (SELECT evidence_changes FROM learners {theirs})"
    )


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def decisions(db: Database) -> None:
    """What was recommended, on which grounds, and what people said against it."""
    decision = {
        "tenant_id": str,
        "decision_id": str,
        "learner_id": str,
        "role_id": str,
        "policy": str,
        "model_version": str,
        "catalog_version": int,
        "evidence_since_us": int,  # the stamp of the evidence that it stands on
        "evidence_changes": int,
        "chosen": str,
        "propensity": float,
        "content": str,  # JSON: the question, what was believed, what there was to choose from
        "made_at_us": int,
    }
    db.table("decisions").create(
        decision,
        pk=("tenant_id", "decision_id"),
        not_null=list(decision),
        foreign_keys=[(("tenant_id", "learner_id"), "learners", ("tenant_id", "learner_id"))],
        strict=True,
    )
    db.table("decisions").create_index(["tenant_id", "learner_id", "made_at_us", "decision_id"])
    db.table("decisions").create_index(["tenant_id", "made_at_us", "decision_id"])
    override = {
        "tenant_id": str,
        "override_id": str,  # the sender's
        "decision_id": str,
        "learner_id": str,
        "subject_id": str,  # what was chosen instead, or empty
        "decided_by": str,
        "reason": str,
        "key_id": str,
        "received_at_us": int,
    }
    db.table("overrides").create(
        override,
        pk=("tenant_id", "override_id"),
        not_null=list(override),
        foreign_keys=[(("tenant_id", "decision_id"), "decisions", ("tenant_id", "decision_id"))],
        strict=True,
    )
    db.table("overrides").create_index(["tenant_id", "decision_id"])
    db.table("overrides").create_index(["tenant_id", "learner_id"])


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def aliases(db: Database) -> None:
    """Ids of learners that were merged into others."""
    alias = {
        "tenant_id": str,
        "alias": str,
        "learner_id": str,  # whom it stands for
        "reason": str,
        "key_id": str,
        "merged_at_us": int,
    }
    db.table("aliases").create(
        alias,
        pk=("tenant_id", "alias"),
        not_null=list(alias),
        foreign_keys=[(("tenant_id", "learner_id"), "learners", ("tenant_id", "learner_id"))],
        strict=True,
    )
    db.table("aliases").create_index(["tenant_id", "learner_id"])


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def published_versions(db: Database) -> None:
    """Every version of a role; which versions evidence and decisions were made under."""
    version = {
        "tenant_id": str,
        "role_id": str,
        "version": int,
        "content": str,  # JSON
        "catalog_version": int,  # 0: before versions were kept
        "published_at_us": int,
    }
    db.table("role_versions").create(
        version,
        pk=("tenant_id", "role_id", "version"),
        not_null=list(version),
        foreign_keys=[(("tenant_id", "role_id"), "roles", ("tenant_id", "role_id"))],
        strict=True,
    )
    db.execute("INSERT INTO role_versions SELECT tenant_id, role_id, 1, content, 0, 0 FROM roles")
    db.execute("ALTER TABLE evidence ADD COLUMN catalog_version INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE decisions ADD COLUMN role_version INTEGER NOT NULL DEFAULT 0")


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def priors(db: Database) -> None:
    """What learners are likely to take; one each, as it tells of learners and has to forget."""
    prior = {"tenant_id": str, "version": str, "installed_at_us": int, "content": str}
    db.table("priors").create(prior, pk="tenant_id", not_null=list(prior), strict=True)


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def lessons(db: Database) -> None:
    """Kept mastery says how often modules were completed; what does not is replayed when read."""
    db.execute("DELETE FROM knowledge")


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def next_role_weights(db: Database) -> None:
    """How much of what is recommended is for the role that a learner works towards."""
    db.execute("ALTER TABLE learners ADD COLUMN next_role_weight REAL NOT NULL DEFAULT 0")


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def evidence_counts(db: Database) -> None:
    """How much evidence is about each item and module, in place of an index over all of it.

    Keeping that index took half of the time of writing evidence.
    """
    counts = {"tenant_id": str, "kind": str, "subject_id": str, "evidence_count": int}
    db.table("evidence_counts").create(
        counts, pk=("tenant_id", "kind", "subject_id"), not_null=list(counts), strict=True
    )
    db.execute(
        "INSERT INTO evidence_counts SELECT tenant_id, kind, subject_id, count(*) FROM evidence"
        " GROUP BY tenant_id, kind, subject_id"
    )
    db.execute("DROP INDEX idx_evidence_tenant_id_kind_subject_id")


@migrations()  # type: ignore[untyped-decorator]  # its types are not followed
def fits(db: Database) -> None:
    """Fits that were asked for, and what became of them; beside a model how it was fitted."""
    fit = {
        "tenant_id": str,
        "fit_id": str,
        "request_key": str,  # the sender's; may be missing
        "model": str,
        "options": str,  # JSON
        "activate": int,
        "key_id": str,
        "status": str,
        "asked_at_us": int,
        "alive_at_us": int,  # the last sign of life of the process that does it
        "started_at_us": int,
        "ended_at_us": int,
        "responses": int,
        "model_version": str,  # which it made
        "problem": str,
    }
    missing_at_first = ["started_at_us", "ended_at_us", "responses", "model_version"]
    db.table("fits").create(
        fit,
        pk=("tenant_id", "fit_id"),
        not_null=[name for name in fit if name not in ("request_key", *missing_at_first)],
        strict=True,
    )
    db.table("fits").create_index(["tenant_id", "request_key"], unique=True)
    db.table("fits").create_index(["tenant_id", "asked_at_us", "fit_id"])
    db.execute("ALTER TABLE tracers ADD COLUMN report TEXT NOT NULL DEFAULT ''")

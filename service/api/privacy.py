"""What is kept of one learner: given out whole, or destroyed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from ..exports import LearnerExport
from ..instants import from_us
from ..store import KeyRow
from .decisions import DecisionRecord, record_of
from .learners import ProfileRecord
from .problems import documented
from .wire import Answer, ModelVersion, WorkspaceOf, in_thread, refuse_questions

__all__ = ["router"]

router = APIRouter(
    tags=["privacy"], dependencies=[Depends(refuse_questions)], responses=documented(404)
)


class KeptEvidence(BaseModel):
    """A response or a completion with everything that is kept of it."""

    kind: Literal["response", "completion"]
    evidence_id: str
    subject_id: str
    score: float | None
    catalog_version: int
    at: datetime
    received_at: datetime


class KeptVoid(BaseModel):
    """Evidence that was taken back, and why."""

    void_id: str
    kind: Literal["response", "completion"]
    evidence_id: str
    reason: str
    received_at: datetime


class KeptKey(BaseModel):
    """A key that is the learner's own, without its secret, which is not kept."""

    key_id: str
    kind: Literal["key", "login", "session"]
    label: str
    created_at: datetime
    expires_at: datetime | None


class KeptAlias(BaseModel):
    """An id that was merged into the learner's, and why."""

    alias: str
    reason: str
    merged_at: datetime


class ExportAnswer(Answer):
    """Everything that is kept of a learner.

    `knowledge` is what is believed of them, `in_prior` their vector in the prior of what learners
    complete.
    """

    profile: ProfileRecord
    created_at: datetime
    evidence: list[KeptEvidence]
    voids: list[KeptVoid]
    knowledge: dict[str, Any] | None
    keys: list[KeptKey]
    aliases: list[KeptAlias]
    decisions: list[DecisionRecord]
    in_prior: list[float] | None


class ErasureAnswer(Answer):
    """A learner who is no more, and how much evidence went with them."""

    learner_id: str
    erased_evidence: int


@router.get("/learners/{learner_id:path}/export")
async def read_export(
    workspace: WorkspaceOf, model_version: ModelVersion, learner_id: str
) -> ExportAnswer:
    """Return everything that is kept of a learner, what was taken back included: all of one
    instant, in one answer. What is long of it comes in pages too, as evidence and as decisions.
    """
    return _answer(model_version, await in_thread(workspace.export, learner_id))


@router.delete("/learners/{learner_id:path}")
async def erase_learner(
    workspace: WorkspaceOf, model_version: ModelVersion, learner_id: str
) -> ErasureAnswer:
    """Destroy everything that is kept of a learner, down to the bytes of the database's files.

    The file is rewritten for it: seconds for a gigabyte, while writing waits. After a 503 the
    learner is gone, though not yet every byte: ask again.
    """
    erased = await in_thread(workspace.erase, learner_id)
    return ErasureAnswer(
        model_version=model_version,
        learner_id=erased.learner_id,
        erased_evidence=erased.evidence,
    )


def _answer(model_version: str, export: LearnerExport) -> ExportAnswer:
    return ExportAnswer(
        model_version=model_version,
        profile=ProfileRecord(**asdict(export.profile)),
        created_at=from_us(export.created_at_us),
        evidence=[
            KeptEvidence(
                **row._asdict(), at=from_us(row.happened_at_us), received_at=_received(row)
            )
            for row in export.evidence
        ],
        voids=[KeptVoid(**row._asdict(), received_at=_received(row)) for row in export.voids],
        knowledge=None if export.knowledge is None else export.knowledge.to_dict(),
        keys=[_key(row) for row in export.keys],
        aliases=[
            KeptAlias(**row._asdict(), merged_at=from_us(row.merged_at_us))
            for row in export.aliases
        ],
        decisions=[record_of(one) for one in export.decisions],
        in_prior=None if export.in_prior is None else list(export.in_prior),
    )


def _key(row: KeyRow) -> KeptKey:
    return KeptKey(
        **row._asdict(),
        created_at=from_us(row.created_at_us),
        expires_at=None if row.expires_at_us is None else from_us(row.expires_at_us),
    )


def _received(row: Any) -> datetime:
    return from_us(row.received_at_us)

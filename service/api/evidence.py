"""Evidence: in by batches, out as it was counted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from engine.domain import Completion, Response
from engine.domain.records import Faults, build_all

from ..evidence import Evidence
from ..instants import from_us
from ..records import Receipt
from ..store import RESPONSE, EvidenceRow
from .problems import documented
from .short_way import Lane
from .waiting import at_once
from .wire import (
    Answer,
    Body,
    Id,
    Instant,
    ModelVersion,
    Page,
    WorkspaceOf,
    in_thread,
    refuse_questions,
)

__all__ = ["LANES", "router"]

router = APIRouter(tags=["evidence"])
_NO_QUESTIONS = [Depends(refuse_questions)]

_LARGEST_BATCH = 10_000
_SHORT = 20


class ResponseBody(Body):
    """A graded answer, under an id of the sender's by which a retry is known."""

    response_id: Id
    learner_id: Id
    item_id: Id
    score: Annotated[float, Field(ge=0.0, le=1.0)]
    answered_at: Annotated[Instant | None, Field(description="Now if left out")] = None


class CompletionBody(Body):
    """A module finished, under an id of the sender's by which a retry is known."""

    completion_id: Id
    learner_id: Id
    module_id: Id
    completed_at: Annotated[Instant | None, Field(description="Now if left out")] = None


class ResponsesBody(Body):
    """A batch of answers, kept whole or not at all."""

    responses: Annotated[list[ResponseBody], Field(max_length=_LARGEST_BATCH)]


class CompletionsBody(Body):
    """A batch of completions, kept whole or not at all."""

    completions: Annotated[list[CompletionBody], Field(max_length=_LARGEST_BATCH)]


class ReceiptAnswer(Answer):
    """How much of a batch was new, and how much was known already."""

    accepted: int
    repeated: int


class EvidenceRecord(BaseModel):
    """A response or a completion as it was counted."""

    kind: Literal["response", "completion"]
    evidence_id: str
    at: datetime
    item_id: str | None = None
    module_id: str | None = None
    score: float | None = None
    catalog_version: Annotated[
        int, Field(description="The catalogue that it was recorded under; 0 where that is unknown")
    ]


class EvidenceAnswer(Answer):
    """What was counted of a learner, in the order in which it is replayed.

    `next` is the `after` of the page that follows, if one does.
    """

    learner_id: str
    evidence: list[EvidenceRecord]
    next: str | None


class EvidenceQuestion(Page):
    """Which page of the evidence."""

    limit: Annotated[int, Field(ge=1, le=10_000)] = 1000


@router.post(
    "/responses", dependencies=_NO_QUESTIONS, responses=documented(400, 408, 409, 413, 415)
)
async def post_responses(workspace: WorkspaceOf, body: ResponsesBody) -> ReceiptAnswer:
    """Record answers. A repeated id changes nothing; with other content it is a 409."""
    return await _record(workspace, Response, "responses", body.responses)


@router.post(
    "/completions", dependencies=_NO_QUESTIONS, responses=documented(400, 408, 409, 413, 415)
)
async def post_completions(workspace: WorkspaceOf, body: CompletionsBody) -> ReceiptAnswer:
    """Record completions. A repeated id changes nothing; with other content it is a 409."""
    return await _record(workspace, Completion, "completions", body.completions)


@router.get("/learners/{learner_id:path}/evidence", responses=documented(404))
async def read_evidence(
    workspace: WorkspaceOf,
    model_version: ModelVersion,
    learner_id: str,
    asked: Annotated[EvidenceQuestion, Query()],
) -> EvidenceAnswer:
    """Return what was counted of a learner, and as what, a page at a time."""
    known, counted, following = await in_thread(
        workspace.evidence_page, learner_id, asked.limit, asked.after
    )
    records = [_record_of(one) for one in counted]
    return EvidenceAnswer(
        model_version=model_version, learner_id=known, evidence=records, next=following
    )


def _read(noun: type[Evidence], place: str, sent: Sequence[Body]) -> tuple[Evidence, ...]:
    """Return a batch as nouns of the engine; raise with the faults of every one of them."""
    faults = Faults()
    evidence = build_all(noun, (one.model_dump() for one in sent), place, faults)
    faults.raise_if_any(place)
    return evidence


async def _record(
    workspace: WorkspaceOf, noun: type[Evidence], place: str, sent: Sequence[Body]
) -> ReceiptAnswer:
    def hand_in() -> Future[Receipt]:
        return workspace.record_soon(_read(noun, place, sent))

    # A long batch is checked in a thread, so that others are answered meanwhile; a short one is
    # checked sooner than a thread is found.
    short = len(sent) <= _SHORT
    handed_in = await (at_once(workspace, hand_in) if short else in_thread(hand_in))
    receipt = await asyncio.wrap_future(handed_in)
    return ReceiptAnswer(
        model_version=receipt.model_version, accepted=receipt.accepted, repeated=receipt.repeated
    )


def _record_of(row: EvidenceRow) -> EvidenceRecord:
    answered = row.kind == RESPONSE
    return EvidenceRecord.model_construct(
        kind=row.kind,
        evidence_id=row.evidence_id,
        at=from_us(row.happened_at_us),
        item_id=row.subject_id if answered else None,
        module_id=None if answered else row.subject_id,
        score=row.score,
        catalog_version=row.catalog_version,
    )


LANES = {
    one.path: one
    for one in (
        Lane("/v1/responses", ResponsesBody, post_responses),
        Lane("/v1/completions", CompletionsBody, post_completions),
    )
}
"""What may go the short way, by its path."""

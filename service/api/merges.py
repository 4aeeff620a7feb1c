"""Two ids that turn out to be one learner."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from .admitting import key_of
from .problems import documented
from .wire import Answer, Body, Id, ModelVersion, Text, WorkspaceOf, in_thread, refuse_questions

__all__ = ["router"]

router = APIRouter(tags=["learners"], dependencies=[Depends(refuse_questions)])


class MergeBody(Body):
    """Who is to become one with the learner of the address."""

    merged_learner_id: Annotated[Id, Field(description="The id that becomes an alias")]
    reason: Annotated[Text, Field(min_length=1)]


class MergeAnswer(Answer):
    """Who is kept, and how much evidence came over."""

    learner_id: str
    merged_learner_id: str
    moved_evidence: int


@router.post(
    "/learners/{learner_id:path}/merges", responses=documented(400, 404, 408, 409, 413, 415)
)
async def merge_learners(
    request: Request,
    workspace: WorkspaceOf,
    model_version: ModelVersion,
    learner_id: str,
    body: MergeBody,
) -> MergeAnswer:
    """Make another id one with this learner: their evidence is replayed together, and the other id
    stands for this learner from now on, in whatever is asked or sent. It cannot be undone; asked
    again it changes nothing.
    """
    found = await in_thread(
        workspace.merge, learner_id, body.merged_learner_id, body.reason, key_of(request).key_id
    )
    return MergeAnswer(
        model_version=model_version,
        learner_id=found.learner_id,
        merged_learner_id=found.merged_id,
        moved_evidence=found.evidence,
    )

"""Evidence taken back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from engine.domain.records import Faults, build_all

from ..records import Void
from .evidence import ReceiptAnswer
from .problems import documented
from .wire import Body, Id, Text, WorkspaceOf, in_thread, refuse_questions

__all__ = ["router"]

router = APIRouter(tags=["evidence"], dependencies=[Depends(refuse_questions)])


class VoidBody(Body):
    """Evidence to take back, under an id of the sender's by which a retry is known."""

    void_id: Id
    kind: Annotated[Id, Field(description="response or completion", examples=["response"])]
    evidence_id: Annotated[Id, Field(description="Its response_id or completion_id")]
    reason: Annotated[Text, Field(min_length=1)]


class VoidsBody(Body):
    """A batch of voids, done whole or not at all."""

    voids: Annotated[list[VoidBody], Field(max_length=1000)]


@router.post("/voids", responses=documented(400, 408, 409, 413, 415))
async def post_voids(workspace: WorkspaceOf, body: VoidsBody) -> ReceiptAnswer:
    """Take evidence back: mastery becomes what it is without it; the record keeps both.

    A repeated void changes nothing. A void cannot be taken back: send the evidence anew, under a
    new id. The id of what was taken back stays used.
    """
    faults = Faults()
    voids = build_all(Void, (one.model_dump() for one in body.voids), "voids", faults)
    faults.raise_if_any("voids")
    receipt = await in_thread(workspace.void, voids)
    return ReceiptAnswer(
        model_version=receipt.model_version, accepted=receipt.accepted, repeated=receipt.repeated
    )

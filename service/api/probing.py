"""What to ask a learner next: the item whose answer says most about readiness for a role."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from engine.domain import Probe

from ..advice import LearnerView
from .advice_answers import LearnerAnswer, ReasonRecord, about
from .answering import answered
from .problems import documented
from .wire import Id, Question, WorkspaceOf

__all__ = ["ProbeAnswer", "probe", "router"]

router = APIRouter(tags=["advice"], responses=documented(404))


class ProbeQuestion(Question):
    """What was asked already in this sitting, and how precisely readiness is to be known."""

    asked: Annotated[
        list[Id] | None,
        Field(description="Items not to ask again; those answered rightly before are left out"),
    ] = None
    precision: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            allow_inf_nan=False,
            description="The standard deviation of readiness at which there is no more to ask",
        ),
    ] = 0.05


class ItemRecord(BaseModel):
    """An item to ask; `information` is what its answer should take off the doubt Σ w·p·(1 − p)."""

    item_id: str
    title: str
    kind: str
    url: str
    skills: list[str]
    level: int
    p_right: float
    information: float


class ProbeAnswer(LearnerAnswer):
    """What to ask next; where `item` is null there is no more to ask, and the reason says why."""

    readiness: float
    readiness_deviation: float
    item: ItemRecord | None
    reason: ReasonRecord


@router.get("/learners/{learner_id:path}/probe", response_model=ProbeAnswer)
async def read_probe(
    request: Request,
    workspace: WorkspaceOf,
    learner_id: str,
    asked: Annotated[ProbeQuestion, Query()],
) -> Response:
    """Return the item whose answer is expected to say most about readiness for a role.

    Post the answer as evidence and ask again: for a placement test, until there is no item.
    """

    def make(view: LearnerView) -> ProbeAnswer:
        return probe(view, view.probe(asked=asked.asked or (), precision=asked.precision))

    return await answered(request, workspace, learner_id, asked, make)


def probe(view: LearnerView, found: Probe) -> ProbeAnswer:
    """Return a probe as it goes out."""
    return ProbeAnswer(
        **about(view),
        readiness=found.readiness,
        readiness_deviation=found.deviation,
        item=_item(view, found) if found.item_id else None,
        reason=ReasonRecord(term=found.reason.term, sentence=found.reason.sentence),
    )


def _item(view: LearnerView, found: Probe) -> ItemRecord:
    item = view.binding.curriculum.item(found.item_id)
    return ItemRecord(
        item_id=item.item_id,
        title=item.name or item.item_id,
        kind=item.kind,
        url=item.url,
        skills=list(item.skills),
        level=item.level,
        p_right=found.p_right,
        information=found.information,
    )

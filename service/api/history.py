"""Mastery over time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from engine.domain import ProficiencyScale

from ..advice import MasteryPoint
from ..instants import from_us
from .advice_answers import LevelRecord
from .problems import documented
from .wire import Answer, Id, Page, WorkspaceOf, in_thread

__all__ = ["router"]

router = APIRouter(tags=["advice"], responses=documented(404))


class HistoryQuestion(Page):
    """Of which skill, and which page."""

    skill: Annotated[Id, Field(description="A skill of the catalogue")]


class PointRecord(BaseModel):
    """What was believed right after a piece of evidence about the skill."""

    at: datetime
    kind: Literal["response", "completion"]
    evidence_id: str
    subject_id: Annotated[str, Field(description="The item or the module")]
    score: float | None
    opportunities: Annotated[int, Field(description="Answers on the skill so far")]
    levels: list[LevelRecord]


class HistoryAnswer(Answer):
    """A page of points, oldest first; `next` is the `after` of the page that follows."""

    learner_id: str
    skill_id: str
    points: list[PointRecord]
    next: str | None


@router.get("/learners/{learner_id:path}/mastery/history")
async def read_history(
    workspace: WorkspaceOf, learner_id: str, asked: Annotated[HistoryQuestion, Query()]
) -> HistoryAnswer:
    """Return what is believed of a skill after each piece of evidence about it, as the current
    model reads it: evidence that came late, or was taken back, changes the points behind it.
    """
    found = await in_thread(workspace.history, learner_id, asked.skill, asked.limit, asked.after)
    return HistoryAnswer(
        model_version=found.binding.model_version,
        learner_id=found.learner_id,
        skill_id=asked.skill,
        points=[_point(found.binding.curriculum.scale, one) for one in found.points],
        next=found.following,
    )


def _point(scale: ProficiencyScale, one: MasteryPoint) -> PointRecord:
    return PointRecord(
        **one.row._asdict(),
        at=from_us(one.row.happened_at_us),
        opportunities=one.opportunities,
        levels=[
            LevelRecord(level=level, name=scale.name(level), p_at_least=p)
            for level, p in one.p_at_least.items()
        ],
    )

"""What follows from the evidence: mastery, gaps, what to take next, a path, the ladder."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from . import advice_answers as answers
from .problems import documented
from .wire import Body, Id, Instant, Question, WorkspaceOf, in_thread

__all__ = ["router"]

router = APIRouter(tags=["advice"], prefix="/learners/{learner_id:path}", responses=documented(404))

Limit = Annotated[int, Field(ge=1, le=100)]
Allowed = Annotated[
    list[Id] | None, Field(description="The modules to choose among; all if left out")
]
Asked = Annotated[Question, Query()]


class RecommendationsQuestion(Question):
    """Which recommendations."""

    limit: Limit = 3
    allowed: Allowed = None


class RecommendationsBody(Body):
    """Which recommendations; for lists of allowed modules too long for an address."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"limit": 3, "allowed": ["joins-101", "charts-101"]}]}
    )

    role: Id | None = None
    at: Instant | None = None
    limit: Limit = 3
    allowed: Allowed = None


class PathQuestion(Question):
    """Which path."""

    budget_minutes: Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)] = 600.0


@router.get("/mastery")
async def read_mastery(
    workspace: WorkspaceOf, learner_id: str, asked: Asked
) -> answers.MasteryAnswer:
    """Return what is believed of each skill, and the readiness for a role that it amounts to."""
    view = await in_thread(workspace.view, learner_id, asked.role, at=asked.at)
    return answers.mastery(view, await in_thread(view.mastery))


@router.get("/gaps")
async def read_gaps(workspace: WorkspaceOf, learner_id: str, asked: Asked) -> answers.GapsAnswer:
    """Return readiness for a role, and how far each of its targets is."""
    view = await in_thread(workspace.view, learner_id, asked.role, at=asked.at)
    return answers.gaps(view, await in_thread(view.gaps))


@router.get("/ladder")
async def read_ladder(
    workspace: WorkspaceOf, learner_id: str, asked: Asked
) -> answers.LadderAnswer:
    """Return readiness for every role on the ladder of a role, lowest rung first."""
    view = await in_thread(workspace.view, learner_id, asked.role, at=asked.at)
    return answers.ladder(view, await in_thread(view.ladder))


@router.get("/recommendations")
async def read_recommendations(
    workspace: WorkspaceOf, learner_id: str, asked: Annotated[RecommendationsQuestion, Query()]
) -> answers.RecommendationsAnswer:
    """Return what to take next, best first, and why."""
    view = await in_thread(workspace.view, learner_id, asked.role, at=asked.at)
    found = await in_thread(view.recommend, limit=asked.limit, allowed=asked.allowed)
    return answers.recommendations(view, found)


@router.post("/recommendations", responses=documented(400, 413, 415))
async def ask_recommendations(
    workspace: WorkspaceOf, learner_id: str, asked: RecommendationsBody
) -> answers.RecommendationsAnswer:
    """Return what to take next among many allowed modules; nothing is changed."""
    view = await in_thread(workspace.view, learner_id, asked.role, at=asked.at)
    found = await in_thread(view.recommend, limit=asked.limit, allowed=asked.allowed)
    return answers.recommendations(view, found)


@router.get("/path")
async def read_path(
    workspace: WorkspaceOf, learner_id: str, asked: Annotated[PathQuestion, Query()]
) -> answers.PathAnswer:
    """Return modules in an order that respects what each requires, within a budget of minutes."""
    view = await in_thread(workspace.view, learner_id, asked.role, at=asked.at)
    return answers.path(view, await in_thread(view.plan, budget_minutes=asked.budget_minutes))

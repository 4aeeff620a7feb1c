"""Teams: what they lack for a role."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ..records import TeamReport
from .advice_answers import Interval
from .problems import documented
from .wire import Answer, Instant, NoQuestion, WorkspaceOf, in_thread

__all__ = ["router"]

router = APIRouter(tags=["teams"])


class TeamQuestion(NoQuestion):
    """Against which role."""

    role: Annotated[str, Field(description="The role to measure the team against")]
    at: Annotated[Instant | None, Field(description="The instant asked about; now if left out")] = (
        None
    )


class TeamGapRecord(BaseModel):
    """One target: the share of the team to be expected to have attained it."""

    skill_id: str
    target_level: int
    weight: float
    attained: Annotated[float, Field(description="The expected share of the team")]
    attained_interval: Interval
    mastered: Annotated[int, Field(description="How many have shown it")]


class TeamGapsAnswer(Answer):
    """How a team stands against a role; teams of fewer than five are not told of."""

    team_id: str
    role_id: str
    at: datetime
    learners: int
    readiness: float
    readiness_interval: Interval
    gaps: list[TeamGapRecord]


@router.get("/teams/{team_id:path}/gaps", responses=documented(403, 404))
async def read_team_gaps(
    workspace: WorkspaceOf, team_id: str, asked: Annotated[TeamQuestion, Query()]
) -> TeamGapsAnswer:
    """Return how much of a team has attained each target of a role; a 403 for very small teams."""
    return _answer(await in_thread(workspace.team_gaps, team_id, asked.role, asked.at))


def _answer(report: TeamReport) -> TeamGapsAnswer:
    return TeamGapsAnswer(
        model_version=report.model_version,
        team_id=report.team_id,
        role_id=report.role_id,
        at=report.at,
        learners=report.learners,
        readiness=report.readiness,
        readiness_interval=_interval(report.interval),
        gaps=[
            TeamGapRecord(
                skill_id=one.target.skill_id,
                target_level=one.target.level,
                weight=one.target.weight,
                attained=one.attained,
                attained_interval=_interval(one.interval),
                mastered=one.mastered,
            )
            for one in report.gaps
        ],
    )


def _interval(pair: tuple[float, float]) -> Interval:
    return Interval(low=pair[0], high=pair[1])

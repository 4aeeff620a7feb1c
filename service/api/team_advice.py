"""What to take next for everybody of a team, in one call."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ..deciding import Asked
from ..workspace import Workspace
from . import advice_answers as answers
from .advice import Allowed, Denied, Limit, Preference, Variety, Within
from .problems import documented
from .wire import Answer, Question, WorkspaceOf, in_thread

__all__ = ["router"]

router = APIRouter(tags=["teams"])


class TeamAdviceQuestion(Question):
    """Which recommendations, and which page of the learners."""

    limit: Limit = 3
    allowed: Allowed = None
    denied: Denied = None
    within_minutes: Within = None
    variety: Variety = 0.0
    preference: Preference = 0.0
    learners: Annotated[int, Field(ge=1, le=500, description="How many learners at most")] = 100
    after: Annotated[str, Field(description="The `next` of the page before")] = ""


class MemberAdvice(BaseModel):
    """What a learner is to take next; `role_id` is empty where none was named and none is had."""

    learner_id: str
    name: str
    role_id: str
    decision_id: str
    recommendations: list[answers.RecommendationRecord]
    note: str


class TeamAdviceAnswer(Answer):
    """A page of learners by id; `next` is the `after` of the page that follows."""

    team_id: str
    at: datetime
    learners: list[MemberAdvice]
    next: str | None


@router.get("/teams/{team_id:path}/recommendations", responses=documented(404))
async def read_team_recommendations(
    workspace: WorkspaceOf, team_id: str, asked: Annotated[TeamAdviceQuestion, Query()]
) -> TeamAdviceAnswer:
    """Return what each learner of a team is to take next, as it is told of each alone: against
    the role named, or each one's own.
    """
    return await in_thread(_answer, workspace, team_id, asked)


def _answer(workspace: Workspace, team_id: str, asked: TeamAdviceQuestion) -> TeamAdviceAnswer:
    wanted = Asked(
        limit=asked.limit,
        allowed=asked.allowed,
        denied=asked.denied or (),
        within_minutes=asked.within_minutes,
        variety=asked.variety,
        preference=asked.preference,
        at=asked.at,
    )
    found = workspace.serve_team(
        team_id, wanted, asked.role, learners=asked.learners, after=asked.after
    )
    members = []
    for profile, view, served in found.members:
        member = MemberAdvice(
            learner_id=profile.learner_id,
            name=profile.name,
            role_id="",
            decision_id="",
            recommendations=[],
            note="has no role; name one, or give the learner one",
        )
        if view is not None and served is not None:
            listed, decision_id = served
            member.role_id, member.decision_id = view.role.role_id, decision_id
            member.recommendations = answers.recommended(view, listed)
            member.note = listed.note
        members.append(member)
    return TeamAdviceAnswer(
        model_version=found.model_version,
        team_id=team_id,
        at=found.at,
        learners=members,
        next=found.following,
    )

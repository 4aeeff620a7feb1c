"""Teams: what they lack for a role, who needs coaching, who may move on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from ..records import Member, TeamAnswer, TeamReport, TeamSize
from .admitting import key_of
from .advice_answers import Interval
from .problems import documented
from .wire import Answer, Instant, ModelVersion, NoQuestion, Page, WorkspaceOf, in_thread

__all__ = ["CoachingAnswer", "ReadyAnswer", "coaching", "gaps", "ready", "router", "teams"]

router = APIRouter(tags=["teams"])


class TeamRecord(BaseModel):
    """A team; its id is what profiles name."""

    team_id: str
    learners: Annotated[int, Field(description="How many are in it")]
    usual_role_id: Annotated[
        str, Field(description="The role that most have who have one; empty if nobody has")
    ]


class TeamsAnswer(Answer):
    """A page of teams by id; `next` is the `after` of the page that follows."""

    teams: list[TeamRecord]
    next: str | None


class TeamQuestion(NoQuestion):
    """Against which role."""

    role: Annotated[str, Field(description="The role to measure the team against")]
    at: Annotated[Instant | None, Field(description="The instant asked about; now if left out")] = (
        None
    )


class TeamListQuestion(TeamQuestion, Page):
    """Against which role, and which page of those who stand out."""


class TeamGapRecord(BaseModel):
    """One target: the share of the team to be expected to have attained it, in whole learners.

    Null where fewer than five have shown anything about the skill: the others count with what
    anybody would know beforehand, and would not hide them.
    """

    skill_id: str
    target_level: int
    weight: float
    attained: Annotated[float | None, Field(description="The expected share of the team")]
    attained_interval: Interval | None
    mastered: Annotated[int | None, Field(description="How many have shown it")]


class TeamGapsAnswer(Answer):
    """How a team stands against a role; teams of fewer than five are not told of.

    Readiness rests on the targets that are told, so that nothing else can be had from it.
    """

    team_id: str
    role_id: str
    at: datetime
    learners: int
    readiness: float
    readiness_interval: Interval
    gaps: list[TeamGapRecord]


class StuckRecord(BaseModel):
    """A skill on which a learner spins their wheels, with the evidence and the reason."""

    skill_id: str
    level: int
    opportunities: Annotated[int, Field(description="Answers that exercised the skill")]
    attainment: float
    independent_successes: int
    last_failed_at: datetime | None
    completed: Annotated[list[str], Field(description="Modules on the skill, completed")]
    missing: Annotated[list[str], Field(description="Prerequisites more likely missing than not")]
    reason: str


class CoachedRecord(BaseModel):
    """A learner who needs a person rather than another module."""

    learner_id: str
    name: str
    readiness: float
    stuck: list[StuckRecord]


class CoachingAnswer(Answer):
    """A page of those of a team who spin their wheels on what a role wants, the worst off first.

    `learners` are all that the team has; `next` is the `after` of the page that follows.
    """

    team_id: str
    role_id: str
    at: datetime
    learners: int
    coaching: list[CoachedRecord]
    next: str | None


class ShownRecord(BaseModel):
    """One target, and what shows it."""

    skill_id: str
    target_level: int
    attainment: float
    independent_successes: int


class ReadyRecord(BaseModel):
    """A learner who has mastered every target of the role."""

    learner_id: str
    name: str
    role_id: Annotated[str, Field(description="The learner's current role; empty if none")]
    readiness: float
    readiness_interval: Interval
    targets: list[ShownRecord]


class ReadyAnswer(Answer):
    """A page of those of a team who may move on to a role, by id.

    `learners` are all that the team has; `next` is the `after` of the page that follows.
    """

    team_id: str
    role_id: str
    at: datetime
    learners: int
    ready: list[ReadyRecord]
    next: str | None


@router.get("/teams")
async def read_teams(
    request: Request,
    workspace: WorkspaceOf,
    model_version: ModelVersion,
    asked: Annotated[Page, Query()],
) -> TeamsAnswer:
    """Return the teams that have learners, a page at a time; the key's own, where it is of some."""
    within = key_of(request).grant.teams_in_sight
    found = await in_thread(workspace.teams, asked.limit + 1, asked.after, within)
    following = found[asked.limit - 1].team_id if len(found) > asked.limit else None
    return teams(model_version, found[: asked.limit], following)


def teams(
    model_version: str, found: Sequence[TeamSize], following: str | None = None
) -> TeamsAnswer:
    """Return the answer as it goes out."""
    return TeamsAnswer(
        model_version=model_version,
        teams=[TeamRecord(**asdict(one)) for one in found],
        next=following,
    )


@router.get("/teams/{team_id:path}/coaching", responses=documented(404))
async def read_team_coaching(
    workspace: WorkspaceOf, team_id: str, asked: Annotated[TeamListQuestion, Query()]
) -> CoachingAnswer:
    """Return who of a team has practised a skill of the role ten times or more without attaining
    it, with the evidence, a page at a time. It names learners: it is for those who coach them.
    """
    return coaching(
        await in_thread(
            lambda: workspace.coaching(
                team_id, asked.role, asked.at, limit=asked.limit, after=asked.after
            )
        )
    )


@router.get("/teams/{team_id:path}/ready", responses=documented(404))
async def read_team_ready(
    workspace: WorkspaceOf, team_id: str, asked: Annotated[TeamListQuestion, Query()]
) -> ReadyAnswer:
    """Return who of a team has mastered every target of a role and is not in it, or on a higher
    rung of its ladder, with the evidence, a page at a time. It names learners: it is for those who
    promote them.
    """
    return ready(
        await in_thread(
            lambda: workspace.ready(
                team_id, asked.role, asked.at, limit=asked.limit, after=asked.after
            )
        )
    )


@router.get("/teams/{team_id:path}/gaps", responses=documented(403, 404))
async def read_team_gaps(
    workspace: WorkspaceOf, team_id: str, asked: Annotated[TeamQuestion, Query()]
) -> TeamGapsAnswer:
    """Return how much of a team has attained each target of a role; a 403 for very small teams,
    and where fewer than five have shown anything about what the role wants.
    """
    return gaps(await in_thread(workspace.team_gaps, team_id, asked.role, asked.at))


def gaps(report: TeamReport) -> TeamGapsAnswer:
    """Return the answer as it goes out."""
    found = report.found
    return TeamGapsAnswer(
        model_version=report.model_version,
        team_id=report.team_id,
        role_id=found.role_id,
        at=report.at,
        learners=found.learners,
        readiness=found.readiness,
        readiness_interval=_interval(found.interval),
        gaps=[
            TeamGapRecord(
                skill_id=one.target.skill_id,
                target_level=one.target.level,
                weight=one.target.weight,
                attained=one.attained,
                attained_interval=_interval(one.interval) if one.interval else None,
                mastered=one.mastered,
            )
            for one in found.gaps
        ],
    )


def _interval(pair: tuple[float, float]) -> Interval:
    return Interval(low=pair[0], high=pair[1])


def coaching(found: TeamAnswer) -> CoachingAnswer:
    """Return the answer as it goes out."""
    return CoachingAnswer(**_about(found), coaching=[_coached(one) for one in found.members])


def ready(found: TeamAnswer) -> ReadyAnswer:
    """Return the answer as it goes out."""
    return ReadyAnswer(**_about(found), ready=[_ready(one) for one in found.members])


def _about(found: TeamAnswer) -> dict[str, Any]:
    return {
        "model_version": found.model_version,
        "team_id": found.team_id,
        "role_id": found.role_id,
        "at": found.at,
        "learners": found.learners,
        "next": found.following,
    }


def _coached(member: Member) -> CoachedRecord:
    return CoachedRecord(
        learner_id=member.profile.learner_id,
        name=member.profile.name,
        readiness=member.report.readiness,
        stuck=[
            StuckRecord(
                skill_id=one.skill_id,
                level=one.level,
                opportunities=one.opportunities,
                attainment=one.p_attained,
                independent_successes=one.independent_successes,
                last_failed_at=one.last_failed_at,
                completed=list(one.completed),
                missing=[str(k) for k in one.missing],
                reason=one.reason.sentence,
            )
            for one in member.stuck
        ],
    )


def _ready(member: Member) -> ReadyRecord:
    return ReadyRecord(
        learner_id=member.profile.learner_id,
        name=member.profile.name,
        role_id=member.profile.role_id,
        readiness=member.report.readiness,
        readiness_interval=_interval(member.report.interval),
        targets=[
            ShownRecord(
                skill_id=one.target.skill_id,
                target_level=one.target.level,
                attainment=one.p_attained,
                independent_successes=one.independent_successes,
            )
            for one in member.report.gaps
        ],
    )

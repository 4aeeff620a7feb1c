"""Learners: who they are, and which role they have."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from ..records import LearnerProfile
from .admitting import key_of
from .problems import documented
from .wire import (
    Answer,
    Body,
    Id,
    ModelVersion,
    Page,
    Text,
    WorkspaceOf,
    in_thread,
    refuse_questions,
)

__all__ = ["router"]

router = APIRouter(tags=["learners"])


class ProfileBody(Body):
    """What is known of a learner; the current role is what they are measured against."""

    name: Text = ""
    team_id: Text = ""
    role_id: Text = ""
    next_role_id: Text = ""
    next_role_weight: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Its share in what is recommended where no role is named; without"
            " next_role_id, of the next rung of the current role's ladder",
        ),
    ] = 0.0


class ProfileRecord(ProfileBody):
    """A learner."""

    learner_id: Id


class ProfilesBody(Body):
    """Many learners."""

    learners: Annotated[list[ProfileRecord], Field(max_length=10_000)]


class ProfileAnswer(Answer, ProfileRecord):
    """A learner."""


class ProfilesReceipt(Answer):
    """How many learners were kept."""

    accepted: int


class ProfilesAnswer(Answer):
    """A page of learners; `next` is the `after` of the page that follows, if one does."""

    learners: list[ProfileRecord]
    next: str | None


class ProfilesQuestion(Page):
    """Which learners."""

    query: Annotated[str, Field(description="Looked for in ids, names and teams")] = ""
    limit: Annotated[int, Field(ge=1, le=1000)] = 50


@router.put(
    "/learners/{learner_id:path}",
    dependencies=[Depends(refuse_questions)],
    responses=documented(400, 404, 408, 409, 413, 415),
)
async def put_learner(
    workspace: WorkspaceOf, model_version: ModelVersion, learner_id: str, body: ProfileBody
) -> ProfileAnswer:
    """Keep a learner's profile in place of what was there; evidence stays as it is."""
    profile = LearnerProfile(learner_id, **body.model_dump())
    await in_thread(workspace.put_learners, [profile])
    return ProfileAnswer(model_version=model_version, **asdict(profile))


@router.post(
    "/learners",
    dependencies=[Depends(refuse_questions)],
    responses=documented(400, 408, 409, 413, 415),
)
async def put_learners(
    workspace: WorkspaceOf, model_version: ModelVersion, body: ProfilesBody
) -> ProfilesReceipt:
    """Keep the profiles of many learners, all or none."""
    profiles = [LearnerProfile(**one.model_dump()) for one in body.learners]
    await in_thread(workspace.put_learners, profiles)
    return ProfilesReceipt(model_version=model_version, accepted=len(profiles))


@router.get("/learners")
async def read_learners(
    request: Request,
    workspace: WorkspaceOf,
    model_version: ModelVersion,
    asked: Annotated[ProfilesQuestion, Query()],
) -> ProfilesAnswer:
    """Return learners by id, a page at a time; of the key's own teams, where it is of some."""
    within = key_of(request).grant.teams_in_sight
    found = await in_thread(workspace.learners, asked.query, asked.limit + 1, asked.after, within)
    page = [ProfileRecord(**asdict(one)) for one in found[: asked.limit]]
    following = page[-1].learner_id if len(found) > asked.limit else None
    return ProfilesAnswer(model_version=model_version, learners=page, next=following)


@router.get(
    "/learners/{learner_id:path}",
    dependencies=[Depends(refuse_questions)],
    responses=documented(404),
)
async def read_learner(
    workspace: WorkspaceOf, model_version: ModelVersion, learner_id: str
) -> ProfileAnswer:
    """Return a learner's profile; evidence makes a learner too."""
    profile = await in_thread(workspace.learner, learner_id)
    return ProfileAnswer(model_version=model_version, **asdict(profile))

"""Roles: what is wanted of whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from engine.domain import Role
from engine.domain.records import plain

from ..records import RoleVersion
from .catalog import Level
from .catalogs import VersionNumber
from .problems import documented
from .wire import (
    Answer,
    Body,
    Id,
    Instant,
    ModelVersion,
    Page,
    Text,
    WorkspaceOf,
    in_thread,
    refuse_questions,
)

__all__ = ["router"]

router = APIRouter(tags=["roles"])
_NO_QUESTIONS = [Depends(refuse_questions)]


class TargetBody(Body):
    """A skill that a role wants at a level, and how much it matters."""

    skill_id: Id
    level: Level = 1
    weight: float = 1.0
    due_at: Annotated[Instant | None, Field(description="By when it is wanted")] = None
    valid_days: Annotated[
        float | None, Field(description="For how long proof of it is valid; for good if left out")
    ] = None
    level_error: Annotated[
        float | None,
        Field(
            description="The standard error of the level, where it was estimated: the target then"
            " counts at each level that may be meant, as likely as it is that it is"
        ),
    ] = None
    level_rated: Annotated[
        float | None,
        Field(description="What the level was estimated at, where that is not whole"),
    ] = None
    weight_error: Annotated[
        float | None,
        Field(description="The standard error of the weight; intervals of readiness widen with it"),
    ] = None


class RoleBody(Body):
    """The targets of a role; roles on one ladder are its rungs, lowest first."""

    targets: list[TargetBody]
    name: Text = ""
    mastery_threshold: float = 0.95
    ladder: Text = ""
    rung: int = 0
    description: Text = ""


class RoleRecord(RoleBody):
    """A role as it was published; a change makes another version."""

    role_id: Id
    role_version: int
    catalog_version: Annotated[
        int, Field(description="That its targets were checked against; 0 where that is unknown")
    ]
    published_at: datetime | None


class RoleAnswer(Answer, RoleRecord):
    """A role."""


class RolesAnswer(Answer):
    """A page of roles; `next` is the `after` of the page that follows."""

    roles: list[RoleRecord]
    next: str | None


@router.put(
    "/roles/{role_id:path}",
    dependencies=_NO_QUESTIONS,
    responses=documented(400, 404, 408, 409, 413, 415),
)
async def put_role(
    workspace: WorkspaceOf, model_version: ModelVersion, role_id: str, body: RoleBody
) -> RoleAnswer:
    """Publish a role, as a new version unless the newest says the same."""
    role = Role(role_id=role_id, **body.model_dump())
    published = await in_thread(workspace.put_role, role)
    return RoleAnswer(model_version=model_version, **_record(published))


@router.get("/roles")
async def read_roles(
    workspace: WorkspaceOf, model_version: ModelVersion, asked: Annotated[Page, Query()]
) -> RolesAnswer:
    """Return the newest version of every role, by ladder, rung and id, a page at a time."""
    found, following = await in_thread(workspace.published_roles, asked.limit, asked.after)
    return _page(model_version, found, following)


@router.get("/roles/{role_id:path}/versions", responses=documented(404))
async def read_role_versions(
    workspace: WorkspaceOf,
    model_version: ModelVersion,
    role_id: str,
    asked: Annotated[Page, Query()],
) -> RolesAnswer:
    """Return the versions of a role, oldest first, a page at a time."""
    found, following = await in_thread(workspace.role_versions, role_id, asked.limit, asked.after)
    return _page(model_version, found, following)


@router.get(
    "/roles/{role_id:path}/versions/{role_version}",
    dependencies=_NO_QUESTIONS,
    responses=documented(404),
)
async def read_role_version(
    workspace: WorkspaceOf,
    model_version: ModelVersion,
    role_id: str,
    role_version: VersionNumber,
) -> RoleAnswer:
    """Return a version of a role as it was published."""
    published = await in_thread(workspace.published_role, role_id, role_version)
    return RoleAnswer(model_version=model_version, **_record(published))


@router.get("/roles/{role_id:path}", dependencies=_NO_QUESTIONS, responses=documented(404))
async def read_role(
    workspace: WorkspaceOf, model_version: ModelVersion, role_id: str
) -> RoleAnswer:
    """Return the newest version of a role."""
    published = await in_thread(workspace.published_role, role_id)
    return RoleAnswer(model_version=model_version, **_record(published))


def _page(model_version: str, found: Sequence[RoleVersion], following: str | None) -> RolesAnswer:
    records = [RoleRecord(**_record(one)) for one in found]
    return RolesAnswer(model_version=model_version, roles=records, next=following)


def _record(one: RoleVersion) -> dict[str, Any]:
    return {
        **plain(one.role),
        "role_version": one.version,
        "catalog_version": one.catalog_version,
        "published_at": one.published_at,
    }

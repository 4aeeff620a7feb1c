"""Roles: what is wanted of whom."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import ConfigDict

from engine.domain import Role
from engine.domain.records import plain

from .catalog import Level
from .problems import documented
from .wire import (
    Answer,
    Body,
    Id,
    ModelVersion,
    Text,
    WorkspaceOf,
    in_thread,
    refuse_questions,
)

__all__ = ["router"]

router = APIRouter(tags=["roles"], dependencies=[Depends(refuse_questions)])


class TargetBody(Body):
    """A skill that a role wants at a level, and how much it matters."""

    skill_id: Id
    level: Level = 1
    weight: float = 1.0


class RoleBody(Body):
    """The targets of a role; roles on one ladder are its rungs, lowest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Analyst", "targets": [{"skill_id": "joins", "level": 2}]}]
        }
    )

    targets: list[TargetBody]
    name: Text = ""
    mastery_threshold: float = 0.95
    ladder: Text = ""
    rung: int = 0
    description: Text = ""


class RoleRecord(RoleBody):
    """A role."""

    role_id: Id


class RoleAnswer(Answer, RoleRecord):
    """A role."""


class RolesAnswer(Answer):
    """Every role, by ladder, rung and id."""

    roles: list[RoleRecord]


@router.put("/roles/{role_id:path}", responses=documented(400, 404, 408, 409, 413, 415))
async def put_role(
    workspace: WorkspaceOf, model_version: ModelVersion, role_id: str, body: RoleBody
) -> RoleAnswer:
    """Keep a role in place of what was there under its id."""
    role = Role(role_id=role_id, **body.model_dump())
    await in_thread(workspace.put_role, role)
    return RoleAnswer(model_version=model_version, **plain(role))


@router.get("/roles")
async def read_roles(workspace: WorkspaceOf, model_version: ModelVersion) -> RolesAnswer:
    """Return every role."""
    roles = await in_thread(workspace.roles)
    return RolesAnswer(
        model_version=model_version, roles=[RoleRecord(**plain(role)) for role in roles]
    )


@router.get("/roles/{role_id:path}", responses=documented(404))
async def read_role(
    workspace: WorkspaceOf, model_version: ModelVersion, role_id: str
) -> RoleAnswer:
    """Return a role."""
    role = await in_thread(workspace.role, role_id)
    return RoleAnswer(model_version=model_version, **plain(role))

"""The pages for those who lead teams: which there are, and where one stands against a role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool as ask

from engine.errors import TooFew

from ..api.admitting import key_of, workspace_of
from .people import role_choices
from .rendering import PageRoute, page
from .teams import coached_view, ready_view, team_list, team_readiness
from .wording import teams_href

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain import Role

    from ..workspace import Workspace

__all__ = ["router"]

router = APIRouter(route_class=PageRoute, include_in_schema=False)

TEAMS_PER_PAGE = 25


@router.get("/teams")
async def teams_page(request: Request, after: str = "") -> Response:
    """Choose a team, among those that may be read."""
    within = key_of(request).grant.teams_in_sight
    found = await ask(workspace_of(request).teams, TEAMS_PER_PAGE + 1, after, within)
    view = team_list(found, after=after, limit=TEAMS_PER_PAGE)
    return page("teams.html", teams=view, sees_teams=True)


@router.get("/team")
async def team_page(
    request: Request,
    team_id: str = Query("", alias="id"),
    role_id: str = Query("", alias="role"),
) -> Response:
    """Show one team against one role; without `role`, against the one that most of it have."""
    if not team_id:
        return RedirectResponse(teams_href(), 303)
    workspace = workspace_of(request)
    usual = await ask(workspace.usual_role, team_id)
    roles = {role.role_id: role for role in await ask(workspace.roles)}
    chosen = role_id or usual
    values: dict[str, Any] = {
        "team_id": team_id,
        "choices": role_choices(roles.values(), chosen, {usual: " (most have it)"}),
        "role": roles.get(chosen),
        "sees_teams": True,
    }
    if chosen:
        values |= await _standing(workspace, team_id, chosen, roles)
    return page("team.html", **values)


async def _standing(
    workspace: Workspace, team_id: str, role_id: str, roles: Mapping[str, Role]
) -> dict[str, Any]:
    """Return what is told of a team as the interface tells it: what that keeps back, this does."""
    coached = await ask(workspace.coaching, team_id, role_id)
    ready = await ask(workspace.ready, team_id, role_id)
    catalog = (await ask(workspace.current)).curriculum
    readiness, refusal = None, ""
    try:
        report = await ask(workspace.team_gaps, team_id, role_id)
        readiness = team_readiness(report.found, catalog)
    except TooFew as error:
        refusal = str(error)
    return {
        "model_version": coached.model_version,
        "learners": coached.learners,
        "coached": coached_view(coached),
        "ready": ready_view(ready, roles),
        "readiness": readiness,
        "refusal": refusal,
    }

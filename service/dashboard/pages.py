"""The routes of the pages: each part of a page is one question to the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool as ask

from ..api.admitting import key_of, workspace_of
from ..deciding import Asked
from ..errors import NoRole
from .growth_chart import PLOT_HEIGHT, PLOT_TOP, growth_chart
from .learning import (
    FEWEST_MINUTES,
    MOST_A_WEEK,
    MOST_MINUTES,
    USUAL_WEEK,
    Budget,
    next_modules,
    path_view,
    read_budget,
)
from .mastery import ladder_view, mastery_view, other_skills, readiness_view, threshold_view
from .people import learner_list, person
from .rendering import ASSETS, SECURITY_HEADERS, PageRoute, asset, page
from .wording import learner_href

if TYPE_CHECKING:
    from engine.domain import Role

    from ..advice import LearnerView
    from ..workspace import Workspace

__all__ = ["PAGES", "router"]

PAGES = frozenset({"/", "/learner", "/teams", "/team", "/logout"})
"""Where a session is taken in place of a key."""

router = APIRouter(route_class=PageRoute, include_in_schema=False)

LEARNERS_PER_PAGE = 25


@router.get("/")
async def learners_page(request: Request, q: str = "", after: str = "") -> Response:
    """Choose a learner: search by name or id, page through the list.

    Whoever may read one learner alone is led to that one's page.
    """
    workspace, grant = workspace_of(request), key_of(request).grant
    if grant.bound and not grant.team_ids:
        return RedirectResponse(learner_href(grant.learner_id), 303)
    catalog = await ask(workspace.catalog)
    roles = await ask(workspace.roles)
    query = q.strip()
    found = await ask(workspace.learners, query, LEARNERS_PER_PAGE + 1, after, grant.teams_in_sight)
    view = learner_list(found, roles, query=query, after=after, limit=LEARNERS_PER_PAGE)
    return page("learners.html", learners=view, has_catalog=catalog is not None, sees_teams=True)


@router.get("/learner")
async def learner_page(
    request: Request,
    learner_id: str = Query("", alias="id"),
    role_id: str = Query("", alias="role"),
    minutes: str = "",
    week: str = USUAL_WEEK,
) -> Response:
    """Show one learner against one role; without `role`, against the current one.

    A path is for `minutes` in all; `week` are those that there are a week, and give it dates.
    """
    if not learner_id:
        return RedirectResponse("./", 303)
    workspace, grant = workspace_of(request), key_of(request).grant
    sees_teams = bool(grant.team_ids) or not grant.bound
    roles = {role.role_id: role for role in await ask(workspace.roles)}
    try:
        view = await ask(workspace.view, learner_id, role_id or None)
    except NoRole:
        profile = await ask(workspace.learner, learner_id)
        return page("no_role.html", **person(profile, roles, chosen=""), sees_teams=sees_teams)
    return page(
        "learner.html",
        **person(view.profile, roles, chosen=view.role.role_id),
        **await _standing(workspace, view),
        **await _progress(workspace, view, roles),
        **await _path(view, read_budget(minutes), read_budget(week, MOST_A_WEEK)),
        role=view.role,
        sees_teams=sees_teams,
        model_version=view.model_version,
    )


async def _standing(workspace: Workspace, view: LearnerView) -> dict[str, Any]:
    curriculum = view.binding.curriculum
    mastery = await ask(view.mastery)
    recommended, _ = await ask(workspace.serve, view, Asked())
    return {
        "readiness": readiness_view(mastery),
        "groups": mastery_view(mastery, view.role, curriculum),
        "threshold": threshold_view(view.role),
        "others": other_skills(mastery, curriculum),
        "next": next_modules(recommended, curriculum),
    }


async def _progress(
    workspace: Workspace, view: LearnerView, roles: Mapping[str, Role]
) -> dict[str, Any]:
    growth = await ask(workspace.growth, view.profile.learner_id, view.role.role_id)
    on_ladder = await ask(view.ladder) if view.role.ladder else ()
    return {
        "growth": growth_chart(growth),
        "plot": {"height": PLOT_HEIGHT, "top": PLOT_TOP},
        "ladder": ladder_view(on_ladder, roles, view.role.role_id),
    }


async def _path(view: LearnerView, budget: Budget, week: Budget) -> dict[str, Any]:
    values = {
        "budget": budget,
        "week": week,
        "fewest": FEWEST_MINUTES,
        "most": MOST_MINUTES,
        "most_a_week": MOST_A_WEEK,
        "path": None,
    }
    if budget.minutes is None or week.problem:
        return values
    path = await ask(view.plan, budget_minutes=budget.minutes, minutes_per_week=week.minutes)
    return {**values, "path": path_view(path, view.binding.curriculum, view.at)}


@router.get("/assets/{name}")
async def static_file(name: str) -> Response:
    """Return the style sheet or the icon; pages name them with a fingerprint."""
    if name not in ASSETS:
        raise HTTPException(404, f"no such file: {name}")
    headers = {**SECURITY_HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
    return Response(asset(name), headers=headers, media_type=ASSETS[name])

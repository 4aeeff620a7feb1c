"""The HTTP interface, a module per subject: parse, ask the workspace one thing, map the answer."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from . import (
    advice,
    catalog,
    catalog_lists,
    catalogs,
    decisions,
    evidence,
    experiments,
    findings,
    fits,
    history,
    learners,
    merges,
    operations,
    privacy,
    probing,
    roles,
    team_advice,
    teams,
    tracers,
    voids,
)
from .admitting import admit
from .problems import documented
from .wire import refuse_repeats

__all__ = ["router"]

router = APIRouter(
    prefix="/v1",
    dependencies=[Depends(admit), Depends(refuse_repeats)],
    responses=documented(401, 403, 422, 429, 500, 503),
)
# Tried in this order: what is asked most comes first, `/learners/{…}` after `/learners/{…}/…`.
for _subject in (
    *(advice, history, probing, evidence, voids, decisions, experiments, privacy, merges),
    *(
        catalog,
        catalog_lists,
        catalogs,
        findings,
        roles,
        learners,
        teams,
        team_advice,
        tracers,
        fits,
    ),
):
    router.include_router(_subject.router)

health = operations.router

"""Whether the service lives, and whether it can answer."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict

from ..workspace import Workspace
from .admitting import admit
from .problems import documented
from .wire import in_thread, refuse_questions

__all__ = ["router"]

router = APIRouter(tags=["operations"], dependencies=[Depends(admit), Depends(refuse_questions)])


class HealthAnswer(BaseModel):
    """The process answers."""

    status: str


class ReadinessAnswer(BaseModel):
    """The store answers too, under this model."""

    model_config = ConfigDict(protected_namespaces=())

    status: str
    model_version: str


@router.get("/healthz")
async def read_health() -> HealthAnswer:
    """Say that the process lives."""
    return HealthAnswer(status="alive")


@router.get("/readyz", responses=documented(503))
async def read_readiness(request: Request) -> ReadinessAnswer:
    """Say that the store answers; a 503 otherwise. It and its model are those of no tenant."""
    workspace: Workspace = request.app.state.workspace
    await in_thread(workspace.check)
    return ReadinessAnswer(status="ready", model_version=workspace.model_version)


@router.get("/metrics", response_class=PlainTextResponse, responses=documented(401, 403, 429, 503))
async def read_metrics(request: Request) -> Response:
    """Say how the service is doing, all tenants together, for Prometheus."""
    content = await in_thread(generate_latest, request.app.state.metrics.registry)
    return Response(content, media_type=CONTENT_TYPE_LATEST)

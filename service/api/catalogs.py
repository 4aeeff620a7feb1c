"""The versions of the catalogue; what was published never changes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel

from ..instants import from_us
from .catalog import CatalogAnswer
from .problems import documented
from .wire import Answer, ModelVersion, Page, WorkspaceOf, in_thread, refuse_questions

__all__ = ["VersionNumber", "router"]

router = APIRouter(tags=["catalog"])

VersionNumber = Annotated[int, Path(ge=1, le=10**9)]


class CatalogRecord(BaseModel):
    """A version of the catalogue."""

    catalog_version: int
    published_at: datetime


class CatalogsAnswer(Answer):
    """A page of versions, oldest first; `next` is the `after` of the page that follows."""

    catalogs: list[CatalogRecord]
    next: str | None


@router.get("/catalogs")
async def read_catalogs(
    workspace: WorkspaceOf, model_version: ModelVersion, asked: Annotated[Page, Query()]
) -> CatalogsAnswer:
    """Return the versions of the catalogue: each put or change of a module made one."""
    rows, following = await in_thread(workspace.catalogs, asked.limit, asked.after)
    records = [
        CatalogRecord(catalog_version=row.version, published_at=from_us(row.created_at_us))
        for row in rows
    ]
    return CatalogsAnswer(model_version=model_version, catalogs=records, next=following)


@router.get(
    "/catalogs/{catalog_version}",
    dependencies=[Depends(refuse_questions)],
    responses=documented(404),
)
async def read_catalog_version(
    workspace: WorkspaceOf, model_version: ModelVersion, catalog_version: VersionNumber
) -> CatalogAnswer:
    """Return a version of the catalogue as it was published."""
    found = await in_thread(workspace.catalog_of, catalog_version)
    return CatalogAnswer(
        model_version=model_version, catalog_version=catalog_version, **found.to_records()
    )

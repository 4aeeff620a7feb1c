"""What the catalogue has, a page at a time, for those to whom all of it is too much at once."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from ..workspace import Workspace
from ..workspace.cataloguing import Part
from .catalog import ItemBody, ModuleBody, PrerequisiteBody, SkillBody
from .problems import documented
from .wire import Answer, Page, WorkspaceOf, in_thread

__all__ = ["router"]

router = APIRouter(tags=["catalog"], prefix="/catalog", responses=documented(404))

Asked = Annotated[Page, Query()]


class ListAnswer(Answer):
    """A page of what a catalogue has, in its order; `next` is the `after` of the page that follows.

    All pages are of the version that the first one was of, though another was put meanwhile.
    """

    catalog_version: int
    next: str | None


class SkillsAnswer(ListAnswer):
    """A page of skills."""

    skills: list[SkillBody]


class PrerequisitesAnswer(ListAnswer):
    """A page of prerequisites."""

    prerequisites: list[PrerequisiteBody]


class ItemsAnswer(ListAnswer):
    """A page of items."""

    items: list[ItemBody]


class ModulesAnswer(ListAnswer):
    """A page of modules."""

    modules: list[ModuleBody]


@router.get("/skills")
async def read_skills(workspace: WorkspaceOf, asked: Asked) -> SkillsAnswer:
    """Return the skills of the current catalogue, a page at a time."""
    return SkillsAnswer(**await _page(workspace, "skills", asked))


@router.get("/prerequisites")
async def read_prerequisites(workspace: WorkspaceOf, asked: Asked) -> PrerequisitesAnswer:
    """Return the prerequisites among the skills of the current catalogue, a page at a time."""
    return PrerequisitesAnswer(**await _page(workspace, "prerequisites", asked))


@router.get("/items")
async def read_items(workspace: WorkspaceOf, asked: Asked) -> ItemsAnswer:
    """Return the items of the current catalogue, a page at a time."""
    return ItemsAnswer(**await _page(workspace, "items", asked))


@router.get("/modules")
async def read_modules(workspace: WorkspaceOf, asked: Asked) -> ModulesAnswer:
    """Return the modules of the current catalogue, a page at a time."""
    return ModulesAnswer(**await _page(workspace, "modules", asked))


async def _page(workspace: Workspace, part: Part, asked: Page) -> dict[str, Any]:
    found = await in_thread(workspace.catalog_part, part, asked.limit, asked.after)
    return {
        "model_version": found.model_version,
        "catalog_version": found.catalog_version,
        part: found.records,
        "next": found.following,
    }

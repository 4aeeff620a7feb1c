"""The catalogue: skills, items, modules and prerequisites, replaced as a whole."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from engine.domain import ITEM_KINDS, Curriculum, ProficiencyScale
from engine.domain.records import plain

from .problems import documented
from .wire import (
    Answer,
    Body,
    Id,
    Instant,
    ModelVersion,
    Text,
    WorkspaceOf,
    in_thread,
    refuse_questions,
)

__all__ = ["router"]

router = APIRouter(tags=["catalog"], dependencies=[Depends(refuse_questions)])

Level = Annotated[int, Field(ge=1, le=1000)]

AvailableFrom = Annotated[Instant | None, Field(description="When it can first be taken")]
AvailableUntil = Annotated[Instant | None, Field(description="When it can be taken no more")]
Attempts = Annotated[
    int | None, Field(ge=1, le=10**6, description="How often a learner may complete it")
]


class SkillBody(Body):
    """A skill."""

    skill_id: Id
    name: Text = ""
    group: Text = ""
    description: Text = ""


class PrerequisiteBody(Body):
    """Learning a skill at a level takes another at a level."""

    skill_id: Id
    requires: Id
    level: Level = 1
    requires_level: Level = 1


class ItemBody(Body):
    """Something graded that takes all of its skills at a level."""

    item_id: Id
    skills: list[Id]
    level: Level = 1
    kind: Annotated[Text, Field(examples=["quiz"], description=f"one of {ITEM_KINDS}")] = "quiz"
    name: Text = ""
    url: Text = ""
    retired: bool = False


class EffectBody(Body):
    """What completing a module does to a skill: the probability of reaching the level."""

    skill_id: Id
    level: Level = 1
    learn: float = 0.3


class ModuleBody(Body):
    """Something that can be assigned."""

    module_id: Id
    teaches: list[EffectBody]
    minutes: float
    title: Text = ""
    format: Text = ""
    url: Text = ""
    description: Text = ""
    requires: list[Id] = Field(default_factory=list)
    retired: bool = False
    available_from: AvailableFrom = None
    available_until: AvailableUntil = None
    attempts: Attempts = None


class ModulePatch(Body):
    """What is to change of a module; what is left out stays as it is."""

    teaches: list[EffectBody] = Field(default_factory=list)
    minutes: float = 0.0
    title: Text = ""
    format: Text = ""
    url: Text = ""
    description: Text = ""
    requires: list[Id] = Field(default_factory=list)
    retired: bool = False
    available_from: AvailableFrom = None
    available_until: AvailableUntil = None
    attempts: Attempts = None


class CatalogBody(Body):
    """A whole catalogue; the names of the proficiency levels are its scale, lowest first."""

    scale: list[Id] = Field(default_factory=lambda: list(ProficiencyScale().levels))
    skills: list[SkillBody]
    prerequisites: list[PrerequisiteBody] = Field(default_factory=list)
    items: list[ItemBody] = Field(default_factory=list)
    modules: list[ModuleBody] = Field(default_factory=list)


class CatalogAnswer(Answer, CatalogBody):
    """The current catalogue."""

    catalog_version: int


class ModuleAnswer(Answer, ModuleBody):
    """A module as it is now, and the version of the catalogue with it."""

    catalog_version: int


class CatalogReceipt(Answer):
    """The version that a catalogue was given; the same content has the same version."""

    catalog_version: int


@router.put("/catalog", responses=documented(400, 408, 409, 413, 415))
async def put_catalog(
    workspace: WorkspaceOf, model_version: ModelVersion, body: CatalogBody
) -> CatalogReceipt:
    """Replace the catalogue, all of it or nothing; what is in use can be retired, not left out."""
    curriculum = Curriculum.from_records(**body.model_dump())
    version = await in_thread(workspace.put_catalog, curriculum)
    return CatalogReceipt(model_version=model_version, catalog_version=version)


@router.get("/catalog", responses=documented(404))
async def read_catalog(workspace: WorkspaceOf) -> CatalogAnswer:
    """Return the current catalogue."""
    current = await in_thread(workspace.current)
    return CatalogAnswer(
        model_version=current.model_version,
        catalog_version=current.catalog_version,
        **current.curriculum.to_records(),
    )


@router.patch("/modules/{module_id:path}", responses=documented(400, 404, 408, 409, 413, 415))
async def change_module(
    workspace: WorkspaceOf, model_version: ModelVersion, module_id: str, body: ModulePatch
) -> ModuleAnswer:
    """Change some of what a module is, such as its url, its minutes, or that it is retired."""
    changes = body.model_dump(exclude_unset=True)
    module, version = await in_thread(workspace.change_module, module_id, changes)
    return ModuleAnswer(model_version=model_version, catalog_version=version, **plain(module))

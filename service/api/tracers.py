"""Models: which there are, and which one answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from .problems import documented
from .wire import ModelVersion, WorkspaceOf, in_thread, refuse_questions

__all__ = ["router"]

router = APIRouter(tags=["models"], dependencies=[Depends(refuse_questions)])


class ModelRecord(BaseModel):
    """A model; the default one, always there, has no time of installation."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str
    active: bool
    installed_at: datetime | None


class ModelAnswer(ModelRecord):
    """A model with its options and parameters."""

    content: dict[str, Any]


class ModelsAnswer(BaseModel):
    """Every model, the newest first; `model_version` is the one that answers."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str
    models: list[ModelRecord]


@router.get("/models")
async def read_models(workspace: WorkspaceOf, model_version: ModelVersion) -> ModelsAnswer:
    """Return every model."""
    found = await in_thread(workspace.models)
    records = [ModelRecord.model_validate(one, from_attributes=True) for one in found]
    return ModelsAnswer(model_version=model_version, models=records)


@router.get("/models/{model_version}", responses=documented(404))
async def read_model(workspace: WorkspaceOf, model_version: str) -> ModelAnswer:
    """Return a model with its options and parameters."""
    found = await in_thread(workspace.model, model_version)
    return ModelAnswer.model_validate(found, from_attributes=True)

"""Models: which there are, and which one answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from .problems import documented
from .wire import Body, Id, ModelVersion, WorkspaceOf, in_thread, refuse_questions

__all__ = ["router"]

router = APIRouter(tags=["models"], dependencies=[Depends(refuse_questions)])


class ModelRecord(BaseModel):
    """A model; the default one, always there, has no time of installation."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str
    active: bool
    installed_at: datetime | None


class ActivationBody(Body):
    """Which model is to answer."""

    model_config = ConfigDict(
        protected_namespaces=(),
        json_schema_extra={"examples": [{"model_version": "bkt-22c9ee25b949"}]},
    )

    model_version: Id


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


@router.put("/models/active", responses=documented(400, 404, 408, 413, 415))
async def activate_model(workspace: WorkspaceOf, body: ActivationBody) -> ModelRecord:
    """Have another model answer from now on; mastery is replayed as it is next asked for."""
    found = await in_thread(workspace.activate_model, body.model_version)
    return ModelRecord.model_validate(found, from_attributes=True)


@router.get("/models/{model_version}", responses=documented(404))
async def read_model(workspace: WorkspaceOf, model_version: str) -> ModelAnswer:
    """Return a model with its options and parameters."""
    found = await in_thread(workspace.model, model_version)
    return ModelAnswer.model_validate(found, from_attributes=True)

"""Models: which there are, and which one answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from .problems import documented
from .wire import Body, Id, ModelVersion, Page, WorkspaceOf, in_thread, refuse_questions

__all__ = ["router"]

router = APIRouter(tags=["models"])
_NO_QUESTIONS = [Depends(refuse_questions)]


class ModelRecord(BaseModel):
    """A model; the default one, always there, has no time of installation."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str
    active: bool
    installed_at: datetime | None


class ActivationBody(Body):
    """Which model is to answer."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: Id


class MeasureRecord(BaseModel):
    """A measure with its 95% interval over learners; null where answers were all alike."""

    value: float | None
    low: float | None
    high: float | None


class MeasuredRecord(BaseModel):
    """How well models predict answers of learners whom they have not seen, and on whom."""

    on: str
    responses: int
    auc: MeasureRecord
    rmse: MeasureRecord
    log_loss: MeasureRecord
    accuracy: MeasureRecord
    calibration_error: MeasureRecord


class ReportRecord(BaseModel):
    """What a model was fitted to, how that went, and how well it predicts others.

    `modules` are those of which it has learned what they teach. What is not known is null: of a
    model that was imported, what its file does not say.
    """

    options: dict[str, bool | int | float | str | None]
    responses: int | None
    learners: int | None
    items: int | None
    skills: int | None
    completions: int | None
    modules: int
    first_day: str | None
    last_day: str | None
    converged: bool
    warnings: list[str]
    fit_seconds: float | None
    measured: MeasuredRecord | None


class ModelAnswer(ModelRecord):
    """A model with its options and parameters, and the report of its fit, if it was fitted."""

    report: ReportRecord | None
    content: dict[str, Any]


class ModelsAnswer(BaseModel):
    """A page of models, the newest first; `model_version` is the one that answers.

    `next` is the `after` of the page that follows, if one does.
    """

    model_config = ConfigDict(protected_namespaces=())

    model_version: str
    models: list[ModelRecord]
    next: str | None


@router.get("/models")
async def read_models(
    workspace: WorkspaceOf, model_version: ModelVersion, asked: Annotated[Page, Query()]
) -> ModelsAnswer:
    """Return the models, a page at a time."""
    found, following = await in_thread(workspace.models_page, asked.limit, asked.after)
    records = [ModelRecord.model_validate(one, from_attributes=True) for one in found]
    return ModelsAnswer(model_version=model_version, models=records, next=following)


@router.put(
    "/models/active",
    dependencies=_NO_QUESTIONS,
    responses=documented(400, 404, 408, 413, 415),
)
async def activate_model(workspace: WorkspaceOf, body: ActivationBody) -> ModelRecord:
    """Have another model answer from now on; mastery is replayed as it is next asked for."""
    found = await in_thread(workspace.activate_model, body.model_version)
    return ModelRecord.model_validate(found, from_attributes=True)


@router.get("/models/{model_version}", dependencies=_NO_QUESTIONS, responses=documented(404))
async def read_model(workspace: WorkspaceOf, model_version: str) -> ModelAnswer:
    """Return a model with its options, its parameters and the report of its fit."""
    found = await in_thread(workspace.model, model_version)
    return ModelAnswer.model_validate(found, from_attributes=True)

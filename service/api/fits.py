"""Models refitted to the evidence so far, in a process of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ..fitting.asking import Fit, FitRequest
from ..fitting.runner import FitRunner
from .admitting import key_of
from .problems import documented
from .wire import Body, Id, ModelVersion, Page, Text, WorkspaceOf, in_thread, refuse_questions

__all__ = ["router"]

router = APIRouter(tags=["models"])
_NO_QUESTIONS = [Depends(refuse_questions)]

Option = bool | int | float | str | None


class FitBody(Body):
    """Which model is to be fitted, and how; options that are left out are as they always are."""

    model: Annotated[Id, Field(description="bkt, dynamic-irt or steps")]
    options: Annotated[dict[Id, Option], Field(max_length=50)] = {}  # noqa: RUF012  # of pydantic's
    activate: Annotated[bool, Field(description="Have it answer as soon as it is there")] = False
    request_key: Annotated[Text, Field(description="The same one gets the same fit")] = ""


class FitRecord(BaseModel):
    """A fit; `model_version` is the model that it made, `problem` what went wrong."""

    model_config = ConfigDict(protected_namespaces=())

    fit_id: str
    status: Literal["queued", "running", "succeeded", "failed"]
    model: str
    options: dict[str, Option]
    activate: bool
    request_key: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    responses: Annotated[int | None, Field(description="How many it was fitted to")]
    model_version: str | None
    problem: str


class FitsAnswer(BaseModel):
    """A page of fits, the newest first; `model_version` is the model that answers.

    `next` is the `after` of the page that follows, if one does.
    """

    model_config = ConfigDict(protected_namespaces=())

    model_version: str
    fits: list[FitRecord]
    next: str | None


@router.post(
    "/models",
    status_code=202,
    dependencies=_NO_QUESTIONS,
    responses={
        202: {"headers": {"Location": {"description": "The fit", "schema": {"type": "string"}}}},
        **documented(400, 404, 408, 409, 413, 415, 501),
    },
)
async def refit(
    request: Request, response: Response, workspace: WorkspaceOf, body: FitBody
) -> FitRecord:
    """Have a model fitted to all the evidence so far, and installed; Location says where to look
    how it goes. It answers once it is made active, or at once where `activate` is set.

    One fit at a time is done for a tenant: beside another one it is a 409. A repeated
    `request_key` starts nothing and gets the fit as it is by now. Where what fitting takes is not
    installed it is a 501, and a 503 while the process has its hands full.
    """
    runner: FitRunner = request.app.state.fits
    asked = FitRequest(body.model, body.options, body.activate, body.request_key)
    found = await in_thread(runner.begin, workspace, asked, key_of(request).key_id)
    response.headers["Location"] = f"/v1/fits/{found.fit_id}"
    return _record(found)


@router.get("/fits")
async def read_fits(
    workspace: WorkspaceOf, model_version: ModelVersion, asked: Annotated[Page, Query()]
) -> FitsAnswer:
    """Return the fits that were asked for, a page at a time."""
    found, following = await in_thread(workspace.fits, asked.limit, asked.after)
    return FitsAnswer(model_version=model_version, fits=list(map(_record, found)), next=following)


@router.get("/fits/{fit_id}", dependencies=_NO_QUESTIONS, responses=documented(404))
async def read_fit(workspace: WorkspaceOf, fit_id: str) -> FitRecord:
    """Return a fit: how it goes, and the model that it made. One whose process has died is found
    out within half a minute.
    """
    return _record(await in_thread(workspace.fit, fit_id))


def _record(fit: Fit) -> FitRecord:
    asked = fit.request
    return FitRecord(
        fit_id=fit.fit_id,
        status=fit.status,  # type: ignore[arg-type]  # one of these
        model=asked.model,
        options=dict(asked.options),
        activate=asked.activate,
        request_key=asked.request_key,
        asked_at=fit.asked_at,
        started_at=fit.started_at,
        ended_at=fit.ended_at,
        responses=fit.responses,
        model_version=fit.model_version,
        problem=fit.problem,
    )

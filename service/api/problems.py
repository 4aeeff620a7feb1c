"""Every error as application/problem+json (RFC 9457)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from engine.errors import AttainError, Fault, InvalidInput, ModelFormatError, TooFew, UnknownId

from ..errors import (
    ClockWrong,
    Conflict,
    NoCatalog,
    NoRole,
    NotAllowed,
    NotOffered,
    StoreError,
    StoreUnavailable,
    TooBusy,
)
from .access import methods_at
from .headers import SAFE_HEADERS

__all__ = [
    "MEDIA_TYPE",
    "RETRY_AFTER_SECONDS",
    "Problem",
    "add_problem_handlers",
    "attain_error",
    "documented",
    "problem",
]

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2

log = logging.getLogger("attain.service")


class FaultFound(BaseModel):
    """One thing wrong with a request."""

    where: str = Field(examples=["responses[3].item_id"])
    problem: str = Field(examples=["names an unknown item, 'sql-join-07'"])
    remedy: str = Field(examples=[""])


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(examples=["urn:attain:problem:invalid-input"])
    title: str = Field(examples=["Invalid input"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["invalid evidence: 1 fault"])
    errors: list[FaultFound]


_SLUGS: Mapping[int, str] = {
    400: "malformed-request",
    401: "no-key",
    403: "not-allowed",
    404: "not-found",
    405: "method-not-allowed",
    408: "body-too-slow",
    409: "conflict",
    413: "body-too-large",
    415: "not-json",
    422: "invalid-input",
    429: "too-many-requests",
    500: "internal-error",
    501: "not-offered",
    503: "unavailable",
}


def problem(
    status: int,
    detail: str,
    faults: Iterable[Fault] = (),
    *,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return the answer that tells of a problem."""
    phrase = HTTPStatus(status).phrase
    slug = _SLUGS.get(status, phrase.lower().replace(" ", "-"))
    content = {
        "type": f"urn:attain:problem:{slug}",
        "title": slug.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        "errors": [
            {"where": one.where, "problem": one.problem, "remedy": one.remedy} for one in faults
        ],
    }
    return JSONResponse(_printable(content), status, headers, MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of the statuses of a route that tell of problems."""
    schema = {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: schema},
            **_LATER.get(status, {}),
        }
        for status in statuses
    }


def _retry_after(sentence: str, *, required: bool) -> dict[str, Any]:
    schema = {"type": "string", "pattern": "^[0-9]+$"}
    return {
        "headers": {
            "Retry-After": {"description": sentence, "required": required, "schema": schema}
        }
    }


_LATER: Mapping[int, dict[str, Any]] = {
    429: _retry_after("Seconds until the key may ask again", required=True),
    503: _retry_after("Seconds to wait; without it somebody has to mend something", required=False),
}


def add_problem_handlers(app: FastAPI) -> None:
    """Have an application answer every error with a problem."""
    app.add_exception_handler(AttainError, attain_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected_error)


async def attain_error(request: Request, error: Exception) -> JSONResponse:
    """Return the problem that an error is."""
    match error:
        case InvalidInput():
            return problem(422, _many(error.what, error.faults), error.faults)
        case Conflict():
            return problem(409, _many(error.what, error.faults), error.faults)
        case UnknownId():
            return problem(404, str(error), [Fault(error.kind, str(error))])
        case NoRole() | ModelFormatError():
            return problem(422, str(error))
        case TooFew() | NotAllowed():
            return problem(403, str(error))
        case NoCatalog():
            return problem(404 if request.method == "GET" else 409, str(error))
        case NotOffered():
            return problem(501, str(error))
        case TooBusy():
            return problem(503, str(error), headers={"Retry-After": str(error.seconds)})
        case StoreUnavailable() | ClockWrong():
            log.warning("%s", error)
            retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            what = "clock" if isinstance(error, ClockWrong) else "store"
            sentence = f"the {what} cannot be used at the moment; send the same request again"
            return problem(503, sentence, headers=retry)
        case StoreError():
            log.error("%s", error)
            return problem(503, "the store cannot be used; the service's log says why")
    return await _unexpected_error(request, error)


async def _validation_error(_: Request, error: Exception) -> JSONResponse:
    found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
    if any(one["type"] == "json_invalid" for one in found):
        one = found[0]
        where = f"character {one['loc'][-1]}"
        return problem(400, "the body is not JSON", [Fault(where, one["ctx"]["error"])])
    faults = [Fault(_place(one["loc"]), _sentence(one)) for one in found]
    return problem(422, _many("request", faults), faults)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        return await _unexpected_error(request, error)
    sentences = {
        400: "the body cannot be read as JSON",
        404: "there is nothing at this address",
        405: f"this address does not take {request.method}",
    }
    detail = sentences.get(error.status_code, error.detail)
    headers = dict(error.headers or {})
    if error.status_code == 405:  # of several routes at an address the framework names one
        headers["Allow"] = ", ".join(methods_at(request.scope["path"]))
    return problem(error.status_code, detail, headers=headers)


async def _unexpected_error(request: Request, error: Exception) -> JSONResponse:
    log.error("unexpected error", exc_info=error)
    # This answer goes past every middleware: it brings their headers itself.
    headers = {name.decode(): value.decode() for name, value in SAFE_HEADERS}
    if request_id := request.scope.get("attain.request_id"):
        headers["X-Request-ID"] = request_id
    return problem(500, "the service has made a mistake; its log says which", headers=headers)


def _many(what: str, faults: Sequence[Fault]) -> str:
    if len(faults) == 1:
        return f"{what}: {faults[0]}"
    return f"{what}: {len(faults)} faults"


def _place(loc: Sequence[str | int]) -> str:
    """Return where a fault is: ``("body", "responses", 3, "score")`` is ``responses[3].score``."""
    first, *rest = loc
    place = "" if first == "body" else str(first)
    for part in rest:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else str(part)
    return place or "body"


def _sentence(one: Mapping[str, Any]) -> str:
    if one["type"] == "missing":
        return "is missing"
    if one["type"] == "extra_forbidden":
        return "is not known here"
    given = one.get("input")
    shown = f"is {given!r}, " if isinstance(given, str | int | float | None) else ""
    message = str(one["msg"]).removeprefix("Value error, ")
    return f"{shown[:200]}{message[:1].lower()}{message[1:]}"


def _printable(value: Any) -> Any:
    """Return a value with what UTF-8 cannot carry (lone surrogates) made visible."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _printable(one) for key, one in value.items()}
    return [_printable(one) for one in value] if isinstance(value, list) else value

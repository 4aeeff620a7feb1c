"""What the routes share: strict bodies, instants, and the way to the workspace."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from engine.errors import Fault, InvalidInput

from ..workspace import Workspace
from .admitting import workspace_of
from .waiting import at_once, in_thread

__all__ = [
    "Answer",
    "Body",
    "Id",
    "Instant",
    "ModelVersion",
    "NoQuestion",
    "Page",
    "Question",
    "Text",
    "WorkspaceOf",
    "in_thread",
    "refuse_questions",
    "refuse_repeats",
]

_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?", re.IGNORECASE | re.ASCII
)
_MANY_TIMES = frozenset({"allowed", "asked", "denied"})


def _read_instant(given: object) -> datetime:
    found = _RFC_3339.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise ValueError("expected a time as RFC 3339 writes it: 2026-03-31T09:30:00Z")
    if found[2] is None:
        raise ValueError("has no time zone; write 2026-03-31T09:30:00Z for UTC")
    try:
        return datetime.fromisoformat(found[0].upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError("is beyond the years 1 to 9999") from None


Instant = Annotated[
    datetime,
    BeforeValidator(_read_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-31T09:30:00Z"]}),
]
"""An aware instant, RFC 3339."""

Id = Annotated[str, Field(min_length=1, max_length=500)]
Text = Annotated[str, Field(max_length=10_000)]


class Body(BaseModel):
    """What comes in: nothing is coerced, nothing unknown is let pass."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class Answer(BaseModel):
    """What goes out; each answer names the model that it stands on."""

    model_config = ConfigDict(protected_namespaces=())

    model_version: str = Field(examples=["bkt-22c9ee25b949"])


class NoQuestion(BaseModel):
    """No query parameters."""

    model_config = ConfigDict(extra="forbid")


class Page(NoQuestion):
    """Which page of a list."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    after: Annotated[str, Field(description="The `next` of the page before")] = ""


class Question(NoQuestion):
    """The query parameters of everything that is asked about a learner."""

    role: Annotated[str | None, Field(description="A role; the learner's own if left out")] = None
    at: Annotated[Instant | None, Field(description="The instant asked about; now if left out")] = (
        None
    )


async def refuse_questions(_: Annotated[NoQuestion, Query()]) -> None:
    """Refuse every query parameter."""


async def refuse_repeats(request: Request) -> None:
    """Refuse query parameters given twice, of which one would be ignored."""
    if b"&" not in request.scope["query_string"]:
        return
    counts = Counter(name for name, _ in request.query_params.multi_items())
    faults = [
        Fault(f"query.{name}", f"is given {count} times, expected once")
        for name, count in counts.items()
        if count > 1 and name not in _MANY_TIMES
    ]
    if faults:
        raise InvalidInput("query", faults)


async def _workspace(request: Request) -> Any:
    return workspace_of(request)


WorkspaceOf = Annotated[Workspace, Depends(_workspace)]
"""The workspace of the tenant whose key asks."""


async def _model_version(workspace: WorkspaceOf) -> str:
    return await at_once(workspace, lambda: workspace.model_version)


ModelVersion = Annotated[str, Depends(_model_version)]
"""The version of the current model."""

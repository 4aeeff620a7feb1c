"""The interface described on a page: every operation, who may do it, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response

from .rendering import PageRoute, page

__all__ = ["router"]

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class Operation(NamedTuple):
    """An operation, as the page shows it."""

    subject: str
    method: str
    path: str
    description: list[str]
    scopes: str
    questions: str
    statuses: str


@router.get("/docs")
async def reference(request: Request) -> Response:
    """Describe the interface."""
    described = request.app.openapi()
    return page(
        "reference.html",
        introduction=_paragraphs(described["info"]["description"]),
        operations=list(_operations(described)),
    )


def _operations(described: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            asked = [each["name"] for each in one.get("parameters", ()) if each["in"] == "query"]
            yield Operation(
                subject=one["tags"][0],
                method=method.upper(),
                path=path,
                description=_paragraphs(one["description"]),
                scopes=", ".join(each["key"][0] for each in one["security"]),
                questions=", ".join(asked),
                statuses=", ".join(sorted(one["responses"])),
            )


def _paragraphs(text: str) -> list[str]:
    return text.strip().replace("`", "").split("\n\n")

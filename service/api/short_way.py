"""The short way of what is sent most, evidence in good order, past the framework."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.errors import AttainError

from .access import needs_of
from .problems import attain_error
from .wire import Answer

__all__ = ["Lane", "ShortWay"]


class Lane(NamedTuple):
    """An operation that may go the short way.

    Parameters
    ----------
    path : str
        Where it is posted to, without parameters.
    body : type
        The model of its body, the same as the framework's.
    answer : callable
        Its route: takes the workspace and the body.
    """

    path: str
    body: type[BaseModel]
    answer: Callable[..., Awaitable[Answer]]


class ShortWay:
    """Answers posts of evidence that are in good order, and hands everything else on.

    On the long way, half of what a post costs is the framework looking for the route, its
    dependencies and where the body goes. Here the same model reads the body and the same route
    answers. Whatever is not as it should be, a key without the scope, a query, a body that the
    model refuses, goes the long way with its body still to be read: refusals are worded in one
    place.

    Parameters
    ----------
    app : ASGI application
    lanes : iterable of Lane
    """

    def __init__(self, app: ASGIApp, *, lanes: Mapping[str, Lane]) -> None:
        self.app = app
        self.lanes = lanes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        lane = self._lane(scope) if scope["type"] == "http" else None
        if lane is None:
            await self.app(scope, receive, send)
            return
        taken = _Taken(receive)
        body = _read(lane.body, await taken.whole())
        if body is None:
            await self.app(scope, taken.again, send)
            return
        scope["route"] = lane  # whose path is the pattern that the log and the metrics tell
        try:
            answer = await lane.answer(scope["attain.workspace"], body)
        except AttainError as error:
            told: Response = await attain_error(Request(scope), error)
        else:
            told = Response(answer.model_dump_json(), media_type="application/json")
        await told(scope, receive, send)

    def _lane(self, scope: Scope) -> Lane | None:
        """Return the lane of a request that may do what it asks."""
        lane = self.lanes.get(scope["path"])
        if lane is None or scope["method"] != "POST" or scope["query_string"]:
            return None
        needs = needs_of("POST", lane.path)
        return lane if needs and scope["attain.key"].grant.scopes & needs.scopes else None


class _Taken:
    """What was received of a body, to be received again by somebody else."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []
        self._error: HTTPException | None = None
        self._again: Iterator[Message] | None = None

    async def whole(self) -> bytes | None:
        """Return the body, or None where it does not come to its end."""
        more = True
        while more:
            try:
                message = await self._receive()
            except HTTPException as error:  # too large, too slow: said where it is caught
                self._error = error
                return None
            self._messages.append(message)
            if message["type"] != "http.request":
                return None
            more = message.get("more_body", False)
        return b"".join(message.get("body", b"") for message in self._messages)

    async def again(self) -> Message:
        """Receive what was received, and then what follows."""
        if self._again is None:
            self._again = iter(self._messages)
        for message in self._again:
            return message
        if self._error is not None:
            raise self._error
        return await self._receive()


def _read(model: type[BaseModel], body: bytes | None) -> Any:
    """Return a body as its model, or None where it is none that the model takes."""
    if body is None:
        return None
    try:
        return model.model_validate_json(body)
    except ValidationError:
        return None

"""Bodies refused before they are read, or while: too large, too slow, or not JSON."""

from __future__ import annotations

import asyncio
from email.message import Message as Headers

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import problem

__all__ = ["BodyGate"]


class BodyGate:
    """Lets a request pass unless its body is larger than allowed or, under /v1, not JSON.

    The length is believed when it is too large, and otherwise counted while the body comes in:
    a body without a length, or with a false one, gets no further than the limit.

    Parameters
    ----------
    app : ASGI application
    limit_bytes : int
    seconds : float
        How long a body may take to come in.
    """

    def __init__(self, app: ASGIApp, limit_bytes: int, seconds: float) -> None:
        self.app = app
        self.limit_bytes = limit_bytes
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        length = headers.get(b"content-length", b"0")
        has_body = b"transfer-encoding" in headers or length != b"0"
        refusal = None
        if length.isdigit() and int(length[:20]) > self.limit_bytes:
            refusal = problem(413, self._too_large())
        elif has_body and scope["path"].startswith("/v1/") and not _is_json(headers):
            refusal = problem(415, "expected JSON; set Content-Type: application/json")
        if refusal is not None:
            await refusal(scope, receive, send)
        else:
            await self.app(scope, self._counting(receive) if has_body else receive, send)

    def _counting(self, receive: Receive) -> Receive:
        seen, end = 0, asyncio.get_running_loop().time() + self.seconds

        async def counted() -> Message:
            nonlocal seen
            try:
                async with asyncio.timeout_at(end):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, self._too_slow()) from None
            seen += len(message.get("body", b""))
            if seen > self.limit_bytes:
                raise HTTPException(413, self._too_large())
            return message

        return counted

    def _too_slow(self) -> str:
        return f"the body took longer than {self.seconds:g} seconds to come in; send it again"

    def _too_large(self) -> str:
        return f"the body is larger than {self.limit_bytes} bytes; send it in several parts"


def _is_json(headers: dict[bytes, bytes]) -> bool:
    parsed = Headers()
    parsed["content-type"] = headers.get(b"content-type", b"").decode("latin-1")
    kind = parsed.get_content_type()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )

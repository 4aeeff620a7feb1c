"""Reads that were answered before and have not changed: 304, without the answer."""

from __future__ import annotations

from hashlib import blake2b

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Conditional"]


class Conditional:
    """Gives every answer to a GET under /v1 an ETag, and answers If-None-Match with a 304.

    The tag is weak: the same tag means the same content, not the same bytes.

    Parameters
    ----------
    app : ASGI application
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with its answer, or with word that the caller has it."""
        reading = scope["type"] == "http" and scope["method"] == "GET"
        if not reading or not scope["path"].startswith("/v1/"):
            await self.app(scope, receive, send)
            return
        known = b",".join(value for name, value in scope["headers"] if name == b"if-none-match")
        held: Message | None = None

        async def tagged(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and message["status"] == 200:
                held = message  # until the body is there to make the tag of
            elif held is not None:
                first, held = held, None
                await _send_tagged(first, message, known, send)
            else:
                await send(message)

        await self.app(scope, receive, tagged)


async def _send_tagged(start: Message, body: Message, known: bytes, send: Send) -> None:
    headers = list(start["headers"])
    tag = next((value for name, value in headers if name.lower() == b"etag"), None)
    if tag is None and not body.get("more_body"):
        digest = blake2b(body.get("body", b""), digest_size=12).hexdigest()
        tag = f'W/"{digest}"'.encode()
        headers.append((b"etag", tag))
    if tag is None or not _matches(tag, known):
        await send({**start, "headers": headers})
        await send(body)
        return
    await send({"type": "http.response.start", "status": 304, "headers": [(b"etag", tag)]})
    await send({"type": "http.response.body", "body": b""})


def _matches(tag: bytes, known: bytes) -> bool:
    """Compare as If-None-Match is to be compared: weakly (RFC 9110, 8.8.3.2)."""
    if not known:
        return False
    given = {one.strip().removeprefix(b"W/") for one in known.split(b",")}
    return b"*" in given or tag.removeprefix(b"W/") in given

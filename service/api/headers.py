"""Headers that every answer has, unless it says otherwise itself."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["SAFE_HEADERS", "SafeHeaders"]

# Answers tell of people: the caller may keep them, but asks before using them again, and nobody
# on the way keeps them at all. They are no pages, whatever a browser might take them for.
SAFE_HEADERS = (
    (b"cache-control", b"private, no-cache"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


class SafeHeaders:
    """Adds the headers to each answer that has not some of its own.

    Parameters
    ----------
    app : ASGI application
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                said = {name.lower() for name, _ in headers}
                headers += [one for one in SAFE_HEADERS if one[0] not in said]
                message = {**message, "headers": headers}
            await send(message)

        await self.app(scope, receive, sealed)

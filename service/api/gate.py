"""Nobody without a key gets past: who asks, for which tenant, and how much they may ask."""

from __future__ import annotations

import math
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.errors import AttainError

from ..keyring import Keyring
from ..keys import Key, Secret
from ..workspace import Workspace
from .access import is_open
from .problems import attain_error, problem
from .rates import Rates
from .waiting import at_once

__all__ = ["SESSION_COOKIE", "Gate"]

SESSION_COOKIE = "attain_session"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Gate:
    """Looks up the key of each request before anything else of it is read.

    A request that passes bears the key, and the workspace of the key's tenant: whatever body or
    path may say, there is no way to another's. Keys come as ``Authorization: Bearer``; the pages
    take the cookie of a session too, which is good for nothing else.

    Parameters
    ----------
    app : ASGI application
    keyring : Keyring
    rates : Rates
    workspace : Workspace
        Of any tenant.
    pages : collection of str
        The addresses of the pages.
    sign_in : callable
        Returns the page for those who have to sign in first.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        keyring: Keyring,
        rates: Rates,
        workspace: Workspace,
        pages: frozenset[str],
        sign_in: Callable[[], Response],
    ) -> None:
        self.app = app
        self.keyring = keyring
        self.rates = rates
        self.workspace = workspace
        self.pages = pages
        self.sign_in = sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http" or is_open(scope["path"]):
            await self.app(scope, receive, send)
            return
        try:
            refusal = await self._refusal(scope)
        except AttainError as error:  # the store does not answer
            refusal = await attain_error(Request(scope), error)
        await (refusal or self.app)(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request that may not pass; note on one that may whose it is."""
        is_page = scope["path"] in self.pages
        bearer, cookie = _shown(scope)
        key = await at_once(self.workspace, self._key, bearer, cookie if is_page else None)
        if key is None:
            return self.sign_in() if is_page else _no_key(known=bearer is not None)
        if bearer is None and _from_elsewhere(scope):
            return problem(403, "this was asked by another site's page")
        seconds = self.rates.wait(key.key_id)
        if seconds:
            return _too_many(seconds)
        scope["attain.key"] = key
        scope["attain.workspace"] = self.workspace.of_tenant(key.tenant_id)
        return None

    def _key(self, bearer: Secret | None, cookie: Secret | None) -> Key | None:
        if bearer is not None:
            return self.keyring.find(bearer, "key")
        return None if cookie is None else self.keyring.find(cookie, "session")


def _shown(scope: Scope) -> tuple[Secret | None, Secret | None]:
    """Return the secrets that a request shows: as a bearer, and as a cookie."""
    bearer = cookie = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, text = value.decode("latin-1").partition(" ")
            bearer = Secret(text.strip() if scheme.lower() == "bearer" else "")
        elif name == b"cookie":
            cookie = session_of(value.decode("latin-1")) or cookie
    return bearer, cookie


def session_of(cookies: str) -> Secret | None:
    """Return the secret of a session among cookies."""
    for one in cookies.split(";"):
        name, _, value = one.strip().partition("=")
        if name == SESSION_COOKIE:
            return Secret(value)
    return None


def _no_key(*, known: bool) -> Response:
    if known:
        challenge = 'Bearer realm="attain", error="invalid_token"'
        return problem(401, "the key is none, or not any more", headers=_asking(challenge))
    detail = "a key is needed; send it as Authorization: Bearer KEY"
    return problem(401, detail, headers=_asking('Bearer realm="attain"'))


def _asking(challenge: str) -> dict[str, str]:
    return {"WWW-Authenticate": challenge}


def _too_many(seconds: float) -> Response:
    retry = {"Retry-After": str(math.ceil(seconds))}
    return problem(429, "this key has asked too much in a short time; wait", headers=retry)


def _from_elsewhere(scope: Scope) -> bool:
    """Whether a page of another site has a browser ask for a change, its cookie sent along.

    Such a cookie is SameSite=Strict and should not come at all; this holds where a browser fails
    to know that, or where another port of this host counts as the same site.
    """
    if scope["method"] in _SAFE_METHODS:
        return False
    headers = dict(scope["headers"])
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return bool(site not in (b"same-origin", b"none"))
    origin = headers.get(b"origin")
    return origin is not None and urlsplit(origin).netloc != headers.get(b"host")

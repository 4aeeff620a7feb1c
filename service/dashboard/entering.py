"""In by a login address, which is good once, and out again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool as ask

from ..api.admitting import key_of, workspace_of
from ..api.gate import SESSION_COOKIE, session_of
from ..keys import Secret
from .rendering import PageRoute, page
from .wording import learner_href

if TYPE_CHECKING:
    from ..keyring import Keyring
    from ..workspace import Workspace

__all__ = ["router", "sign_in"]

router = APIRouter(route_class=PageRoute, include_in_schema=False)


def sign_in(*, spent: bool = False) -> Response:
    """Return the page for those who have to sign in first."""
    answer = page("sign_in.html", status=401, spent=spent)
    answer.headers["WWW-Authenticate"] = 'Bearer realm="attain"'
    return answer


@router.get("/login")
async def login(
    request: Request, code: str = "", learner_id: str = Query("", alias="id")
) -> Response:
    """Exchange a login for a session, and lead to a learner or to the list of them."""
    workspace: Workspace = request.app.state.workspace
    lasting = timedelta(hours=request.app.state.settings.session_hours)
    issued = await ask(workspace.enter, Secret(code), lasting) if code else None
    if issued is None:
        return sign_in(spent=bool(code))
    answer = _onwards(request, learner_href(learner_id) if learner_id else "./")
    answer.set_cookie(
        SESSION_COOKIE,
        str(issued.secret),
        max_age=int(lasting.total_seconds()),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


@router.post("/logout")
async def logout(request: Request) -> Response:
    """End the session."""
    key, keyring = key_of(request), request.app.state.keyring
    if key.kind == "session":
        await ask(workspace_of(request).revoke_key, key.key_id)
        _forget(keyring, request.headers["cookie"])
    answer = RedirectResponse("./", 303)
    answer.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")
    return answer


def _forget(keyring: Keyring, cookies: str) -> None:
    secret = session_of(cookies)
    if secret is not None:
        keyring.forget(secret)


def _onwards(request: Request, place: str) -> Response:
    """Lead on; by a link where another site led here, since a strict cookie would not come along.

    A browser counts a redirection as the other site's doing, a link on our page as ours.
    """
    if request.headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        return RedirectResponse(place, 303)
    return page("signed_in.html", place=place)

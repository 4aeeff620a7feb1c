"""Making answers of templates: escaped throughout, never cached, locked down by their headers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined

from engine.errors import AttainError, UnknownId

from ..api.access import needs_of, route_pattern
from ..api.admitting import admit_to
from ..api.problems import RETRY_AFTER_SECONDS
from ..errors import ClockWrong, NoCatalog, NotAllowed, StoreError, StoreUnavailable
from .wording import learner_href

__all__ = ["ASSETS", "PageRoute", "asset", "page"]

ASSETS = {"attain.css": "text/css; charset=utf-8", "favicon.svg": "image/svg+xml"}

log = logging.getLogger("attain.pages")

# No scripts, no frames, nothing from elsewhere. Learner ids are in addresses: others see no
# referrers. Our own pages do, without which browsers hide from us whose page a form is on.
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

_ENVIRONMENT = Environment(
    loader=PackageLoader("service.dashboard"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@cache
def asset(name: str) -> bytes:
    """Return the bytes of a static file of the pages."""
    return files("service.dashboard").joinpath("static", name).read_bytes()


@cache
def _fingerprint(name: str) -> str:
    return sha256(asset(name)).hexdigest()[:12]


def page(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a rendered page with headers that allow our own style sheet and nothing else.

    Examples
    --------
    >>> page("problem.html", status=404, heading="No such page", sentences=[], near=[]).status_code
    404
    """
    text = _ENVIRONMENT.get_template(template).render(fingerprint=_fingerprint, **values)
    return HTMLResponse(text, status, {**SECURITY_HEADERS, "Cache-Control": "no-store"})


class PageRoute(APIRoute):
    """A route whose errors are pages too: a person reads them, not a program."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler, guarded."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                _admit(request)
                return await handle(request)
            except AttainError as error:
                return _problem(error)
            except HTTPException:
                raise
            except Exception:
                log.exception("a page failed")
                return _apology(500, "This page failed", "The service’s log says why.")

        return guarded


def _admit(request: Request) -> None:
    """Let a request pass as the interface does; a page about a learner has the id as a question."""
    needs = needs_of(request.method, route_pattern(request.scope))
    if needs is None:
        raise NotAllowed(["none: nobody has said who may see this"])
    subject = request.query_params.get("id", "")
    if not needs.open:
        admit_to(request, needs if subject else needs._replace(about=""), subject)


def _problem(error: AttainError) -> Response:
    match error:
        case NotAllowed():
            return _apology(403, "This is not for you", str(error))
        case NoCatalog():
            return page("no_catalog.html", status=404)
        case UnknownId():
            return _unknown(error)
        case StoreUnavailable() | ClockWrong():
            log.warning("%s", error)
            sorry = _apology(503, "Not available at the moment", "Load the page again in a while.")
            sorry.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
            return sorry
        case StoreError():
            log.error("%s", error)
            return _apology(503, "The store cannot be used", "The service’s log says why.")
    return _apology(422, "This cannot be shown", *str(error).splitlines())


def _apology(status: int, heading: str, *sentences: str) -> Response:
    return page("problem.html", status=status, heading=heading, sentences=sentences, near=())


def _unknown(error: UnknownId) -> Response:
    near = error.near if error.kind == "learner" else ()
    ending = ". Perhaps you mean one of these:" if near else ""
    return page(
        "problem.html",
        status=404,
        heading=f"No such {error.kind}",
        sentences=[f"Nothing is known here of the {error.kind} “{error.given}”{ending}"],
        near=[{"label": one, "href": learner_href(one)} for one in near],
    )

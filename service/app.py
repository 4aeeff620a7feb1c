"""The web application: routes, pages and errors over one workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from . import api, dashboard
from .api.access import say_who_may
from .api.answering import AnswerShelf
from .api.conditional import Conditional
from .api.evidence import LANES
from .api.examples import add_examples
from .api.gate import Gate
from .api.headers import SafeHeaders
from .api.limits import BodyGate
from .api.long_work import LongWork
from .api.problems import Problem, add_problem_handlers
from .api.rates import Rates
from .api.repeating import say_what_repeats
from .api.short_way import ShortWay
from .api.watching import Metrics, Watch
from .fitting.runner import FitRunner
from .keyring import Keyring
from .settings import Settings
from .workspace import Workspace

__all__ = ["create_app"]

_DESCRIPTION = """
Send graded evidence, read mastery, and be told what to learn next and why.

Every request bears a key, as `Authorization: Bearer KEY`, made by `attain keys create`. The key
says of which tenant, and of whom, an answer can tell; what it does not reach does not exist (404).

Times are RFC 3339, probabilities lie between 0 and 1, and every error is a problem
(RFC 9457) that lists all that is wrong. Posting the same evidence twice changes nothing.
Every answer has an X-Request-ID, yours if you sent one; every answer to a GET has an ETag, and
with it as If-None-Match the next one is a 304 as long as nothing has changed. Lists come in pages:
`next` is the `after` of the page that follows.
"""


def create_app(
    given: Workspace | Settings | None = None, *, settings: Settings | None = None
) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    given : Workspace or Settings, optional
        A workspace, which stays the caller's to close; or settings (from the environment where
        there are none), of which a workspace is opened now and closed when the application ends.
    settings : Settings, optional
        What else can be set, where a workspace is given; the defaults where it is not.

    Raises
    ------
    StoreError
        The database of the settings cannot be opened.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, Workspace.open(f"{folder}/attain.db") as workspace:
    ...     create_app(workspace).title
    'Attain'
    """
    if isinstance(given, Workspace):
        return _build(given, settings or Settings.model_construct(), owned=False)
    chosen = given or Settings()
    return _build(Workspace.open(chosen.database), chosen, owned=True)


def _build(workspace: Workspace, settings: Settings, *, owned: bool) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with app.state.fits:
            yield
        if owned:
            workspace.close()

    app = _Application(
        title="Attain",
        version="1",
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0"},
        lifespan=lifespan,
        docs_url=None,  # a page of our own, without scripts from elsewhere
        redoc_url=None,
    )
    app.state.workspace = workspace
    app.state.settings = settings
    app.state.keyring = Keyring(workspace)
    app.state.answers = AnswerShelf()
    app.state.long_work = LongWork()
    app.state.metrics = Metrics(workspace)
    app.state.fits = FitRunner(
        at_once=settings.fits_at_once,
        seconds=settings.fit_seconds,
        told=app.state.metrics.fit_ended,
    )
    app.state.metrics.fits_under_way.set_function(lambda: app.state.fits.under_way)
    _add_middleware(app, workspace, settings)
    add_problem_handlers(app)
    app.router.routes.extend(_routes())
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Return all routes, which the applications of a process share: they are dear to make."""
    together = APIRouter()
    for router in (api.router, api.health, dashboard.router):
        together.include_router(router)
    return tuple(together.routes)


def _add_middleware(app: FastAPI, workspace: Workspace, settings: Settings) -> None:
    """Add what every request goes through, the last named first."""
    app.add_middleware(ShortWay, lanes=LANES)
    app.add_middleware(
        BodyGate, limit_bytes=settings.body_limit_bytes, seconds=settings.body_seconds
    )
    app.add_middleware(Conditional)
    app.add_middleware(
        Gate,
        keyring=app.state.keyring,
        rates=Rates(per_second=settings.requests_per_second, burst=settings.burst),
        workspace=workspace,
        pages=dashboard.PAGES,
        sign_in=dashboard.sign_in,
    )
    app.add_middleware(SafeHeaders)
    app.add_middleware(Watch, metrics=app.state.metrics)


class _Application(FastAPI):
    """An application whose OpenAPI knows the schema of problems, and who may do what."""

    def openapi(self) -> dict[str, Any]:
        """Return the description of the interface."""
        if self.openapi_schema is None:
            schema = get_openapi(
                title=self.title,
                version=self.version,
                description=self.description,
                license_info=self.license_info,
                routes=self.routes,
            )
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            parts = problem.pop("$defs")
            schema["components"]["schemas"].update({**parts, Problem.__name__: problem})
            say_who_may(schema)
            say_what_repeats(schema)
            add_examples(schema)
            self.openapi_schema = schema
        return self.openapi_schema

"""The web application: routes, pages and errors over one workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from . import api, dashboard
from .api.answering import AnswerShelf
from .api.conditional import Conditional
from .api.limits import BodyGate
from .api.problems import Problem, add_problem_handlers
from .api.watching import Metrics, Watch
from .settings import Settings
from .workspace import Workspace

__all__ = ["create_app"]

_DESCRIPTION = """
Send graded evidence, read mastery, and be told what to learn next and why.

Times are RFC 3339, probabilities lie between 0 and 1, and every error is a problem
(RFC 9457) that lists all that is wrong. Posting the same evidence twice changes nothing.
Every answer has an X-Request-ID, yours if you sent one; every answer to a GET has an ETag, and
with it as If-None-Match the next one is a 304 as long as nothing has changed. Lists come in pages:
`next` is the `after` of the page that follows.
"""


def create_app(
    given: Workspace | Settings | None = None, *, body_limit_bytes: int | None = None
) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    given : Workspace or Settings, optional
        A workspace, which stays the caller's to close; or settings (from the environment where
        there are none), of which a workspace is opened now and closed when the application ends.
    body_limit_bytes : int, optional
        The largest body that is read; that of the settings where it is not given.

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
        return _build(given, owned=False, limit_bytes=body_limit_bytes or _default_limit())
    settings = given or Settings()
    limit_bytes = body_limit_bytes or settings.body_limit_bytes
    return _build(Workspace.open(settings.database), owned=True, limit_bytes=limit_bytes)


def _default_limit() -> int:
    return int(Settings.model_fields["body_limit_bytes"].default)


def _build(workspace: Workspace, *, owned: bool, limit_bytes: int) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        if owned:
            workspace.close()

    app = _Application(
        title="Attain",
        version="1",
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0"},
        lifespan=lifespan,
    )
    app.state.workspace = workspace
    app.state.answers = AnswerShelf()
    app.state.metrics = Metrics(workspace)
    app.add_middleware(BodyGate, limit_bytes=limit_bytes)
    app.add_middleware(Conditional)
    app.add_middleware(Watch, metrics=app.state.metrics)
    add_problem_handlers(app)
    app.include_router(api.router)
    app.include_router(api.health)
    app.include_router(dashboard.router)
    return app


class _Application(FastAPI):
    """An application whose OpenAPI knows the schema of problems."""

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
            self.openapi_schema = schema
        return self.openapi_schema

"""`attain serve`: the HTTP service and its pages, in the foreground."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import DEFAULT_DATABASE, DatabaseOption

__all__ = ["HostOption", "PortOption", "run_service", "serve"]

HostOption = Annotated[
    str, typer.Option("--host", envvar="ATTAIN_HOST", help="The address listened on.")
]
PortOption = Annotated[
    int, typer.Option("--port", "-p", envvar="ATTAIN_PORT", min=0, max=65535, help="The port.")
]


def serve(
    database: DatabaseOption = DEFAULT_DATABASE,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
) -> None:
    """Serve HTTP and the pages from a database until interrupted.

    \b
    Example
        attain serve --database attain.db --port 8080

    The database is made if there is none. The interface is described at /docs, the first page is
    at /. Next: PUT /v1/catalog, or `attain import` beforehand.
    """
    typer.echo(f"Attain on http://{host}:{port}/ from {database}; Ctrl-C stops it", err=True)
    run_service(database, host, port)


def run_service(database: Path, host: str, port: int) -> None:
    """Serve until interrupted; raise :class:`ServeError` where the port is taken."""
    from service.server import serve as serve_until_interrupted
    from service.settings import Settings

    serve_until_interrupted(Settings(database=database, host=host, port=port))

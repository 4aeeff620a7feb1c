"""`attain serve`: the HTTP service and its pages, in the foreground."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from .options import DEFAULT_DATABASE, DatabaseOption

__all__ = ["HostOption", "PortOption", "check_port", "run_service", "serve"]

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
    check_port(host, port)
    typer.echo(f"Attain on http://{host}:{port}/ from {database}; Ctrl-C stops it", err=True)
    run_service(database, host, port)


def check_port(host: str, port: int) -> None:
    """Raise :class:`ServeError` where a port is taken, before any long work is begun."""
    from service.server import bind_port

    bind_port(host, port).close()


def run_service(database: Path, host: str, port: int) -> None:
    """Serve until interrupted; raise :class:`ServeError` where the port is taken."""
    from service.server import serve as serve_until_interrupted
    from service.settings import Settings

    with suppress(KeyboardInterrupt):  # how it is meant to end
        serve_until_interrupted(Settings(database=database, host=host, port=port))

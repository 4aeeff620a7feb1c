"""`attain serve`: the HTTP service and its pages, in the foreground."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from .console import say
from .options import DEFAULT_DATABASE, DatabaseOption
from .welcome import login_address, place_of, show_key

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

    The database is made if there is none. At first start a key is made, and printed this once; a
    login address for the pages is printed at each. The interface is described at /docs, the first
    page is at /. Next: PUT /v1/catalog, or `attain import` beforehand.
    """
    from service.workspace import Workspace

    check_port(host, port)
    place = place_of(host, port)
    typer.echo(f"Attain on {place}/ from {database}; Ctrl-C stops it", err=True)
    with Workspace.open(database) as workspace:
        key = show_key(workspace, database)
        say("Ask the service:")
        say(f'  curl -H "Authorization: Bearer {key}" {place}/v1/catalog')
        say(f"The pages, for one visit: {login_address(workspace, place)}")
    if not _is_loopback(host):
        typer.echo("Keys travel in the clear: put something that speaks TLS in front", err=True)
    run_service(database, host, port)


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def check_port(host: str, port: int) -> None:
    """Raise :class:`ServeError` where a port is taken, before any long work is begun."""
    from service.server import bind_port

    bind_port(host, port).close()


def run_service(database: str, host: str, port: int) -> None:
    """Serve until interrupted; raise :class:`ServeError` where the port is taken."""
    from service.server import serve as serve_until_interrupted
    from service.settings import Settings

    with suppress(KeyboardInterrupt):  # how it is meant to end
        serve_until_interrupted(Settings(database=database, host=host, port=port))

"""The service in the foreground: the port first, then the database, then the requests."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import gc
import logging
import socket
from contextlib import suppress
from importlib.util import find_spec

import uvicorn
from fastapi import FastAPI

from .app import create_app
from .errors import ServeError, StoreError
from .journal import keep_journal
from .settings import Settings
from .workspace import Workspace

__all__ = ["bind_port", "run", "serve", "share_one_heap"]

_STOP_SECONDS = 10
_IDLE_SECONDS = 30
_BACKLOG = 2048
_M_ARENA_MAX = -8  # glibc's number of the option, in its malloc.h

log = logging.getLogger("attain.service")


def serve(settings: Settings | None = None) -> None:
    """Serve until interrupted; requests under way are answered and the database closed.

    Raises
    ------
    ServeError
        The port is taken, or the address is not this machine's.
    StoreError
        The database cannot be opened.
    """
    share_one_heap()
    chosen = settings or Settings()
    listening = bind_port(chosen.host, chosen.port)
    with listening, Workspace.open(chosen.database) as workspace, suppress(KeyboardInterrupt):
        keep_journal(chosen.log_level)
        app = create_app(workspace, settings=chosen)
        run(app, listening)


def run(app: FastAPI, listening: socket.socket) -> None:
    """Serve an application on a socket that listens, until the process is told to stop."""
    _warm_up(app.state.workspace)
    config = uvicorn.Config(
        app,
        http=_quickest_parser(),
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listening])


def share_one_heap() -> None:
    """Let the threads to come allocate from one heap, where the C library is glibc.

    It would give each its own, up to eight a core, and each keeps what its busiest moment took: the
    process would grow for hours. Threads of Python seldom allocate at the same time.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


def _warm_up(workspace: Workspace) -> None:
    """Read catalogue and model before the first request has to wait for them.

    They stay for long: the collector of garbage need not look through them again and again. One
    that cannot be read keeps the service from being ready, not from saying so.
    """
    try:
        workspace.check()
    except StoreError as error:
        log.error("not ready: %s", error)  # noqa: TRY400  its sentence says all
    gc.collect()
    gc.freeze()


def _quickest_parser() -> type[asyncio.Protocol] | str:
    if find_spec("httptools") is None:
        return "h11"
    from .heads import BoundedHeads

    return BoundedHeads


def bind_port(host: str, port: int) -> socket.socket:
    """Return a socket that listens on a port, so that nobody can take it meanwhile.

    Who connects before the service has started waits for it.

    Raises
    ------
    ServeError
        The port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named: asyncio turns Nagle's delay (40 ms an answer) off only for those.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Those that it accepts inherit it: of a client that lost its power nothing else is heard.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise ServeError(_why(host, port, error)) from error
    return listening


def _why(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is taken by another program;"
            " choose another: --port 8080, or PORT=8080 with make"
        )
    if error.errno == errno.EACCES:
        return f"port {port} may not be used by this account; choose one above 1023: --port 8080"
    return f"cannot listen on {host}, port {port}: {error.strerror or error}"

"""Calls that may have to wait: in a thread, so that others are answered meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from fastapi.concurrency import run_in_threadpool

from ..workspace import Workspace

__all__ = ["at_once", "in_thread"]

Given = ParamSpec("Given")
Answered = TypeVar("Answered")

in_thread = run_in_threadpool
"""Await a call that may block."""


async def at_once(
    workspace: Workspace, call: Callable[Given, Answered], *given: Given.args, **more: Given.kwargs
) -> Answered:
    """Await a look at a row or two: here, since it is quicker than the way to a thread.

    In a thread where the database is across a network: one that goes silent would keep everybody
    waiting, those among them who only ask whether the process lives.
    """
    if workspace.remote:
        return await in_thread(call, *given, **more)
    return call(*given, **more)

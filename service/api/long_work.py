"""Work that takes long, one piece at a time, so that what is quick need not wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from ..errors import TooBusy
from .problems import RETRY_AFTER_SECONDS
from .wire import in_thread

__all__ = ["LongWork"]

_MOST = 8

Answer = TypeVar("Answer")


class LongWork:
    """Does one piece of long work at a time, in a thread; of who comes next, few may wait.

    So however many ask at once, it takes one processor and one of the threads that reads share.

    Parameters
    ----------
    most : int
        Pieces under way and waiting; who comes then is told to come back.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most, self._there = most, 0
        self._turn = asyncio.Lock()

    async def __call__(self, call: Callable[[], Answer]) -> Answer:
        """Await a call; raise :class:`.TooBusy` where too many wait already."""
        if self._there >= self._most:
            raise TooBusy(
                f"{self._there} pieces of long work (exact paths, findings) are under way or wait;"
                " send the same request again in a while, or ask for the greedy path",
                seconds=RETRY_AFTER_SECONDS,
            )
        self._there += 1
        try:
            async with self._turn:
                return await in_thread(call)
        finally:
            self._there -= 1

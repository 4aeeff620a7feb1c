"""Where work is done: here, or wherever an executor takes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

__all__ = ["Executor", "Here"]


class Executor(Protocol):
    """What a fit asks of whoever does its work; ``dask.distributed.Client`` is one as it is.

    What is submitted is pure and can be done again: a function of a module and its arguments,
    which may be handles of earlier work. Whoever loses a result makes it anew from these.
    """

    def submit(self, work: Callable[..., Any], /, *args: Any) -> Any:
        """Return a handle of what `work` gives; for that it is not waited."""

    def gather(self, handles: list[Any], /) -> list[Any]:
        """Wait for the results behind some handles, and return them in the same order."""


class Here:
    """Does everything at once, in this process; a handle is the result itself.

    Examples
    --------
    >>> here = Here()
    >>> here.gather([here.submit(abs, here.submit(min, -3, 2))])
    [3]
    """

    def submit(self, work: Callable[..., Any], /, *args: Any) -> Any:
        return work(*args)

    def gather(self, handles: list[Any], /) -> list[Any]:
        return list(handles)

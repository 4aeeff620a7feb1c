"""Compiling loops where numba is installed, and leaving them as they are where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

__all__ = ["compilations", "compiled"]

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Return the function compiled by numba, or the function itself without numba.

    Only for modules that are imported lazily: numba takes a third of a second to come.
    """
    try:
        import numba
    except ImportError:
        return function
    return cast(Function, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


@contextmanager
def compilations(tell: Callable[[int], None]) -> Iterator[None]:
    """Tell how many kernels were compiled so far, as the turn of each comes.

    The first fit of a machine compiles for about half a minute. After that kernels come from a
    cache, and nothing is told; nor is it without numba.

    Parameters
    ----------
    tell : callable
        Takes the number.

    Examples
    --------
    >>> with compilations(lambda n: print(f"compiling kernel {n}")):
    ...     pass  # tracer.fit(log)
    """
    try:
        from numba.core import event
    except ImportError:
        yield
        return

    class Counting(event.Listener):  # type: ignore[misc]  # numba tells no types
        n = 0

        def on_start(self, _: Any) -> None:
            self.n += 1
            tell(self.n)

        def on_end(self, _: Any) -> None:
            pass

    with event.install_listener("numba:compile", Counting()):
        yield

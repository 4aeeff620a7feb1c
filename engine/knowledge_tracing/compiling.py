"""Compiling loops where numba is installed, and leaving them as they are where it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

__all__ = ["compiled"]

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

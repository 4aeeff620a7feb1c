"""What the database keeps as text, where that can be read no more: somebody else has changed it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .errors import StoreError

__all__ = ["UNREADABLE", "reading"]

UNREADABLE = (ValueError, TypeError, LookupError, AttributeError)
"""What reading a text raises that is not what was written."""


@contextmanager
def reading(what: str, remedy: str) -> Iterator[None]:
    """Raise :class:`StoreError` where what is kept cannot be read.

    Parameters
    ----------
    what : str
        What is kept, as the sentence begins with it.
    remedy : str
        What to do.

    Examples
    --------
    >>> with reading("the role", "put it again"):
    ...     int("many")
    Traceback (most recent call last):
    service.errors.StoreError: the role in the database cannot be read (...); put it again
    """
    try:
        yield
    except UNREADABLE as error:
        raise StoreError(f"{what} in the database cannot be read ({error}); {remedy}") from error

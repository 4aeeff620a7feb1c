"""Places in a list, as text that callers hand back as it is."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from engine.errors import Fault, InvalidInput

__all__ = ["cursor", "no_place", "read_cursor"]


def cursor(*key: int | str) -> str:
    """Return a place in a list, the key of its last entry, as text.

    Examples
    --------
    >>> read_cursor(cursor(5, "r1", "response"), int, str, str)
    (5, 'r1', 'response')
    """
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def read_cursor(text: str, *kinds: type) -> Any:
    """Return the key that :func:`cursor` made a text of; raise :class:`InvalidInput`.

    Parameters
    ----------
    text : str
    *kinds : type
        Of the parts that the key has to have.
    """
    try:
        padded = text + "=" * (-len(text) % 4)
        key = json.loads(base64.b64decode(padded, "-_", validate=True))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        key = None
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds):
        raise no_place()
    if any(abs(part) >= 1 << 62 for part in key if isinstance(part, int)):
        raise no_place()
    return tuple(key)


def no_place() -> InvalidInput:
    """Return the error of a text that is no place in a list."""
    remedy = "give the `next` of the page before as it was"
    return InvalidInput("query", [Fault("query.after", "is no place in this list", remedy)])

"""Places in a list, as text that callers hand back as it is."""

from __future__ import annotations

import base64
import binascii
import json

from engine.errors import Fault, InvalidInput

from .store import EvidenceKey

__all__ = ["cursor", "read_cursor"]


def cursor(key: EvidenceKey) -> str:
    """Return a place in the replay as text.

    Examples
    --------
    >>> read_cursor(cursor((5, "r1", "response")))
    (5, 'r1', 'response')
    """
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def read_cursor(text: str) -> EvidenceKey:
    """Return the place that :func:`cursor` made a text of; raise :class:`InvalidInput`."""
    try:
        padded = text + "=" * (-len(text) % 4)
        at_us, evidence_id, kind = json.loads(base64.b64decode(padded, "-_", validate=True))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        at_us, evidence_id, kind = None, None, None
    sound = type(at_us) is int and abs(at_us) < 1 << 62
    if not sound or not isinstance(evidence_id, str) or not isinstance(kind, str):
        remedy = "give the `next` of the page before as it was"
        raise InvalidInput("query", [Fault("query.after", "is no place in this list", remedy)])
    return (at_us, evidence_id, kind)

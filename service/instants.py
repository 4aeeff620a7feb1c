"""Instants as the store keeps them: whole microseconds since 1970, UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

__all__ = ["Clock", "from_us", "now", "to_us"]

Clock = Callable[[], datetime]
"""What tells the time: the service's own, or a test's."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def now() -> datetime:
    """Return the present instant, UTC."""
    return datetime.now(UTC)


def to_us(at: datetime) -> int:
    """Return an aware instant as microseconds since 1970.

    Examples
    --------
    >>> to_us(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (at - _EPOCH) // _MICROSECOND


def from_us(at_us: int) -> datetime:
    """Return the instant of so many microseconds since 1970.

    Examples
    --------
    >>> from_us(1000000).isoformat()
    '1970-01-01T00:00:01+00:00'
    """
    return _EPOCH + at_us * _MICROSECOND

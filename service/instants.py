"""Instants as the store keeps them: whole microseconds since 1970, UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from .errors import ClockWrong

__all__ = ["EARLIEST", "Clock", "from_us", "now", "possible", "to_us"]

Clock = Callable[[], datetime]
"""What tells the time: the service's own, or a test's."""

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing happened before, and no clock that was ever set says so: one that was not says 1970."""
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)  # the engine takes no later time
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def now() -> datetime:
    """Return the present instant, UTC."""
    return datetime.now(UTC)


def possible(now: datetime) -> datetime:
    """Return what a clock says, unless it cannot be right; raise :class:`ClockWrong` then.

    Examples
    --------
    >>> possible(datetime(1970, 1, 1, 0, 0, 9, tzinfo=UTC))
    Traceback (most recent call last):
    service.errors.ClockWrong: the service's clock says 1970-01-01T00:00:09+00:00: set it
    """
    if not EARLIEST <= now < _LATEST:
        raise ClockWrong(now)
    return now


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

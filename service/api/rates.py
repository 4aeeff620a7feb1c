"""How much one key may ask: a bucket of tokens that fills at a steady rate."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

__all__ = ["Rates"]


class Rates:
    """A bucket per key; each request takes a token out of it.

    The buckets are this process's: two processes let twice as much pass.

    Parameters
    ----------
    per_second : float
        How quickly a bucket fills.
    burst : int
        How much it holds.
    most : int
        How many buckets are kept; whose has not been used for longest begins anew.
    clock : callable, optional
        Seconds that only ever grow.

    Examples
    --------
    >>> rates = Rates(per_second=10.0, burst=1, clock=lambda: 0.0)
    >>> rates.wait("k-1"), rates.wait("k-1")
    (0.0, 0.1)
    """

    def __init__(
        self,
        *,
        per_second: float,
        burst: int,
        most: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._most = most
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, name: str) -> float:
        """Take a token and return 0, or return how many seconds it takes until there is one."""
        now = self._clock()
        tokens, at = self._buckets.get(name, (self._burst, now))
        tokens = min(self._burst, tokens + (now - at) * self._per_second)
        let_pass = tokens >= 1.0
        self._buckets[name] = (tokens - 1.0 if let_pass else tokens, now)
        self._buckets.move_to_end(name)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return 0.0 if let_pass else (1.0 - tokens) / self._per_second

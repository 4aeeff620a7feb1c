"""Work shared among threads by pieces that do not depend on how many there are."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Threads"]

_WORTH_SHARING = 1 << 16  # answers: with fewer, waking a thread takes longer than the work
_TURNS = 4  # shares per thread, so that one who is held up leaves the rest to the others


class Threads:
    """Some threads, started when they are first of use.

    Parameters
    ----------
    n : int, optional
        As many as numba takes by default: what ``NUMBA_NUM_THREADS`` says, else one per core.

    Examples
    --------
    >>> done = []
    >>> Threads(1).share(lambda low, high: done.append((low, high)), np.array([3, 5, 2]))
    >>> done
    [(0, 3)]
    """

    def __init__(self, n: int | None = None) -> None:
        self._n = n

    @cached_property
    def n(self) -> int:
        """How many threads there are at most."""
        if self._n is not None:
            return self._n
        import numba

        return int(numba.config.NUMBA_NUM_THREADS)

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self.n)

    def share(self, work: Callable[[int, int], Any], size: NDArray[np.int64]) -> None:
        """Do the pieces 0 … len(size), of these sizes, as ranges ``work(low, high)``."""
        total = int(size.sum())
        if total < _WORTH_SHARING or self.n == 1:
            work(0, len(size))
            return
        shares = np.linspace(0.0, total, self.n * _TURNS + 1)[1:-1]
        cuts = np.searchsorted(np.cumsum(size), shares).tolist()
        for done in self._pool.map(work, [0, *cuts], [*cuts, len(size)]):
            assert done is None

"""Work shared among threads by pieces that do not depend on how many there are."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["WORTH_SHARING", "share", "usual_number"]

WORTH_SHARING = 1 << 17  # answers: with fewer, to start threads takes about as long as the work
_TURNS = 4  # ranges per thread, so that one who is held up leaves the rest to the others


def usual_number() -> int:
    """Return how many threads numba would take: ``NUMBA_NUM_THREADS``, else one per core."""
    try:
        import numba
    except ImportError:
        return 1
    return int(numba.config.NUMBA_NUM_THREADS)


def share(work: Callable[[int, int], Any], size: NDArray[np.int64], threads: int) -> None:
    """Do all pieces, of these sizes, as ranges ``work(low, high)`` in several threads.

    The threads end with the work: none is left behind for a process that forks.

    Examples
    --------
    >>> share(lambda low, high: print(f"{low} to {high}"), np.array([3, 5, 2]), threads=1)
    0 to 3
    """
    total = int(size.sum())
    if threads == 1 or total < WORTH_SHARING:
        work(0, len(size))
        return
    shares = np.linspace(0.0, total, threads * _TURNS + 1)[1:-1]
    cuts = np.searchsorted(np.cumsum(size), shares).tolist()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, [0, *cuts], [*cuts, len(size)]))

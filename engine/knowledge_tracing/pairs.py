"""What moves beliefs, one event and one skill at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Pairs"]


class Pairs(NamedTuple):
    """The pairs (event, skill) that a layout is made of, in the order of the events."""

    event: NDArray[np.int64]
    skill: NDArray[np.int32]
    rank: NDArray[np.int32]
    noise: NDArray[np.int32]
    effect: NDArray[np.int32]

"""Seeded chance that falls the same way on every platform and Python version.

Only ``random.Random(int).random()`` and exact rules of IEEE arithmetic are used: no ``math.exp``
(its last digit differs between C libraries), no ``sum`` of floats (compensated from Python 3.12
on) and no other method of ``random`` (their algorithms may change).
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from typing import TypeVar

Face = TypeVar("Face")


class Dice:
    """Draws for one purpose (one learner, one item); purposes never disturb one another."""

    def __init__(self, seed: int, purpose: str) -> None:
        self._random = random.Random(seed * 2**32 + zlib.crc32(purpose.encode()))

    def chance(self, p: float) -> bool:
        """Return True with probability `p`."""
        return self._random.random() < p

    def uniform(self, low: float, high: float) -> float:
        """Return a number between `low` and `high`."""
        return low + (high - low) * self._random.random()

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def normal(self) -> float:
        """Return a draw that is near enough standard normal: twelve uniforms less six."""
        total = -6.0
        for _ in range(12):
            total += self._random.random()
        return total

    def pick(self, faces: Sequence[Face]) -> Face:
        """Return one of `faces`, all equally likely."""
        return faces[int(self._random.random() * len(faces))]

    def weighted(self, faces: Sequence[Face], weights: Sequence[float]) -> Face:
        """Return one of `faces` with a chance in proportion to its weight."""
        total = 0.0
        for weight in weights:
            total += weight
        mark = self._random.random() * total
        for face, weight in zip(faces, weights, strict=True):
            mark -= weight
            if mark < 0.0:
                return face
        return faces[-1]

    def shuffled(self, faces: Sequence[Face]) -> list[Face]:
        """Return `faces` in a random order (Fisher and Yates)."""
        deck = list(faces)
        for last in range(len(deck) - 1, 0, -1):
            other = self.whole(0, last)
            deck[last], deck[other] = deck[other], deck[last]
        return deck

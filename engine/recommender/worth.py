"""Many learners before the modules of a role: what each may take, and what it is worth to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .standing import MIN_GAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from .arrays import ModuleArrays
    from .role_map import Numbers
    from .threshold import Heads

    Card = tuple[Numbers, tuple[tuple[int, tuple[tuple[float, int], ...]], ...]]
    """The gates of a module; per target that it advances, coefficients and columns."""

__all__ = ["Asked", "Gates", "View", "Worth"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What :meth:`.RankingIndex.best` is asked, checked: attainments, and what may be taken."""

    p: NDArray[np.float64]
    open_modules: NDArray[np.bool_] | None
    bonus: NDArray[np.float64] | None

    def part(self, rows: slice) -> Asked:
        """Return what is asked about some of the learners."""
        return Asked(self.p[rows], _rows(self.open_modules, rows), _rows(self.bonus, rows))

    @property
    def most_bonus(self) -> float:
        """The highest bonus of any module."""
        return 0.0 if self.bonus is None or not self.bonus.size else float(np.max(self.bonus))


class OfOne(NamedTuple):
    """One learner before a role."""

    below: Callable[[int], float]
    room: Callable[[int], float]
    open_modules: NDArray[np.bool_] | None
    bonus: NDArray[np.float64] | None
    most_bonus: float


class View:
    """Some learners before a role: shares just below each column, room at the targets, gates."""

    def __init__(self, worth: Worth, asked: Asked) -> None:
        p = asked.p
        self._worth, self._asked = worth, asked
        p_and_one = np.ones((len(p), p.shape[1] + 1))
        p_and_one[:, :-1] = p
        self._below = p_and_one.take(worth.below, axis=1) - p
        self._room: NDArray[np.float64] = worth.ceiling - p[:, : len(worth.shares)]
        np.maximum(self._room, 0.0, out=self._room)
        self._room *= worth.shares
        self._passed = worth.gates.least(p_and_one) >= worth.threshold

    def factors(
        self, column: NDArray[np.int64], gate: NDArray[np.int64], share: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return what one unit of each list is worth to each learner, (n_learners, n_lists)."""
        worth: NDArray[np.float64] = self._below.take(column, axis=1)
        worth *= share
        worth *= self._passed.take(gate, axis=1)
        return worth

    def of_one(self) -> OfOne:
        """Return what stands just below a column, the room at a target, and what was asked."""
        asked = self._asked
        return OfOne(
            self._below[0].item,
            self._room[0].item,
            _first(asked.open_modules),
            _first(asked.bonus),
            asked.most_bonus,
        )

    def gain_of_one(self, one: OfOne, card: Card) -> float:
        """Return the gain of one module for the first learner, 0 where its gates are closed."""
        gates, pairs = card
        for gate in gates:
            if not self._passed.item(0, gate):
                return 0.0
        total = 0.0
        for target, terms in pairs:
            lift = 0.0
            for coefficient, column in terms:
                lift += one.below(column) * coefficient
            most = one.room(target)
            total += lift if lift < most else most
        return total

    def at_least(self, factor: NDArray[np.float64], heads: Heads) -> NDArray[np.float64]:
        """Return what these modules score at least; 0 where they are not to be taken."""
        most = self._room.take(heads.target, axis=1) * heads.per_minute
        score = np.minimum(factor.take(heads.place, axis=1) * heads.rate, most)
        if self._asked.open_modules is not None:
            score *= self._asked.open_modules[..., heads.module]
        return score

    def scores(self, row: NDArray[np.int64], module: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the score per pair of learner and module; 0 where it is not to be taken."""
        worth, asked = self._worth, self._asked
        aimed = (row * self._room.shape[1])[:, None] + worth.target.take(module, axis=0)
        lift = self._lift(row, module)
        gain = np.minimum(lift, self._room.take(aimed))
        total = gain[:, 0]
        for pair in range(1, gain.shape[1]):  # in one order, so that every way adds up alike
            total = total + gain[:, pair]
        gate = (row * self._passed.shape[1])[:, None] + worth.gate.take(module, axis=0)
        taken = self._passed.take(gate).all(axis=1)
        taken &= total > MIN_GAIN
        score = total / worth.minutes.take(module)
        if asked.open_modules is not None:
            taken &= _at(asked.open_modules, row, module)
        if asked.bonus is not None:
            score += _at(asked.bonus, row, module)
        found: NDArray[np.float64] = score * taken
        return found

    def _lift(self, row: NDArray[np.int64], module: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the gain per target that a module advances, not cut off, (n_scored, n_pairs)."""
        first = (row * self._below.shape[1])[:, None]
        lift: NDArray[np.float64] | float = 0.0
        for coefficient, column in self._worth.terms:
            below = self._below.take(first + column.take(module, axis=0))
            below *= coefficient.take(module, axis=0)
            lift = lift + below if self._worth.several else below
        return np.asarray(lift)


class Worth:
    """The arrays of the modules as they are taken from, in shares of readiness."""

    def __init__(
        self,
        arrays: ModuleArrays,
        shares: NDArray[np.float64],
        ceiling: float,
        threshold: float,
    ) -> None:
        self.shares, self.ceiling, self.threshold = shares, ceiling, threshold
        self.target, self.gate, self.minutes = arrays.target, arrays.gate, arrays.minutes
        self.below, self.gates = arrays.below, Gates(arrays.gates, len(arrays.columns))
        depth = arrays.column.shape[2]
        self.several = depth > 1
        self.terms = [
            (
                arrays.coefficient[:, :, term] * shares[arrays.target],
                np.ascontiguousarray(arrays.column[:, :, term]),
            )
            for term in range(depth)
        ]


class Gates:
    """What has to be attained before modules may be taken."""

    def __init__(self, gates: Sequence[Sequence[int]], nothing: int) -> None:
        asked = [one or (nothing,) for one in gates]
        self._n = len(asked)
        self._needs = np.array([k for one in asked for k in one], np.int64)
        lengths = np.array([len(one) for one in asked], np.int64)
        self._starts = np.cumsum(lengths) - lengths

    def __len__(self) -> int:
        return self._n

    def least(self, p_and_one: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the least that is asked for by each gate, shape (n_learners, n_gates)."""
        least: NDArray[np.float64] = np.minimum.reduceat(
            p_and_one.take(self._needs, axis=1), self._starts, axis=1
        )
        return least


def _rows(given: Any, rows: slice) -> Any:
    """Return the rows asked about of an array that has one per learner."""
    return given[rows] if given is not None and given.ndim == 2 else given


def _first(given: Any) -> Any:
    """Return what is given for the first learner."""
    return given[0] if given is not None and given.ndim == 2 else given


def _at(given: NDArray[Any], row: NDArray[np.int64], module: NDArray[np.int64]) -> NDArray[Any]:
    return given[module] if given.ndim == 1 else given[row, module]

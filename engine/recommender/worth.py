"""Many learners before the modules of a role: what each may take, and what it is worth to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .standing import MIN_GAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .arrays import ModuleArrays
    from .threshold import Heads

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

    def of_one(self) -> Asked:
        """Return what is asked about the first learner, with one axis less."""
        return Asked(self.p[0], _first(self.open_modules), _first(self.bonus))

    @property
    def most_bonus(self) -> float:
        """The highest bonus of any module."""
        return 0.0 if self.bonus is None or not self.bonus.size else float(np.max(self.bonus))


class View:
    """Learners before a role: shares just below each column, room at the targets, gates.

    Where one learner alone is asked about, `p` has one axis only, and so has what follows from it.
    """

    def __init__(self, worth: Worth, asked: Asked) -> None:
        p = asked.p
        self._worth, self._asked = worth, asked
        p_and_one = np.empty((*p.shape[:-1], p.shape[-1] + 1))
        p_and_one[..., :-1], p_and_one[..., -1] = p, 1.0
        self._below = p_and_one.take(worth.below, axis=-1) - p
        self._room: NDArray[np.float64] = worth.ceiling - p[..., : len(worth.shares)]
        np.maximum(self._room, 0.0, out=self._room)
        self._room *= worth.shares
        self._passed = worth.gates.least(p_and_one) >= worth.threshold

    def factors(
        self, column: NDArray[np.int64], gate: NDArray[np.int64], share: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return what one unit of each list is worth, shape (n_learners, n_lists) or (n_lists,)."""
        worth: NDArray[np.float64] = self._below.take(column, axis=-1)
        worth *= share
        worth *= self._passed.take(gate, axis=-1)
        return worth

    def at_least(self, factor: NDArray[np.float64], heads: Heads) -> NDArray[np.float64]:
        """Return what these modules score at least; 0 where they are not to be taken."""
        most = self._room.take(heads.target, axis=-1)
        most *= heads.per_minute
        score: NDArray[np.float64] = factor.take(heads.place, axis=-1)
        score *= heads.rate
        np.minimum(score, most, out=score)
        if self._asked.open_modules is not None:
            score *= self._asked.open_modules[..., heads.module]
        return score

    def scores(
        self, module: NDArray[np.int64], row: NDArray[np.int64] | None = None
    ) -> NDArray[np.float64]:
        """Return the score per module, or per module and learner; 0 where it is not to be taken."""
        worth, asked = self._worth, self._asked
        aimed = _cells(worth.target.take(module, axis=0), row, self._room)
        gain = np.minimum(self._lift(module, row), self._room.take(aimed))
        total = gain[:, 0]
        for pair in range(1, gain.shape[1]):  # in one order, so that every way adds up alike
            total = total + gain[:, pair]
        taken = total > MIN_GAIN
        passed = self._passed.take(_cells(worth.gate.take(module, axis=0), row, self._passed))
        for effect in range(passed.shape[1]):
            taken &= passed[:, effect]
        score = total / worth.minutes.take(module)
        if asked.open_modules is not None:
            taken &= _at(asked.open_modules, module, row)
        if asked.bonus is not None:
            score += _at(asked.bonus, module, row)
        score *= taken
        found: NDArray[np.float64] = score
        return found

    def _lift(
        self, module: NDArray[np.int64], row: NDArray[np.int64] | None
    ) -> NDArray[np.float64]:
        """Return the gain per target that a module advances, not cut off, (n_scored, n_pairs)."""
        lift: NDArray[np.float64] | float = 0.0
        for coefficient, column in self._worth.terms:
            below = self._below.take(_cells(column.take(module, axis=0), row, self._below))
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
        """Return the least that is asked for by each gate, shape (…, n_gates)."""
        least: NDArray[np.float64] = np.minimum.reduceat(
            p_and_one.take(self._needs, axis=-1), self._starts, axis=-1
        )
        return least


def _rows(given: Any, rows: slice) -> Any:
    """Return the rows asked about of an array that has one per learner."""
    return given[rows] if given is not None and given.ndim == 2 else given


def _first(given: Any) -> Any:
    """Return what is given for the first learner."""
    return given[0] if given is not None and given.ndim == 2 else given


def _cells(
    numbers: NDArray[np.int64], row: NDArray[np.int64] | None, table: NDArray[Any]
) -> NDArray[np.int64]:
    """Return where in a table, read row by row, the numbers of each row stand."""
    return numbers if row is None else (row * table.shape[-1])[:, None] + numbers


def _at(
    given: NDArray[Any], module: NDArray[np.int64], row: NDArray[np.int64] | None
) -> NDArray[Any]:
    return given[module] if row is None or given.ndim == 1 else given[row, module]

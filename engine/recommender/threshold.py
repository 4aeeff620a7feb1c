"""Lists of modules by what they can at most bring, and where in them a score can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .standing import MIN_GAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from .arrays import ModuleArrays

__all__ = ["Heads", "Lists"]

_HEADS = 128  # modules looked at first, from all lists together
_DEEPER = 8  # how many times as many where too few of them can be taken
_NEAR = 32  # modules of each list that lie next to each other for one learner
_SLACK = 1e-9  # for rounding in bounds; more is looked at, and the answer stays the same
_WITHIN = 0.999
_NOTHING = 1e-300


class Heads(NamedTuple):
    """Modules near the heads of the lists, each once, that wait for no more than their list does.

    What their first term alone brings is a bound from below on their score.
    """

    module: NDArray[np.int64]
    place: NDArray[np.int64]
    target: NDArray[np.int64]
    rate: NDArray[np.float64]
    per_minute: NDArray[np.float64]


class Lists:
    """Per target, column and gate the modules with that term, the highest bound first."""

    def __init__(self, arrays: ModuleArrays, shares: NDArray[np.float64]) -> None:
        module, pair, term = np.nonzero(arrays.coefficient)
        coefficient = arrays.coefficient[module, pair, term]
        # n terms add up to n times the greatest of them at most: in its list the bound holds
        several = np.count_nonzero(arrays.coefficient, axis=(1, 2))[module]
        rate = several * coefficient / arrays.minutes[module]
        keys = (
            arrays.target[module, pair],
            arrays.column[module, pair, term],
            arrays.pair_gate[module, pair],
        )
        order = np.lexsort((module, -rate, *keys[::-1]))
        sorted_keys = np.stack(keys)[:, order]
        starts = np.flatnonzero(
            np.append(True, (sorted_keys[:, 1:] != sorted_keys[:, :-1]).any(axis=0))[: len(order)]
        )
        self.n = len(starts)
        self.target, self.column, self.gate = sorted_keys[:, starts]
        self.share = shares[self.target]
        self._module, self._rate = module[order], rate[order]
        self._starts = np.append(starts, len(order))
        self.first = self._rate[starts]
        place = np.repeat(np.arange(self.n), np.diff(self._starts))
        self._key = place + _WITHIN * (1.0 - self._rate / self.first[place])
        ours = arrays.gate[module] == arrays.pair_gate[module, pair][:, None]
        none = arrays.gate[module] == len(arrays.gates) - 1
        # one term, and no gate but their list's
        simple = (several == 1) & (ours | none).all(axis=1)
        self._heads = self._headed(arrays.minutes, place, simple[order])
        self._near_rate, self._near_module = self._begun(place)
        # a head that scores more than this gains enough to be ranked at all
        self._certain = MIN_GAIN / float(np.min(arrays.minutes, initial=np.inf))

    def _headed(
        self,
        minutes: NDArray[np.float64],
        place: NDArray[np.int64],
        simple: NDArray[np.bool_],
    ) -> list[Heads]:
        """Return heads of growing depth, for learners who may take few of the first ones."""
        slots = np.flatnonzero(simple)
        of_list = place[slots]
        depth = np.arange(len(slots)) - np.searchsorted(of_list, of_list)
        found, most = list[Heads](), -(-_HEADS // max(self.n, 1))
        while not found or len(found[-1].module) < len(slots):
            kept = slots[depth < most]
            module, at = self._module[kept], place[kept]
            found.append(
                Heads(module, at, self.target[at], self._rate[kept], 1.0 / minutes[module])
            )
            most *= _DEEPER
        return found

    def _begun(self, place: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return rates and modules of the beginning of every list, (n_lists, _NEAR)."""
        depth = np.arange(len(place)) - self._starts[place]
        (kept,) = np.nonzero(depth < _NEAR)
        rate, module = np.zeros((self.n, _NEAR)), np.zeros((self.n, _NEAR), np.int64)
        rate[place[kept], depth[kept]] = self._rate[kept]
        module[place[kept], depth[kept]] = self._module[kept]
        return rate, module

    def least_of_one(self, at_least: Callable[[Heads], NDArray[np.float64]], limit: int) -> float:
        """Return the same as :meth:`least` for one learner, whose heads have one axis."""
        for heads in self._heads:
            nth = len(heads.module) - limit
            if nth >= 0:
                score = at_least(heads)
                score.partition(nth)
                if score[nth] > 0.0:
                    return score.item(nth)
        return 0.0

    def reaching_of_one(self, factor: NDArray[np.float64], least: float) -> NDArray[np.int64]:
        """Return the same as :meth:`reaching` for one learner, from where the lists begin.

        That takes fewer calls, which cost more here than what they do.
        """
        enough = least * (1.0 - _SLACK) if least > self._certain else _NOTHING
        (place,) = (factor * self.first >= enough).nonzero()
        most = self._near_rate.take(place, axis=0)
        most *= factor.take(place)[:, None]
        reached = most >= enough
        if np.count_nonzero(reached[:, -1]):  # the rest of a list may reach as well
            return self.reaching(factor[None], np.array([least]))[1]
        found: NDArray[np.int64] = self._near_module.take(place, axis=0)[reached]
        return found

    def least(
        self, at_least: Callable[[Heads], NDArray[np.float64]], n_learners: int, limit: int
    ) -> NDArray[np.float64]:
        """Return a score that the k-th best of each learner has at least, from the lists' heads."""
        least = np.zeros(n_learners)
        for heads in self._heads:
            nth = len(heads.module) - limit
            if nth >= 0:
                score = at_least(heads)
                score.partition(nth, axis=1)
                least = np.maximum(least, score[:, nth])
                if least.all():
                    break
        return least

    def reaching(
        self, factor: NDArray[np.float64], least: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the pairs of learner and module whose bound reaches a score, some twice."""
        most = factor * self.first
        least = np.maximum(least * (least > self._certain) * (1.0 - _SLACK), _NOTHING)
        (pair,) = (most >= least[:, None]).ravel().nonzero()
        row, place = pair // self.n, pair % self.n
        share = least.take(row) / most.take(pair)
        ends = self._key.searchsorted(place + _WITHIN * (1.0 - share) + _SLACK, side="right")
        starts = self._starts.take(place)
        lengths = np.minimum(ends, self._starts.take(place + 1)) - starts
        before = lengths.cumsum() - lengths
        slots = (starts - before).repeat(lengths)
        slots += np.arange(len(slots))
        return row.repeat(lengths), self._module.take(slots)

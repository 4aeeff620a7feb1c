"""The best modules for many learners at once, without looking at all of them.

For one role every module stands in one list per target that it advances, ordered by what it can at
most bring per minute; a list's bound for a learner is one number times that. The best of the
lists' heads say how good the k-th best is at least, and only what could reach that is looked at: a
threshold algorithm (Fagin, Lotem & Naor 2003, "Optimal aggregation algorithms for middleware").
The answer is the same as that of a scan of everything, to the last bit.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..domain.records import Faults
from .arrays import Learn, ModuleArrays, declared, module_arrays
from .threshold import Lists
from .worth import Asked, View, Worth

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import ArrayLike, NDArray

    from ..domain.framework import SkillLevel
    from .role_map import RoleMap

__all__ = ["RankingIndex", "Shortlists", "ranking_index"]

_AT_ONCE = 1 << 17  # pairs of a learner and a list


@dataclass(frozen=True, slots=True)
class Shortlists:
    """The best modules per learner, best first, equal scores by module id.

    Parameters
    ----------
    numbers : ndarray of int, shape (n_learners, limit)
        Of modules in the index; -1 where no further one gains anything.
    scores : ndarray, shape (n_learners, limit)
        In readiness per minute; 0 where there is no module.
    """

    numbers: NDArray[np.int64]
    scores: NDArray[np.float64]


def ranking_index(
    where: RoleMap, *, prerequisite_threshold: float = 0.8, learn: Learn = declared
) -> RankingIndex:
    """Build the index of a role, once for all learners.

    Parameters
    ----------
    where : RoleMap
    prerequisite_threshold : float, default 0.8
    learn : callable, optional
        From a module and a skill at a level to P(T); what the module declares if left out.

    Examples
    --------
    >>> from engine.domain import Curriculum, Role, SkillTarget
    >>> from engine.recommender.role_map import role_map
    >>> curriculum = Curriculum.from_records(
    ...     skills=[{"skill_id": "sql"}, {"skill_id": "charts"}],
    ...     modules=[
    ...         {"module_id": "m1", "teaches": [{"skill_id": "sql", "learn": 0.5}], "minutes": 10},
    ...         {
    ...             "module_id": "m2",
    ...             "teaches": [{"skill_id": "charts", "learn": 0.5}],
    ...             "minutes": 5,
    ...         },
    ...     ],
    ... )
    >>> role = Role("analyst", [SkillTarget("sql"), SkillTarget("charts")])
    >>> index = ranking_index(role_map(curriculum, role))
    >>> found = index.best([[0.2, 0.2], [0.2, 0.9]], limit=1)  # two learners
    >>> [index.module_ids[m] for m in found.numbers[:, 0]]
    ['m2', 'm1']
    >>> found.scores[:, 0].round(3).tolist()
    [0.04, 0.02]
    """
    arrays = module_arrays(where, learn)
    ceiling = where.role.mastery_threshold
    return RankingIndex(arrays, np.array(where.shares), ceiling, prerequisite_threshold)


class RankingIndex:
    """What :func:`ranking_index` builds; it is never changed, so threads may share it."""

    def __init__(
        self,
        arrays: ModuleArrays,
        shares: NDArray[np.float64],
        ceiling: float,
        threshold: float,
    ) -> None:
        self._arrays = arrays
        self._lists, self._worth = Lists(arrays, shares), Worth(arrays, shares, ceiling, threshold)

    @property
    def columns(self) -> tuple[SkillLevel, ...]:
        """What attainments are asked of, in the order of the columns; the role's targets first.

        :func:`.attained` knows what to make of uncertain levels among them.
        """
        return self._arrays.columns

    def open_modules(
        self,
        *,
        completed: Collection[str] = (),
        allowed: Collection[str] | None = None,
        denied: Collection[str] = (),
    ) -> NDArray[np.bool_]:
        """Return which modules a learner may take, shape (n_modules,).

        Those not completed, among the allowed ones if there is such a list, not among the denied
        ones, and with all modules completed that they require.
        """
        return self._arrays.open_modules(completed, allowed, denied)

    @cached_property
    def module_ids(self) -> tuple[str, ...]:
        """The modules that can be ranked, by number."""
        return tuple(module.module_id for module in self._arrays.modules)

    def best(
        self,
        p: ArrayLike,
        *,
        limit: int = 10,
        open_modules: NDArray[np.bool_] | None = None,
        bonus: NDArray[np.float64] | None = None,
        threads: int = 1,
    ) -> Shortlists:
        """Return the best modules of every learner that can be taken now.

        A module's score is its expected gain in readiness per minute, cut off at mastery, plus its
        bonus. Only modules that gain something and whose prerequisites are attained are ranked.

        Parameters
        ----------
        p : array_like, shape (n_learners, n_columns)
            Attainments of :attr:`columns`; those of one skill never rise with the level.
        limit : int, default 10
        open_modules : ndarray of bool, shape (n_modules,) or (n_learners, n_modules), optional
            Whether a module may be taken: not completed, among those allowed, and so on.
        bonus : ndarray, shape (n_modules,) or (n_learners, n_modules), optional
            Further terms of the score, added up; at or above 0.
        threads : int, default 1

        Raises
        ------
        InvalidInput
            Arrays of another shape, attainments outside [0, 1], a bonus below 0, or a limit or a
            number of threads below 1.
        """
        asked = self._asked(p, limit, open_modules, bonus, threads)
        if len(asked.p) == 1:
            return self._found_of_one(asked.of_one(), limit)
        step = max(1, _AT_ONCE // max(self._lists.n, 1))
        starts = range(0, len(asked.p), step)
        if len(starts) <= 1:
            return self._found(asked, limit)
        with ThreadPoolExecutor(threads) as pool:
            parts = list(
                pool.map(lambda k: self._found(asked.part(slice(k, k + step)), limit), starts)
            )
        return Shortlists(
            np.concatenate([one.numbers for one in parts]),
            np.concatenate([one.scores for one in parts]),
        )

    def scan(
        self,
        p: ArrayLike,
        *,
        limit: int = 10,
        open_modules: NDArray[np.bool_] | None = None,
        bonus: NDArray[np.float64] | None = None,
    ) -> Shortlists:
        """Return the same as :meth:`best` by looking at every module of every learner."""
        asked = self._asked(p, limit, open_modules, bonus, 1)
        n = len(self._arrays.modules)
        view = View(self._worth, asked)
        row = np.repeat(np.arange(len(asked.p)), n)
        module = np.tile(np.arange(n), len(asked.p))
        return _ordered(row, module, view.scores(module, row), len(asked.p), limit)

    def _asked(
        self,
        p: ArrayLike,
        limit: int,
        open_modules: NDArray[np.bool_] | None,
        bonus: NDArray[np.float64] | None,
        threads: int,
    ) -> Asked:
        attained = np.asarray(p, np.float64)
        n, faults = len(self._arrays.modules), Faults()
        if attained.ndim != 2 or attained.shape[1] != len(self.columns):
            faults.add(
                "p", f"has shape {attained.shape}, expected (n_learners, {len(self.columns)})"
            )
        elif np.count_nonzero((attained >= 0.0) & (attained <= 1.0)) < attained.size:
            faults.add("p", "holds values outside 0 to 1")
        for name, given in (("open_modules", open_modules), ("bonus", bonus)):
            if given is not None and given.shape not in ((n,), (len(attained), n)):
                faults.add(name, f"has shape {given.shape}, expected ({n},) or (n_learners, {n})")
        if bonus is not None and bonus.size and not np.min(bonus) >= 0.0:
            faults.add("bonus", "holds values below 0")
        faults.check_level("limit", limit)
        faults.check_level("threads", threads)
        faults.raise_if_any("ranking")
        return Asked(attained, open_modules, bonus)

    def _found_of_one(self, asked: Asked, limit: int) -> Shortlists:
        view, lists = View(self._worth, asked), self._lists
        factor = view.factors(lists.column, lists.gate, lists.share)
        least = lists.least_of_one(lambda heads: view.at_least(factor, heads), limit)
        module = lists.reaching_of_one(factor, least - asked.most_bonus)
        return _ordered_of_one(module, view.scores(module), limit)

    def _found(self, asked: Asked, limit: int) -> Shortlists:
        view, lists = View(self._worth, asked), self._lists
        factor = view.factors(lists.column, lists.gate, lists.share)
        least = lists.least(lambda heads: view.at_least(factor, heads), len(asked.p), limit)
        row, module = lists.reaching(factor, least - asked.most_bonus)
        return _ordered(row, module, view.scores(module, row), len(asked.p), limit)


def _ordered_of_one(
    module: NDArray[np.int64], score: NDArray[np.float64], limit: int
) -> Shortlists:
    """Return the same as :func:`_ordered` for one learner."""
    order = np.lexsort((module, -score))
    module, score = module.take(order), score.take(order)
    kept = score > 0.0
    kept[1:] &= module[1:] != module[:-1]
    module, score = module[kept][:limit], score[kept][:limit]
    if len(module) < limit:
        left = limit - len(module)
        module = np.concatenate((module, np.full(left, -1, np.int64)))
        score = np.concatenate((score, np.zeros(left)))
    return Shortlists(module[None], score[None])


def _ordered(
    row: NDArray[np.int64],
    module: NDArray[np.int64],
    score: NDArray[np.float64],
    n_learners: int,
    limit: int,
) -> Shortlists:
    """Return the best of scored pairs per learner, equal scores by module number."""
    order = np.lexsort((module, -score, row))
    row, module, score = row.take(order), module.take(order), score.take(order)
    kept = score > 0.0
    kept[1:] &= (module[1:] != module[:-1]) | (row[1:] != row[:-1])
    row, module, score = row[kept], module[kept], score[kept]
    rank = np.arange(len(row)) - row.searchsorted(row)
    kept = rank < limit
    place = row[kept] * limit + rank[kept]
    numbers, scores = np.full((n_learners, limit), -1, np.int64), np.zeros((n_learners, limit))
    numbers.put(place, module[kept])
    scores.put(place, score[kept])
    return Shortlists(numbers, scores)

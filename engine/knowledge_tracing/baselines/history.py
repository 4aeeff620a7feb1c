"""What is known of a learner before each response: successes and failures so far."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...domain.framework import SkillLevel
    from ...domain.responses import ResponseLog

__all__ = ["Counts", "History"]


class Counts(NamedTuple):
    """Earlier successes and failures; a partial score counts in proportion on both sides."""

    successes: NDArray[np.float64]
    failures: NDArray[np.float64]

    @property
    def total(self) -> NDArray[np.float64]:
        """Earlier attempts."""
        return self.successes + self.failures


@dataclass(frozen=True)
class History:
    """The responses of a log, their skills, and what went before each.

    A skill at another proficiency level counts as another skill. A response that exercises several
    skills is one row with several pairs: no answer is ever seen by its own prediction.

    Examples
    --------
    >>> from ...domain.responses import ResponseLog
    >>> log = ResponseLog.from_columns(
    ...     learner=["ada"] * 3, item=["p", "q", "p"], skills=["x", "x~y", "y"], score=[1, 0, 1]
    ... )
    >>> history = History(log)
    >>> history.of_learner.successes, history.of_item.failures
    (array([0., 1., 1.]), array([0., 0., 0.]))
    >>> [(int(row), history.skills[k].skill_id) for row, k in zip(history.row, history.skill)]
    [(0, 'x'), (1, 'x'), (1, 'y'), (2, 'y')]
    >>> history.of_skill.total
    array([0., 1., 0., 1.])
    """

    log: ResponseLog

    @cached_property
    def skills(self) -> tuple[SkillLevel, ...]:
        """What the codes of `skill` stand for."""
        return tuple(sorted({one for skill_set in self.log.skill_sets for one in skill_set}))

    @cached_property
    def _pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        code = {one: k for k, one in enumerate(self.skills)}
        sets = self.log.skill_sets
        flat = np.array([code[one] for skill_set in sets for one in skill_set], np.int64)
        sizes = np.array([len(skill_set) for skill_set in sets], np.int64)
        counts = sizes[self.log.skill_set]
        row = np.repeat(np.arange(len(self.log)), counts)
        within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        starts = np.cumsum(sizes) - sizes
        return row, flat[starts[self.log.skill_set[row]] + within]

    @property
    def row(self) -> NDArray[np.int64]:
        """The response of each pair (response, skill), shape (n_pairs,)."""
        return self._pairs[0]

    @property
    def skill(self) -> NDArray[np.int64]:
        """The skill of each pair, as a code into `skills`, shape (n_pairs,)."""
        return self._pairs[1]

    @cached_property
    def of_learner(self) -> Counts:
        """What the learner has done so far, for each response, shape (n_responses,)."""
        rows = np.arange(len(self.log))
        return self._before(rows, np.zeros(len(rows), np.int64))

    @cached_property
    def of_item(self) -> Counts:
        """What the learner has done so far on the same item, shape (n_responses,)."""
        return self._before(np.arange(len(self.log)), self.log.item)

    @cached_property
    def of_skill(self) -> Counts:
        """What the learner has done so far on the same skill, for each pair, shape (n_pairs,)."""
        return self._before(self.row, self.skill)

    @cached_property
    def _place(self) -> NDArray[np.int64]:
        """The position of each response in the order of time."""
        place = np.empty(len(self.log), np.int64)
        place[self.log.time_order] = np.arange(len(self.log))
        return place

    def _before(self, row: NDArray[np.int64], key: NDArray[np.integer]) -> Counts:
        """Sum the scores before each entry among those of equal learner and key."""
        learner, score = self.log.learner[row], self.log.score[row]
        order = np.lexsort((self._place[row], key, learner))
        learner, key, score = learner[order], key[order], score[order]
        new = np.ones(len(order), bool)
        new[1:] = (learner[1:] != learner[:-1]) | (key[1:] != key[:-1])
        start = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
        total = np.concatenate([[0.0], np.cumsum(score)])
        earlier = np.maximum(total[:-1] - total[start], 0.0)  # never below 0 by rounding
        successes, failures = np.empty(len(order)), np.empty(len(order))
        successes[order] = earlier
        failures[order] = np.maximum(np.arange(len(order)) - start - earlier, 0.0)
        return Counts(successes, failures)

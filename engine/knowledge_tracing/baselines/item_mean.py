"""The share of right answers to each item, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .contract import Baseline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...domain.framework import SkillLevel
    from ...domain.responses import ResponseLog

__all__ = ["ItemMean"]


@dataclass(eq=False)
class ItemMean(Baseline):
    """P(right) = the item's mean score, drawn to that of its skills, to that of all, to ½.

    Each mean counts as if `prior_responses` more had come in with the mean above it. What any
    model has to beat: it knows nothing of the learner.

    Parameters
    ----------
    prior_responses : float

    Examples
    --------
    >>> from ...domain.responses import ResponseLog
    >>> log = ResponseLog.from_columns(
    ...     learner=["ada", "bob"], item=["p", "q"], skills=["sql", "sql"], score=[1, 0]
    ... )
    >>> ItemMean(prior_responses=1.0).fit(log).predict_correct(log)
    array([0.75, 0.25])
    """

    prior_responses: float = 5.0

    def _learn(self, log: ResponseLog) -> None:
        prior = self.prior_responses
        self._overall = float((log.score.sum() + prior / 2.0) / (len(log) + prior))
        skills = self._shrunk(log.skill_set, log.score, np.full(len(log), self._overall))
        self._skills: dict[tuple[SkillLevel, ...], float] = {
            log.skill_sets[code]: mean for code, mean in skills.items()
        }
        above = np.array([skills[code] for code in log.skill_set.tolist()])
        items = self._shrunk(log.item, log.score, above)
        self._items = {log.item_ids[code]: mean for code, mean in items.items()}

    def _shrunk(
        self, code: NDArray[np.int32], score: NDArray[np.float64], above: NDArray[np.float64]
    ) -> dict[int, float]:
        """Return the mean score of each code, drawn to the mean of what stands above it."""
        present, group, count = np.unique(code, return_inverse=True, return_counts=True)
        total, parent = np.bincount(group, score), np.bincount(group, above) / count
        mean = (total + self.prior_responses * parent) / (count + self.prior_responses)
        return dict(zip(present.tolist(), mean.tolist(), strict=True))

    def _predict(self, log: ResponseLog) -> NDArray[np.float64]:
        of_set = np.array([self._skills.get(one, self._overall) for one in log.skill_sets])
        of_item = np.array([self._items.get(one, np.nan) for one in log.item_ids])
        p = of_item[log.item]
        return np.where(np.isnan(p), of_set[log.skill_set], p)

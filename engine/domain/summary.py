"""How much evidence there is, in a few numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .coding import bounds

if TYPE_CHECKING:
    from .responses import ResponseLog

__all__ = ["LogSummary"]


@dataclass(frozen=True)
class LogSummary:
    """What a log has.

    Parameters
    ----------
    n_responses, n_learners, n_items, n_skills : int
    total_score : float
    n_several : int
        Responses that exercised several skills.
    first_day, last_day : str or None
        Of the responses that have an instant, as ISO 8601 writes them.

    Examples
    --------
    >>> from .responses import ResponseLog
    >>> rows = [{"learner": who, "item": "q", "skills": "sql", "score": 1} for who in "aab"]
    >>> LogSummary.of(ResponseLog.from_records(rows)).n_learners
    2
    """

    n_responses: int
    n_learners: int
    n_items: int
    n_skills: int
    total_score: float
    n_several: int
    first_day: str | None = None
    last_day: str | None = None

    @classmethod
    def of(cls, log: ResponseLog) -> LogSummary:
        """Sum up a log."""
        used = log.n_of_skill_set
        sets = [one for one, n in zip(log.skill_sets, used.tolist(), strict=True) if n]
        several = np.array([len(one) > 1 for one in log.skill_sets], dtype=np.bool_)
        days: tuple[str | None, str | None] = (None, None)
        if log.answered_at is not None and len(
            known := log.answered_at[~np.isnat(log.answered_at)]
        ):
            low, high = bounds(known.view(np.int64))
            days = str(np.datetime64(low, "us"))[:10], str(np.datetime64(high, "us"))[:10]
        return cls(
            len(log),
            int(np.count_nonzero(np.bincount(log.learner))),
            int(np.count_nonzero(np.bincount(log.item))),
            len({one.skill_id for skill_set in sets for one in skill_set}),
            float(log.score.sum()),
            int(used[several].sum()),
            *days,
        )

    @classmethod
    def of_parts(cls, parts: Sequence[LogSummary], *, n_items: int, n_skills: int) -> LogSummary:
        """Sum up parts that share no learner, with so many items and skills among them."""
        days = [one for one in parts if one.first_day is not None]
        return cls(
            sum(one.n_responses for one in parts),
            sum(one.n_learners for one in parts),
            n_items,
            n_skills,
            sum(one.total_score for one in parts),
            sum(one.n_several for one in parts),
            min((one.first_day for one in days if one.first_day), default=None),
            max((one.last_day for one in days if one.last_day), default=None),
        )

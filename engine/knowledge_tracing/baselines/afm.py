"""The additive factor model (Cen, Koedinger & Junker 2006)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .history import History
from .logistic import Block, LogisticBaseline

if TYPE_CHECKING:
    from ...domain.responses import ResponseLog

__all__ = ["AFM"]


@dataclass(eq=False)
class AFM(LogisticBaseline):
    """logit P = θ_learner + Σ over the item's skills of β_skill + γ_skill·opportunities so far.

    Cen, Koedinger & Junker (2006), Learning factors analysis, Intelligent Tutoring Systems. It
    counts practice and does not look at how it went, so a learner who was not there when it was
    fitted stays an average one.

    Parameters
    ----------
    l2 : float
        The ridge on all weights.

    Examples
    --------
    >>> from ...domain.responses import ResponseLog
    >>> log = ResponseLog.from_columns(
    ...     learner=list("aabb"), item=["q"] * 4, skills=["sql"] * 4, score=[0, 1, 0, 1]
    ... )
    >>> first, second, *_ = AFM().fit(log).predict_correct(log)
    >>> bool(first < second)
    True
    """

    l2: float = 1.0

    def _blocks(self, log: ResponseLog) -> list[Block]:
        history = History(log)
        return [
            Block(log.learner_ids, np.arange(len(log)), log.learner),
            Block(history.skills, history.row, history.skill),
            Block(history.skills, history.row, history.skill, history.of_skill.total),
        ]

"""Best-LR: PFA with items and the learner's record on everything (Gervet et al. 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .history import History
from .logistic import Block, LogisticBaseline
from .pfa import scaled, skill_blocks

if TYPE_CHECKING:
    from ...domain.responses import ResponseLog

__all__ = ["BestLR"]


@dataclass(eq=False)
class BestLR(LogisticBaseline):
    """logit P = δ_item + PFA's terms + γ·successes + ρ·failures on everything so far.

    All counts as log(1 + n). Gervet, Koedinger, Schneider & Mitchell (2020), When is deep learning
    the best approach to knowledge tracing?, Journal of Educational Data Mining 12(3). A row that
    exercises several skills stays one row: expanded into one per skill, its second copy would know
    its own answer.

    Parameters
    ----------
    l2 : float
        The ridge on all weights.

    Examples
    --------
    A good record on another skill counts:

    >>> from ...domain.responses import ResponseLog
    >>> log = ResponseLog.from_columns(
    ...     learner=list("aabb"), item=list("pqpq"), skills=list("xyxy"), score=[0, 0, 1, 1]
    ... )
    >>> p = BestLR().fit(log).predict_correct(log)
    >>> bool(p[1] < p[3])
    True
    """

    l2: float = 1.0

    def _blocks(self, log: ResponseLog) -> list[Block]:
        history = History(log)
        overall = scaled(history.of_learner)
        return [
            Block(log.item_ids, np.arange(len(log)), log.item),
            *skill_blocks(history, scaled(history.of_skill)),
            Block.number(overall.successes),
            Block.number(overall.failures),
        ]

"""Performance factors analysis (Pavlik, Cen & Koedinger 2009)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...errors import Fault, InvalidInput
from .history import Counts, History
from .logistic import Block, LogisticBaseline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...domain.responses import ResponseLog

__all__ = ["PFA", "scaled", "skill_blocks"]


def scaled(counts: Counts) -> Counts:
    """Return log(1 + n): the tenth success tells less than the second.

    Examples
    --------
    >>> scaled(Counts(np.array([0.0]), np.array([1.0]))).failures.round(3)
    array([0.693])
    """
    return Counts(np.log1p(counts.successes), np.log1p(counts.failures))


def skill_blocks(history: History, counts: Counts) -> list[Block]:
    """Return Σ over the item's skills of β + γ·successes + ρ·failures, as features."""
    values: tuple[NDArray[np.float64] | None, ...] = (None, counts.successes, counts.failures)
    return [Block(history.skills, history.row, history.skill, value) for value in values]


@dataclass(eq=False)
class PFA(LogisticBaseline):
    """logit P = Σ over the item's skills of β + γ·successes + ρ·failures on that skill so far.

    Pavlik, Cen & Koedinger (2009), Performance factors analysis, AIED, eq. 3.

    Parameters
    ----------
    items : bool
        Whether every item has a difficulty of its own besides.
    counts : {"log", "raw"}
        Counts as log(1 + n), which predicts better on every log tried, or as in the paper.
    l2 : float
        The ridge on all weights.

    Examples
    --------
    >>> from ...domain.responses import ResponseLog
    >>> log = ResponseLog.from_columns(
    ...     learner=list("aabb"), item=["q"] * 4, skills=["sql"] * 4, score=[0, 0, 1, 1]
    ... )
    >>> p = PFA().fit(log).predict_correct(log)
    >>> bool(p[0] == p[2]), bool(p[1] < p[3])
    (True, True)
    """

    items: bool = False
    counts: str = "log"
    l2: float = 1.0

    def _check_options(self) -> None:
        super()._check_options()
        if self.counts not in ("log", "raw"):
            problem = f"is {self.counts!r}, expected 'log' or 'raw'"
            raise InvalidInput("options of PFA", [Fault("counts", problem)])

    def _blocks(self, log: ResponseLog) -> list[Block]:
        history = History(log)
        raw = history.of_skill
        blocks = skill_blocks(history, raw if self.counts == "raw" else scaled(raw))
        if self.items:
            blocks.append(Block(log.item_ids, np.arange(len(log)), log.item))
        return blocks

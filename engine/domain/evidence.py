"""Evidence: a graded answer, and a module completed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .records import Faults

__all__ = ["Completion", "Response"]


@dataclass(frozen=True, slots=True)
class Response:
    """A learner's graded answer to an item.

    Parameters
    ----------
    learner_id, item_id : str
    score : float
        In [0, 1]; between the ends it is partial credit.
    answered_at : datetime, optional
        An aware instant.
    response_id : str, optional
        The sender's id; orders responses given at the same instant.

    Examples
    --------
    >>> Response("ada", "joins-07", score=1.0).right
    True
    """

    learner_id: str
    item_id: str
    score: float
    answered_at: datetime | None = None
    response_id: str = ""

    def __post_init__(self) -> None:
        faults = Faults()
        faults.check_id("learner_id", self.learner_id)
        faults.check_id("item_id", self.item_id)
        faults.check_number("score", self.score, 0.0, 1.0)
        faults.check_instant("answered_at", self.answered_at)
        faults.raise_if_any("response")

    @property
    def right(self) -> bool:
        """Whether the score is at least one half."""
        return self.score >= 0.5


@dataclass(frozen=True, slots=True)
class Completion:
    """A learner has finished a module: a chance to learn, without an observation.

    Examples
    --------
    >>> Completion("ada", "joins-101").module_id
    'joins-101'
    """

    learner_id: str
    module_id: str
    completed_at: datetime | None = None
    completion_id: str = ""

    def __post_init__(self) -> None:
        faults = Faults()
        faults.check_id("learner_id", self.learner_id)
        faults.check_id("module_id", self.module_id)
        faults.check_instant("completed_at", self.completed_at)
        faults.raise_if_any("completion")

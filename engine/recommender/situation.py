"""Before a choice: a learner, the modules on offer, and what is believed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from .projector import Projector
from .ranking import rank
from .scoring import ScoreWeights

if TYPE_CHECKING:
    from ..domain.knowledge import KnowledgeState
    from .prior import Liking
    from .role_map import RoleMap

__all__ = ["Situation"]


@dataclass(frozen=True)
class Situation:
    """A learner before a choice; the parameters are those of :func:`rank`."""

    where: RoleMap
    state: KnowledgeState
    projector: Projector
    prerequisite_threshold: float = 0.8
    weights: ScoreWeights = field(default_factory=ScoreWeights)
    allowed: Collection[str] | None = None
    liking: Liking | None = None
    at: datetime | None = None

    def ranked(self, limit: int | None = None) -> list[str]:
        """Return the ids of the modules that can be taken now and are of use, best first."""
        found = rank(
            self.where,
            self.state,
            self.projector,
            prerequisite_threshold=self.prerequisite_threshold,
            weights=self.weights,
            limit=limit or max(1, len(self.where.modules)),
            allowed=self.allowed,
            liking=self.liking,
            at=self.at,
        )
        return [one.module_id for one in found]

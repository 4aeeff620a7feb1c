"""What every question is answered from: a bound tracer, a curriculum, and what is kept per role."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from ..domain.records import Faults
from ..recommender import (
    Examination,
    Prior,
    Projector,
    RankingIndex,
    RoleMap,
    ScoreWeights,
    examination,
    role_map,
)

if TYPE_CHECKING:
    from ..domain.curriculum import Curriculum
    from ..domain.framework import Role
    from ..recommender.prior import Liking

__all__ = ["Ground", "faults_of", "keep"]

_ROLES_KEPT = 512
Kept = TypeVar("Kept")


class Ground:
    """A tracer bound to a curriculum; its parameters are those of :class:`.PathPlanner`."""

    def __init__(
        self,
        *,
        tracer: Projector,
        curriculum: Curriculum,
        prerequisite_threshold: float = 0.8,
        weights: ScoreWeights | None = None,
        prior: Prior | None = None,
    ) -> None:
        faults = Faults()
        faults.check_number("prerequisite_threshold", prerequisite_threshold, 0.0, 1.0, above=True)
        faults.raise_if_any("planner")
        bind = getattr(tracer, "with_curriculum", None)
        self.tracer: Projector = tracer if bind is None else bind(curriculum)
        self.curriculum = curriculum
        self.prerequisite_threshold = float(prerequisite_threshold)
        self.weights = ScoreWeights() if weights is None else weights
        self.prior = prior
        self._maps: dict[Role, RoleMap] = {}
        self._likings: dict[Role, Liking] = {}
        self._indexes: dict[Role, RankingIndex] = {}
        self._examinations: dict[Role, Examination] = {}

    def _map(self, role: Role) -> RoleMap:
        """Return the part of the curriculum that a role can use, kept from call to call."""
        found = self._maps.get(role)
        if found is None:
            found = role_map(self.curriculum, role)
            keep(self._maps, role, found)
        return found

    def _liking(self, role: Role) -> Liking | None:
        """Return how learners like the modules of a role, kept with the prior's vectors of them."""
        if self.prior is None:
            return None
        found = self._likings.get(role)
        if found is None:
            found = self.prior.over(self._map(role).modules)
            keep(self._likings, role, found)
        return found

    def _examination(self, role: Role) -> Examination:
        """Return what can be asked about a role, kept with the knowledge states drawn for it."""
        found = self._examinations.get(role)
        if found is None:
            found = examination(self.curriculum, role)
            keep(self._examinations, role, found)
        return found


def keep(kept: dict[Role, Kept], role: Role, found: Kept) -> None:
    """Keep what was found for a role; where there are too many, begin anew."""
    if len(kept) >= _ROLES_KEPT:
        kept.clear()
    kept[role] = found


def faults_of(at: datetime | None) -> Faults:
    """Return the faults of a request so far: an instant that is none."""
    faults = Faults()
    faults.check_instant("at", at)
    return faults

"""A learner's choices at one instant: where they stand, what is reachable, what it would bring."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .closure import Closures, closures
from .outlook import Outlook
from .standing import Standing, standing

if TYPE_CHECKING:
    from ..domain.knowledge import KnowledgeState
    from .projector import Projector
    from .role_map import RoleMap

__all__ = ["Prospect", "prospect"]


@dataclass(slots=True)
class Prospect:
    """Everything that a choice of modules is made from.

    Parameters
    ----------
    where : RoleMap
    now : Standing
    outlook : Outlook
    found : Closures
        Of what is on offer now.
    """

    where: RoleMap
    now: Standing
    outlook: Outlook
    found: Closures

    @property
    def unmet(self) -> list[int]:
        """The numbers of the targets below the role's mastery threshold."""
        threshold = self.where.role.mastery_threshold
        return [i for i in range(len(self.where.role.targets)) if self.now.p[i] < threshold]

    def twin(self) -> Prospect:
        """Return a copy that can go another way from here; nothing may have been taken yet."""
        return Prospect(self.where, self.now.twin(), self.outlook.afresh(), self.found)

    def take(self, m: int, p: list[float], threshold: float) -> None:
        """Go on to where a module has been completed, with the attainments to be expected then."""
        self.now.take(self.where, m, p, threshold)
        self.outlook.take(m)

    def look_again(self) -> None:
        """Work out anew what is reachable, after modules were taken."""
        self.found = closures(self.where, self.now)


def prospect(
    where: RoleMap,
    state: KnowledgeState,
    projector: Projector,
    *,
    threshold: float,
    allowed: Collection[str] | None = None,
    at: datetime | None = None,
) -> Prospect:
    """Survey a learner's choices; the parameters are those of :func:`standing`."""
    now = standing(where, state, projector, threshold=threshold, allowed=allowed, at=at)
    outlook = Outlook(where, state, projector, now.p, at)
    return Prospect(where, now, outlook, closures(where, now))

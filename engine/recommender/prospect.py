"""A learner's choices at one instant: where they stand, what is reachable, what it would bring."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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

    def after(self, modules: Sequence[int], p: list[float]) -> Prospect:
        """Return the choices once these modules are done, with the attainments expected then."""
        now = self.now.after(self.where, modules, p)
        return Prospect(self.where, now, self.outlook, closures(self.where, now))


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

"""A learner's choices at one instant: where they stand, what is reachable, what it would bring."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from typing import TYPE_CHECKING

from .closure import Closures, closures
from .lapsing import Lapse, let_lapse
from .outlook import Outlook
from .standing import Standing, standing

if TYPE_CHECKING:
    from ..domain.knowledge import KnowledgeState
    from .projector import Projector
    from .role_map import Numbers, RoleMap

__all__ = ["Prospect", "prospect"]


_FEW = 8  # modules that teach one skill, up to which every two of them are foreseen


@dataclass(slots=True)
class Prospect:
    """Everything that a choice of modules is made from.

    Parameters
    ----------
    where : RoleMap
    now : Standing
    outlook : Outlook
    lapses : mapping of int to Lapse
        The targets that are not to last, or did not.
    leanings : dict of str to sequence of float
        By term of the score, the share of it that each module of the role map gets.

    Attributes
    ----------
    found : Closures
        Of what is on offer now.
    """

    where: RoleMap
    now: Standing
    outlook: Outlook
    lapses: Mapping[int, Lapse] = field(default_factory=dict)
    leanings: dict[str, Sequence[float]] = field(default_factory=dict)

    found: Closures = field(init=False, repr=False)
    _teaching: dict[int, Numbers] | None = field(default=None, init=False, repr=False)
    _furthest: dict[int, float] | None = field(default=None, init=False, repr=False)
    _most: dict[int, float] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.found = closures(self.where, self.now)

    @property
    def unmet(self) -> list[int]:
        """The numbers of the targets below the role's mastery threshold."""
        threshold, n = self.where.role.mastery_threshold, len(self.where.role.targets)
        return [i for i, p in enumerate(self.now.p[:n]) if p < threshold]

    @property
    def teaching(self) -> dict[int, Numbers]:
        """Per unmet target, the modules that teach it and can be reached; kept, as the next two."""
        if self._teaching is None:
            towards, place = self.where.towards, self.found.place
            self._teaching = {i: tuple([m for m in towards[i] if m in place]) for i in self.unmet}
        return self._teaching

    @property
    def furthest(self) -> dict[int, float]:
        """Per unmet target that something teaches, what all of it makes of it, up to mastery."""
        if self._furthest is None:
            self._furthest = self._foresee()
        return self._furthest

    def _foresee(self) -> dict[int, float]:
        """Foresee all that teaches each target, and single ones and every two of these with it."""
        chains = [one for one in self.teaching.items() if one[1]]
        parts = [
            (i, part)
            for i, some in chains
            if len(some) > 1
            for size in ((1, 2) if 2 < len(some) <= _FEW else (1,))
            for part in combinations(some, size)
        ]
        then, ceiling = self.outlook.foresee(chains + parts), self.where.role.mastery_threshold
        far = zip(chains, then, strict=False)
        return {i: p if p < ceiling else ceiling for (i, _), p in far}

    @property
    def most(self) -> dict[int, float]:
        """Per such target, the truncated gain in readiness that all that teaches it brings."""
        if self._most is None:
            shares, now = self.where.shares, self.now.p
            self._most = {i: shares[i] * (p - now[i]) for i, p in self.furthest.items()}
        return self._most

    def shares(self, m: int) -> dict[str, float]:
        """Return the share that a module gets of each bounded term of its score."""
        given = {name: shares[m] for name, shares in self.leanings.items()}
        return {"review": float(m in self.now.due), **given}

    def after(self, modules: Sequence[int], p: list[float]) -> Prospect:
        """Return the choices once these modules are done, with the attainments expected then."""
        now, outlook = self.now.after(self.where, modules, p), self.outlook.behind(modules, p)
        return Prospect(self.where, now, outlook, self.lapses, self.leanings)


def prospect(
    where: RoleMap,
    state: KnowledgeState,
    projector: Projector,
    *,
    threshold: float,
    allowed: Collection[str] | None = None,
    at: datetime | None = None,
    horizon_days: float = 0.0,
) -> Prospect:
    """Survey a learner's choices; the parameters are those of :func:`standing`.

    And `horizon_days`: how far ahead to look for what is attained and will not last.
    """
    now = standing(where, state, projector, threshold=threshold, allowed=allowed, at=at)
    lapses = let_lapse(
        where, state, projector, now, at=at, horizon_days=horizon_days, allowed=allowed
    )
    outlook = Outlook(where, state, projector, now.p, at)
    return Prospect(where, now, outlook, lapses)

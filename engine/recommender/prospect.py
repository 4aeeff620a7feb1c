"""A learner's choices at one instant: where they stand, what is reachable, what it would bring."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from .closure import Closures, closures
from .lapsing import Lapse, let_lapse
from .outlook import Outlook, Worths
from .standing import Standing, standing

if TYPE_CHECKING:
    from ..domain.knowledge import KnowledgeState
    from .projector import Projector
    from .role_map import Numbers, RoleMap

__all__ = ["Prospect", "prospect"]


_FEW = 8  # modules that teach one skill, up to which every two of them are foreseen


def _parts(some: Numbers) -> Iterator[tuple[int, Numbers]]:
    """Give single modules and, of a few, every two of them: as bits, and in their order."""
    for k, m in enumerate(some):
        yield 1 << k, (m,)
        if 2 < len(some) <= _FEW:
            for j in range(k):
                yield 1 << j | 1 << k, (some[j], m)


@dataclass
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
    """

    where: RoleMap
    now: Standing
    outlook: Outlook
    lapses: Mapping[int, Lapse] = field(default_factory=dict)
    leanings: dict[str, Sequence[float]] = field(default_factory=dict)

    @cached_property
    def found(self) -> Closures:
        """What can be reached of all that is on offer now; searched when it is asked for."""
        return closures(self.where, self.now)

    @cached_property
    def unmet(self) -> list[int]:
        """The numbers of the targets below the role's mastery threshold."""
        threshold, n = self.where.role.mastery_threshold, len(self.where.role.targets)
        return [i for i, p in enumerate(self.now.p[:n]) if p < threshold]

    @cached_property
    def teaching(self) -> dict[int, Numbers]:
        """Per unmet target, the modules that teach it and can be reached."""
        towards, place = self.where.towards, self.found.place
        return {i: tuple([m for m in towards[i] if m in place]) for i in self.unmet}

    @cached_property
    def furthest(self) -> dict[int, float]:
        """Per unmet target that something teaches, what all of it makes of it, up to mastery."""
        return self._foresee()

    @cached_property
    def worths(self) -> dict[int, Worths]:
        """Per unmet target that several modules teach, what sets of these are worth together."""
        teaching = self.teaching.items()
        return {i: Worths(self.outlook, i, some) for i, some in teaching if len(some) > 1}

    def _foresee(self) -> dict[int, float]:
        """Foresee all that teaches each target, and single ones and every two of these with it."""
        chains = [one for one in self.teaching.items() if one[1]]
        worths = self.worths
        sets = [(i, bits, part) for i in worths for bits, part in _parts(self.teaching[i])]
        parts = [(i, part) for i, _, part in sets]
        then, ceiling = self.outlook.foresee(chains + parts), self.where.role.mastery_threshold
        shares, now = self.where.shares, self.now.p
        for (i, bits, _), p in zip(sets, then[len(chains) :], strict=True):
            worths[i][bits] = shares[i] * ((p if p < ceiling else ceiling) - now[i])
        furthest = {}
        for (i, some), p in zip(chains, then, strict=False):
            furthest[i] = far = p if p < ceiling else ceiling
            if i in worths:
                worths[i][(1 << len(some)) - 1] = shares[i] * (far - now[i])
        return furthest

    @cached_property
    def most(self) -> dict[int, float]:
        """Per such target, the truncated gain in readiness that all that teaches it brings."""
        shares, now = self.where.shares, self.now.p
        return {i: shares[i] * (p - now[i]) for i, p in self.furthest.items()}

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

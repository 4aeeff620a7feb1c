"""What modules would do to the targets: expected gains in readiness, each worked out once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from .projector import Projector, attained_after

if TYPE_CHECKING:
    from ..domain.knowledge import KnowledgeState
    from .role_map import Numbers, RoleMap

__all__ = ["Outlook", "Worths"]


class Outlook:
    """Expected gains of sets of modules for one learner at one instant.

    What happens to a target depends only on those modules that teach its skill (see
    :class:`Projector`). So a set of modules falls apart into one short chain per target, and the
    few chains that occur are projected once and kept.

    Parameters
    ----------
    where : RoleMap
    state : KnowledgeState
    projector : Projector
    p : sequence of float, shape (n_targets,) or longer
        The targets' attainment now.
    at : datetime, optional
    completed : sequence of int, optional
        Modules to be taken as completed before everything else.
    """

    def __init__(
        self,
        where: RoleMap,
        state: KnowledgeState,
        projector: Projector,
        p: list[float],
        at: datetime | None = None,
        completed: Sequence[int] = (),
    ) -> None:
        self._where, self._projector, self._state, self._at = where, projector, state, at
        self._p: dict[tuple[int, Numbers], float] = {}
        self._now = p[: len(where.role.targets)]
        self._completed = completed

    @cached_property
    def _behind(self) -> dict[int, Numbers]:
        return self.chains(self._completed)

    def behind(self, modules: Sequence[int], p: list[float]) -> Outlook:
        """Return the outlook of somebody who has completed modules in this order.

        Parameters
        ----------
        modules : sequence of int
        p : list of float
            The targets' attainments then.
        """
        completed = (*self._completed, *modules)
        return Outlook(self._where, self._state, self._projector, p, self._at, completed)

    def foresee(self, chains: Sequence[tuple[int, Numbers]]) -> list[float]:
        """Return targets' attainments once their chains are done, projected many at a time."""
        known, wanted, behind = self._p, self._where.wanted, self._behind
        pairs = [one for one in chains if one not in known] if known else chains
        if pairs:
            modules, whole = self._where.modules, pairs
            if behind:
                whole = [(i, (*behind.get(i, ()), *chain)) for i, chain in pairs]
            asked = [(wanted[i], [modules[m] for m in chain]) for i, chain in whole]
            p = attained_after(self._projector, self._state, asked, self._at)
            known.update(zip(pairs, p, strict=True))
            if len(pairs) == len(chains):
                return p
        return [known[one] for one in chains]

    def after(self, i: int, chain: Numbers) -> float:
        """Return a target's attainment once the modules of a chain are done in its order."""
        p = self._p.get((i, chain))
        if p is None:
            (p,) = self.foresee([(i, chain)])
        return p

    def worth(self, i: int, chain: Numbers) -> float:
        """Return the truncated gain in readiness that a chain of modules brings through a target.

        wᵢ·(min(p_after, τ) − min(p_before, τ)) / Σ w, with τ the role's mastery threshold.
        """
        ceiling = self._where.role.mastery_threshold
        if not chain or self._now[i] >= ceiling:
            return 0.0
        return self._where.shares[i] * (min(self.after(i, chain), ceiling) - self._now[i])

    def truncated_gain(self, modules: Sequence[int]) -> float:
        """Return the gain in readiness of modules done in this order, cut off at mastery.

        Σ wᵢ·(min(p_after, τ) − min(p_before, τ)) / Σ wᵢ, with τ the role's mastery threshold: what
        is mastered cannot be gained again.
        """
        return self._gain(modules, self._where.role.mastery_threshold)

    def gain(self, modules: Sequence[int]) -> float:
        """Return the whole expected gain in readiness of modules done in this order."""
        return self._gain(modules, 1.0)

    def gains(self, modules: Sequence[int]) -> dict[int, float]:
        """Return by how much modules done in this order raise the attainment of each target."""
        chains = self.chains(modules)
        return {i: self.after(i, chain) - self._now[i] for i, chain in chains.items()}

    def _gain(self, modules: Sequence[int], ceiling: float) -> float:
        where, now = self._where, self._now
        total = 0.0
        for i, chain in self.chains(modules).items():
            if now[i] < ceiling:  # else there is nothing left to gain, so nothing to project
                after = self.after(i, chain)
                total += where.shares[i] * ((after if after < ceiling else ceiling) - now[i])
        return total

    def chains(self, modules: Sequence[int]) -> dict[int, Numbers]:
        """Return per target those of some modules that aim at it, in their order."""
        chains: dict[int, Numbers] = {}
        for m in modules:
            for i in self._where.aims[m]:
                chains[i] = (*chains.get(i, ()), m)
        return chains


class Worths(dict[int, float]):
    """What sets of modules are worth together through a target, each worked out once.

    A set is a number with one bit per module that teaches the target.
    """

    __slots__ = ("_outlook", "_target", "_teaching")

    def __init__(self, outlook: Outlook, target: int, teaching: Numbers) -> None:
        super().__init__({0: 0.0})
        self._outlook, self._target, self._teaching = outlook, target, teaching

    def __missing__(self, some: int) -> float:
        chain = tuple([m for k, m in enumerate(self._teaching) if some >> k & 1])
        worth = self[some] = self._outlook.worth(self._target, chain)
        return worth

"""What modules would do to the targets: expected gains in readiness, each worked out once."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import datetime
from typing import TYPE_CHECKING

from .projector import Projector, attained

if TYPE_CHECKING:
    from ..domain.knowledge import KnowledgeState
    from .role_map import Numbers, RoleMap

__all__ = ["Outlook"]


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
    """

    def __init__(
        self,
        where: RoleMap,
        state: KnowledgeState,
        projector: Projector,
        p: list[float],
        at: datetime | None = None,
    ) -> None:
        self._where, self._projector, self._at = where, projector, at
        self._states: dict[Numbers, KnowledgeState] = {(): state}
        self._p: dict[tuple[int, Numbers], float] = {
            (i, ()): p[i] for i in range(len(where.role.targets))
        }
        self._taken: dict[int, Numbers] = {}

    def afresh(self) -> Outlook:
        """Return an outlook with nothing taken, over the same projections."""
        twin = copy(self)
        twin._taken = {}
        return twin

    def take(self, m: int) -> None:
        """Go on from where a module has been completed, as the modules of a path are."""
        for i in self._where.aims[m]:
            self._taken[i] = (*self._taken.get(i, ()), m)

    def p_now(self, i: int) -> float:
        """Return the attainment to be expected of a target after the modules taken so far."""
        return self._p_after(i, self._taken.get(i, ()))

    def truncated_gain(self, modules: Iterable[int]) -> float:
        """Return the gain in readiness of modules done in this order, cut off at mastery.

        Σ wᵢ·(min(p_after, τ) − min(p_before, τ)) / Σ wᵢ, with τ the role's mastery threshold: what
        is mastered cannot be gained again.
        """
        ceiling = self._where.role.mastery_threshold
        return sum(
            self._where.shares[i] * (min(after, ceiling) - min(before, ceiling))
            for i, before, after in self._changes(modules, ceiling)
        )

    def gain(self, modules: Iterable[int]) -> float:
        """Return the whole expected gain in readiness of modules done in this order."""
        return sum(
            self._where.shares[i] * (after - before)
            for i, before, after in self._changes(modules, 2.0)
        )

    def _changes(self, modules: Iterable[int], ceiling: float) -> list[tuple[int, float, float]]:
        """List (target, p before, p after) of the taught targets that stand below a ceiling."""
        chains: dict[int, Numbers] = {}
        for m in modules:
            for i in self._where.aims[m]:
                chains[i] = (*chains.get(i, self._taken.get(i, ())), m)
        before = {i: self.p_now(i) for i in chains}
        return [
            (i, before[i], self._p_after(i, chain))
            for i, chain in chains.items()
            if before[i] < ceiling
        ]

    def _p_after(self, i: int, chain: Numbers) -> float:
        if (i, chain) not in self._p:
            also = self._where.aims[chain[-1]] if len(chain) == 1 else (i,)
            wanted = [self._where.wanted[one] for one in also]
            p = attained(self._projector, self._state_after(chain), wanted, self._at)
            self._p.update(((one, chain), after) for one, after in zip(also, p, strict=True))
        return self._p[i, chain]

    def _state_after(self, chain: Numbers) -> KnowledgeState:
        if chain not in self._states:
            start = len(chain)
            while chain[:start] not in self._states:
                start -= 1
            for end in range(start + 1, len(chain) + 1):
                module = self._where.modules[chain[end - 1]]
                before = self._states[chain[: end - 1]]
                self._states[chain[:end]] = self._projector.project(before, module, at=self._at)
        return self._states[chain]

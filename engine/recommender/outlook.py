"""What modules would do to the targets: expected gains in readiness, each worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
        self._p: dict[tuple[int, Numbers], float] = {}
        self._now = p[: len(where.role.targets)]

    def foresee(self, modules: Iterable[int]) -> None:
        """Project each of these modules alone, many of them at a time.

        Modules without a skill in common leave each other's alone, so they are projected in a row
        and asked about together.
        """
        waiting = list(modules)
        while waiting:
            state, used, asked, later = self._states[()], set[str](), list[tuple[int, int]](), []
            for m in waiting:
                if used.isdisjoint(self._where.taught[m]):
                    used |= self._where.taught[m]
                    state = self._projector.project(state, self._where.modules[m], at=self._at)
                    asked += [(i, m) for i in self._where.aims[m]]
                else:
                    later.append(m)
            wanted = [self._where.wanted[i] for i, _ in asked]
            p = attained(self._projector, state, wanted, self._at)
            self._p.update(((i, (m,)), after) for (i, m), after in zip(asked, p, strict=True))
            waiting = later

    def after(self, i: int, chain: Numbers) -> float:
        """Return a target's attainment once the modules of a chain are done in its order."""
        p = self._p.get((i, chain))
        return self._p_after(i, chain) if p is None else p

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

    def _gain(self, modules: Sequence[int], ceiling: float) -> float:
        where, now = self._where, self._now
        chains: dict[int, Numbers] = {}
        for m in modules:
            for i in where.aims[m]:
                chains[i] = (*chains.get(i, ()), m)
        total = 0.0
        for i, chain in chains.items():
            if now[i] < ceiling:  # else there is nothing left to gain, so nothing to project
                after = self.after(i, chain)
                total += where.shares[i] * ((after if after < ceiling else ceiling) - now[i])
        return total

    def _p_after(self, i: int, chain: Numbers) -> float:
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

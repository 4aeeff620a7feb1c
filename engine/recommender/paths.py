"""A whole path under a budget of minutes: the densest closure first, again and again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ..domain.recommendations import LearningPath, PathStep
from .explanation import enables, raises
from .obstacles import EMPTY_ALLOW_LIST, arrived, obstacles
from .projector import Projector, attained
from .prospect import Prospect, prospect
from .readiness import readiness
from .routes import Route, routes
from .standing import MIN_GAIN

if TYPE_CHECKING:
    from ..domain.knowledge import KnowledgeState
    from .role_map import RoleMap

__all__ = ["plan_path"]

_ROUNDING = 1e-9  # minutes


def plan_path(
    where: RoleMap,
    state: KnowledgeState,
    projector: Projector,
    *,
    budget_minutes: float,
    prerequisite_threshold: float = 0.8,
    allowed: Collection[str] | None = None,
    at: datetime | None = None,
) -> LearningPath:
    """Plan modules in an order that keeps the prerequisites and the budget.

    Of all closures that still fit, the one with the best truncated gain in readiness per minute
    is appended, then all is worked out again from the state to be expected. Along the path a
    prerequisite counts as met when it is attained to the threshold by expectation, or when a
    module that leads to it stands earlier in the path.

    Parameters
    ----------
    where : RoleMap
    state : KnowledgeState
    projector : Projector
    budget_minutes : float
        Above 0.
    prerequisite_threshold : float, default 0.8
    allowed : collection of str, optional
        Ids of the modules on offer; all of them when None. They are taken to exist.
    at : datetime, optional

    Returns
    -------
    LearningPath
        Its note says why it ends where it does.
    """
    walk = _Walk(where, state, projector, at)
    blank = LearningPath(state.learner_id, where.role.role_id, budget_minutes, walk.readiness())
    if allowed is not None and not allowed:
        return _with(blank, walk, EMPTY_ALLOW_LIST)
    ahead = prospect(
        where, state, projector, threshold=prerequisite_threshold, allowed=allowed, at=at
    )
    if not ahead.unmet:
        return _with(blank, walk, arrived(where, state, ahead.now.p))
    while True:
        left = budget_minutes - walk.elapsed_minutes + _ROUNDING
        worth = routes(ahead)
        route = _densest(worth, left)
        if route is None:
            return _with(blank, walk, _why_it_ends(ahead, worth, left))
        for m in route.members:
            walk.step(ahead, m, route)
            ahead.take(m, walk.p, prerequisite_threshold)
        ahead.look_again()


class _Walk:
    """The steps so far, and the state to be expected after them."""

    def __init__(
        self,
        where: RoleMap,
        state: KnowledgeState,
        projector: Projector,
        at: datetime | None,
    ) -> None:
        self._where, self._state, self._projector, self._at = where, state, projector, at
        self.p = attained(projector, state, where.wanted, at)
        self.elapsed_minutes = 0.0
        self.steps: list[PathStep] = []

    def readiness(self) -> float:
        return float(readiness(self.p[: len(self._where.role.targets)], self._where.role.weights))

    def step(self, ahead: Prospect, m: int, route: Route) -> None:
        """Take a module: its reason as things stand before it, its outcome after it."""
        gain = ahead.outlook.gain((m,))
        reason = raises(ahead, m, gain) if gain > MIN_GAIN else enables(ahead, m, route)
        module = self._where.modules[m]
        self._state = self._projector.project(self._state, module, at=self._at)
        self.p = attained(self._projector, self._state, self._where.wanted, self._at)
        self.elapsed_minutes += module.minutes
        self.steps.append(
            PathStep(
                module_id=module.module_id,
                minutes=float(module.minutes),
                elapsed_minutes=self.elapsed_minutes,
                expected_readiness=self.readiness(),
                reason=reason,
            )
        )


def _densest(worth: list[Route], left_minutes: float) -> Route | None:
    best: Route | None = None
    for route in worth:
        if route.minutes <= left_minutes and route.beats(best):
            best = route
    return best


def _why_it_ends(ahead: Prospect, worth: list[Route], left_minutes: float) -> str:
    if not ahead.unmet:
        return f"After this path every target of {ahead.where.role.label} is to be expected."
    if worth:
        left = f"{max(left_minutes - _ROUNDING, 0.0):.4g}"
        shortest = min(route.minutes for route in worth)
        return (
            f"Of the budget {left} {'minute is' if left == '1' else 'minutes are'} left;"
            f" the shortest way to a further gain takes {shortest:.4g}."
        )
    return obstacles(ahead, worth)


def _with(blank: LearningPath, walk: _Walk, note: str) -> LearningPath:
    return replace(blank, steps=tuple(walk.steps), note=note)

"""A whole path under a budget of minutes: the densest closure first, again and again.

Greedy alone can miss a large closure that would have filled the budget, so it is also begun with
that one, and the better path is taken: the standard remedy for greedy under a budget (Khuller,
Moss & Naor 1999, "The budgeted maximum coverage problem"). Chains of prerequisites leave even
that without a guarantee.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ..domain.recommendations import LearningPath, PathStep
from .explanation import enables, raises
from .obstacles import EMPTY_ALLOW_LIST, arrived, obstacles
from .projector import Projector, attained
from .prospect import Prospect, prospect
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
    ahead = prospect(
        where, state, projector, threshold=prerequisite_threshold, allowed=allowed, at=at
    )
    share = _readiness(where, ahead.now.p)
    blank = LearningPath(state.learner_id, where.role.role_id, budget_minutes, share)
    if allowed is not None and not allowed:
        return replace(blank, note=EMPTY_ALLOW_LIST)
    if not ahead.unmet:
        return replace(blank, note=arrived(where, state, ahead.now.p))

    def walk(begin: Route | None) -> _Walk:
        return _Walk(ahead.twin(), state, projector, prerequisite_threshold, at).until(
            budget_minutes, begin
        )

    fitting = [one for one in routes(ahead) if one.minutes <= budget_minutes + _ROUNDING]
    best = walk(None)
    largest = max(fitting, key=lambda one: one.gain, default=None)
    if largest is not None and largest.density < max(one.density for one in fitting):
        other = walk(largest)
        best = other if other.gain > best.gain + MIN_GAIN else best
    return replace(blank, steps=tuple(best.steps), note=best.note)


class _Walk:
    """One greedy path: its steps so far, and the state to be expected after them."""

    def __init__(
        self,
        ahead: Prospect,
        state: KnowledgeState,
        projector: Projector,
        threshold: float,
        at: datetime | None,
    ) -> None:
        self._ahead, self._state, self._projector = ahead, state, projector
        self._threshold, self._at = threshold, at
        self.steps: list[PathStep] = []
        self.elapsed_minutes = 0.0
        self.gain = 0.0  # truncated, as the routes count it
        self.note = ""

    def until(self, budget_minutes: float, begin: Route | None) -> _Walk:
        """Walk as far as the budget goes, first along `begin` if there is such a route."""
        route = begin
        while True:
            if route is not None:
                self._follow(route)
            left = budget_minutes - self.elapsed_minutes + _ROUNDING
            worth = routes(self._ahead)
            route = _densest(worth, left)
            if route is None:
                self.note = _why_it_ends(self._ahead, worth, left)
                return self

    def _follow(self, route: Route) -> None:
        self.gain += route.gain
        for m in route.members:
            self._step(m, route)
        self._ahead.look_again()

    def _step(self, m: int, route: Route) -> None:
        """Take a module: its reason as things stand before it, its outcome after it."""
        ahead, where = self._ahead, self._ahead.where
        gain = ahead.outlook.gain((m,))
        reason = raises(ahead, m, gain) if gain > MIN_GAIN else enables(ahead, m, route)
        module = where.modules[m]
        self._state = self._projector.project(self._state, module, at=self._at)
        touched = [where.wanted[k] for k in where.touches[m]]
        p = list(ahead.now.p)
        for k, one in zip(
            where.touches[m],
            attained(self._projector, self._state, touched, self._at),
            strict=True,
        ):
            p[k] = one
        ahead.take(m, p, self._threshold)
        self.elapsed_minutes += module.minutes
        self.steps.append(
            PathStep(
                module_id=module.module_id,
                minutes=float(module.minutes),
                elapsed_minutes=self.elapsed_minutes,
                expected_readiness=_readiness(where, p),
                reason=reason,
            )
        )


def _readiness(where: RoleMap, p: Sequence[float]) -> float:
    """Return Σ wᵢ·pᵢ / Σ wᵢ; the targets come first in `p`."""
    return min(sum(share * one for share, one in zip(where.shares, p, strict=False)), 1.0)


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

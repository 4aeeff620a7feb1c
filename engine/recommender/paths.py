"""A whole path under a budget of minutes: what to choose, in which order, and why.

Both methods climb one objective, that of :mod:`.choice`. The greedy one takes the closure with the
most gain per minute, long ones somewhat favoured, again and again; that can miss a large closure
which would have filled the budget (Khuller, Moss & Naor 1999, "The budgeted maximum coverage
problem"), so where one is worth much it is also tried first. Chains of prerequisites leave even
that without a guarantee, so a path comes with a bound on all paths.

Where the learner's time is known, being in time with what is due comes first and gain second, see
:mod:`.deadlines`; and proof that would expire on the way is renewed before it does, see
:mod:`.renewals`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Literal

from ..domain.recommendations import LearningPath
from .arrivals import Arrivals
from .obstacles import EMPTY_ALLOW_LIST, arrived, obstacles
from .plans import Plan, Plans
from .projector import Projector
from .prospect import prospect
from .relaxation import relaxed_bound
from .renewals import proofs_of
from .routes import Routes
from .scoring import ScoreWeights
from .timetable import Pace

if TYPE_CHECKING:
    from ..domain.knowledge import KnowledgeState
    from .role_map import RoleMap

__all__ = ["METHODS", "Method", "plan_path"]

Method = Literal["greedy", "exact"]
METHODS = ("greedy", "exact")


def plan_path(
    where: RoleMap,
    state: KnowledgeState,
    projector: Projector,
    *,
    budget_minutes: float,
    prerequisite_threshold: float = 0.8,
    allowed: Collection[str] | None = None,
    method: Method = "greedy",
    seconds: float = 10.0,
    at: datetime | None = None,
    minutes_per_week: float | None = None,
    weights: ScoreWeights | None = None,
) -> LearningPath:
    """Plan modules in an order that keeps the prerequisites and the budget.

    The modules are chosen for their truncated gain in readiness together. Along the path a
    prerequisite counts as met when it is attained to the threshold now, or when a module that
    leads to it stands earlier in the path.

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
    method : {"greedy", "exact"}, default "greedy"
        Closures by gain per minute, or a mixed-integer programme over the same choices.
    seconds : float, default 10.0
        About how long the programme may take; what it has found by then is the path.
    at : datetime, optional
    minutes_per_week : float, optional
        The time that the learner has from `at` on; without either, dates are not looked at.
    weights : ScoreWeights, optional
        Of these, how much it counts to keep what would expire, and how long before that.

    Returns
    -------
    LearningPath
        Its note says why it ends where it does, its bound what no path could be worth more than.
    """
    ahead = prospect(
        where, state, projector, threshold=prerequisite_threshold, allowed=allowed, at=at
    )
    share = min(sum(w * p for w, p in zip(where.shares, ahead.now.p, strict=False)), 1.0)
    path = partial(
        LearningPath, state.learner_id, where.role.role_id, budget_minutes, share, method=method
    )
    if allowed is not None and not allowed:
        return path(note=EMPTY_ALLOW_LIST)
    told = None
    if at is not None and minutes_per_week is not None:
        pace = Pace(at, minutes_per_week, budget_minutes)
        proofs = proofs_of(ahead, state, pace, weights or ScoreWeights(), allowed)
        told = Arrivals(ahead, pace, proofs)
    if not ahead.unmet and not told:
        return path(note=arrived(where, state, ahead.now.p))
    plans = Plans(ahead, budget_minutes, told)
    plan, bound = plans.greedily(), relaxed_bound(ahead, budget_minutes)
    if method == "exact":
        plan, proven = plans.exactly(plan, seconds)
        bound = min(bound, proven)
    arrivals = () if told is None else tuple(told.told(plan.walk))
    return path(
        steps=tuple(plan.walk.steps),
        note=_why_it_ends(plan, budget_minutes, exact=method == "exact"),
        gain=plan.walk.gain,
        bound=max(bound, plan.walk.gain),  # but for rounding
        minutes_per_week=minutes_per_week if arrivals else None,
        arrivals=arrivals,
    )


def _why_it_ends(plan: Plan, budget_minutes: float, *, exact: bool) -> str:
    walk, shortest = plan.walk, plan.chosen.shortest
    where = walk.ahead.where
    threshold = where.role.mastery_threshold
    if not walk.lapsed and all(p >= threshold for p in walk.p[: len(where.role.targets)]):
        return f"After this path every target of {where.role.label} is to be expected."
    if exact or shortest is None:
        then = walk.ahead.after(walk.modules, walk.p)
        worth = Routes(then) if exact else None
        if not worth:
            return obstacles(then, ())
        shortest = min(worth.minutes)
    left = f"{max(budget_minutes - walk.elapsed_minutes, 0.0):.4g}"
    return (
        f"Of the budget {left} {'minute is' if left == '1' else 'minutes are'} left;"
        f" the shortest way to a further gain takes {shortest:.4g}."
    )

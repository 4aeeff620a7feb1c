"""Until when proof is valid along a path, what renews it, and when that is worth its time.

A renewal is weighed as ranking weighs it (see :mod:`.scoring`): the best gain per minute on offer
and what would be lost, times how near the end is. So it comes once that beats what is new, and
before the proof expires where there is time; what it takes is kept free for it until then.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from .lapsing import last_days
from .validity import expires_at

if TYPE_CHECKING:
    from ..domain.knowledge import KnowledgeState
    from .prospect import Prospect
    from .role_map import RoleMap
    from .scoring import ScoreWeights
    from .timetable import Pace

__all__ = ["Proofs", "proofs_of"]

_OFTEN = 50


@dataclass(slots=True)
class Proofs:
    """The proofs of targets along a path; times are minutes of the learner's from now on.

    Parameters
    ----------
    where : RoleMap
    keeping : float
        The weight of what is kept; see :class:`.ScoreWeights`.
    until : float
        How far the path looks.
    expires : dict of int to float
        Per target with proof, until when that is valid.
    valid, last : dict of int to float
        Per target, how long proof is valid, and in which last part of that renewing makes sense.
    keeper : dict of int to int
        Per target, the shortest module that renews it.
    loss : dict of int to float
        Per target, the readiness that goes with its proof.

    Attributes
    ----------
    times : dict of int to int
        How often a target was proved along the path; there is an end of that.
    """

    where: RoleMap
    keeping: float
    until: float
    expires: dict[int, float]
    valid: dict[int, float]
    last: dict[int, float]
    keeper: dict[int, int]
    loss: dict[int, float]
    times: dict[int, int] = field(default_factory=dict, init=False)

    def copy(self) -> Proofs:
        """Return these proofs, to go on with apart."""
        return replace(self, expires=dict(self.expires), keeper=dict(self.keeper))

    @property
    def lapsing(self) -> list[int]:
        """The targets whose proof expires within the path."""
        return [i for i, end in self.expires.items() if end <= self.until]

    @property
    def to_renew(self) -> list[int]:
        """Those of them that something renews."""
        return [i for i in self.lapsing if i in self.keeper]

    def minutes(self, i: int) -> float:
        """Return what renewing a target takes."""
        return self.where.minutes[self.keeper[i]]

    def opens(self, i: int) -> float:
        """Return from when on renewing a target makes sense, so that it is done in time."""
        return min(self.expires[i] - self.last[i], self.expires[i] - self.minutes(i))

    def score(self, i: int, now: float, top: float) -> float:
        """Return what renewing a target is worth by now, where the best on offer is worth `top`."""
        left, last = self.expires[i] - now, self.last[i]
        near = 1.0 if left <= 0.0 else max(1.0 - left / last, 0.0) if last > 0.0 else 0.0
        return self.keeping * near * (top + self.loss[i] / self.minutes(i))

    def complete(self, m: int, now: float) -> list[int]:
        """Note that a module is completed; return the targets that this proves."""
        proved = [i for i in self.where.leads_to[m] if i in self.valid]
        for i in proved:
            self.expires[i] = now + self.valid[i]
            self.times[i] = self.times.get(i, 0) + 1
            if self.times[i] >= _OFTEN:
                self.keeper.pop(i, None)
                continue
            shortest = self.keeper.get(i, m)
            self.keeper[i] = min(m, shortest, key=lambda one: (self.where.minutes[one], one))
        return proved


def proofs_of(
    ahead: Prospect,
    state: KnowledgeState,
    pace: Pace,
    weights: ScoreWeights,
    allowed: Collection[str] | None,
) -> Proofs | None:
    """Return the proofs of a role's targets; None where none expires, or nobody asks for it.

    Parameters
    ----------
    ahead : Prospect
    state : KnowledgeState
    pace : Pace
    weights : ScoreWeights
    allowed : collection of str or None
        Ids of the modules on offer; all of them when None.
    """
    where, p, ceiling = ahead.where, ahead.now.p, ahead.where.role.mastery_threshold
    dated = [i for i, target in enumerate(where.role.targets) if target.valid_days is not None]
    if not dated or not weights.keeping or not weights.horizon_days:
        return None
    proofs = Proofs(where, weights.keeping, pace.budget_minutes, {}, {}, {}, {}, {})
    for i in dated:
        target = where.role.targets[i]
        days, end = target.valid_days or 0.0, expires_at(where.curriculum, state, target)
        proofs.valid[i] = pace.minutes_within(timedelta(days=days))
        proofs.last[i] = pace.minutes_within(timedelta(days=last_days(days, weights.horizon_days)))
        proofs.loss[i] = where.shares[i] * (min(p[i], ceiling) or ceiling)
        renewing = [m for m in where.led_to_by[i] if _can_be_taken(ahead, m, allowed)]
        if renewing:
            proofs.keeper[i] = min(renewing, key=lambda m: (where.minutes[m], m))
        if end is not None and end > pace.at:
            proofs.expires[i] = pace.minutes_until(end)
    return proofs


def _can_be_taken(ahead: Prospect, m: int, allowed: Collection[str] | None) -> bool:
    """Whether a module is on offer, completed before or not, and waits for nothing."""
    where, now = ahead.where, ahead.now
    on_offer = allowed is None or where.modules[m].module_id in allowed
    return (
        on_offer
        and not where.retired[m]
        and all(now.met[k] for k in where.needs[m])
        and all(now.done[b] for b in where.comes_after[m])
    )

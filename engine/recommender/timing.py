"""What modules have to do with dates: which of them keep what lapses, and how much is due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .standing import MIN_GAIN

if TYPE_CHECKING:
    from .lapsing import Lapse
    from .prospect import Prospect
    from .routes import Route

__all__ = ["first_to_lapse", "kept", "shares_of_dates", "soonest"]

_NEVER = datetime.max.replace(tzinfo=UTC)


def kept(ahead: Prospect) -> Iterator[tuple[int, float, float]]:
    """Give the modules that bring back what lapses: module, how near that is, readiness lost."""
    where, found = ahead.where, dict[int, tuple[float, float]]()
    for i, lapse in ahead.lapses.items():
        for m in where.led_to_by[i]:
            if _can_be_taken(ahead, m):
                near, loss = found.get(m, (0.0, 0.0))
                found[m] = max(near, lapse.closeness), loss + where.shares[i] * lapse.loss
    return ((m, near, loss) for m, (near, loss) in found.items() if near > 0.0)


def _can_be_taken(ahead: Prospect, m: int) -> bool:
    """Whether a module is on offer and waits for nothing; what is mastered has no closure."""
    where, now = ahead.where, ahead.now
    waits = [k for k in where.needs[m] if not now.met[k]]
    waits += [b for b in where.comes_after[m] if not now.done[b]]
    return now.open[m] and not waits


def first_to_lapse(ahead: Prospect, m: int) -> tuple[int, Lapse]:
    """Return the target that a module keeps and that lapses first."""
    mine = ((i, one) for i, one in ahead.lapses.items() if m in ahead.where.led_to_by[i])
    return max(mine, key=lambda one: (one[1].closeness, -one[0]))


def shares_of_dates(
    ahead: Prospect, best: Mapping[int, Route], near: Mapping[int, float]
) -> Sequence[float]:
    """Return per module what part of its worth serves what is due, weighed by how near that is.

    Of a route only what cannot be had without the module serves through it.

    Parameters
    ----------
    ahead : Prospect
    best : mapping of int to Route
        What each module that can be taken now leads to; of all others only what they teach counts.
    near : mapping of int to float
        How near the dates of targets are, from 0 to 1.
    """
    shares = []
    for m in range(len(ahead.where.modules)):
        members = best[m].members(ahead.found) if m in best else (m,)
        dated = sum(one * _through(ahead, m, i, members) for i, one in near.items())
        whole = sum(_worth(ahead, i, members) for i in ahead.teaching) if dated > 0.0 else 0.0
        shares.append(min(dated / whole, 1.0) if whole > MIN_GAIN else 0.0)
    return shares


def _through(ahead: Prospect, m: int, i: int, members: Sequence[int]) -> float:
    """Return what a route is worth for a target through a module: itself, or what waits for it."""
    found = ahead.found
    if m not in found.place:
        return _worth(ahead, i, (m,)) if m in members else 0.0
    own = found.place[m]
    without = [one for one in members if not found.bits[found.place[one]] >> own & 1]
    return max(_worth(ahead, i, members) - _worth(ahead, i, without), 0.0)


def _worth(ahead: Prospect, i: int, members: Sequence[int]) -> float:
    """Return the truncated gain in readiness that modules bring through a target."""
    chain = tuple(m for m in ahead.teaching.get(i, ()) if m in members)
    return ahead.outlook.worth(i, chain)


def soonest(ahead: Prospect, m: int, route: Route) -> int:
    """Return the target with the first date among those that a module leads to."""
    targets = ahead.where.role.targets
    dated = (i for i in ahead.unmet if targets[i].due_at)
    members = route.members(ahead.found)
    led_to = [i for i in dated if _through(ahead, m, i, members) > 0.0]
    return min(led_to, key=lambda i: (targets[i].due_at or _NEVER, i))

"""What is attained and will not last: proof that expires, skills that fade."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from math import log
from typing import TYPE_CHECKING, NamedTuple

from ..domain.skills import UncertainLevel
from .projector import Projector, attained
from .validity import expires_at

if TYPE_CHECKING:
    from ..domain.knowledge import KnowledgeState, SkillKnowledge
    from ..domain.skills import SkillLevel
    from .role_map import RoleMap
    from .standing import Standing

__all__ = ["Lapse", "closeness", "last_days", "let_lapse"]


class Lapse(NamedTuple):
    """A target that was attained and is not to last, or did not.

    Parameters
    ----------
    cause : {"expired", "expires", "faded", "fades"}
    at : datetime or None
        When it expired or will have lapsed; None of what has faded since.
    closeness : float
        0 at the horizon, or when what fades sooner was last shown; 1 once it has lapsed.
    loss : float
        What of its attainment, cut off at mastery, goes with it.
    """

    cause: str
    at: datetime | None
    closeness: float
    loss: float


def closeness(then: datetime, at: datetime, horizon_days: float) -> float:
    """Return how near a date is: 0 at the horizon and beyond, 1 when it has come, linear between.

    Examples
    --------
    >>> from datetime import UTC
    >>> closeness(datetime(2026, 1, 16, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), 30)
    0.5
    """
    left = (then - at) / timedelta(days=1)
    if left <= 0.0:
        return 1.0
    return max(1.0 - left / horizon_days, 0.0) if horizon_days > 0.0 else 0.0


def last_days(valid_days: float, horizon_days: float) -> float:
    """Return the last part of the time that proof is valid in which renewing it makes sense.

    That is the horizon, and of what does not last for two of them the second half.
    """
    return min(horizon_days, valid_days / 2.0)


def let_lapse(
    where: RoleMap,
    state: KnowledgeState,
    projector: Projector,
    now: Standing,
    *,
    at: datetime | None,
    horizon_days: float,
    allowed: Collection[str] | None,
) -> dict[int, Lapse]:
    """Take out of a standing what has expired, open what brings back; return what lapses.

    Only targets lapse. What else requires a skill asks whether it is known, not whether the proof
    is valid, so prerequisites are left as they are. Without an instant nothing lapses.

    Returns
    -------
    dict of int to Lapse
        By the number of the target.
    """
    if at is None:
        return {}
    found = dict(_expiring(where, state, now, at, horizon_days))
    if horizon_days > 0.0:
        found |= _fading(where, state, projector, now, at, horizon_days, found)
    for i in found:
        for m in where.led_to_by[i]:
            if now.done[m] and not where.retired[m]:
                now.open[m] = allowed is None or where.modules[m].module_id in allowed
    return found


def _expiring(
    where: RoleMap, state: KnowledgeState, now: Standing, at: datetime, horizon_days: float
) -> Iterator[tuple[int, Lapse]]:
    ceiling = where.role.mastery_threshold
    for i, target in enumerate(where.role.targets):
        if target.valid_days is None:
            continue
        then, held = expires_at(where.curriculum, state, target), min(now.p[i], ceiling)
        if then is None or then <= at:
            now.p[i] = 0.0
        last = last_days(target.valid_days, horizon_days)
        if then is not None and (near := closeness(then, at, last)) > 0.0:
            yield i, Lapse("expired" if then <= at else "expires", then, near, held)


def _fading(
    where: RoleMap,
    state: KnowledgeState,
    projector: Projector,
    now: Standing,
    at: datetime,
    horizon_days: float,
    found: dict[int, Lapse],
) -> dict[int, Lapse]:
    """Return the targets that forgetting takes below mastery within the horizon, or has taken.

    Only beliefs that fade say of when they are.
    """
    ceiling, fading, held = where.role.mastery_threshold, dict[int, Lapse](), list[int]()
    for i, target in enumerate(where.role.targets):
        known = state.skills.get(target.skill_id)
        if i in found or known is None or known.believed_at is None or known.believed_at > at:
            continue
        if now.p[i] >= ceiling:
            held.append(i)
        elif _believed(known, where.wanted[i]) >= ceiling:
            fading[i] = Lapse("faded", None, 1.0, ceiling - now.p[i])
    horizon = timedelta(days=horizon_days)
    then = attained(projector, state, [where.wanted[i] for i in held], at + horizon) if held else ()
    for i, later in zip(held, then, strict=True):
        if later < ceiling:  # when, as if at a steady rate
            share = log(now.p[i] / ceiling) / log(now.p[i] / max(later, 1e-300))
            left, known = share * horizon, state.skills[where.wanted[i].skill_id]
            lasts = min(horizon, left + (at - (known.believed_at or at)))
            near = 1.0 - left / lasts if left < lasts else 0.0
            fading[i] = Lapse("fades", at + left, near, ceiling - later)
    return fading


def _believed(known: SkillKnowledge, wanted: SkillLevel) -> float:
    """Return what was believed of a level, or the next one that is told apart, back then."""
    if isinstance(wanted, UncertainLevel):
        means = zip(wanted.meant, wanted.shares, strict=True)
        return sum(share * _believed(known, one) for one, (_, share) in means)
    beliefs = zip(known.levels, known.p_at_least, strict=True)
    return next((p for one, p in beliefs if one >= wanted.level), 0.0)

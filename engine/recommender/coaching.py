"""Who needs a person rather than another module, and who may move on.

Somebody spins their wheels who has practised a skill time and again without mastering it (Beck &
Gong 2013, "Wheel-spinning: students who fail to master a skill", who count ten opportunities).
More of the same seldom helps them; so they are named, with what speaks for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..domain.framework import SkillLevel
from ..domain.recommendations import Reason
from ..domain.records import Faults
from .explanation import listed, reached
from .projector import Projector, attained

if TYPE_CHECKING:
    from ..domain.framework import Role
    from ..domain.knowledge import KnowledgeState
    from ..domain.recommendations import GapReport
    from .role_map import RoleMap

__all__ = ["MANY_OPPORTUNITIES", "Stuck", "advances", "stuck"]

MANY_OPPORTUNITIES = 10
"""After so many without mastery Beck & Gong (2013) speak of wheel-spinning."""


@dataclass(frozen=True)
class Stuck:
    """A skill on which a learner spins their wheels, with the evidence.

    Parameters
    ----------
    skill_id : str
    level : int
    opportunities : int
        Answers that exercised the skill.
    p_attained : float
    independent_successes : int
        Different items at or above the level that were answered rightly.
    last_failed_at : datetime or None
    completed : tuple of str
        The modules on the skill that were completed.
    missing : tuple of SkillLevel
        Direct prerequisites that are more likely missing than not.
    reason : Reason
    """

    skill_id: str
    level: int
    opportunities: int
    p_attained: float
    independent_successes: int
    last_failed_at: datetime | None
    completed: tuple[str, ...]
    missing: tuple[SkillLevel, ...]
    reason: Reason


def stuck(
    where: RoleMap,
    state: KnowledgeState,
    projector: Projector,
    *,
    opportunities: int = MANY_OPPORTUNITIES,
    p_below: float = 0.5,
    at: datetime | None = None,
) -> tuple[Stuck, ...]:
    """Return the skills that a role wants and on which a learner spins their wheels.

    That is: at least so many answers exercised the skill, and it is attained with a probability
    below `p_below`. Many answers alone do not do: who is slow but on the way is left alone.

    Parameters
    ----------
    where : RoleMap
    state : KnowledgeState
    projector : Projector
    opportunities : int, default 10
    p_below : float, default 0.5
    at : datetime, optional

    Returns
    -------
    tuple of Stuck
        One per skill, at the lowest of the wanted levels that is not attained; the most
        opportunities first.

    Raises
    ------
    InvalidInput
        Less than one opportunity, or a probability outside (0, 1].

    Examples
    --------
    >>> from engine.domain import Curriculum, Response, Role, SkillTarget
    >>> from engine.knowledge_tracing import BKT
    >>> from engine.recommender.role_map import role_map
    >>> curriculum = Curriculum.from_records(
    ...     skills=[{"skill_id": "sql"}], items=[{"item_id": "q1", "skills": ["sql"]}]
    ... )
    >>> tracer = BKT(curriculum=curriculum)
    >>> state = tracer.start("ada")
    >>> for _ in range(12):
    ...     state = tracer.update(state, Response("ada", "q1", score=0.0))
    >>> where = role_map(curriculum, Role("analyst", [SkillTarget("sql")]))
    >>> stuck(where, state, tracer)[0].reason.sentence
    '12 answers on sql, none of them right, and it is attained with a probability of 12%.'
    """
    faults = Faults()
    faults.check_level("opportunities", opportunities)
    faults.check_number("p_below", p_below, 0.0, 1.0, above=True)
    faults.raise_if_any("coaching")
    p = dict(zip(where.wanted, attained(projector, state, where.wanted, at), strict=True))
    found: dict[str, Stuck] = {}
    for one in sorted(where.wanted):
        known = state.skills.get(one.skill_id)
        practised = known is not None and known.opportunities >= opportunities
        if practised and p[one] < p_below and one.skill_id not in found:
            found[one.skill_id] = _stuck_at(where, state, one, p)
    return tuple(sorted(found.values(), key=lambda one: (-one.opportunities, one.skill_id)))


def _stuck_at(
    where: RoleMap, state: KnowledgeState, one: SkillLevel, p: dict[SkillLevel, float]
) -> Stuck:
    known = state.skills[one.skill_id]
    completed = tuple(
        module.module_id
        for module in where.curriculum.module_list
        if module.module_id in state.completed
        and any(effect.skill_id == one.skill_id for effect in module.teaches)
    )
    missing = tuple(k for k in where.curriculum.requirements(one) if p.get(k, 1.0) < 0.5)
    return Stuck(
        skill_id=one.skill_id,
        level=one.level,
        opportunities=known.opportunities,
        p_attained=p[one],
        independent_successes=state.independent_successes(one.skill_id, one.level),
        last_failed_at=known.last_failed_at,
        completed=completed,
        missing=missing,
        reason=Reason("stuck", _sentence(where, state, one, p[one], completed, missing)),
    )


def _sentence(
    where: RoleMap,
    state: KnowledgeState,
    one: SkillLevel,
    p: float,
    completed: tuple[str, ...],
    missing: tuple[SkillLevel, ...],
) -> str:
    skill, modules = where.curriculum.framework.skill, where.curriculum.modules
    successes = state.independent_successes(one.skill_id, one.level)
    right = f"right on {successes} different {'item' if successes == 1 else 'items'}"
    text = (
        f"{state.skills[one.skill_id].opportunities} answers on {skill(one.skill_id).label},"
        f" {right if successes else 'none of them right'}, and it is attained with a probability"
        f" of {100 * p:.0f}%"
    )
    if completed:
        text += f", after {listed([f'“{modules[m].label}”' for m in completed])}"
    if missing:
        text += f"; more likely missing than not: {listed([reached(where, k) for k in missing])}"
    return f"{text}."


def advances(report: GapReport, role: Role, current: Role | None) -> bool:
    """Return whether somebody is ready for a role and does not stand there or higher already.

    Parameters
    ----------
    report : GapReport
        Of the learner against `role`.
    role : Role
    current : Role or None
        The learner's current role.

    Examples
    --------
    >>> from engine.domain import KnowledgeState, Role, SkillTarget
    >>> from engine.recommender.gaps import gaps
    >>> junior = Role("junior", [SkillTarget("sql")], ladder="analyst", rung=1)
    >>> senior = Role("senior", [SkillTarget("sql", 2)], ladder="analyst", rung=2)
    >>> advances(gaps(KnowledgeState("ada"), senior, [0.99]), senior, junior)
    False
    """
    if current is None:
        return report.ready
    same_ladder = bool(role.ladder) and current.ladder == role.ladder
    there = current.role_id == role.role_id or (same_ladder and current.rung >= role.rung)
    return report.ready and not there

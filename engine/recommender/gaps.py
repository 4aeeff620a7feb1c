"""A learner against the targets of a role."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ..domain.recommendations import Gap, GapReport, LearningPath, LevelAsked
from ..domain.skills import UncertainLevel
from .projector import Projector, attained
from .readiness import readiness, readiness_interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ..domain.framework import Role
    from ..domain.knowledge import KnowledgeState
    from ..domain.skills import SkillLevel

__all__ = ["SUCCESSES_FOR_MASTERY", "gaps", "intervals_along", "levels_asked"]

SUCCESSES_FOR_MASTERY = 2


def gaps(
    state: KnowledgeState,
    role: Role,
    p_attained: ArrayLike,
    expires: Sequence[datetime | None] = (),
    asked: Sequence[tuple[LevelAsked, ...]] = (),
) -> GapReport:
    """Return readiness with its central 80% interval, and the gap per target.

    A target is mastered when its attainment reaches the role's threshold and at least two
    different items at or above its level were answered with a score of one half or more.

    Parameters
    ----------
    state : KnowledgeState
        Where the independent successes are counted.
    role : Role
    p_attained : array_like, shape (n_targets,)
        P(attained) in the order of the role's targets; 0 of what has expired.
    expires : sequence of datetime or None, shape (n_targets,), optional
        When the proof of each ceases to be valid.
    asked : sequence of tuple of LevelAsked, shape (n_targets,), optional
        The levels that each may mean, where that is uncertain; `p_attained` is their mean.

    Raises
    ------
    InvalidInput
        Another number of values than targets, or values outside [0, 1].

    Examples
    --------
    >>> from engine.domain import KnowledgeState, Role, SkillTarget
    >>> analyst = Role("analyst", [SkillTarget("sql", weight=3.0), SkillTarget("charts")])
    >>> report = gaps(KnowledgeState("ada"), analyst, [0.5, 0.9])
    >>> report.readiness, report.gaps[1].mastered
    (0.6, False)
    """
    share = float(readiness(p_attained, role.weights))
    low, high = readiness_interval(p_attained, role.weights, errors=role.weight_errors).tolist()
    found = []
    for i, (target, p) in enumerate(zip(role.targets, map(float, p_attained), strict=True)):  # type: ignore[arg-type]
        successes = state.independent_successes(target.skill_id, target.level)
        mastered = p >= role.mastery_threshold and successes >= SUCCESSES_FOR_MASTERY
        may_mean = asked[i] if asked else ()
        found.append(Gap(target, p, successes, mastered, expires[i] if expires else None, may_mean))
    return GapReport(state.learner_id, role.role_id, share, (low, high), tuple(found))


def intervals_along(path: LearningPath, role: Role) -> tuple[tuple[float, float], ...]:
    """Return the central 80% of the weighted share of attained targets after each step of a path.

    Parameters
    ----------
    path : LearningPath
    role : Role
        The one that the path was planned for.

    Examples
    --------
    >>> from engine.domain import LearningPath, PathStep, Reason, Role, SkillTarget
    >>> analyst = Role("analyst", [SkillTarget("sql", weight=3.0), SkillTarget("charts")])
    >>> step = PathStep("m1", 5.0, 5.0, 0.95, Reason("gain", ""), (0.95, 0.95))
    >>> intervals_along(LearningPath("ada", "analyst", 10.0, 0.5, (step,)), analyst)
    ((1.0, 1.0),)
    """
    if not path.steps:
        return ()
    p = [step.p_attained for step in path.steps]
    ends = readiness_interval(p, role.weights, errors=role.weight_errors).tolist()
    return tuple((low, high) for low, high in ends)


def levels_asked(
    projector: Projector,
    state: KnowledgeState,
    meant: Sequence[SkillLevel],
    at: datetime | None = None,
) -> list[tuple[LevelAsked, ...]]:
    """Return per target the levels that it may mean with their attainments; none of certain ones.

    Parameters
    ----------
    projector : Projector
    state : KnowledgeState
    meant : sequence of SkillLevel, shape (n_targets,)
    at : datetime, optional
    """
    shares = [one.shares if isinstance(one, UncertainLevel) else () for one in meant]
    each = [one for target in meant if isinstance(target, UncertainLevel) for one in target.meant]
    p = iter(attained(projector, state, each, at) if each else ())
    return [tuple(LevelAsked(level, share, next(p)) for level, share in row) for row in shares]

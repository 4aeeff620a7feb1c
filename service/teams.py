"""The gaps of single learners put together, so that they tell of the team and of nobody in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine.domain import GapReport, Role, SkillTarget
from engine.errors import UnknownId
from engine.recommender.readiness import readiness, readiness_interval

from .errors import TooFew
from .records import TeamGap, TeamReport
from .store import Session

__all__ = ["FEWEST_LEARNERS", "refuse_too_few", "report"]

FEWEST_LEARNERS = 5
"""A team of fewer is not told of: with a guess about the others, one of them would be known."""


def refuse_too_few(session: Session, team_id: str, learners: int) -> None:
    """Raise :class:`UnknownId` where a team has nobody in it, :class:`TooFew` where too few."""
    if not learners:
        raise UnknownId("team", team_id, session.learners.teams())
    if learners < FEWEST_LEARNERS:
        raise TooFew(team_id, FEWEST_LEARNERS)


def report(
    model_version: str, team_id: str, role: Role, reports: Sequence[GapReport], at: datetime
) -> TeamReport:
    """Return the reports of the learners of a team as one.

    Parameters
    ----------
    model_version, team_id : str
    role : Role
    reports : sequence of GapReport
        One per learner, all against the role.
    at : datetime
    """
    found = [[gap for one in reports for gap in one.gaps if gap.target == t] for t in role.targets]
    gaps = [
        _gap(target, [gap.p_attained for gap in theirs], sum(gap.mastered for gap in theirs))
        for target, theirs in zip(role.targets, found, strict=True)
    ]
    p = [gap.p_attained for theirs in found for gap in theirs]
    weights = [gap.target.weight for theirs in found for gap in theirs]
    low, high = readiness_interval(p, weights)
    return TeamReport(
        model_version=model_version,
        team_id=team_id,
        role_id=role.role_id,
        at=at,
        learners=len(reports),
        readiness=float(readiness(p, weights)),
        interval=(float(low), float(high)),
        gaps=tuple(gaps),
    )


def _gap(target: SkillTarget, p: Sequence[float], mastered: int) -> TeamGap:
    alike = [1.0] * len(p)
    low, high = readiness_interval(p, alike)
    return TeamGap(target, float(readiness(p, alike)), (float(low), float(high)), mastered)

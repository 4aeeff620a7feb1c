"""The gaps of single learners put together, so that they tell of the team and of nobody in it.

Three ways lead from numbers about a team to one of its learners, and are closed here. Who has shown
nothing about a skill counts with what anybody would know beforehand; with nine of those in a team
of ten the tenth is known, so a target is told only where enough have shown something about its
skill. Readiness then rests on the targets told alone, or what is kept back could be had from it.
And shares are told in whole learners, so that the report before somebody comes, goes or answers,
and the one after, differ by one at most. What is left: how many have mastered a target is exact.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from math import ceil, floor

from engine.domain import Gap, GapReport, Role, SkillTarget
from engine.errors import UnknownId
from engine.recommender.pooled import Meaning, pooled_interval
from engine.recommender.readiness import readiness

from .errors import TooFew
from .records import TeamGap, TeamReport
from .store import Session

__all__ = ["FEWEST_LEARNERS", "refuse_too_few", "report"]

FEWEST_LEARNERS = 5
"""Of fewer nothing is told: with a guess about the others, one of them would be known."""


def refuse_too_few(session: Session, team_id: str, learners: int) -> None:
    """Raise :class:`UnknownId` where a team has nobody in it, :class:`TooFew` where too few."""
    if not learners:
        raise UnknownId("team", team_id, session.learners.teams())
    if learners < FEWEST_LEARNERS:
        raise TooFew(team_id, FEWEST_LEARNERS)


def report(
    model_version: str,
    team_id: str,
    role: Role,
    members: Sequence[tuple[Collection[str], GapReport]],
    at: datetime,
) -> TeamReport:
    """Return the reports of the learners of a team as one.

    Parameters
    ----------
    model_version, team_id : str
    role : Role
    members : sequence of (collection of str, GapReport)
        Per learner the skills that there is evidence about, and the report against the role.
    at : datetime

    Raises
    ------
    TooFew
        Of no target is there evidence from enough learners.
    """
    theirs = {
        target: [gap for _, one in members for gap in one.gaps if gap.target == target]
        for target in role.targets
    }
    told = [
        target
        for target in role.targets
        if sum(target.skill_id in shown for shown, _ in members) >= FEWEST_LEARNERS
    ]
    if not told:
        raise TooFew(team_id, FEWEST_LEARNERS, "who have shown something that the role wants")
    gaps = [_gap(one, theirs[one]) if one in told else TeamGap(one) for one in role.targets]
    low, high = pooled_interval(
        [_meanings(theirs[one]) for one in told],
        [one.weight for one in told],
        errors=[one.weight_error or 0.0 for one in told],
    )
    shares = [one.attained for one in gaps if one.attained is not None]
    return TeamReport(
        model_version=model_version,
        team_id=team_id,
        role_id=role.role_id,
        at=at,
        learners=len(members),
        readiness=float(readiness(shares, [one.weight for one in told])),
        interval=(
            floor(low * len(members)) / len(members),
            ceil(high * len(members)) / len(members),
        ),
        gaps=tuple(gaps),
    )


def _gap(target: SkillTarget, theirs: Sequence[Gap]) -> TeamGap:
    p = [gap.p_attained for gap in theirs]
    share = round(sum(p)) / len(p)
    low, high = pooled_interval([_meanings(theirs)], [1.0])  # of whole learners as it is
    interval = min(low, share), max(high, share)
    return TeamGap(target, share, interval, sum(gap.mastered for gap in theirs))


def _meanings(theirs: Sequence[Gap]) -> list[Meaning]:
    """Return what a target may ask of a team: the same of everybody in it."""
    if not theirs[0].asked:
        return [Meaning(1.0, [gap.p_attained for gap in theirs])]
    return [
        Meaning(one.p_asked, [gap.asked[k].p_attained for gap in theirs])
        for k, one in enumerate(theirs[0].asked)
    ]

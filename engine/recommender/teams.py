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
from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING

from ..errors import TooFew
from .pooled import Meaning, pooled_interval
from .readiness import readiness

if TYPE_CHECKING:
    from ..domain.framework import Role, SkillTarget
    from ..domain.recommendations import Gap, GapReport

__all__ = ["FEWEST_LEARNERS", "TeamGap", "TeamGaps", "team_gaps"]

FEWEST_LEARNERS = 5
"""Of fewer nothing is told: with a guess about the others, one of them would be known."""


@dataclass(frozen=True, slots=True)
class TeamGap:
    """How a team stands against one target; None where too few have shown anything about it.

    Parameters
    ----------
    target : SkillTarget
    attained : float, optional
        The share of its learners to be expected to have attained it, in whole learners.
    interval : tuple of float, optional
        The central 80% of that share.
    mastered : int, optional
        How many have shown it.
    """

    target: SkillTarget
    attained: float | None = None
    interval: tuple[float, float] | None = None
    mastered: int | None = None


@dataclass(frozen=True, slots=True)
class TeamGaps:
    """How a team stands against a role.

    Parameters
    ----------
    role_id : str
    learners : int
    readiness : float
        The mean of the shares of the targets that are told, by their weights.
    interval : tuple of float
        The central 80% of the weighted share of those targets attained, of all learners together,
        out to whole learners.
    gaps : tuple of TeamGap
        In the order of the role's targets.
    """

    role_id: str
    learners: int
    readiness: float
    interval: tuple[float, float]
    gaps: tuple[TeamGap, ...]


def team_gaps(
    role: Role,
    members: Sequence[tuple[Collection[str], GapReport]],
    *,
    fewest: int = FEWEST_LEARNERS,
) -> TeamGaps:
    """Return the reports of the learners of a team as one.

    Parameters
    ----------
    role : Role
    members : sequence of (collection of str, GapReport)
        Per learner the skills that there is evidence about, and the report against the role.
    fewest : int, default 5
        Of fewer learners with evidence nothing is told.

    Raises
    ------
    TooFew
        There are fewer, or of no target is there evidence from as many.

    Examples
    --------
    >>> from engine.domain import Gap, GapReport, Role, SkillTarget
    >>> sql, charts = SkillTarget("sql"), SkillTarget("charts")
    >>> def report(p):
    ...     known = Gap(sql, p, 0, False), Gap(charts, 0.1, 0, False)
    ...     return ["sql"], GapReport("somebody", "analyst", p / 2, (0.0, 1.0), known)
    >>> members = [report(p) for p in (0.9, 0.9, 0.5, 0.1, 0.1)]
    >>> found = team_gaps(Role("analyst", [sql, charts]), members)
    >>> [gap.attained for gap in found.gaps], found.readiness
    ([0.4, None], 0.4)
    """
    if len(members) < fewest:
        raise TooFew(fewest)
    theirs = {target: [one.gaps[i] for _, one in members] for i, target in enumerate(role.targets)}
    told = [
        target
        for target in role.targets
        if sum(target.skill_id in shown for shown, _ in members) >= fewest
    ]
    if not told:
        raise TooFew(fewest, "who have shown something that the role wants")
    gaps = [_gap(one, theirs[one]) if one in told else TeamGap(one) for one in role.targets]
    low, high = pooled_interval(
        [_meanings(theirs[one]) for one in told],
        [one.weight for one in told],
        errors=[one.weight_error or 0.0 for one in told],
    )
    shares = [one.attained for one in gaps if one.attained is not None]
    return TeamGaps(
        role_id=role.role_id,
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

"""Teams to choose from, and a team against a role, as view values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import wording

if TYPE_CHECKING:
    from engine.domain import Curriculum, Role
    from engine.recommender import TeamGap, TeamGaps

    from ..records import Member, TeamAnswer, TeamSize

__all__ = [
    "CoachedRow",
    "GapRow",
    "MembersView",
    "ReadyRow",
    "TeamList",
    "TeamReadiness",
    "TeamRow",
    "coached_view",
    "ready_view",
    "team_list",
    "team_readiness",
]

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team to choose."""

    label: str
    href: str
    learners: str


@dataclass(frozen=True, slots=True)
class TeamList:
    """A page of teams, and where the others are; an empty address is no link."""

    rows: tuple[TeamRow, ...]
    first_href: str
    next_href: str


@dataclass(frozen=True, slots=True)
class GapRow:
    """One target that is told: how many of the team are to be expected to have attained it."""

    label: str
    target: str
    attained: str
    interval: str
    shown: str
    position: str
    low_position: str
    high_position: str


@dataclass(frozen=True, slots=True)
class TeamReadiness:
    """Readiness of a team, its gaps, and the targets of which nothing is told."""

    percent: str
    low: str
    high: str
    position: str
    low_position: str
    high_position: str
    learners: int
    gaps: tuple[GapRow, ...]
    untold: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadyRow:
    """A learner who may move on."""

    label: str
    href: str
    role: str
    readiness: str


@dataclass(frozen=True, slots=True)
class CoachedRow:
    """A learner who needs a person, and why."""

    label: str
    href: str
    readiness: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MembersView:
    """Those of a team who stand out, and how many more there are."""

    rows: tuple[ReadyRow | CoachedRow, ...]
    more: int


def team_list(found: Sequence[TeamSize], *, after: str, limit: int) -> TeamList:
    """Return a page of at most `limit` teams; `found` holds one more where there are more."""
    shown = found[:limit]
    rows = tuple(
        TeamRow(
            one.team_id, wording.team_href(one.team_id), wording.counted(one.learners, "learner")
        )
        for one in shown
    )
    more = len(found) > limit
    return TeamList(
        rows,
        first_href=wording.teams_href() if after else "",
        next_href=wording.teams_href(shown[-1].team_id) if more else "",
    )


def team_readiness(report: TeamGaps, curriculum: Curriculum) -> TeamReadiness:
    """Return a report as texts and positions, what is missed most first.

    What a report keeps back is named, and nothing else is said of it.
    """
    told = [one for one in report.gaps if one.attained is not None]
    low, high = report.interval
    return TeamReadiness(
        percent=wording.percent(report.readiness),
        low=wording.percent(low),
        high=wording.percent(high),
        position=wording.share(report.readiness),
        low_position=wording.share(low),
        high_position=wording.share(high),
        learners=report.learners,
        gaps=tuple(_gap_row(one, report.learners, curriculum) for one in sorted(told, key=_missed)),
        untold=tuple(_target(one, curriculum) for one in report.gaps if one.attained is None),
    )


def _missed(one: TeamGap) -> float:
    """Return less the more readiness a target costs the team."""
    return -one.target.weight * (1.0 - (one.attained or 0.0))


def _gap_row(one: TeamGap, learners: int, curriculum: Curriculum) -> GapRow:
    attained, (low, high) = one.attained or 0.0, one.interval or (0.0, 1.0)
    return GapRow(
        label=curriculum.framework.skill(one.target.skill_id).label,
        target=curriculum.scale.name(one.target.level),
        attained=f"{round(attained * learners)} of {learners}",
        interval=f"{round(low * learners)} to {round(high * learners)}",
        shown=f"shown by {one.mastered}",
        position=wording.share(attained),
        low_position=wording.share(low),
        high_position=wording.share(high),
    )


def _target(one: TeamGap, curriculum: Curriculum) -> str:
    skill = curriculum.framework.skill(one.target.skill_id).label
    return f"{skill} ({curriculum.scale.name(one.target.level)})"


def ready_view(found: TeamAnswer, roles: Mapping[str, Role]) -> MembersView:
    """Return who of a team may move on to a role."""
    return _members(
        found.members,
        (
            ReadyRow(
                label=one.profile.label,
                href=wording.learner_href(one.profile.learner_id, found.role_id),
                role=_role_name(one.profile.role_id, roles),
                readiness=wording.percent(one.report.readiness),
            )
            for one in found.members[:MOST_SHOWN]
        ),
    )


def coached_view(found: TeamAnswer) -> MembersView:
    """Return who of a team spins their wheels, and on what."""
    return _members(
        found.members,
        (
            CoachedRow(
                label=one.profile.label,
                href=wording.learner_href(one.profile.learner_id, found.role_id),
                readiness=wording.percent(one.report.readiness),
                reasons=tuple(stuck.reason.sentence for stuck in one.stuck),
            )
            for one in found.members[:MOST_SHOWN]
        ),
    )


def _members(members: Sequence[Member], rows: Iterable[ReadyRow | CoachedRow]) -> MembersView:
    return MembersView(tuple(rows), more=max(0, len(members) - MOST_SHOWN))


def _role_name(role_id: str, roles: Mapping[str, Role]) -> str:
    return roles[role_id].label if role_id in roles else role_id

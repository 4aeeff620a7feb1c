"""Readiness and mastery against a role, as view values: texts and positions, no more to compute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import wording

if TYPE_CHECKING:
    from engine.domain import Curriculum, Gap, GapReport, Role

    from ..records import MasteryReport, SkillMastery

__all__ = [
    "OtherSkill",
    "ReadinessView",
    "Rung",
    "SkillGroup",
    "SkillRow",
    "Status",
    "Threshold",
    "ladder_view",
    "mastery_view",
    "other_skills",
    "readiness_view",
    "status_of",
    "threshold_view",
]


@dataclass(frozen=True, slots=True)
class Status:
    """Where a learner stands with a target; `key` names the style and the icon."""

    key: str
    label: str


MASTERED = Status("mastered", "Mastered")
IN_PROGRESS = Status("in-progress", "In progress")
NOT_STARTED = Status("not-started", "Not started")
STATUSES = (MASTERED, IN_PROGRESS, NOT_STARTED)


@dataclass(frozen=True, slots=True)
class ReadinessView:
    """Readiness for a role with its interval, and how many targets stand where."""

    percent: str
    low: str
    high: str
    position: str
    low_position: str
    high_position: str
    n_targets: int
    counts: tuple[tuple[Status, int], ...]
    has_evidence: bool


@dataclass(frozen=True, slots=True)
class Threshold:
    """The mark on the bars."""

    percent: str
    position: str


@dataclass(frozen=True, slots=True)
class SkillRow:
    """One target of the role."""

    label: str
    status: Status
    level: str
    target: str
    percent: str
    position: str
    answers: str
    successes: str
    last_answered: str
    last_answered_iso: str


@dataclass(frozen=True, slots=True)
class SkillGroup:
    """The targets of one group of skills."""

    label: str
    summary: str
    rows: tuple[SkillRow, ...]


@dataclass(frozen=True, slots=True)
class OtherSkill:
    """A skill with evidence that the role does not ask for."""

    label: str
    level: str
    answers: str
    last_answered: str
    last_answered_iso: str


@dataclass(frozen=True, slots=True)
class Rung:
    """A role of the ladder."""

    label: str
    href: str
    chosen: bool
    percent: str
    interval: str
    position: str
    low_position: str
    high_position: str
    mastered: str


def status_of(gap: Gap, opportunities: int) -> Status:
    """Return where a learner stands with a target: mastered, answered at least once, or not."""
    if gap.mastered:
        return MASTERED
    return IN_PROGRESS if opportunities else NOT_STARTED


def readiness_view(mastery: MasteryReport) -> ReadinessView:
    """Return readiness as texts and positions, with the number of targets per status."""
    report = mastery.report
    standing = [status_of(s.gap, s.opportunities) for s in mastery.skills if s.gap is not None]
    return ReadinessView(
        percent=wording.percent(report.readiness),
        low=wording.percent(report.interval[0]),
        high=wording.percent(report.interval[1]),
        position=wording.share(report.readiness),
        low_position=wording.share(report.interval[0]),
        high_position=wording.share(report.interval[1]),
        n_targets=len(standing),
        counts=tuple((status, standing.count(status)) for status in STATUSES),
        has_evidence=any(one.opportunities for one in mastery.skills),
    )


def threshold_view(role: Role) -> Threshold:
    """Return the attainment from which the role's targets count as mastered."""
    return Threshold(wording.percent(role.mastery_threshold), wording.share(role.mastery_threshold))


def mastery_view(
    mastery: MasteryReport, role: Role, curriculum: Curriculum
) -> tuple[SkillGroup, ...]:
    """Return the role's targets by group of skills, groups and targets in the role's order."""
    grouped: dict[str, list[SkillRow]] = {}
    for one in mastery.skills:
        if one.gap is not None:
            known = curriculum.skills.get(one.skill_id)
            group = (known.group if known else "") or "Other skills"
            row = _skill_row(one, one.gap, role.mastery_threshold, curriculum)
            grouped.setdefault(group, []).append(row)
    return tuple(_group(label, rows) for label, rows in grouped.items())


def _group(label: str, rows: Sequence[SkillRow]) -> SkillGroup:
    n_mastered = sum(row.status is MASTERED for row in rows)
    return SkillGroup(label, f"{n_mastered} of {len(rows)} mastered", tuple(rows))


def _skill_row(one: SkillMastery, gap: Gap, threshold: float, curriculum: Curriculum) -> SkillRow:
    answered = one.last_answered_at
    return SkillRow(
        label=one.name or one.skill_id,
        status=status_of(gap, one.opportunities),
        level=_level(one.level, curriculum),
        target=curriculum.scale.name(gap.target.level),
        percent=wording.percent_against(gap.p_attained, threshold),
        position=wording.share(gap.p_attained),
        answers=_answers(one.opportunities),
        successes=_successes(gap) if one.opportunities else "",
        last_answered=wording.day(answered) if answered else "",
        last_answered_iso=answered.isoformat() if answered else "",
    )


def other_skills(mastery: MasteryReport, curriculum: Curriculum) -> tuple[OtherSkill, ...]:
    """Return the skills with evidence that the role does not ask for."""
    return tuple(
        OtherSkill(
            label=one.name or one.skill_id,
            level=_level(one.level, curriculum),
            answers=_answers(one.opportunities),
            last_answered=wording.day(one.last_answered_at) if one.last_answered_at else "",
            last_answered_iso=one.last_answered_at.isoformat() if one.last_answered_at else "",
        )
        for one in mastery.skills
        if one.gap is None
    )


def _answers(opportunities: int) -> str:
    return wording.counted(opportunities, "answer") if opportunities else "No answers yet"


def _successes(gap: Gap) -> str:
    return wording.counted(
        gap.independent_successes, "independent success", "independent successes"
    )


def _level(level: int, curriculum: Curriculum) -> str:
    return curriculum.scale.name(level) if level else "None yet"


def ladder_view(
    reports: Iterable[GapReport], roles: Mapping[str, Role], chosen: str
) -> tuple[Rung, ...]:
    """Return the roles of a ladder with the learner's readiness for each."""
    return tuple(_rung(report, roles.get(report.role_id), chosen) for report in reports)


def _rung(report: GapReport, role: Role | None, chosen: str) -> Rung:
    low, high = report.interval
    n_mastered = sum(gap.mastered for gap in report.gaps)
    return Rung(
        label=role.label if role else report.role_id,
        href=wording.learner_href(report.learner_id, report.role_id),
        chosen=report.role_id == chosen,
        percent=wording.percent(report.readiness),
        interval=f"{wording.percent(low)} to {wording.percent(high)}",
        position=wording.share(report.readiness),
        low_position=wording.share(low),
        high_position=wording.share(high),
        mastered=f"{n_mastered} of {len(report.gaps)} mastered",
    )

"""Role targets of O*NET occupations: importance and level of skills and knowledge areas.

A target's **weight** is the importance on O*NET's standardised scale, (importance - 1) / 4 in
[0, 1]. A target's **level** is the rating on the scale from 0 to 7 rounded to the nearest whole
level, halves upwards. The **standard errors** of both are kept, where they are published (for
skills; not for areas of knowledge), so that a target counts at the levels around its rating, as
likely as it is that they are meant. Nothing is required where either comes out as 0. Left out, too,
are ratings that O*NET recommends to suppress for their small samples, and those marked as not
relevant. Occupations that O*NET names and has not rated yet are in no file of ratings. Ids are
O*NET's codes, which stay the same from release to release.

Source: O*NET OnLine Help, "Scales, Ratings, and Standardized Scores".
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from engine import (
    CompetencyFramework,
    InvalidCurriculum,
    ProficiencyScale,
    Role,
    Skill,
    SkillTarget,
)
from service.tables.rows import Notes, Row, rows_of

from .assessments import assessable
from .imported import ImportedFramework

__all__ = ["NEEDED", "read_onet", "target_level", "target_weight"]

NEEDED = ("role_id", "skill_id", "role", "skill", "importance_1_5", "level_0_7")
_FLAGS = {
    "importance_suppress": "whose importance is to be suppressed",
    "level_suppress": "whose level is to be suppressed",
    "not_relevant": "marked as not relevant",
}
_ERRORS = ("importance_se", "level_se")
_SCALE = ProficiencyScale(tuple(f"Level {level}" for level in range(1, 8)))


def target_weight(importance: float) -> float:
    """Return the weight of an importance from 1 to 5.

    Examples
    --------
    >>> target_weight(4.5)
    0.875
    """
    return (importance - 1.0) / 4.0


def target_level(rating: float) -> int:
    """Return the whole level of a rating from 0 to 7, halves upwards.

    Examples
    --------
    >>> target_level(3.49), target_level(3.5)
    (3, 4)
    """
    return math.floor(rating + 0.5)


@dataclass
class _Found:
    """What the rows say: names by code, targets by occupation, and what was left out why."""

    skills: dict[str, Skill] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    targets: dict[str, dict[str, SkillTarget]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)


def read_onet(path: Path) -> ImportedFramework:
    """Read the targets of occupations; every occupation becomes a role.

    Raises
    ------
    InvalidCurriculum
        Missing columns, values that are no number or out of range, repeated rows; with lines.
    """
    notes = Notes()
    found = _Found()
    for row in rows_of(path, NEEDED, (*_FLAGS, *_ERRORS, "domain"), notes):
        _gather(row, found)
    if not any(found.targets.values()) and not notes.faults:
        notes.add(path.name, "has no occupation with a relevant skill")
    notes.raise_if_any("framework", InvalidCurriculum)
    roles = tuple(
        Role(role_id, tuple(targets.values()), name=found.roles[role_id])
        for role_id, targets in found.targets.items()
        if targets
    )
    framework = CompetencyFramework(tuple(found.skills.values()), scale=_SCALE)
    framework.with_roles(roles)  # raises where they do not fit together
    return ImportedFramework("onet", assessable(framework), roles, notes=_sentences(found))


def _gather(row: Row, found: _Found) -> None:
    role_id, skill_id = row.text("role_id"), row.text("skill_id")
    if skill_id not in found.skills:
        skill = row.build(
            Skill, skill_id=skill_id, name=row.text("skill"), group=row.text("domain").capitalize()
        )
        found.skills.update({skill_id: skill} if skill else {})
    if not role_id:
        row.fault("role_id", "is empty")
    found.roles.setdefault(role_id, row.text("role"))
    targets = found.targets.setdefault(role_id, {})
    importance = _rating(row, "importance_1_5", 1.0, 5.0)
    rating = _rating(row, "level_0_7", 0.0, 7.0)
    weight, level = target_weight(importance), target_level(rating)
    if skill_id in targets:
        row.fault("skill_id", f"repeats {skill_id!r} for {role_id!r}")
    elif reason := _reason_against(row, weight, level):
        found.left_out[reason] += 1
    elif skill_id:
        target = row.build(
            SkillTarget,
            skill_id=skill_id,
            level=level,
            weight=weight,
            weight_error=_error(row, "importance_se", 4.0),
            **_doubt(row, rating),
        )
        targets.update({skill_id: target} if target else {})


def _rating(row: Row, column: str, low: float, high: float) -> float:
    value = row.number(column)
    if low <= value <= high:
        return value
    if not math.isnan(value):
        row.fault(column, f"is {value:g}, expected {low:g} to {high:g}")
    return low


def _doubt(row: Row, rating: float) -> dict[str, float]:
    """Return the standard error of a level with the rating that it belongs to, if it has one."""
    error = _error(row, "level_se", 1.0)
    return {} if error is None else {"level_error": error, "level_rated": rating}


def _error(row: Row, column: str, unit: float) -> float | None:
    """Return a standard error in units of so many points; None where none is published, or 0."""
    return row.number(column, 0.0) / unit or None


def _reason_against(row: Row, weight: float, level: int) -> str:
    for column, reason in _FLAGS.items():
        if row.text(column).upper() == "Y":
            return reason
    return "" if weight > 0.0 and level > 0 else "whose importance or level amounts to nothing"


def _sentences(found: _Found) -> tuple[str, ...]:
    empty = [name for role_id, name in found.roles.items() if not found.targets[role_id]]
    told = [f"left out {count} rows {reason}" for reason, count in found.left_out.items()]
    if empty:
        told.append(f"left out {len(empty)} occupations without a target: {', '.join(empty[:3])}")
    return tuple(told)

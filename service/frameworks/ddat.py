"""Role targets in the published CSV form of the UK Government Digital and Data framework.

One row per role, role level and required skill, with texts; the file is alphabetical, so the order
of a role's levels is read from what they require.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from .ids import distinct_slugs
from .imported import ImportedFramework
from .ladder import climbing_order

__all__ = ["NEEDED", "read_ddat"]

NEEDED = ("Role", "Role Level", "Skill Name", "Skill Level")
_TEXTS = ("Role Level Description", "Skill Description", "Role Family")
_SCALE = ProficiencyScale(("Awareness", "Working", "Practitioner", "Expert"))
_LEVELS = {name.casefold(): level for level, name in enumerate(_SCALE.levels, start=1)}
_UNUSED = "NOT IN USE"


@dataclass
class _Found:
    """What the rows say, gathered by role, role level and skill."""

    roles: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    skills: dict[str, str] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    unused: int = 0
    repeated: int = 0
    raised: list[str] = field(default_factory=list)


def read_ddat(path: Path) -> ImportedFramework:
    """Read a framework; every role level becomes a role on the ladder of its role.

    Rows marked "NOT IN USE" and repeated rows are left out and counted in the notes; where rows
    disagree about a level, the higher one holds. Ids are slugs of the names: the role
    ``senior-data-analyst`` on the ladder ``data-analyst``.

    Raises
    ------
    InvalidCurriculum
        Missing columns, empty names and unknown levels, each with its line.
    """
    notes = Notes()
    found = _Found()
    for row in rows_of(path, NEEDED, _TEXTS, notes):
        _gather(row, found)
    if not found.roles and not notes.faults:
        notes.add(path.name, "has no role with a required skill")
    notes.raise_if_any("framework", InvalidCurriculum)
    skill_ids, told = distinct_slugs((name,) for name in found.skills)
    roles, also_told = _roles(found, skill_ids)
    skills = [Skill(skill_ids[name,], name, "", text) for name, text in found.skills.items()]
    framework = CompetencyFramework(tuple(skills), scale=_SCALE)
    framework.with_roles(roles)  # raises where they do not fit together
    sentences = (*_sentences(found), *told, *also_told)
    return ImportedFramework("ddat", assessable(framework), roles, notes=sentences)


def _gather(row: Row, found: _Found) -> None:
    role, rung, skill, level = (row.text(name) for name in NEEDED)
    if _UNUSED in (rung, level):
        found.unused += 1
        return
    for column, value in zip(NEEDED, (role, rung, skill), strict=False):
        if not value:
            row.fault(column, "is empty")
    if level.casefold() not in _LEVELS:
        row.fault("Skill Level", f"is {level!r}, expected {', '.join(_SCALE.levels)}")
        return
    wanted = found.roles.setdefault(role, {}).setdefault(rung, {})
    found.texts.setdefault((role, rung), row.text("Role Level Description"))
    found.skills[skill] = found.skills.get(skill) or row.text("Skill Description")
    height = _LEVELS[level.casefold()]
    if skill in wanted:
        found.repeated += 1
        if wanted[skill] != height:
            found.raised.append(f"{rung!r} asks for {skill!r} at two levels; the higher one holds")
    wanted[skill] = max(height, wanted.get(skill, 0))


def _roles(
    found: _Found, skill_ids: Mapping[tuple[str, ...], str]
) -> tuple[tuple[Role, ...], list[str]]:
    ladders, told = distinct_slugs((role,) for role in found.roles)
    role_ids, also_told = distinct_slugs(
        (role, rung) for role, rungs in found.roles.items() for rung in rungs
    )
    roles = tuple(
        Role(
            role_ids[role, rung],
            tuple(SkillTarget(skill_ids[skill,], level) for skill, level in rungs[rung].items()),
            name=rung,
            ladder=ladders[role,],
            rung=height,
            description=found.texts[role, rung],
        )
        for role, rungs in found.roles.items()
        for height, rung in enumerate(climbing_order(rungs), start=1)
    )
    return roles, told + also_told


def _sentences(found: _Found) -> list[str]:
    sentences = list(found.raised)
    if found.unused:
        sentences.append(f"left out {found.unused} rows marked {_UNUSED!r}")
    if found.repeated:
        sentences.append(f"merged {found.repeated} rows that repeat a role level's skill")
    return sentences

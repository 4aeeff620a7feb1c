"""The people in a folder of tables: roles with their targets, and learners."""

from __future__ import annotations

from engine import Role, SkillTarget
from service.records import LearnerProfile

from .rows import Row, built
from .sheets import Sheets

__all__ = ["learners_of", "roles_of"]

_NUMBERS = ("valid_days", "level_error", "level_rated", "weight_error")  # that may be left out


def roles_of(sheets: Sheets) -> tuple[Role, ...]:
    """Return the roles; what is wrong is noted and left out."""
    if sheets.role_rows and sheets.path("role_targets") is None:
        sheets.notes.add("role_targets.csv", "is missing", "it says what the roles want")
        return ()
    targets = sheets.parts(
        "role_targets", "role_id", sheets.role_rows, ("level", "weight", "due_at", *_NUMBERS)
    )
    return built(_role(sheets, row, targets[one]) for one, row in sheets.role_rows.items())


def _role(sheets: Sheets, row: Row, targets: list[Row]) -> Role | None:
    wanted = built(
        one.build(
            SkillTarget,
            skill_id=one.text("skill_id"),
            level=sheets.level(one),
            weight=one.number("weight", 1.0),
            due_at=one.instant("due_at"),
            **{name: one.number(name) if one.text(name) else None for name in _NUMBERS},
        )
        for one in targets
    )
    if len(wanted) < len(targets):
        return None
    return row.build(
        Role,
        role_id=row.text("role_id"),
        targets=wanted,
        name=row.text("name"),
        mastery_threshold=row.number("mastery_threshold", 0.95),
        ladder=row.text("ladder"),
        rung=row.whole("rung", 0),
        description=row.text("description"),
    )


def learners_of(sheets: Sheets) -> tuple[LearnerProfile, ...]:
    """Return the learners; what is wrong is noted and left out."""
    texts = ("name", "team_id", "role_id", "next_role_id")
    optional = (*texts, "next_role_weight", "joined_at")
    rows = sheets.by_id(sheets.rows("learners", ("learner_id",), optional), "learner_id")
    return built(_learner(sheets, learner_id, row) for learner_id, row in rows.items())


def _learner(sheets: Sheets, learner_id: str, row: Row) -> LearnerProfile | None:
    for column in ("role_id", "next_role_id"):
        if row.text(column):
            row.refers(column, row.text(column), sheets.role_rows)
    fields = {name: row.text(name) for name in ("name", "team_id", "role_id", "next_role_id")}
    weight = row.number("next_role_weight", 0.0)
    return row.build(LearnerProfile, learner_id=learner_id, next_role_weight=weight, **fields)

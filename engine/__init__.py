"""Attain's engine: from graded evidence to mastery, and from mastery to what to learn next.

The names here are the public surface; everything else may change.
"""

from __future__ import annotations

from .domain import (
    CompetencyFramework,
    Completion,
    Curriculum,
    Gap,
    GapReport,
    Item,
    KnowledgeState,
    LearningPath,
    Module,
    ModuleEffect,
    Prerequisite,
    ProficiencyScale,
    Reason,
    Recommendation,
    Response,
    ResponseLog,
    Role,
    Skill,
    SkillKnowledge,
    SkillLevel,
    SkillTarget,
)
from .errors import (
    AttainError,
    Fault,
    InvalidCurriculum,
    InvalidInput,
    ModelFormatError,
    NotFitted,
    UnknownId,
)

__all__ = [
    "AttainError",
    "CompetencyFramework",
    "Completion",
    "Curriculum",
    "Fault",
    "Gap",
    "GapReport",
    "InvalidCurriculum",
    "InvalidInput",
    "Item",
    "KnowledgeState",
    "LearningPath",
    "ModelFormatError",
    "Module",
    "ModuleEffect",
    "NotFitted",
    "Prerequisite",
    "ProficiencyScale",
    "Reason",
    "Recommendation",
    "Response",
    "ResponseLog",
    "Role",
    "Skill",
    "SkillKnowledge",
    "SkillLevel",
    "SkillTarget",
    "UnknownId",
]

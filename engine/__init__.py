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
    PathStep,
    Prerequisite,
    Probe,
    ProficiencyScale,
    Reason,
    Recommendation,
    RecommendationList,
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
from .knowledge_tracing import BKT, Tracer, evaluate, learner_folds, tracer_from_json
from .planner import PathPlanner
from .recommender import ScoreWeights

__all__ = [
    "BKT",
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
    "PathPlanner",
    "PathStep",
    "Prerequisite",
    "Probe",
    "ProficiencyScale",
    "Reason",
    "Recommendation",
    "RecommendationList",
    "Response",
    "ResponseLog",
    "Role",
    "ScoreWeights",
    "Skill",
    "SkillKnowledge",
    "SkillLevel",
    "SkillTarget",
    "Tracer",
    "UnknownId",
    "evaluate",
    "learner_folds",
    "tracer_from_json",
]

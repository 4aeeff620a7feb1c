"""The nouns: frozen, validated once, known to every other part."""

from __future__ import annotations

from .completions import completions_of_frame
from .curriculum import ITEM_KINDS, Curriculum, Item, Module, ModuleEffect
from .evidence import Completion, Response
from .framework import (
    CompetencyFramework,
    Prerequisite,
    ProficiencyScale,
    Role,
    Skill,
    SkillLevel,
    SkillTarget,
)
from .knowledge import KnowledgeState, Lesson, SkillKnowledge
from .recommendations import (
    Alternative,
    Arrival,
    Forecast,
    Gap,
    GapReport,
    LearningPath,
    LevelAsked,
    PathStep,
    Probe,
    Reason,
    Recommendation,
    RecommendationList,
)
from .responses import ResponseLog
from .roles import CombinedRole, RolePart
from .skills import UncertainLevel

__all__ = [
    "ITEM_KINDS",
    "Alternative",
    "Arrival",
    "CombinedRole",
    "CompetencyFramework",
    "Completion",
    "Curriculum",
    "Forecast",
    "Gap",
    "GapReport",
    "Item",
    "KnowledgeState",
    "LearningPath",
    "Lesson",
    "LevelAsked",
    "Module",
    "ModuleEffect",
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
    "RolePart",
    "Skill",
    "SkillKnowledge",
    "SkillLevel",
    "SkillTarget",
    "UncertainLevel",
    "completions_of_frame",
]

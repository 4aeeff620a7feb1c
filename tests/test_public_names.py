"""The public surface: what may be imported, and what importing it costs."""

import subprocess
import sys

import pytest

import engine

HEAVY = {"numba", "pandas", "polars", "pyarrow", "matplotlib", "sklearn", "lightfm", "pyirt"}
HEAVY |= {"dask", "distributed", "scipy", "narwhals", "sqlite_utils"}


def test_the_public_names_of_the_engine_are_these():
    assert sorted(engine.__all__) == [
        "AttainError",
        "BKT",
        "CompetencyFramework",
        "Completion",
        "Curriculum",
        "DynamicIRT",
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
        "Projector",
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
        "StepTracing",
        "TooFew",
        "Tracer",
        "UnknownId",
        "completions_of_frame",
        "cross_validate",
        "evaluate",
        "learner_folds",
        "tracer_from_json",
    ]


def test_every_public_name_is_there_and_documented():
    for name in engine.__all__:
        assert getattr(engine, name).__doc__, name


@pytest.mark.parametrize("module", ["engine", "service.server", "service.cli"])
def test_importing_stays_light(module):
    code = f"import sys, {module}; print(*sorted(m.split('.')[0] for m in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(found.stdout.split())

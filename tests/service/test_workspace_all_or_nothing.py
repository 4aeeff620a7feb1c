"""Putting a catalogue, its roles, learners and evidence in one go."""

from datetime import UTC, datetime

import pytest

from engine import Curriculum, InvalidCurriculum, InvalidInput, Response, Role, SkillTarget
from service.errors import CatalogConflict, EvidenceConflict
from service.records import LearnerProfile
from service.workspace import Workspace

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
ANALYST = Role("analyst", [SkillTarget("sql")])
ADA = LearnerProfile("ada", role_id="analyst")
RIGHT = Response("ada", "sql-1", 1.0, AT, "r1")


def curriculum(*skill_ids):
    return Curriculum.from_records(
        skills=[{"skill_id": one} for one in skill_ids],
        items=[{"item_id": f"{one}-1", "skills": [one]} for one in skill_ids],
    )


@pytest.fixture
def workspace(tmp_path):
    with Workspace.open(tmp_path / "attain.db", clock=lambda: AT) as opened:
        yield opened


def test_everything_is_there_afterwards(workspace):
    receipt = workspace.put_all(
        curriculum("sql"), roles=[ANALYST], learners=[ADA], evidence=[RIGHT]
    )
    assert (receipt.accepted, receipt.repeated) == (1, 0)
    assert workspace.learner("ada").role_id == "analyst"
    assert workspace.gaps("ada").gaps[0].independent_successes == 1


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ({"roles": [Role("chef", [SkillTarget("soup")])]}, InvalidCurriculum),
        ({"learners": [LearnerProfile("bob", role_id="chef")]}, InvalidInput),
        ({"evidence": [Response("ada", "soup-1", 1.0, AT, "r2")]}, InvalidInput),
        ({"evidence": [Response("ada", "sql-1", 0.0, AT, "r1")]}, EvidenceConflict),
    ],
)
def test_a_fault_in_any_part_leaves_everything_as_it_was(workspace, parts, error):
    workspace.put_all(curriculum("sql"), roles=[ANALYST], learners=[ADA], evidence=[RIGHT])
    before = workspace.current(), workspace.roles(), workspace.knowledge("ada")
    with pytest.raises(error):
        workspace.put_all(curriculum("sql", "charts"), **parts)
    assert workspace.current().catalog_version == before[0].catalog_version
    assert list(workspace.catalog().skills) == ["sql"]
    assert (workspace.roles(), workspace.knowledge("ada")) == before[1:]


def test_a_version_that_never_came_to_be_is_not_mistaken_for_the_next_one(workspace):
    workspace.put_all(curriculum("sql"), evidence=[RIGHT])
    with pytest.raises(EvidenceConflict):
        workspace.put_all(
            curriculum("sql", "charts"), evidence=[Response("bob", "sql-1", 1.0, AT, "r1")]
        )
    assert workspace.put_catalog(curriculum("sql", "maps")) == 2
    assert list(workspace.catalog().skills) == ["sql", "maps"]


def test_a_role_may_change_together_with_the_skills_that_it_wants(workspace):
    workspace.put_all(curriculum("sql"), roles=[ANALYST])
    with pytest.raises(CatalogConflict):
        workspace.put_catalog(curriculum("charts"))
    workspace.put_all(curriculum("charts"), roles=[Role("analyst", [SkillTarget("charts")])])
    assert workspace.role("analyst").targets[0].skill_id == "charts"

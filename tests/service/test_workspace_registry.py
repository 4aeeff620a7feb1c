"""Catalogue, roles, learners and models: what may refer to what."""

from datetime import UTC, datetime

import pytest

from engine.domain import Completion, Curriculum, Response, Role, SkillTarget
from engine.errors import InvalidCurriculum, InvalidInput, ModelFormatError, UnknownId
from engine.knowledge_tracing import BKT
from service.errors import CatalogConflict, NoCatalog, NoRole, StoreError
from service.records import LearnerProfile
from service.store import Place
from service.workspace import Workspace

STORES = ("sqlite", "postgres")
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def without(curriculum: Curriculum, kind: str, *ids: str) -> Curriculum:
    records = curriculum.to_records()
    records[kind] = [one for one in records[kind] if next(iter(one.values())) not in ids]
    return Curriculum.from_records(**records)


def test_the_catalogue_comes_back_as_it_was_put(
    workspace: Workspace, curriculum: Curriculum
) -> None:
    current = workspace.catalog()
    assert current is not None
    assert current.to_records() == curriculum.to_records()


def test_the_same_content_has_the_same_version(
    workspace: Workspace, curriculum: Curriculum
) -> None:
    assert workspace.put_catalog(curriculum) == 1
    assert workspace.put_catalog(without(curriculum, "items", "charts-4")) == 2
    assert workspace.put_catalog(curriculum) == 1
    assert workspace.current().catalog_version == 1


def test_before_the_first_catalogue_there_is_none(empty_workspace: Workspace) -> None:
    assert empty_workspace.catalog() is None
    with pytest.raises(NoCatalog):
        empty_workspace.put_role(Role("analyst", [SkillTarget("select")]))
    assert empty_workspace.roles() == ()
    assert empty_workspace.model_version.startswith("bkt-")


def test_what_evidence_refers_to_can_be_retired_but_not_removed(
    workspace: Workspace, curriculum: Curriculum
) -> None:
    workspace.record(
        [
            Response("ada", "select-1", 1.0, NOON, "r1"),
            Response("bob", "select-1", 1.0, NOON, "r2"),
            Completion("ada", "select-101", NOON, "c1"),
        ]
    )
    smaller = without(without(curriculum, "items", "select-1", "joins-1"), "modules", "select-101")
    with pytest.raises(CatalogConflict) as raised:
        workspace.put_catalog(smaller)
    found = {fault.where: fault for fault in raised.value.faults}
    assert set(found) == {"items[select-1]", "modules[select-101]"}
    assert "2 responses" in found["items[select-1]"].problem
    assert "retired: true" in found["items[select-1]"].remedy
    assert workspace.put_catalog(curriculum) == 1  # nothing had changed

    records = curriculum.to_records()
    next(one for one in records["modules"] if one["module_id"] == "select-101")["retired"] = True
    assert workspace.put_catalog(Curriculum.from_records(**records)) == 2
    assert "select-101" not in [one.module_id for one in workspace.recommend("ada")]


def test_a_skill_that_a_role_wants_cannot_be_removed(workspace: Workspace) -> None:
    only_select = Curriculum.from_records(skills=[{"skill_id": "select"}])
    with pytest.raises(CatalogConflict, match=r"roles\[senior\].*'joins'.*change the role first"):
        workspace.put_catalog(only_select)


def test_a_skill_that_evidence_exercised_cannot_be_removed(
    empty_workspace: Workspace, curriculum: Curriculum
) -> None:
    empty_workspace.put_catalog(curriculum)
    empty_workspace.record([Response("ada", "charts-1", 1.0, NOON, "r1")])
    records = curriculum.to_records()
    records["skills"] = [one for one in records["skills"] if one["skill_id"] != "charts"]
    records["prerequisites"] = []
    records["modules"] = []
    records["items"] = [{"item_id": "charts-1", "skills": ["joins"]}]
    with pytest.raises(CatalogConflict, match=r"skills\[charts\].*1 response"):
        empty_workspace.put_catalog(Curriculum.from_records(**records))


def test_a_role_that_wants_unknown_skills_is_refused_with_every_fault(
    workspace: Workspace,
) -> None:
    role = Role("odd", [SkillTarget("selct"), SkillTarget("joins", level=9), SkillTarget("x")])
    with pytest.raises(InvalidCurriculum) as raised:
        workspace.put_role(role)
    assert len(raised.value.faults) == 3
    assert "did you mean 'select'" in str(raised.value)
    with pytest.raises(UnknownId):
        workspace.role("odd")


def test_roles_come_by_ladder_and_rung(workspace: Workspace) -> None:
    workspace.put_role(Role("alone", [SkillTarget("charts")]))
    assert [role.role_id for role in workspace.roles()] == ["alone", "junior", "senior"]
    with pytest.raises(UnknownId, match="did you mean 'senior'"):
        workspace.role("senoir")


def test_learners_with_unknown_roles_are_refused_all_at_once(workspace: Workspace) -> None:
    profiles = [
        LearnerProfile("bob", role_id="senoir"),
        LearnerProfile("eve", next_role_id="boss"),
        LearnerProfile("bob"),
    ]
    with pytest.raises(InvalidInput) as raised:
        workspace.put_learners(profiles)
    assert [fault.where for fault in raised.value.faults] == [
        "learners[0].role_id",
        "learners[1].next_role_id",
        "learners[2].learner_id",
    ]
    assert [one.learner_id for one in workspace.learners()] == ["ada"]


def test_learners_are_paged_by_id(workspace: Workspace) -> None:
    workspace.put_learners([LearnerProfile(f"l{n}", team_id="ops") for n in range(5)])
    first = workspace.learners("ops", limit=2)
    second = workspace.learners("ops", limit=2, after=first[-1].learner_id)
    assert [one.learner_id for one in (*first, *second)] == ["l0", "l1", "l2", "l3"]


def test_a_profile_put_again_replaces_the_first_and_leaves_the_evidence(
    workspace: Workspace,
) -> None:
    workspace.record([Response("ada", "select-1", 1.0, NOON, "r1")])
    workspace.put_learners([LearnerProfile("ada", name="Ada")])
    assert workspace.learner("ada") == LearnerProfile("ada", name="Ada")
    assert len(workspace.evidence("ada")) == 1
    with pytest.raises(NoRole, match="has no role"):
        workspace.gaps("ada")


def test_a_model_that_cannot_be_read_changes_nothing(workspace: Workspace) -> None:
    before = workspace.model_version
    for text in ("", "{", "[]", '{"format": "attain-tracer", "version": 99, "model": "bkt"}'):
        with pytest.raises(ModelFormatError):
            workspace.install_model(text)
    assert workspace.model_version == before


def test_models_are_listed_with_the_active_one_marked(workspace: Workspace) -> None:
    (default,) = workspace.models()
    assert default.active
    first = workspace.install_model(BKT(seed=1).to_json())
    second = workspace.install_model(BKT(seed=2).to_json())
    listed = {one.model_version: one.active for one in workspace.models()}
    assert listed == {second: True, first: False, default.model_version: False}
    assert workspace.install_model(BKT(seed=1).to_json()) == first
    assert workspace.model_version == first
    content = workspace.model(first).content
    assert content is not None
    assert content["options"]["seed"] == 1
    with pytest.raises(UnknownId):
        workspace.model("bkt-0")


def damage(workspace: Workspace, statement: str) -> None:
    workspace._store.write(lambda session: session._connection.execute(statement))


def test_a_model_damaged_in_the_database_is_named_and_can_be_replaced(
    workspace: Workspace, place: Place
) -> None:
    version = workspace.install_model(BKT(seed=1).to_json())
    damage(workspace, "UPDATE tracers SET content = '{'")
    with Workspace.open(place) as again:
        with pytest.raises(StoreError, match=f"model {version} in the database cannot be read"):
            again.recommend("ada")
        with pytest.raises(StoreError, match="cannot be read"):
            again.check()
        again.install_model(BKT(seed=2).to_json())
        again.check()
        assert len(again.recommend("ada")) == 1


def test_a_catalogue_damaged_in_the_database_is_named(workspace: Workspace, place: Place) -> None:
    damage(workspace, "UPDATE catalogs SET content = '{}'")
    with Workspace.open(place) as again, pytest.raises(StoreError, match="catalogue 1"):
        again.recommend("ada")

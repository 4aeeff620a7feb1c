"""Telling formats apart, and what every import yields."""

import pytest

from engine import InvalidInput, UnknownId
from service.frameworks import import_framework


@pytest.fixture
def folder(tmp_path):
    tables = {
        "skills": "skill_id,name\nsql,SQL\n",
        "roles": "role_id,name,ladder\nanalyst,Data analyst,Data people\nchef,Chef,\n",
        "role_targets": "role_id,skill_id,level\nanalyst,sql,2\nchef,sql,1\n",
        "learners": "learner_id,role_id,next_role_id\nada,analyst,chef\n",
    }
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_folder_without_items_gets_assessments_for_every_skill_and_level(folder):
    read = import_framework(folder)
    assert read.format == "attain"
    assert [item.level for item in read.curriculum.items.values()] == [1, 1, 2, 2, 3, 3, 4, 4]
    assert read.notes == ("made 8 assessment items, two per skill and level",)


def test_a_folder_with_items_keeps_them(folder):
    (folder / "items.csv").write_text("item_id,skills\nq1,sql\n", encoding="utf-8")
    read = import_framework(folder)
    assert list(read.curriculum.items) == ["q1"]
    assert read.notes == ()


@pytest.mark.parametrize("text", ["data-analyst", "DATA ANALYST", "data people", "analyst"])
def test_roles_are_chosen_by_id_name_or_ladder_however_written(folder, text):
    chosen = import_framework(folder).with_roles_like(text)
    assert [role.role_id for role in chosen.roles] == ["analyst"]
    assert (chosen.learners[0].role_id, chosen.learners[0].next_role_id) == ("analyst", "")
    assert len(chosen.curriculum.items) == 8


def test_a_role_that_nobody_has_is_answered_with_near_ones(folder):
    with pytest.raises(UnknownId, match="Data analyst"):
        import_framework(folder).with_roles_like("Data analist")


def test_a_foreign_file_is_refused_with_the_formats_that_are_known(tmp_path):
    path = tmp_path / "foreign.csv"
    path.write_text("name,age\nada,36\n", encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        import_framework(path)
    assert "names name, age; expected the columns of ddat: Role, Role Level" in str(refused.value)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "picture.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    with pytest.raises(InvalidInput, match="no known format"):
        import_framework(path)


def test_an_unknown_format_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(InvalidInput, match="expected attain, ddat, onet"):
        import_framework(tmp_path, "case")
    with pytest.raises(InvalidInput, match="does not exist"):
        import_framework(tmp_path / "none.csv")

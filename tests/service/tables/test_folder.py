"""Attain's own folder of tables."""

from datetime import UTC, datetime, timedelta

import pytest

from engine import Completion, InvalidCurriculum, InvalidInput, Response, SkillTarget
from service.tables import (
    read_catalog,
    read_evidence,
    read_evidence_file,
    read_folder,
    read_learners,
    read_roles,
)

TABLES = {
    "scale": "level,name,description\n1,Novice,\n2,Skilled,\n",
    "skills": "skill_id,name,group,description\nselect,Selecting,SQL,\njoins,Joining,SQL,\n",
    "prerequisites": "skill_id,level,requires,requires_level\njoins,1,select,2\n",
    "roles": "role_id,name,ladder,rung,mastery_threshold,description\n"
    "analyst,Analyst,data,1,0.9,\nlead,Lead,data,2,,\n",
    "role_targets": "role_id,skill_id,level,weight,due_at,valid_days,level_error,level_rated\n"
    "analyst,select,1,2,2026-09-01T00:00:00Z,365,,\nlead,joins,2,,,,0.2,1.6\n",
    "items": "item_id,kind,skills,level,name,url\n"
    "q1,quiz,select,1,,\np1,project,select~joins,2,,\n",
    "modules": "module_id,title,format,minutes,url,requires,description\n"
    "m1,Select,video,5,,,\nm2,Join,article,7.5,,m1,\n",
    "module_effects": "module_id,skill_id,level,learn\nm1,select,1,0.4\nm2,joins,1,\n",
    "learners": "learner_id,name,team_id,role_id,next_role_id,next_role_weight,joined_at\n"
    "ada,Ada,red,analyst,lead,0.3,2026-01-01\n",
    "responses": "response_id,learner,item,skills,level,score,answered_at,fold\n"
    "r1,ada,q1,select,1,1,2026-03-01T09:00:00Z,0\nr2,grace,p1,select~joins,2,0.5,,1\n",
    "completions": "completion_id,learner,module,completed_at\nc1,ada,m1,2026-03-01T08:00:00Z\n",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def change(folder, name, old, new):
    path = folder / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def faults_of(folder):
    with pytest.raises(InvalidInput) as refused:
        read_folder(folder)
    return [str(fault) for fault in refused.value.faults]


def test_a_whole_folder_becomes_a_curriculum_with_its_people_and_evidence(folder):
    read = read_folder(folder)
    assert read.curriculum.scale.levels == ("Novice", "Skilled")
    assert read.curriculum.items["p1"].skills == ("select", "joins")
    assert read.curriculum.modules["m2"].requires == ("m1",)
    assert read.curriculum.modules["m2"].teaches[0].learn == 0.3
    assert [(role.role_id, role.rung) for role in read.roles] == [("analyst", 1), ("lead", 2)]
    assert read.roles[0].mastery_threshold == 0.9
    assert read.roles[0].targets[0].due_at == datetime(2026, 9, 1, tzinfo=UTC)
    assert read.roles[0].targets[0].valid_days == 365.0
    assert read.roles[1].targets[0] == SkillTarget("joins", 2, level_error=0.2, level_rated=1.6)
    assert (read.learners[0].next_role_id, read.learners[0].next_role_weight) == ("lead", 0.3)
    at = datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert read.evidence[0] == Response("ada", "q1", 1.0, at, "r1")
    assert isinstance(read.evidence[2], Completion)


def test_each_part_can_be_read_on_its_own(folder):
    assert list(read_catalog(folder).skills) == ["select", "joins"]
    assert len(read_roles(folder)) == 2
    assert len(read_learners(folder)) == 1
    assert len(read_evidence(folder)) == 3


def test_only_the_table_of_skills_is_needed(folder):
    for name in TABLES:
        if name != "skills":
            (folder / f"{name}.csv").unlink()
    assert len(read_folder(folder).curriculum.skills) == 2
    (folder / "skills.csv").unlink()
    assert faults_of(folder) == ["skills.csv: is missing; every folder of tables has one"]


def test_faults_of_all_tables_are_listed_at_once_with_file_and_line(folder):
    change(folder, "prerequisites", "select,2", "selct,3")
    change(folder, "role_targets", "joins,2", "joins,two")
    change(folder, "items", "p1,project", "p1,poem")
    change(folder, "modules", "7.5,,m1", "-1,,m9")
    change(folder, "module_effects", "m1,select,1,0.4", "m1,select,1,1.4")
    change(folder, "learners", "analyst,lead", "analist,lead")
    change(folder, "responses", "q1,select,1,1,2026", "q1,select,1,2,2026")
    change(folder, "responses", "p1", "p7")
    change(folder, "completions", "08:00:00Z", "08:00:00")
    told = "\n".join(faults_of(folder))
    for expected in (
        "prerequisites.csv line 2, requires: is 'selct'",
        "did you mean 'select'",
        "prerequisites.csv line 2, requires_level: is 3, expected a level of the scale, 1 to 2",
        "role_targets.csv line 3, level: is 'two', expected a whole number",
        "items.csv line 3, kind: is 'poem'",
        "modules.csv line 3, requires: is 'm9'",
        "module_effects.csv line 2, learn: is 1.4",
        "learners.csv line 2, role_id: is 'analist'",
        "responses.csv line 2, score: is 2.0",
        "responses.csv line 3, item: is 'p7'",
        "completions.csv line 2, completed_at: is 2026-03-01T08:00:00, without a time zone",
    ):
        assert expected in told


def test_an_id_that_is_declared_twice_is_shown_with_both_lines(folder):
    change(folder, "skills", "joins,Joining", "select,Joining")
    assert "skills.csv line 3, skill_id: repeats 'select' of skills.csv line 2" in faults_of(folder)


def test_prerequisites_in_a_circle_are_shown_in_order_even_among_other_faults(folder):
    with (folder / "prerequisites.csv").open("a", encoding="utf-8") as table:
        table.write("select,1,joins,1\n")
    change(folder, "items", "p1,project", "p1,poem")
    told = faults_of(folder)
    assert len(told) == 2
    assert told[1].startswith("prerequisites.csv: run in a circle: ")


def test_a_skill_that_requires_itself_is_named_with_its_line(folder):
    change(folder, "prerequisites", "select,2", "joins,2")
    assert faults_of(folder)[0].startswith("prerequisites.csv line 2, requires: is the skill")


def test_a_misspelt_column_is_a_fault_and_a_foreign_one_is_not(folder):
    change(folder, "skills", "group", "groups")
    change(folder, "roles", "description", "remarks")
    told = faults_of(folder)
    assert told == [
        "skills.csv line 1: has a column 'groups', which is unknown; did you mean 'group'?"
    ]


def test_a_missing_column_is_answered_with_the_columns_there(folder):
    change(folder, "items", "skills,level", "skill,level")
    assert "items.csv line 1: has no column 'skills'" in faults_of(folder)[0]


def test_modules_that_teach_nothing_are_at_fault(folder):
    (folder / "module_effects.csv").unlink()
    assert any(told.startswith("module_effects.csv: is missing") for told in faults_of(folder))


def test_levels_of_the_scale_stand_in_their_order(folder):
    change(folder, "scale", "1,Novice", "2,Novice")
    assert faults_of(folder)[0] == "scale.csv line 2, level: is '2', expected 1, lowest first"


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="does not exist"):
        read_folder(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="expected a folder"):
        read_catalog(tmp_path / "file")


def test_catalogue_faults_are_faults_of_a_curriculum(folder):
    change(folder, "items", "p1,project", "p1,poem")
    with pytest.raises(InvalidCurriculum):
        read_catalog(folder)


def test_one_file_of_evidence_reads_as_what_its_columns_say(folder):
    assert [one.response_id for one in read_evidence_file(folder / "responses.csv")] == ["r1", "r2"]
    assert read_evidence_file(folder / "completions.csv")[0].module_id == "m1"


def test_evidence_without_ids_is_known_by_file_and_line(tmp_path):
    path = tmp_path / "marks.csv"
    path.write_text("learner,item,correct\nada,q1,1\nada,q1,0\n", encoding="utf-8")
    assert [one.response_id for one in read_evidence_file(path)] == ["marks.csv:2", "marks.csv:3"]


@pytest.mark.parametrize(
    ("what", "of", "dated"),
    [("item,correct", "q1,1", "answered_at"), ("module", "m1", "completed_at")],
)
def test_evidence_has_its_times_by_either_name_as_text_or_as_seconds(tmp_path, what, of, dated):
    path = tmp_path / "evidence.csv"
    for name in (dated, "timestamp"):
        rows = [f"ada,{of},{at}\n" for at in ("2026-03-01T10:00:00+01:00", "1772355600.5", "")]
        path.write_text(f"learner,{what},{name}\n" + "".join(rows), encoding="utf-8")
        times = [getattr(one, dated) for one in read_evidence_file(path)]
        nine = datetime(2026, 3, 1, 9, tzinfo=UTC)
        assert times == [nine, nine + timedelta(milliseconds=500), None]
    path.write_text(f"learner,{what},timestamp\nada,{of},yesterday\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="line 2, timestamp: is 'yesterday', expected a time"):
        read_evidence_file(path)


def test_an_id_used_twice_in_a_file_of_evidence_is_a_fault(tmp_path):
    path = tmp_path / "marks.csv"
    path.write_text("response_id,learner,item,score\nr,ada,q1,1\nr,ada,q2,0\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"repeats 'r' of marks\.csv line 2"):
        read_evidence_file(path)


def test_a_file_of_evidence_without_rows_is_refused(tmp_path):
    path = tmp_path / "marks.csv"
    path.write_text("learner,item,score\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="no rows"):
        read_evidence_file(path)

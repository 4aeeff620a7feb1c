"""Role targets of occupations, from importance and level."""

import pytest

from engine import InvalidInput, SkillTarget, UnknownId
from service.frameworks import detect_format, import_framework
from service.frameworks.onet import target_level, target_weight

HEADER = (
    "role_id,skill_id,role,skill,domain,importance_1_5,importance_se,importance_suppress,"
    "level_0_7,level_se,level_suppress,not_relevant\n"
)
ROWS = """77-0001.00,2.A.9,"Bakers, Night",Kneading,skill,4.5,0.1,N,3.5,0.2,N,N
77-0001.00,2.C.9,"Bakers, Night",Mathematics,knowledge,2.0,,,1.2,,,N
77-0001.00,2.A.8,"Bakers, Night",Mathematics,skill,3,0,N,5.49,0,N,N
77-0001.00,2.A.7,"Bakers, Night",Piloting,skill,2,0,N,2,0,N,Y
77-0001.00,2.A.6,"Bakers, Night",Diving,skill,2,0,N,2,0,Y,N
77-0001.00,2.A.5,"Bakers, Night",Singing,skill,2,0,Y,2,0,N,N
77-0001.00,2.A.4,"Bakers, Night",Rowing,skill,1,0,N,2,0,N,N
77-0001.00,2.A.3,"Bakers, Night",Riding,skill,2,0,N,0.4,0,N,N
77-0002.00,2.A.9,Idlers,Kneading,skill,1,0,N,0,0,N,Y
"""


def write(path, rows=ROWS, header=HEADER):
    path.write_text(header + rows, encoding="utf-8")
    return path


@pytest.mark.parametrize(("rating", "level"), [(0.49, 0), (0.5, 1), (2.5, 3), (6.96, 7), (7, 7)])
def test_ratings_round_to_the_nearest_level_halves_upwards(rating, level):
    assert target_level(rating) == level


def test_importance_becomes_a_weight_from_nothing_to_one():
    assert [target_weight(one) for one in (1, 3, 5)] == [0.0, 0.5, 1.0]


def test_an_occupation_becomes_a_role_with_weighted_targets(tmp_path):
    path = write(tmp_path / "targets.csv")
    assert detect_format(path) == "onet"
    (baker,) = import_framework(path).roles
    assert (baker.role_id, baker.name) == ("77-0001.00", "Bakers, Night")
    assert list(baker.targets) == [
        SkillTarget("2.A.9", 4, 0.875, level_error=0.2, level_rated=3.5, weight_error=0.025),
        SkillTarget("2.C.9", 1, 0.25),  # no errors are published of knowledge
        SkillTarget("2.A.8", 5, 0.5),  # and where the raters agree there are none
    ]


def test_an_occupation_that_is_not_rated_is_answered_with_its_neighbours(tmp_path):
    read = import_framework(write(tmp_path / "targets.csv"))
    assert [role.name for role in read.with_roles_like("77-0001").roles] == ["Bakers, Night"]
    with pytest.raises(UnknownId, match="did you mean '77-0001"):
        read.with_roles_like("77-0001.01")


def test_a_skill_and_a_knowledge_area_of_one_name_stay_apart(tmp_path):
    skills = import_framework(write(tmp_path / "targets.csv")).curriculum.skills
    assert skills["2.C.9"].name == skills["2.A.8"].name
    assert (skills["2.C.9"].group, skills["2.A.8"].group) == ("Knowledge", "Skill")


def test_rows_left_out_are_counted_by_their_reason(tmp_path):
    notes = "\n".join(import_framework(write(tmp_path / "targets.csv")).notes)
    assert "left out 2 rows marked as not relevant" in notes
    assert "left out 1 rows whose level is to be suppressed" in notes
    assert "left out 1 rows whose importance is to be suppressed" in notes
    assert "left out 2 rows whose importance or level amounts to nothing" in notes
    assert "left out 1 occupations without a target: Idlers" in notes


def test_there_are_assessments_at_all_seven_levels(tmp_path):
    curriculum = import_framework(write(tmp_path / "targets.csv")).curriculum
    assert curriculum.items["2.A.9.level-7"].level == 7
    assert len(curriculum.items) == 2 * 7 * len(curriculum.skills)


def test_values_that_do_not_read_are_faults_with_their_lines(tmp_path):
    rows = "1,2,a,b,skill,six,0,N,3,0,N,N\n1,3,a,b,skill,2,0,N,8,0,N,N\n1,3,a,b,skill,2,,,3,,,N\n"
    with pytest.raises(InvalidInput) as refused:
        import_framework(write(tmp_path / "targets.csv", rows))
    assert [str(fault) for fault in refused.value.faults] == [
        "targets.csv line 2, importance_1_5: is 'six', expected a number",
        "targets.csv line 3, level_0_7: is 8, expected 0 to 7",
    ]


def test_a_repeated_row_is_a_fault(tmp_path):
    rows = "1,3,a,b,skill,2,0,N,3,0,N,N\n" * 2
    with pytest.raises(InvalidInput, match="line 3, skill_id: repeats '3' for '1'"):
        import_framework(write(tmp_path / "targets.csv", rows))


def test_a_file_without_any_relevant_row_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="no occupation"):
        import_framework(write(tmp_path / "targets.csv", "1,2,a,b,skill,1,0,N,0,0,N,Y\n"))

import json

import numpy as np
import pytest

from engine import Curriculum, InvalidCurriculum, Item, Module, ModuleEffect, SkillLevel, UnknownId

RECORDS = {
    "skills": [{"skill_id": "select"}, {"skill_id": "joins"}],
    "items": [
        {"item_id": "q1", "skills": ["select"]},
        {"item_id": "q2", "skills": ["select", "joins"], "level": 2, "kind": "project"},
    ],
    "modules": [
        {"module_id": "m1", "teaches": [{"skill_id": "select", "level": 1}], "minutes": 5},
        {
            "module_id": "m2",
            "teaches": [{"skill_id": "joins", "level": 3, "learn": 0.5}],
            "minutes": 12.5,
            "requires": ["m1"],
        },
    ],
    "prerequisites": [{"skill_id": "joins", "requires": "select"}],
}


def test_a_curriculum_comes_back_from_its_records_through_json():
    curriculum = Curriculum.from_records(**RECORDS)
    again = Curriculum.from_records(**json.loads(json.dumps(curriculum.to_records())))
    assert again == curriculum


def test_the_q_matrix_says_which_item_exercises_which_skill():
    matrix = Curriculum.from_records(**RECORDS).q_matrix()
    np.testing.assert_array_equal(matrix, [[True, False], [True, True]])


def test_the_levels_of_a_skill_are_those_that_items_or_modules_mention():
    curriculum = Curriculum.from_records(**RECORDS)
    assert curriculum.levels_of("joins") == (2, 3)
    assert curriculum.levels_of("select") == (1, 2)
    assert curriculum.levels_of("unheard-of") == ()


def test_the_modules_that_lead_to_a_level_are_found():
    curriculum = Curriculum.from_records(**RECORDS)
    assert [m.module_id for m in curriculum.teaching(SkillLevel("joins", 3))] == ["m2"]
    assert curriculum.teaching(SkillLevel("joins", 1)) == ()


def test_faults_of_every_part_are_listed_at_once():
    broken = {
        "skills": [*RECORDS["skills"], {"skill": "charts"}],
        "items": [{"item_id": "q1", "skills": "select"}, {"item_id": "q1", "kind": "exam"}],
        "modules": [{"module_id": "m1", "teaches": [{"skill_id": "x", "learn": 2}], "minutes": 0}],
    }
    with pytest.raises(InvalidCurriculum) as error:
        Curriculum.from_records(**broken)
    places = [fault.where for fault in error.value.faults]
    assert places == [
        "skills[2].skill",
        "skills[2].skill_id",
        "items[0].skills",
        "items[1].skills",
        "modules[0].teaches[0].learn",
        "modules[0].minutes",
    ]


def test_unknown_skills_and_modules_are_named_with_near_matches():
    with pytest.raises(InvalidCurriculum) as error:
        Curriculum.from_records(
            skills=[{"skill_id": "joins"}],
            items=[{"item_id": "q", "skills": ["join"]}],
            modules=[
                {
                    "module_id": "m",
                    "teaches": [{"skill_id": "joins", "level": 7}],
                    "minutes": 5,
                    "requires": ["n"],
                }
            ],
        )
    text = str(error.value)
    assert "did you mean 'joins'" in text
    assert "beyond the scale's 4 levels" in text
    assert "unknown module, 'n'" in text


def test_modules_that_require_each_other_are_shown_as_a_circle():
    teaches = [ModuleEffect("joins")]
    modules = [Module("a", teaches, 5, requires=["b"]), Module("b", teaches, 5, requires=["a"])]
    with pytest.raises(
        InvalidCurriculum, match=r"circle: (a requires b requires a|b requires a requires b)"
    ):
        Curriculum.from_records(skills=[{"skill_id": "joins"}], modules=modules)


def test_a_repeated_id_names_both_places():
    items = [Item("q", ["joins"]), Item("q", ["joins"])]
    with pytest.raises(InvalidCurriculum, match=r"items\[1\]: repeats 'q' of items\[0\]"):
        Curriculum.from_records(skills=[{"skill_id": "joins"}], items=items)


def test_an_item_of_an_unknown_kind_is_told_the_kinds():
    with pytest.raises(InvalidCurriculum, match="did you mean 'project'"):
        Item("q", ["joins"], kind="projct")


def test_an_unknown_item_or_module_is_answered_with_near_matches():
    curriculum = Curriculum.from_records(**RECORDS)
    with pytest.raises(UnknownId, match="unknown item 'q9'"):
        curriculum.item("q9")
    with pytest.raises(UnknownId, match="unknown module 'm9'"):
        curriculum.module("m9")


def test_a_framework_without_items_is_assessed_by_one_observation_per_skill_and_level():
    framework = Curriculum.from_records(**RECORDS).framework
    curriculum = Curriculum.of_assessments(framework)
    assert len(curriculum.items) == 2 * 4
    assert curriculum.items["joins.3"].exercised == (SkillLevel("joins", 3),)
    assert curriculum.items["joins.3"].kind == "observation"

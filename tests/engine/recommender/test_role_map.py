"""What of a curriculum matters to a role."""

from __future__ import annotations

import pytest

from engine.domain import SkillLevel
from engine.errors import InvalidCurriculum
from engine.recommender import role_map


def names(where, numbers):
    return {where.modules[m].module_id for m in numbers}


def test_only_what_leads_to_a_target_is_kept(say):
    curriculum = say.curriculum_of(
        ["select", "joins", "charts"],
        [say.teach("m1", "select"), say.teach("m2", "joins"), say.teach("m3", "charts")],
        ["joins < select"],
    )
    where = role_map(curriculum, say.role_of("joins"))
    assert [module.module_id for module in where.modules] == ["m1", "m2"]
    assert where.wanted == (SkillLevel("joins", 1), SkillLevel("select", 1))


def test_a_chain_of_prerequisites_is_followed_to_its_end_with_lower_levels(say):
    curriculum = say.curriculum_of(
        ["a", "b", "c"],
        [
            say.teach("a1", "a"),
            say.teach("b1", "b"),
            say.teach("b2", ("b", 2)),
            say.teach("c1", "c"),
        ],
        ["c < b:2", "b < a"],
    )
    where = role_map(curriculum, say.role_of("c"))
    assert {module.module_id for module in where.modules} == {"a1", "b1", "b2", "c1"}
    b2 = where.number["b2"]
    assert [where.wanted[k] for k in where.needs[b2]] == [SkillLevel("a", 1)]
    assert [where.wanted[k] for k in where.builds[b2]] == [SkillLevel("b", 1)]
    assert names(where, where.needed_by[where.wanted.index(SkillLevel("b", 2))]) == {"c1"}


def test_a_required_module_matters_even_if_it_teaches_nothing_wanted(say):
    curriculum = say.curriculum_of(
        ["a", "b"], [say.teach("intro", "b"), say.teach("m", "a", requires=("intro",))]
    )
    where = role_map(curriculum, say.role_of("a"))
    assert names(where, where.comes_after[where.number["m"]]) == {"intro"}
    assert names(where, where.followed_by[where.number["intro"]]) == {"m"}


def test_a_level_that_nobody_teaches_is_reached_through_the_next_one_that_there_is(say):
    curriculum = say.curriculum_of(["a"], [say.teach("m3", ("a", 3)), say.teach("m1", "a")])
    where = role_map(curriculum, say.role_of(("a", 2)))
    assert names(where, where.led_to_by[0]) == {"m3"}


def test_a_prerequisite_that_the_module_teaches_itself_is_no_hard_one(say):
    curriculum = say.curriculum_of(["a", "b"], [say.teach("both", "a", "b")], ["b < a"])
    where = role_map(curriculum, say.role_of("b"))
    assert where.needs == ((),)
    assert [where.wanted[k] for k in where.builds[0]] == [SkillLevel("a", 1)]


def test_a_role_with_a_misspelt_skill_is_refused_with_its_near_match(say):
    curriculum = say.curriculum_of(["joins"], [])
    with pytest.raises(InvalidCurriculum, match="'join'; did you mean 'joins'"):
        role_map(curriculum, say.role_of("join"))

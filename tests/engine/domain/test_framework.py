from itertools import pairwise

import pytest

from engine import (
    CompetencyFramework,
    InvalidCurriculum,
    Prerequisite,
    ProficiencyScale,
    Role,
    Skill,
    SkillLevel,
    SkillTarget,
    UnknownId,
)


def framework(prerequisites=(), roles=()):
    skills = [Skill("select"), Skill("joins"), Skill("windows"), Skill("charts")]
    return CompetencyFramework(skills, prerequisites, roles)


def places(error):
    return [fault.where for fault in error.value.faults]


def test_a_level_inherits_the_requirements_of_the_levels_below_it():
    known = framework([Prerequisite("joins", "select"), Prerequisite("joins", "charts", level=3)])
    assert known.requirements(SkillLevel("joins", 2)) == (SkillLevel("select", 1),)
    assert set(known.requirements(SkillLevel("joins", 3))) == {("select", 1), ("charts", 1)}


def test_a_closure_lists_what_is_required_before_what_requires_it():
    known = framework([Prerequisite("windows", "joins"), Prerequisite("joins", "select")])
    closure = known.closure([SkillLevel("windows"), SkillLevel("joins")])
    assert [one.skill_id for one in closure] == ["select", "joins", "windows"]


def test_a_closure_of_a_chain_of_ten_thousand_skills_is_found():
    names = [f"s{i}" for i in range(10_000)]
    chain = [Prerequisite(b, a) for a, b in pairwise(names)]
    known = CompetencyFramework([Skill(name) for name in names], chain)
    assert len(known.closure([SkillLevel(names[-1])])) == 10_000


def test_a_circle_of_prerequisites_is_shown_in_its_order():
    edges = [Prerequisite("joins", "select"), Prerequisite("select", "windows")]
    with pytest.raises(InvalidCurriculum) as error:
        framework([*edges, Prerequisite("windows", "joins")])
    (fault,) = error.value.faults
    around = "joins at level 1 requires select at level 1 requires windows at level 1"
    turned = fault.problem.removeprefix("run in a circle: ").split(" requires ")
    assert turned[0] == turned[-1]
    assert len(turned) == 4
    assert " requires ".join(turned[:-1] * 2).find(around) >= 0


def test_a_circle_that_runs_over_two_levels_of_a_skill_is_found():
    edges = [
        Prerequisite("joins", "select", level=1, requires_level=2),
        Prerequisite("select", "joins", level=1, requires_level=1),
    ]
    with pytest.raises(InvalidCurriculum, match="circle"):
        framework(edges)


def test_a_skill_that_requires_itself_is_told_that_levels_do_so_anyway():
    with pytest.raises(InvalidCurriculum, match="levels below"):
        Prerequisite("joins", "joins", level=2)


def test_all_faults_of_a_framework_are_listed_at_once_with_near_matches():
    with pytest.raises(InvalidCurriculum) as error:
        CompetencyFramework(
            [Skill("select"), {"skill_id": ""}, {"skill_id": "select"}, {"name": "x"}, 7],
            [{"skill_id": "selct", "requires": "select"}],
            [{"role_id": "analyst", "targets": [{"skill_id": "select", "level": 9}]}],
        )
    assert places(error) == [
        "skills[1].skill_id",
        "skills[3].skill_id",
        "skills[4]",
        "skills[1]",
        "prerequisites[0].skill_id",
        "roles[analyst].targets[0].level",
    ]
    assert "did you mean 'select'" in str(error.value)


def test_a_role_wants_each_level_of_a_skill_once_and_at_least_one():
    assert len(Role("analyst", [SkillTarget("joins"), SkillTarget("joins", level=2)]).targets) == 2
    with pytest.raises(InvalidCurriculum, match="repeats 'joins at level 2'"):
        Role("analyst", [SkillTarget("joins", 2), SkillTarget("joins", level=2)])
    with pytest.raises(InvalidCurriculum, match="empty"):
        Role("analyst", [])


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan"), float("inf"), "1", True])
def test_a_target_weighs_a_finite_number_above_zero(weight):
    with pytest.raises(InvalidCurriculum, match="weight"):
        SkillTarget("joins", weight=weight)


@pytest.mark.parametrize("level", [0, -1, 1.0, "2", True, None])
def test_a_level_is_a_whole_number_from_one(level):
    with pytest.raises(InvalidCurriculum, match="level"):
        SkillTarget("joins", level=level)


@pytest.mark.parametrize("name", ["", "   ", None, 7, "a\nb", "x" * 501])
def test_an_id_is_printable_text_of_sane_length(name):
    with pytest.raises(InvalidCurriculum, match="skill_id"):
        Skill(name)


def test_an_unknown_skill_is_answered_with_near_matches():
    with pytest.raises(UnknownId, match="did you mean 'joins'"):
        framework().skill("join")


def test_a_scale_names_its_levels_and_numbers_those_beyond():
    scale = ProficiencyScale(("Novice", "Skilled"))
    assert [scale.name(level) for level in (1, 2, 3)] == ["Novice", "Skilled", "Level 3"]


def test_a_scale_has_no_name_twice():
    with pytest.raises(InvalidCurriculum, match="repeats"):
        ProficiencyScale(("Novice", "Novice"))

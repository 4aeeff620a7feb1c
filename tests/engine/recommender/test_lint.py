"""What the lint finds, one kind after the other, and that it is silent where all is well."""

from __future__ import annotations

from engine.domain import Item, Response
from engine.recommender import CHECKS, lint


def items(*skills, n=2, level=1):
    return [Item(f"{one}-{level}-{k}", (one,), level=level) for one in skills for k in range(n)]


def found(curriculum, roles=(), evidence=()):
    return {(one.check, one.where) for one in lint(curriculum, roles, evidence)}


def answers(n_fail_both, n_pass_after):
    """Learners who all fail `base`; some fail `top` too, some pass it."""
    said = []
    for k in range(n_fail_both + n_pass_after):
        said += [Response(f"l{k}", f"base-1-{j}", 0.0) for j in range(2)]
        said += [Response(f"l{k}", f"top-1-{j}", float(k >= n_fail_both)) for j in range(2)]
    return said


def test_a_sound_curriculum_has_no_findings(say):
    curriculum = say.curriculum_of(
        ["a", "b"],
        [say.teach("ma", "a"), say.teach("mb", "b")],
        ["b < a"],
        items("a", "b"),
    )
    assert lint(curriculum, [say.role_of("b")]) == ()


def test_targets_and_prerequisites_that_no_module_teaches(say):
    curriculum = say.curriculum_of(
        ["a", "b", "c"],
        [say.teach("mb", "b"), say.teach("mc", "c", retired=True)],
        ["b < a"],
        items("a", "b", "c"),
    )
    assert found(curriculum, [say.role_of("b", "c")]) == {
        ("untaught-target", "analyst"),
        ("untaught-prerequisite", "a"),
    }


def test_targets_that_cannot_be_mastered_for_want_of_items(say):
    modules = [say.teach("m", "a", "b", "c")]
    curriculum = say.curriculum_of(
        ["a", "b", "c"], modules, (), [*items("a", n=1), *items("b"), *items("c", level=1)]
    )
    role = say.role_of("a", "b", ("c", 2))
    told = {one.where: one.problem for one in lint(curriculum, [role]) if one.check == CHECKS[2]}
    assert told.keys() == {"a", "c"}
    assert told["a"].startswith("only one item looks at a at level 1")
    assert told["c"].startswith("no item looks at c at level 2")


def test_a_skill_without_any_item(say):
    curriculum = say.curriculum_of(["a", "b"], [say.teach("m", "a")], (), items("a"))
    assert found(curriculum) == {("skill-without-items", "b")}


def test_a_prerequisite_that_follows_from_the_others(say):
    curriculum = say.curriculum_of(
        ["a", "b", "c"], [], ["b < a", "c < b", "c < a"], items("a", "b", "c")
    )
    (only,) = lint(curriculum)
    assert only.check == "redundant-prerequisite"
    assert str(only) == (
        "c at level 1: requires a at level 1 already through b at level 1; leave it out"
    )


def test_a_module_that_helps_no_role_unless_it_is_retired_or_there_are_no_roles(say):
    modules = [say.teach("ma", "a"), say.teach("mb", "b"), say.teach("old", "b", retired=True)]
    curriculum = say.curriculum_of(["a", "b"], modules, (), items("a", "b"))
    assert found(curriculum, [say.role_of("a")]) == {("idle-module", "mb")}
    assert found(curriculum) == set()


def test_a_level_between_that_nothing_teaches(say):
    curriculum = say.curriculum_of(
        ["a"],
        [say.teach("a1", "a"), say.teach("a3", ("a", 3))],
        (),
        [*items("a"), *items("a", level=2), *items("a", level=4)],
    )
    (only,) = lint(curriculum)
    assert (only.check, only.where) == ("level-gap", "a")
    assert "no module teaches level 2, on which that of level 3 builds" in only.problem


def test_a_prerequisite_that_most_pass_without_is_contradicted_by_the_data(say):
    curriculum = say.curriculum_of(["base", "top"], [], ["top < base"], items("base", "top"))
    (only,) = lint(curriculum, (), answers(1, 19))
    assert (only.check, only.where) == ("contradicted-prerequisite", "top at level 1")
    assert "of 20 learners who mostly fail that, 19 mostly pass this" in only.problem


def test_few_learners_or_an_even_split_contradict_nothing(say):
    curriculum = say.curriculum_of(["base", "top"], [], ["top < base"], items("base", "top"))
    assert lint(curriculum, (), answers(0, 9)) == ()
    assert lint(curriculum, (), answers(8, 12)) == ()


def test_items_on_several_skills_contradict_nothing(say):
    both = [*items("base"), *(Item(f"top-1-{j}", ("top", "base")) for j in range(2))]
    curriculum = say.curriculum_of(["base", "top"], [], ["top < base"], both)
    assert lint(curriculum, (), answers(0, 20)) == ()

"""What the lint finds, one kind after the other, and that it is silent where all is well."""

from __future__ import annotations

import random

import pytest

from engine.domain import Completion, Item, Response, Role, SkillTarget
from engine.recommender import lint


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
    told = {
        one.where: one.problem for one in lint(curriculum, [role]) if one.check == "too-few-items"
    }
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


def told(curriculum, roles, check):
    return {one.where: str(one) for one in lint(curriculum, roles) if one.check == check}


def test_a_level_that_nothing_names_counts_as_the_next_above_and_is_told(say):
    """Modules and items are at levels 1 and 3; who wants 2 is asked for 3."""
    some = [*items("a", "b"), *items("a", "b", level=3)]
    modules = [say.teach("a1", "a"), say.teach("a3", ("a", 3)), say.teach("c", "c")]
    curriculum = say.curriculum_of(["a", "b", "c"], modules, ["c < b:2"], [*some, *items("c")])
    role = say.role_of(("a", 2), "c")
    assert told(curriculum, [role], "unnamed-level") == {
        "a": "a: analyst wants it at level 2, which no item and no module names, so it counts as"
        " level 3; add items and modules at level 2, or ask for level 3",
        "b": "b: targets require it at level 2, which no item and no module names, so it counts as"
        " level 3; add items and modules at level 2, or ask for level 3",
    }
    assert told(curriculum, [say.role_of(("a", 3), ("a", 4))], "unnamed-level") == {}


def test_what_targets_require_at_a_level_that_no_item_looks_at(say):
    modules = [say.teach("ma", "a", ("a", 2)), say.teach("mb", "b")]
    curriculum = say.curriculum_of(["a", "b"], modules, ["b < a:2"], items("a", "b"))
    assert found(curriculum, [say.role_of("b")]) == {("unshown-prerequisite", "a")}
    higher = say.curriculum_of(
        ["a", "b"], modules, ["b < a:2"], [*items("a", "b"), *items("a", n=1, level=3)]
    )
    assert ("unshown-prerequisite", "a") not in found(higher, [say.role_of("b")])


def test_levels_that_a_target_may_mean_and_that_keep_it_from_mastery(say):
    """Rated 2 with a standard error of .6 it means level 3 with a probability of a fifth."""
    modules = [say.teach("a1", "a"), say.teach("a2", ("a", 2))]
    low = say.curriculum_of(["a"], modules, (), [*items("a"), *items("a", level=2)])
    unsure = Role("unsure", [SkillTarget("a", 2, level_error=0.6)])
    sure = Role("sure", [SkillTarget("a", 2, level_error=0.2)])
    lenient = Role("lenient", [SkillTarget("a", 2, level_error=0.6)], mastery_threshold=0.75)
    assert [(k, round(p, 2)) for k, p in unsure.targets[0].meant(4).shares] == [
        (1, 0.2),
        (2, 0.6),
        (3, 0.2),
    ]
    roles = [unsure, sure, lenient]
    assert told(low, roles, "untaught-likely-level") == {
        "a": "a: no module teaches a at level 3, which unsure may mean, too likely to be mastered"
        " without it; add one, or have the level rated more surely"
    }
    assert told(low, roles, "unshown-likely-level").keys() == {"a"}
    assert told(low, [sure, lenient], "unshown-likely-level") == {}
    high = say.curriculum_of(
        ["a"], [*modules, say.teach("a3", ("a", 3))], (), [*items("a"), *items("a", level=3)]
    )
    assert found(high, roles) == set()


def test_what_likely_levels_require_is_wanted_too(say):
    modules = [say.teach(f"a{k}", ("a", k)) for k in (1, 2, 3)]
    some = [*items("a"), *items("a", level=3), *items("b")]
    curriculum = say.curriculum_of(["a", "b"], modules, ["a:3 < b"], some)
    unsure = Role("unsure", [SkillTarget("a", 2, level_error=0.6)])
    assert found(curriculum, [unsure]) == {("untaught-prerequisite", "b")}
    assert found(curriculum, [Role("sure", [SkillTarget("a", 2)])]) == set()


def test_a_prerequisite_that_most_pass_without_is_contradicted_by_the_data(say):
    curriculum = say.curriculum_of(["base", "top"], [], ["top < base"], items("base", "top"))
    (only,) = lint(curriculum, (), answers(1, 19))
    assert (only.check, only.where) == ("contradicted-prerequisite", "top at level 1")
    assert "of 20 learners who lack that by their last answers, 19 mostly pass this" in only.problem


def test_few_learners_or_an_even_split_contradict_nothing(say):
    curriculum = say.curriculum_of(["base", "top"], [], ["top < base"], items("base", "top"))
    assert lint(curriculum, (), answers(0, 9)) == ()
    assert lint(curriculum, (), answers(8, 12)) == ()


def test_items_on_several_skills_contradict_nothing(say):
    both = [*items("base"), *(Item(f"top-1-{j}", ("top", "base")) for j in range(2))]
    curriculum = say.curriculum_of(["base", "top"], [], ["top < base"], both)
    assert lint(curriculum, (), answers(0, 20)) == ()


def test_a_framework_without_modules_or_items_is_told_so_once(say):
    curriculum = say.curriculum_of(["a", "b"], [], ["b < a"])
    assert found(curriculum, [say.role_of("a", "b")]) == {
        ("no-modules", "curriculum"),
        ("no-items", "curriculum"),
    }
    assert found(say.curriculum_of(["a"], [say.teach("m", "a")], (), items("a"))) == set()


def test_a_module_that_comes_after_a_retired_one_however_far(say):
    modules = [
        say.teach("old", "a", retired=True),
        say.teach("next", "a", requires=("old",)),
        say.teach("last", "a", requires=("next",)),
        say.teach("free", "a"),
    ]
    curriculum = say.curriculum_of(["a"], modules, (), items("a"))
    assert found(curriculum) == {("unreachable-module", "next"), ("unreachable-module", "last")}
    free = say.curriculum_of(["a"], modules[3:], (), items("a"))
    assert found(free) == set()


def based(say, modules=()):
    return say.curriculum_of(["base", "top"], modules, ["top < base"], items("base", "top", n=4))


def test_what_was_learned_after_it_was_failed_contradicts_nothing(say):
    """By answers that were right later, or by a lesson since the last of them."""
    curriculum = based(say, [say.teach("lesson", "base")])
    failed = [Response(f"l{k}", f"base-1-{j}", 0.0) for k in range(20) for j in range(2)]
    passed = [Response(f"l{k}", f"top-1-{j}", 1.0) for k in range(20) for j in range(2)]
    assert found(curriculum, (), failed + passed) == {
        ("contradicted-prerequisite", "top at level 1")
    }
    later = [Response(f"l{k}", "base-1-2", 1.0) for k in range(20)]
    lessons = [Completion(f"l{k}", "lesson") for k in range(20)]
    for between in (later, lessons):
        assert found(curriculum, (), failed + between + passed) == set()
    assert found(curriculum, (), lessons + failed + passed) != set()


def test_evidence_is_read_by_its_instants_where_it_has_them(say):
    curriculum = based(say)
    told = []
    for k in range(20):
        told += [Response(f"l{k}", "base-1-0", 1.0, say.day(3))]
        told += [Response(f"l{k}", f"base-1-{j}", 0.0, say.day(1)) for j in (1, 2)]
        told += [Response(f"l{k}", "top-1-0", 1.0, say.day(4))]
    assert found(curriculum, (), told) == set()


@pytest.mark.parametrize("n_answers", [1, 2, 4])
@pytest.mark.parametrize("p_known", [0.5, 0.9])
def test_noise_alone_contradicts_no_prerequisite_that_holds(say, n_answers, p_known):
    """Answers slip with .1 and guess with .3; who lacks the base lacks what builds on it."""
    curriculum, rng = based(say), random.Random(7)
    for _ in range(10):
        told = []
        for k in range(300):
            base = rng.random() < p_known
            knows = {"base": base, "top": base and rng.random() < 0.9}
            told += [
                Response(f"l{k}", f"{one}-1-{j}", float(rng.random() < (0.9 if has else 0.3)))
                for one, has in knows.items()
                for j in range(n_answers)
            ]
        assert found(curriculum, (), told) == set()

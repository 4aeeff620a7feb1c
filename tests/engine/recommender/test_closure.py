"""The cheapest way to each module, by hand."""

from __future__ import annotations

from itertools import pairwise

from engine.recommender import allowed_ids, role_map
from engine.recommender.closure import closures
from engine.recommender.standing import standing


def ways(say, curriculum, role, state=None, **options):
    where = role_map(curriculum, role)
    options.setdefault("threshold", 0.8)
    options["allowed"] = allowed_ids(curriculum, options.get("allowed"))
    now = standing(where, state or say.believe(), say.HandWritten(), **options)
    found = closures(where, now)
    named = {
        where.modules[m].module_id: [where.modules[one].module_id for one in found.members(m)]
        for m in found.order
    }
    minutes = {
        where.modules[m].module_id: sum(where.minutes[one] for one in found.members(m))
        for m in found.order
    }
    return named, minutes


def test_of_two_ways_to_a_prerequisite_the_cheaper_one_is_taken(say):
    curriculum = say.curriculum_of(
        ["a", "b"],
        [
            say.teach("a-long", "a", minutes=9),
            say.teach("a-short", "a", minutes=4),
            say.teach("b", "b"),
        ],
        ["b < a"],
    )
    members, minutes = ways(say, curriculum, say.role_of("b"))
    assert members["b"] == ["a-short", "b"]
    assert minutes["b"] == 14


def test_a_way_is_cheap_only_with_all_that_it_takes_itself(say):
    curriculum = say.curriculum_of(
        ["root", "a", "deep", "b"],
        [
            say.teach("root", "root", minutes=20),
            say.teach("deep-way", ("a", 1), ("deep", 1), minutes=1),
            say.teach("plain-way", "a", minutes=15),
            say.teach("b", "b", minutes=10),
        ],
        ["b < a", "deep < root"],
    )
    members, _ = ways(say, curriculum, say.role_of("b"))
    assert members["b"] == ["plain-way", "b"]


def test_what_two_prerequisites_share_is_done_once(say):
    curriculum = say.curriculum_of(
        ["root", "left", "right", "top"],
        [say.teach(one, one) for one in ("root", "left", "right", "top")],
        ["left < root", "right < root", "top < left", "top < right"],
    )
    members, minutes = ways(say, curriculum, say.role_of("top"))
    assert members["top"] == ["root", "left", "right", "top"]
    assert minutes["top"] == 40


def test_what_is_attained_need_not_be_taught(say):
    curriculum = say.curriculum_of(
        ["a", "b"], [say.teach("a", "a"), say.teach("b", "b")], ["b < a"]
    )
    assert ways(say, curriculum, say.role_of("b"), say.believe(a=0.8))[0]["b"] == ["b"]
    assert ways(say, curriculum, say.role_of("b"), say.believe(a=0.79))[0]["b"] == ["a", "b"]


def test_without_an_open_way_to_a_prerequisite_a_module_is_out_of_reach(say):
    modules = [say.teach("a", "a"), say.teach("b", "b")]
    curriculum = say.curriculum_of(["a", "b"], modules, ["b < a"])
    assert "b" not in ways(say, curriculum, say.role_of("b"), allowed=["b"])[0]
    retired = say.curriculum_of(
        ["a", "b"], [say.teach("a", "a", retired=True), modules[1]], ["b < a"]
    )
    assert ways(say, retired, say.role_of("b"))[0] == {}


def test_a_required_module_counts_into_the_closure_until_it_is_completed(say):
    curriculum = say.curriculum_of(
        ["a", "b"], [say.teach("intro", "b"), say.teach("m", "a", requires=("intro",))]
    )
    role = say.role_of("a")
    assert ways(say, curriculum, role)[0]["m"] == ["intro", "m"]
    done = say.believe(completed={"intro": None})
    assert ways(say, curriculum, role, done)[0] == {"m": ["m"]}


def test_the_level_below_is_waited_for_while_something_on_offer_leads_there(say):
    curriculum = say.curriculum_of(["a"], [say.teach("a1", "a"), say.teach("a2", ("a", 2))])
    role = say.role_of(("a", 2))
    assert ways(say, curriculum, role)[0]["a2"] == ["a1", "a2"]
    assert ways(say, curriculum, role, allowed=["a2"])[0]["a2"] == ["a2"]
    assert ways(say, curriculum, role, say.believe(completed={"a1": None}))[0] == {"a2": ["a2"]}


def test_levels_are_released_from_the_lowest_up(say):
    curriculum = say.curriculum_of(
        ["a"], [say.teach("a2", ("a", 2)), say.teach("a3", ("a", 3)), say.teach("a1", "a")]
    )
    members, _ = ways(say, curriculum, say.role_of(("a", 3)), allowed=["a2", "a3"])
    assert members == {"a2": ["a2"], "a3": ["a2", "a3"]}


def test_two_modules_that_teach_each_others_base_do_not_block_each_other(say):
    curriculum = say.curriculum_of(
        ["merge", "review"],
        [say.teach("m1", "merge", "review"), say.teach("m2", "review", "merge")],
        ["review < merge"],
    )
    assert ways(say, curriculum, say.role_of("review"))[0] == {"m1": ["m1"], "m2": ["m2"]}


def test_a_module_waits_for_its_own_base_while_another_teaches_that_alone(say):
    curriculum = say.curriculum_of(
        ["merge", "review"],
        [say.teach("both", "merge", "review"), say.teach("merging", "merge")],
        ["review < merge"],
    )
    assert ways(say, curriculum, say.role_of("review"))[0]["both"] == ["merging", "both"]


def test_a_very_long_chain_of_prerequisites_is_no_matter_of_recursion(say):
    ids = [f"s{i:04d}" for i in range(1500)]
    curriculum = say.curriculum_of(
        ids,
        [say.teach(one, one, minutes=1) for one in ids],
        [f"{b} < {a}" for a, b in pairwise(ids)],
    )
    members, minutes = ways(say, curriculum, say.role_of(ids[-1]))
    assert members[ids[-1]] == ids
    assert minutes[ids[-1]] == 1500

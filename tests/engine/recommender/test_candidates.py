"""What a best path may need, by hand."""

from __future__ import annotations

from engine.recommender import role_map
from engine.recommender.candidates import Candidates
from engine.recommender.circles import circles, hanging
from engine.recommender.prospect import prospect


def candidates(say, curriculum, role):
    where = role_map(curriculum, role)
    return where, Candidates(prospect(where, say.believe(), say.HandWritten(), threshold=0.8))


def names(where, modules):
    return sorted(where.modules[m].module_id for m in modules)


def test_of_two_ways_that_do_the_same_only_the_shorter_one_is_kept(say):
    modules = [
        say.teach("long", "a", minutes=9),
        say.teach("short", "a", minutes=5),
        say.teach("top", "b"),
    ]
    where, found = candidates(say, say.curriculum_of("ab", modules, ["b < a"]), say.role_of("b"))
    assert names(where, found.modules) == ["short", "top"]


def test_the_longer_way_stays_where_it_does_more(say):
    modules = [
        say.teach("long", "a", "c", minutes=9),
        say.teach("short", "a", minutes=5),
        say.teach("top", "b"),
        say.teach("other", "d"),
    ]
    edges = ["b < a", "d < c"]
    where, found = candidates(say, say.curriculum_of("abcd", modules, edges), say.role_of("b", "d"))
    assert names(where, found.modules) == ["long", "other", "short", "top"]


def test_the_longer_way_to_a_target_stays_because_both_may_be_taken(say):
    modules = [say.teach("long", "a", minutes=9), say.teach("short", "a", minutes=5)]
    where, found = candidates(say, say.curriculum_of("a", modules), say.role_of("a"))
    assert names(where, found.modules) == ["long", "short"]


def test_a_chain_that_serves_one_module_only_is_taken_with_it(say):
    modules = [say.teach(one, one) for one in "abc"]
    curriculum = say.curriculum_of("abc", modules, ["b < a", "c < b"])
    where, found = candidates(say, curriculum, say.role_of("c"))
    assert {where.modules[m].module_id for m in found.stands_for.values()} == {"c"}


def test_what_serves_two_modules_stands_for_itself(say):
    modules = [say.teach(one, one) for one in "abc"]
    curriculum = say.curriculum_of("abc", modules, ["b < a", "c < a"])
    where, found = candidates(say, curriculum, say.role_of("b", "c"))
    assert names(where, set(found.stands_for.values())) == ["a", "b", "c"]


def test_no_module_is_a_way_to_what_it_waits_for_itself(say):
    modules = [
        say.teach("top", "c", "a"),
        say.teach("root", "a"),
        say.teach("middle", "b"),
    ]
    curriculum = say.curriculum_of("abc", modules, ["b < a", "c < b"])
    where, found = candidates(say, curriculum, say.role_of("a", "c"))
    waits = found.waits[where.number["middle"]]
    assert [names(where, ways) for ways in waits] == [["root"]]


def test_what_all_ways_to_a_thing_need_is_needed_by_it(say):
    modules = [
        say.teach("root", "r"),
        say.teach("left", "a", "x"),
        say.teach("right", "a", minutes=5),
        say.teach("top", "b"),
    ]
    edges = ["a < r", "b < a"]
    where, found = candidates(say, say.curriculum_of("abrx", modules, edges), say.role_of("b", "x"))
    both = [where.number["left"], where.number["right"]]
    assert found.needed_by_all(both) == {frozenset({where.number["root"]})}


def test_modules_that_lead_only_to_each_other_are_a_circle_and_what_follows_is_not():
    waits = {
        1: frozenset({frozenset({2, 5})}),
        2: frozenset({frozenset({1})}),
        3: frozenset({frozenset({2})}),
        4: frozenset(),
        5: frozenset(),
    }
    left = hanging(waits, frozenset({1, 2, 3, 4}))
    assert left.keys() == {1, 2, 3}
    assert circles(left) == [{1, 2}]
    assert hanging(waits, frozenset({1, 2, 3, 5})) == {}

"""What is recommended and what is said about it, with numbers worked out by hand.

The hand-written projector believes 0.2 of every skill at level 1, 0.1 at level 2, and a module
with learn 0.5 moves P(level 1) to 0.6.
"""

from __future__ import annotations

import pytest

from engine.recommender import ScoreWeights, rank, role_map


@pytest.fixture
def ranked(say):
    def rank_for(curriculum, role, state=None, **options):
        options.setdefault("limit", 10)
        where = role_map(curriculum, role)
        return rank(where, state or say.believe(), say.HandWritten(), **options)

    return rank_for


def sentences(found):
    return {reason.term: reason.sentence for reason in found.reasons}


def test_the_score_is_the_gain_in_readiness_per_minute(say, ranked):
    curriculum = say.curriculum_of(
        ["sql", "charts"],
        [say.teach("m1", "sql", minutes=12), say.teach("m2", "charts", minutes=5)],
    )
    first, second = ranked(curriculum, say.role_of(("sql", 1, 3.0), "charts"))
    assert (first.module_id, second.module_id) == ("m1", "m2")
    assert first.score == pytest.approx(0.75 * 0.4 / 12)
    assert first.expected_gain == pytest.approx(0.3)
    assert second.score == pytest.approx(0.25 * 0.4 / 5)
    assert sentences(first) == {
        "gain": "Raises your expected readiness for Data analyst by 30.0 points in 12 minutes."
    }


def test_the_gain_is_cut_off_where_the_target_is_mastered(say, ranked):
    curriculum = say.curriculum_of(["sql"], [say.teach("m", ("sql", 1, 0.9))])
    (only,) = ranked(curriculum, say.role_of("sql"), say.believe(sql=0.9))
    assert only.score == pytest.approx((0.95 - 0.9) / 10)
    assert only.expected_gain == pytest.approx(0.09)


def test_a_prerequisite_is_worth_the_density_of_the_closure_that_it_opens(say, ranked):
    curriculum = say.curriculum_of(
        ["select", "joins"],
        [say.teach("m-select", "select", minutes=5), say.teach("m-joins", "joins", minutes=10)],
        ["joins < select"],
    )
    (only,) = ranked(curriculum, say.role_of("joins"))
    assert only.module_id == "m-select"
    assert only.terms == pytest.approx({"gain": 0.0, "enables": 0.4 / 15, "review": 0.0})
    assert sentences(only) == {"enables": "You need Select at level 1 (Awareness) before Joins."}


def test_a_prerequisite_names_the_target_behind_what_it_opens(say, ranked):
    curriculum = say.curriculum_of(
        ["a", "b", "c"], [say.teach(one, one) for one in "abc"], ["b < a", "c < b"]
    )
    (only,) = ranked(curriculum, say.role_of("c"))
    assert only.score == pytest.approx(0.4 / 30)
    expected = "You need A at level 1 (Awareness) before B, on the way to C."
    assert sentences(only)["enables"] == expected


def test_a_module_may_be_worth_more_for_what_it_opens_than_for_itself(say, ranked):
    curriculum = say.curriculum_of(
        ["a", "b"],
        [say.teach("a", "a", minutes=10), say.teach("b", "b", minutes=10)],
        ["b < a"],
    )
    (only,) = ranked(curriculum, say.role_of(("a", 1, 1.0), ("b", 1, 9.0)))
    assert only.terms["gain"] == pytest.approx(0.1 * 0.4 / 10)
    assert only.terms["gain"] + only.terms["enables"] == pytest.approx((0.1 + 0.9) * 0.4 / 20)
    assert [reason.term for reason in only.reasons] == ["enables", "gain"]


def test_another_way_to_the_prerequisite_takes_the_place_of_the_cheapest(say, ranked):
    curriculum = say.curriculum_of(
        ["a", "b"],
        [
            say.teach("a-long", "a", minutes=15),
            say.teach("a-short", "a", minutes=5),
            say.teach("b", "b"),
        ],
        ["b < a"],
    )
    short, long = ranked(curriculum, say.role_of("b"))
    assert (short.module_id, short.score) == ("a-short", pytest.approx(0.4 / 15))
    assert (long.module_id, long.score) == ("a-long", pytest.approx(0.4 / 25))
    assert sentences(long) == sentences(short)


def test_a_lower_level_is_recommended_for_the_one_above(say, ranked):
    curriculum = say.curriculum_of(["a"], [say.teach("a1", "a"), say.teach("a2", ("a", 2))])
    (only,) = ranked(curriculum, say.role_of(("a", 2)))
    # P(level 1) .2 → .6, then P(level 2) .1 → .1 + (.6 − .1)·.5 = .35
    assert only.score == pytest.approx(0.25 / 20)
    expected = "You need A at level 1 (Awareness) before level 2 (Working)."
    assert sentences(only) == {"enables": expected}


def test_a_level_that_is_passed_over_is_named(say, ranked):
    curriculum = say.curriculum_of(["a"], [say.teach("a1", "a"), say.teach("a2", ("a", 2))])
    (only,) = ranked(curriculum, say.role_of(("a", 2)), allowed=["a2"])
    assert sentences(only)["gain"] == (
        "Raises your expected readiness for Data analyst by 5.0 points in 10 minutes."
        " It goes beyond A at level 1 (Awareness), which stands at 20%:"
        " nothing else on offer leads there first."
    )


def test_a_base_that_the_module_teaches_as_well_is_named(say, ranked):
    curriculum = say.curriculum_of(["a", "b"], [say.teach("both", "a", "b", minutes=1)], ["b < a"])
    (only,) = ranked(curriculum, say.role_of("b"))
    assert sentences(only)["gain"] == (
        "Raises your expected readiness for Data analyst by 40.0 points in 1 minute."
        " It builds on A at level 1 (Awareness), which it teaches as well."
    )


def test_a_required_module_is_named_by_what_waits_for_it(say, ranked):
    curriculum = say.curriculum_of(
        ["a", "b"],
        [say.teach("intro", "b"), say.teach("m", "a", requires=("intro",), title="Deep A")],
    )
    (only,) = ranked(curriculum, say.role_of("a"))
    assert only.module_id == "intro"
    expected = "Has to be completed before “Deep A”, on the way to A."
    assert sentences(only) == {"enables": expected}


def review_case(say, completed, failed, p=0.6):
    curriculum = say.curriculum_of(["sql"], [say.teach("m", "sql")])
    state = say.believe(
        sql=p,
        completed={"m": say.day(completed) if completed else None},
        failed={"sql": say.day(failed)} if failed else {},
    )
    return curriculum, state


def test_a_wrong_answer_after_the_module_brings_it_back(say, ranked):
    curriculum, state = review_case(say, completed=2, failed=3)
    (only,) = ranked(curriculum, say.role_of("sql"), state)
    assert only.terms == pytest.approx({"gain": 0.02, "enables": 0.0, "review": 0.01})
    assert sentences(only)["review"] == (
        "Brings back Sql: you answered it wrongly on 3 May 2025, after this module."
    )


@pytest.mark.parametrize(
    ("completed", "failed", "p"),
    [(3, 2, 0.6), (3, 3, 0.6), (2, None, 0.6), (None, 3, 0.6), (2, 3, 0.95)],
)
def test_otherwise_a_completed_module_stays_away(say, ranked, completed, failed, p):
    curriculum, state = review_case(say, completed, failed, p)
    assert list(ranked(curriculum, say.role_of("sql"), state)) == []


def test_a_lapsed_prerequisite_is_reviewed_for_what_it_opens(say, ranked):
    curriculum = say.curriculum_of(
        ["a", "b"], [say.teach("a", "a"), say.teach("b", "b")], ["b < a"]
    )
    state = say.believe(a=0.7, completed={"a": say.day(2)}, failed={"a": say.day(9)})
    (only,) = ranked(curriculum, say.role_of("b"), state)
    assert only.terms == pytest.approx({"gain": 0.0, "enables": 0.02, "review": 0.01})
    held = say.believe(a=0.8, completed={"a": say.day(2)}, failed={"a": say.day(9)})
    assert [one.module_id for one in ranked(curriculum, say.role_of("b"), held)] == ["b"]


def test_equal_scores_are_ordered_by_module_id(say, ranked):
    modules = [say.teach(one, "sql") for one in ("m3", "m1", "m2")]
    found = ranked(say.curriculum_of(["sql"], modules), say.role_of("sql"), limit=2)
    assert [one.module_id for one in found] == ["m1", "m2"]


def test_equal_scores_of_unequal_modules_are_ordered_by_module_id_as_well(say, ranked):
    modules = [say.teach("m2", "b", minutes=10), say.teach("m1", "a", minutes=20)]
    curriculum = say.curriculum_of(["a", "b", "c"], modules)
    first, second = ranked(curriculum, say.role_of(("a", 1, 2.0), ("b", 1, 1.0), ("c", 1, 1.0)))
    assert first.score == second.score
    assert (first.module_id, second.module_id) == ("m1", "m2")


@pytest.mark.parametrize(("weight", "first"), [(0.5, "weak"), (5.0, "way")])
def test_more_weight_on_a_target_may_lift_what_leads_to_it_above_what_teaches_it(
    say, ranked, weight, first
):
    """Why the rule on weights leaves out modules that lead to others which teach the skill."""
    curriculum = say.curriculum_of(
        ["s", "r", "extra"],
        [
            say.teach("weak", ("s", 1, 0.1)),
            say.teach("bonus", ("extra", 1, 0.9), requires=("weak",)),
            say.teach("way", "r"),
            say.teach("strong", ("s", 1, 0.9), requires=("way",)),
        ],
    )
    found = ranked(curriculum, say.role_of(("s", 1, weight), "extra"))
    assert found[0].module_id == first


# -- notes -------------------------------------------------------------------------------------


def test_an_empty_allow_list_gives_an_empty_list_with_the_reason(say, ranked):
    curriculum = say.curriculum_of(["sql"], [say.teach("m", "sql")])
    found = ranked(curriculum, say.role_of("sql"), allowed=[])
    assert list(found) == []
    assert found.note == "No module is both allowed and available, so nothing can be recommended."


def test_what_no_module_teaches_is_named(say, ranked):
    curriculum = say.curriculum_of(["sql", "charts", "prose"], [say.teach("m", "sql")])
    found = ranked(curriculum, say.role_of("sql", ("charts", 2), "prose"))
    assert [one.module_id for one in found] == ["m"]
    assert found.note == (
        "No module teaches Charts at level 2 (Working) and Prose at level 1 (Awareness)."
    )


def test_an_open_prerequisite_without_a_module_asks_for_answers(say, ranked):
    items = [{"item_id": "q", "skills": ["select"]}]
    modules = [say.teach("m", "joins", title="Joins 101")]
    curriculum = say.curriculum_of(["select", "joins"], modules, ["joins < select"], items)
    found = ranked(curriculum, say.role_of("joins"), say.believe(select=0.44))
    assert list(found) == []
    assert found.note == (
        "“Joins 101” waits for Select at level 1 (Awareness), which stands at 44% with no module"
        " on offer that leads there: answer items on Select to show it."
    )


def test_the_root_of_a_chain_of_obstacles_is_named_not_its_middle(say, ranked):
    modules = [say.teach("b", "b"), say.teach("c", "c")]
    curriculum = say.curriculum_of(["a", "b", "c"], modules, ["b < a", "c < b"])
    found = ranked(curriculum, say.role_of("c"))
    assert "“b” waits for A at level 1 (Awareness)" in found.note
    assert "no item could show it either" in found.note
    assert "“c” waits" not in found.note


def test_a_required_module_out_of_reach_is_named(say, ranked):
    curriculum = say.curriculum_of(
        ["a", "b"], [say.teach("intro", "b"), say.teach("m", "a", requires=("intro",))]
    )
    found = ranked(curriculum, say.role_of("a"), allowed=["m"])
    assert (
        found.note
        == "“m” comes after “intro”, which is retired, unavailable or not among those allowed."
    )


def test_modules_that_block_each_other_are_named(say, ranked):
    curriculum = say.curriculum_of(
        ["a", "b", "c", "d"],
        [say.teach("x", "a", "c"), say.teach("y", "b", "d")],
        ["a < b", "d < c"],
    )
    found = ranked(curriculum, say.role_of("a"))
    assert list(found) == []
    assert "“x” can only be reached through what they teach" in found.note


def test_completed_and_withheld_modules_are_told_apart(say, ranked):
    modules = [say.teach("m1", "a"), say.teach("m2", "b"), say.teach("m3", "c", retired=True)]
    curriculum = say.curriculum_of(["a", "b", "c"], modules)
    state = say.believe(completed={"m1": None})
    found = ranked(curriculum, say.role_of("a", "b", "c"), state, allowed=["m1", "m3"])
    assert found.note == (
        "You have completed every module on offer that teaches A at level 1 (Awareness): answer"
        " items on it to show what you know. The modules that teach B at level 1 (Awareness) and"
        " C at level 1 (Awareness) are retired, unavailable or not among those allowed."
    )


def test_a_module_that_brings_nothing_is_no_recommendation(say, ranked):
    curriculum = say.curriculum_of(["a"], [say.teach("m", ("a", 1, 0.0))])
    found = ranked(curriculum, say.role_of("a"))
    assert list(found) == []
    assert found.note == "What the modules on offer teach adds nothing to A at level 1 (Awareness)."


def test_under_weights_of_nothing_nothing_scores(say, ranked):
    curriculum = say.curriculum_of(["a"], [say.teach("m", "a")])
    found = ranked(curriculum, say.role_of("a"), weights=ScoreWeights(0.0, 0.0, 0.0))
    assert (list(found), found.note) == (
        [],
        "Under the weights given, no module scores above zero.",
    )


def test_who_is_at_every_threshold_is_asked_for_what_is_missing_to_mastery(say, ranked):
    curriculum = say.curriculum_of(["a", "b"], [say.teach("m", "a")])
    found = ranked(curriculum, say.role_of("a", "b"), say.believe(a=0.97, b=0.95))
    assert list(found) == []
    assert found.note == (
        "Every target of Data analyst is at its threshold. To count as mastered it takes right"
        " answers to two different items: answer more on A at level 1 (Awareness) and"
        " B at level 1 (Awareness)."
    )


def test_a_short_module_counts_for_what_it_enables_although_that_takes_longer(say, ranked):
    curriculum = say.curriculum_of(
        ["select", "joins"],
        [say.teach("m-select", "select", minutes=5), say.teach("m-joins", "joins", minutes=40)],
        ["joins < select"],
    )
    (only,) = ranked(curriculum, say.role_of("joins"), within_minutes=10)
    assert (only.module_id, only.terms["gain"]) == ("m-select", 0.0)
    assert only.terms["enables"] > 0.0
    nothing = ranked(curriculum, say.role_of("joins"), within_minutes=4)
    assert not nothing
    assert nothing.note == (
        "Nothing that helps now fits into 4 minutes; the shortest module that does takes 5."
    )


def test_what_lost_says_why_and_what_would_have_put_it_first(say, ranked):
    """Gains .4 · ½ in 5 and in 10 minutes: the second would do in 5 minutes."""
    curriculum = say.curriculum_of(
        ["sql", "charts"], [say.teach("m1", "sql", minutes=5), say.teach("m2", "charts")]
    )
    found = ranked(curriculum, say.role_of("sql", "charts"), limit=1, alternatives=3)
    (lost,) = found.alternatives
    assert (lost.module_id, lost.score) == ("m2", pytest.approx(0.02))
    assert lost.sentence == (
        "“m2” brings 2.00 points a minute, “m1” 4.00 points;"
        " it would come first if it took 5.0 minutes instead of 10."
    )
    assert ranked(curriculum, say.role_of("sql", "charts"), limit=1).alternatives == ()


def test_a_module_that_waits_for_one_thing_says_so_where_it_would_come_first(say, ranked):
    curriculum = say.curriculum_of(
        ["select", "joins", "charts"],
        [
            say.teach("m-select", "select", minutes=40),
            say.teach("m-joins", "joins", minutes=5),
            say.teach("m-charts", "charts", minutes=20),
        ],
        ["joins < select"],
    )
    role = say.role_of("joins", "charts")
    (lost, *_) = ranked(curriculum, role, alternatives=2).alternatives
    assert lost.module_id == "m-joins"
    assert lost.sentence == (
        "“m-joins” would come first if you had Select at level 1 (Awareness), which stands at 20%."
    )
    assert ranked(curriculum, role, say.believe(select=0.9))[0].module_id == "m-joins"

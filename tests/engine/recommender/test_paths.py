"""Whole paths, by hand; the projector is that of the ranking's tests."""

from __future__ import annotations

import pytest

from engine.errors import InvalidInput
from engine.recommender import intervals_along, plan_path, role_map


@pytest.fixture
def planned(say):
    def plan_for(curriculum, role, budget, state=None, **options):
        where = role_map(curriculum, role)
        return plan_path(
            where, state or say.believe(), say.HandWritten(), budget_minutes=budget, **options
        )

    return plan_for


def ids(path):
    return [step.module_id for step in path.steps]


def chain(say):
    return say.curriculum_of(
        ["a", "b", "c"], [say.teach(one, one) for one in "abc"], ["b < a", "c < b"]
    )


def test_a_path_takes_the_prerequisites_first_and_says_what_to_expect(say, planned):
    path = planned(chain(say), say.role_of("c"), 60)
    assert ids(path) == ["a", "b", "c"]
    assert [step.elapsed_minutes for step in path.steps] == [10, 20, 30]
    assert [step.expected_readiness for step in path.steps] == pytest.approx([0.2, 0.2, 0.6])
    assert path.readiness == pytest.approx(0.2)
    assert [step.reason.term for step in path.steps] == ["enables", "enables", "gain"]
    assert path.note == "The path holds all there is on offer towards C at level 1 (Awareness)."


def test_a_way_that_does_not_fit_is_not_begun(say, planned):
    path = planned(chain(say), say.role_of("c"), 29)
    assert ids(path) == []
    assert path.note == (
        "Of the budget 29 minutes are left; the shortest way to a further gain takes 30."
    )


def test_the_budget_may_be_used_to_the_last_minute(say, planned):
    assert ids(planned(chain(say), say.role_of("c"), 30)) == ["a", "b", "c"]


def test_the_denser_closure_goes_first(say, planned):
    curriculum = say.curriculum_of(
        ["a", "b", "c"],
        [
            say.teach("a", "a", minutes=4),
            say.teach("b", "b", minutes=4),
            say.teach("c", "c", minutes=9),
        ],
        ["b < a"],
    )
    assert ids(planned(curriculum, say.role_of("b", "c"), 60)) == ["a", "b", "c"]
    assert ids(planned(curriculum, say.role_of("b", ("c", 1, 2.0)), 60)) == ["c", "a", "b"]


def test_a_second_module_on_a_skill_counts_only_what_the_first_has_left(say, planned):
    modules = [say.teach("a1", "a"), say.teach("a2", "a"), say.teach("b1", "b", minutes=15)]
    path = planned(say.curriculum_of(["a", "b"], modules), say.role_of("a", "b"), 60)
    # a1 brings .4/10, then a2 only .2/10 against b1's .4/15
    assert ids(path) == ["a1", "b1", "a2"]


def test_levels_are_climbed_one_by_one(say, planned):
    modules = [say.teach(f"a{k}", ("a", k)) for k in (3, 1, 2)]
    path = planned(say.curriculum_of(["a"], modules), say.role_of(("a", 3)), 60)
    assert ids(path) == ["a1", "a2", "a3"]


def test_a_path_ends_where_every_target_is_to_be_expected(say, planned):
    modules = [say.teach(f"m{k}", ("a", 1, 0.9)) for k in range(4)]
    path = planned(say.curriculum_of(["a"], modules), say.role_of("a"), 600)
    # .2 → .92 → .992
    assert ids(path) == ["m0", "m1"]
    assert path.note == "After this path every target of Data analyst is to be expected."


def test_an_empty_allow_list_gives_an_empty_path_with_the_reason(say, planned):
    path = planned(chain(say), say.role_of("c"), 60, allowed=[])
    assert ids(path) == []
    assert path.readiness == path.expected_readiness == pytest.approx(0.2)
    assert "No module is both allowed and available" in path.note


def test_a_path_that_is_blocked_says_by_what(say, planned):
    path = planned(chain(say), say.role_of("c"), 60, allowed=["b", "c"])
    assert ids(path) == []
    assert "“b” waits for A at level 1 (Awareness)" in path.note


def test_a_lapsed_module_may_stand_in_a_path_once(say, planned):
    curriculum = say.curriculum_of(["a"], [say.teach("m", "a")])
    state = say.believe(a=0.5, completed={"m": say.day(2)}, failed={"a": say.day(3)})
    assert ids(planned(curriculum, say.role_of("a"), 60, state)) == ["m"]


def test_readiness_after_each_step_has_its_interval(say, planned):
    path = planned(chain(say), say.role_of("b", "c"), 60)
    assert [step.p_attained for step in path.steps] == [
        pytest.approx((0.2, 0.2)),
        pytest.approx((0.6, 0.2)),
        pytest.approx((0.6, 0.6)),
    ]
    # of two targets: none with .64, one with .32 and both with .04; at last .16, .48 and .36
    assert intervals_along(path, say.role_of("b", "c")) == ((0.0, 0.5), (0.0, 1.0), (0.0, 1.0))


def test_an_interval_is_refused_for_a_role_with_other_targets(say, planned):
    path = planned(chain(say), say.role_of("b", "c"), 60)
    with pytest.raises(InvalidInput, match="expected"):
        intervals_along(path, say.role_of("c"))

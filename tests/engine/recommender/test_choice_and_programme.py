"""What greedy and the programme choose, against every set of modules there is."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.recommender import closure, plan_path, rank, role_map
from engine.recommender.choice import Choice
from engine.recommender.course import Course
from engine.recommender.deadlines import Agenda
from engine.recommender.programme import solve
from engine.recommender.prospect import prospect
from engine.recommender.relaxation import relaxed_bound

dice = st.randoms(use_true_random=True)


def world(say, rng):
    """Up to 5 skills of two levels, 8 modules; circles of modules and lower levels included."""
    skills = [f"s{k}" for k in range(rng.randint(2, 5))]
    edges = {
        f"{after}:{rng.randint(1, 2)} < {before}"
        for after, before in ((skills[k], rng.choice(skills[:k])) for k in range(1, len(skills)))
        if rng.random() < 0.8
    }
    modules = []
    for k in range(rng.randint(2, 8)):
        taught = rng.sample(skills, rng.randint(1, 2))
        effects = [(one, rng.randint(1, 2), rng.choice([0.2, 0.5, 0.9])) for one in taught]
        before = [one.module_id for one in modules if rng.random() < 0.1][:1]
        minutes = float(rng.randint(3, 12))
        modules.append(say.teach(f"m{k}", *effects, minutes=minutes, requires=tuple(before)))
    wanted = rng.sample(skills, rng.randint(1, len(skills)))
    role = say.role_of(*((one, rng.randint(1, 2), rng.uniform(0.5, 5.0)) for one in wanted))
    return say.curriculum_of(skills, modules, sorted(edges)), role


def surveyed(say, rng):
    curriculum, role = world(say, rng)
    where = role_map(curriculum, role)
    ahead = prospect(where, say.believe(), say.HandWritten(), threshold=0.8)
    return ahead, rng.uniform(5.0, 60.0)


def can_be_ordered(ahead, chosen):
    """Whether some order of the modules keeps every wait, tried in the plainest way."""
    left, taken = set(chosen), set()
    while left:
        ready = {
            m
            for m in left
            if all(b in taken for b in ahead.where.comes_after[m])
            and all(taken & set(ahead.where.led_to_by[k]) for k in ahead.found.waits[m])
        }
        if not ready:
            return False
        taken, left = taken | ready, left - ready
    return True


def worth(ahead, chosen):
    return sum(
        ahead.outlook.worth(i, tuple(m for m in towards if m in chosen))
        for i, towards in enumerate(ahead.where.towards)
    )


def best_of_all(ahead, budget):
    best = 0.0
    for size in range(len(ahead.found.order) + 1):
        for chosen in combinations(ahead.found.order, size):
            minutes = sum(ahead.where.minutes[m] for m in chosen)
            if minutes <= budget and can_be_ordered(ahead, chosen):
                best = max(best, worth(ahead, chosen))
    return best


@settings(max_examples=60)
@given(dice)
def test_the_programme_finds_the_best_of_all_sets_of_modules(say, rng):
    ahead, budget = surveyed(say, rng)
    best = best_of_all(ahead, budget)
    solution = solve(ahead, budget, seconds=20)
    assert solution.bound == pytest.approx(best, abs=1e-6)
    assert worth(ahead, solution.modules) == pytest.approx(best, abs=1e-6)
    assert can_be_ordered(ahead, solution.modules)
    assert sum(ahead.where.minutes[m] for m in solution.modules) <= budget + 1e-6


@settings(max_examples=100)
@given(dice)
def test_no_choice_is_worth_more_than_the_cheap_bound(say, rng):
    ahead, budget = surveyed(say, rng)
    assert relaxed_bound(ahead, budget) >= best_of_all(ahead, budget) - 1e-9


@settings(max_examples=100)
@given(dice)
def test_a_greedy_choice_is_worth_what_it_says_and_can_be_walked(say, rng):
    ahead, budget = surveyed(say, rng)
    choice = Choice(ahead)
    for power, first in ((1.0, -1), (0.75, -1), (1.0, choice.largest(budget))):
        chosen = Course(Agenda(choice, {}, budget), power).go(first)
        modules = [m for pick in chosen.picks for m in pick]
        assert len(modules) == len(set(modules))
        assert chosen.gain == pytest.approx(worth(ahead, set(modules)), abs=1e-9)
        assert chosen.minutes == pytest.approx(sum(ahead.where.minutes[m] for m in modules))
        assert chosen.minutes <= budget + 1e-6
        assert all(can_be_ordered(ahead, modules[: k + 1]) for k in range(len(modules)))


@settings(max_examples=60)
@given(dice)
@example(Random(9006))  # what was best as a set cannot be walked in its best order
def test_an_exact_path_gains_no_less_than_a_greedy_one_and_states_its_bound(say, rng):
    curriculum, role = world(say, rng)
    where, budget = role_map(curriculum, role), rng.uniform(5.0, 60.0)
    greedy, exact = (
        plan_path(where, say.believe(), say.HandWritten(), budget_minutes=budget, method=method)
        for method in ("greedy", "exact")
    )
    assert exact.gain >= greedy.gain - 1e-9
    assert greedy.gain - 1e-9 <= exact.gain <= exact.bound <= greedy.bound + 1e-6
    assert 0.0 <= exact.gap <= greedy.gap + 1e-6
    assert exact.minutes <= budget + 1e-6


@settings(max_examples=60)
@given(dice)
def test_of_modules_alike_the_shortest_is_enough(say, rng):
    curriculum, role = world(say, rng)
    more = [
        replace(one, module_id=f"{one.module_id}-{k}", minutes=float(rng.randint(3, 12)))
        for one in curriculum.module_list
        for k in range(rng.randint(0, 3))
    ]
    curriculum = replace(curriculum, module_list=(*curriculum.module_list, *more))
    budget, asked = rng.uniform(5.0, 60.0), (say.believe(), say.HandWritten())
    found = []
    for many in (1, 10**9):
        with patch.object(closure, "_MANY", many):
            where = role_map(curriculum, role)
            ranked = rank(where, *asked, limit=100, alternatives=5)
            greedy, exact = (
                plan_path(where, *asked, budget_minutes=budget, method=method)
                for method in ("greedy", "exact")
            )
            found.append((ranked, greedy.steps, greedy.note, exact, greedy.bound))
    few, all_of_them = found
    assert few[:3] == all_of_them[:3]
    assert few[3].gain == pytest.approx(all_of_them[3].gain, abs=1e-6)
    assert few[3].gain - 1e-9 <= few[4] <= all_of_them[4] + 1e-9


def circle(say):
    """Either module of a pair leads to what the other waits for; a third leads in."""
    modules = [
        say.teach("m1", "a", "b2", minutes=5),
        say.teach("m2", "b", "a2", minutes=5),
        say.teach("in", "b", minutes=30),
    ]
    edges = ["b2 < b", "a2 < a"]
    return say.curriculum_of(["a", "b", "a2", "b2"], modules, edges)


def test_two_modules_cannot_lift_each_other_into_a_path(say):
    where = role_map(circle(say), say.role_of("a2", "b2"))
    short, long = (
        plan_path(where, say.believe(), say.HandWritten(), budget_minutes=budget, method="exact")
        for budget in (20, 40)
    )
    assert [step.module_id for step in short.steps] == []
    assert short.bound == pytest.approx(0.0, abs=1e-9)
    assert [step.module_id for step in long.steps] == ["in", "m1", "m2"]


def test_a_large_closure_that_fills_the_budget_is_found_exactly(say):
    """Greedy takes the dense small one, and what is left is too short for the two large ones."""
    modules = [
        say.teach("small", ("a", 1, 0.5), minutes=4),
        say.teach("left", ("b", 1, 0.5), minutes=10),
        say.teach("right", ("c", 1, 0.5), minutes=10),
    ]
    where = role_map(
        say.curriculum_of("abc", modules), say.role_of("a", ("b", 1, 2.0), ("c", 1, 2.0))
    )
    exact = plan_path(where, say.believe(), say.HandWritten(), budget_minutes=20, method="exact")
    assert [step.module_id for step in exact.steps] == ["left", "right"]
    assert (exact.method, exact.gap) == ("exact", pytest.approx(0.0, abs=1e-6))


def test_many_modules_on_one_skill_still_have_a_true_bound(say):
    modules = [say.teach(f"m{k:02d}", ("a", 1, 0.02 + 0.003 * k), minutes=5 + k) for k in range(20)]
    where = role_map(say.curriculum_of("a", modules), say.role_of("a"))
    greedy, exact = (
        plan_path(where, say.believe(), say.HandWritten(), budget_minutes=90, method=method)
        for method in ("greedy", "exact")
    )
    assert exact.gain >= greedy.gain
    assert exact.gain <= exact.bound <= greedy.bound
